"""What may a region say differently? Thresholds, calendars, words of reasons, language; never stages or what they mean.

One definition is read everywhere; a region's own numbers are laid over it for leads whose country is the region's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from pydantic import Field, model_validator

from leadloom.domain.definitions.draft_faults import Fault, no_country, unknown
from leadloom.domain.definitions.hand_off_rules import Calendar, LocalCalendar
from leadloom.domain.definitions.move_reasons import reason_codes, reason_words
from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import Value

if TYPE_CHECKING:  # a definition holds regions, so the two need each other's names
    from leadloom.domain.definitions.definition import Definition

MAY_CHANGE = "cooling_below, engagement_digits, inactive_after, letters, scored, calendars, calendar, labels, language"
_CORE = {
    "stages": "stages mean the same everywhere", "first_stage": "stages mean the same everywhere",
    "tracks": "tracks are the same everywhere", "events": "an event means the same everywhere",
    "mql": "what the gate asks for is the same everywhere; its numbers go into `scored`",
    "sql": "what the gate asks for is the same everywhere", "reject_reasons": "a reason means the same everywhere; "
    "how it is called goes into `labels`", "charter": "there is one charter", "needs": "what a stage needs is the same "
    "everywhere",
}  # fmt: skip
"""Sections somebody may want to change in a region, and why none may."""


class LocalGate(Value):
    """The numbers of rule (b) that a region has of its own."""

    letters: tuple[str, ...] | None = None
    digits: tuple[int, ...] | None = None
    kinds_of_response: int | None = None
    within: Span | None = None


class Region(Value):
    """A declared local variant."""

    label: str
    """What the region is called on pages."""
    countries: tuple[str, ...]
    """Countries of leads it is for; each belongs to one region at most."""
    language: str | None = None
    """ISO 639-1 of what leads there read until they say otherwise; for countries `mail.languages` doesn't name."""
    engagement_digits: dict[int, float] | None = None
    cooling_below: float | None = None
    letters: dict[str, int] | None = None
    """Instead of `fit.letters`."""
    scored: LocalGate = LocalGate()
    """Over `mql.scored`."""
    inactive_after: Span | None = None
    calendars: dict[str, LocalCalendar] = Field(default_factory=dict)
    """Calendar → what is different about it for offers of leads there: hours, holidays, days off."""
    calendar: str | None = None
    """By which calendar offers of leads there are clocked while nobody in particular has them; None: as everywhere."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Reject reason, or reason of a move back → how it is called there."""

    @model_validator(mode="before")
    @classmethod
    def _core_is_global(cls, told: object) -> object:
        named = cast("dict[str, Any]", told) if isinstance(told, dict) else {}
        for section, why in _CORE.items():
            if section in named:
                raise ValueError(f"A region may not change `{section}`: {why}. It may change {MAY_CHANGE}")
        return cast("object", told)

    def judges_otherwise(self) -> bool:
        """Whether leads there are judged by numbers of their own, or their offers clocked by hours of their own."""
        own = (self.engagement_digits, self.cooling_below, self.letters, self.inactive_after, self.calendar)
        return any(value is not None for value in own) or self.scored != LocalGate() or bool(self.calendars)


def region_of(definition: Definition, country: str | None) -> str | None:
    """The key of the region a lead of that country belongs to; None for the rest of the world."""
    for key, region in definition.regions.items():
        if country in region.countries:
            return key
    return None


def localised(definition: Definition, key: str | None) -> Definition:
    """The definition as the leads of a region are judged by; the very same one where the region has no own numbers."""
    if key is None or key not in definition.regions or not definition.regions[key].judges_otherwise():
        return definition
    region = definition.regions[key]
    own = {name: value for name, value in vars(region.scored).items() if value is not None}
    company = definition.company_score
    return definition.but(
        engagement_digits=region.engagement_digits or definition.engagement_digits,
        # A company has one score, whoever asks: its digits are those of everywhere.
        company_score=company.but(digits=company.digits or definition.engagement_digits),
        cooling_below=definition.cooling_below if region.cooling_below is None else region.cooling_below,
        inactive_after=region.inactive_after or definition.inactive_after,
        fit=definition.fit.but(letters=region.letters or definition.fit.letters),
        mql=definition.mql.but(scored=definition.mql.scored.but(**own)),
        calendars={**definition.calendars, **_calendars(definition, region)},
        routing=definition.routing.but(pool_calendar=region.calendar or definition.routing.pool_calendar),
    )


def _calendars(definition: Definition, region: Region) -> dict[str, Calendar]:
    known = {name: definition.calendars[name] for name in region.calendars if name in definition.calendars}
    return {name: region.calendars[name].over(calendar) for name, calendar in known.items()}


def language_in(definition: Definition, country: str | None) -> str:
    """What a lead of that country reads until they say otherwise: their country's language, else their region's."""
    languages = definition.mail.languages
    if country in languages.by_country or not definition.regions:
        return languages.of(country)
    key = region_of(definition, country)
    return (definition.regions[key].language if key else None) or languages.default


def reason_label(definition: Definition, reason: str, country: str | None) -> str:
    """What a reason is called where the lead is; its code when the definition has forgotten it."""
    key = region_of(definition, country)
    said = definition.regions[key].labels.get(reason) if key else None
    return said or reason_words(definition, reason)


def check(definition: Definition) -> Iterator[Fault]:
    """The faults of the regions; their own numbers are judged as those of the definition are, by the caller."""
    whose: dict[str, str] = {}
    for key, region in definition.regions.items():
        path = ("regions", key)
        if not region.countries:
            yield Fault(path=(*path, "countries"), words="No lead would belong to it: name a country.")
        for place, country in enumerate(region.countries):
            yield from no_country((*path, "countries", place), country)
            if country in whose:
                words = f"{country} belongs to `{whose[country]}` already: take it out at one of them."
                yield Fault(path=(*path, "countries", place), words=words)
            whose.setdefault(country, key)
        for name in region.calendars:
            yield from unknown((*path, "calendars", name), name, definition.calendars, "calendar")
        if region.calendar is not None:
            yield from unknown((*path, "calendar"), region.calendar, definition.calendars, "calendar")
        for reason in region.labels:
            yield from unknown((*path, "labels", reason), reason, reason_codes(definition), "reason")
