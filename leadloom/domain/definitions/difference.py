"""What does a draft change, and for whom? The definition in force beside it, told in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from leadloom.domain.definitions.charter import MATTER_WORDS, SECTIONS, Matter
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Value

GIVEN_BY_PROCESS = ("version", "effective")
"""What a definition gets when it comes into force: no change that somebody proposes."""

_WHOM: dict[str, str] = {
    "stages": "every lead, and every report that counts stages",
    "tracks": "leads in several funnels",
    "events": "leads this happens to from now on; what they earned stays",
    "half_life": "the engagement of every lead, from the first look on",
    "fit": "the fit of every lead",
    "engagement_digits": "who passes the gate, and how leads are shown",
    "cooling_below": "when interest counts as cooled",
    "mql": "who is handed to sales",
    "sql": "when a deal may open",
    "adopted": "customers who begin to use what they bought",
    "advocate": "customers who may speak for us",
    "inactive_after": "leads that fall silent",
    "calendars": "owners who work by that calendar, open offers among them",
    "hand_offs": "owners who are offered leads from now on, and whoever they escalate to",
    "contract": "what counts as a try, how often a lead comes back, and how long an appeal may take",
    "promises": "leads that come to that stage from now on",
    "routing": "who is offered which lead from now on",
    "owners": "our own people",
    "reject_reasons": "what a rep may answer, and what follows from it",
    "move_reasons": "what the log says of leads that go back",
    "practice": "new reps, and nobody else",
    "charter": "marketing and sales, and who may decide",
    "mail": "what leads are sent, how often and when",
    "campaigns": "whoever launches a campaign",
    "sources": "reports by source",
    "programmes": "who stands where in a webinar or a fair, and what counts as success there",
    "endpoints": "journeys that tell other systems",
    "regions": "leads of that region",
    "fields": "the words beside each field",
    "foreign": "imports and the drift list",
}
_NAMES = ("name", "handle", "label")
"""By which a thing in a list is known again, though it stands at another place."""


class Difference(Value):
    """One thing that would be otherwise."""

    section: str
    """Of the definition."""
    place: str
    """`mql › scored › digits`; things in lists by their name."""
    before: str | None
    """None: it is new."""
    after: str | None
    """None: it is gone."""
    matter: Matter
    whom: str
    """Whom it touches, in words."""

    @property
    def words(self) -> str:
        """`cooling_below: 15 becomes 12`."""
        if self.before is None:
            return f"{self.place}: new, {self.after}"
        if self.after is None:
            return f"{self.place}: gone (was {self.before})"
        return f"{self.place}: {self.before} becomes {self.after}"


def differences(live: Definition, draft: Definition) -> tuple[Difference, ...]:
    """Everything that would be otherwise, in the order of the definition; nothing for a draft that changes nothing."""
    before, after = _dumped(live), _dumped(draft)
    return tuple(
        Difference(
            section=section,
            place=" › ".join(place),
            before=was,
            after=becomes,
            matter=matter_of(section),
            whom=_WHOM.get(section, "everybody who reads it"),
        )
        for section in {**before, **after}
        if section not in GIVEN_BY_PROCESS
        for place, was, becomes in _between(section, before.get(section), after.get(section))
    )


def matter_of(section: str) -> Matter:
    """The matter a section belongs to, and with it who decides."""
    return SECTIONS.get(section, "definition")


def matters(found: tuple[Difference, ...]) -> tuple[Matter, ...]:
    """What the differences are about, each once, in the order of the charter."""
    touched = {one.matter for one in found}
    return tuple(matter for matter in MATTER_WORDS if matter in touched)


def _dumped(definition: Definition) -> dict[str, Any]:
    return definition.model_dump(mode="json", by_alias=True)


def _between(section: str, before: object, after: object) -> Iterator[tuple[tuple[str, ...], str | None, str | None]]:
    was, becomes = dict(_leaves((section,), before)), dict(_leaves((section,), after))
    for place in {**was, **becomes}:
        if was.get(place) != becomes.get(place):
            yield place, was.get(place), becomes.get(place)


def _leaves(place: tuple[str, ...], value: object) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each single thing that is said, under the names that lead to it. A list of plain words is one thing."""
    if isinstance(value, Mapping):
        for name, one in cast("Mapping[str, object]", value).items():
            yield from _leaves((*place, str(name)), one)
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in cast("list[object]", value)):
        for index, one in enumerate(cast("list[object]", value)):
            yield from _leaves((*place, _name_of(one, index)), one)
    elif value is not None:
        yield place, _said(cast("object", value))


def _name_of(one: object, index: int) -> str:
    if isinstance(one, Mapping):
        told = cast("Mapping[str, object]", one)
        for name in _NAMES:
            if isinstance(told.get(name), str):
                return str(told[name])
    return str(index + 1)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(_said(one) for one in cast("list[object]", value)) or "nothing"
    return str(value)
