"""What do regions say differently from the core? Told side by side: what a list of drift begins with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.definitions.move_reasons import reason_words
from leadloom.domain.definitions.regions import Region, localised
from leadloom.domain.journeys.spans import write_span
from leadloom.domain.model import Value


class Variant(Value):
    """One thing a region says differently, as it declared it."""

    region: str
    what: str
    everywhere: str
    there: str


def variants(definition: Definition) -> Iterator[Variant]:
    """Everything regions say differently, region by region; nothing for one that says what the core says."""
    for key, region in definition.regions.items():
        for what, everywhere, there in _pairs(definition, localised(definition, key), region):
            if everywhere != there:
                yield Variant(region=key, what=what, everywhere=_said(everywhere), there=_said(there))


def _pairs(core: Definition, local: Definition, region: Region) -> Iterator[tuple[str, object, object]]:
    yield "engagement from, by digit", core.engagement_digits, local.engagement_digits
    yield "fit from, by letter", core.fit.letters, local.fit.letters
    yield "has cooled at", core.cooling_below, local.cooling_below
    yield "is silent after", write_span(core.inactive_after), write_span(local.inactive_after)
    yield "passes by score with", _gate(core), _gate(local)
    yield "clock of what nobody has", core.routing.pool_calendar, local.routing.pool_calendar
    for name in region.calendars:
        yield f"calendar {name}", _hours(core.calendars[name]), _hours(local.calendars[name])
    for code, words in region.labels.items():
        yield f"reason {code}", reason_words(core, code), words
    yield "language", core.mail.languages.default, region.language or core.mail.languages.default


def _gate(definition: Definition) -> str:
    scored = definition.mql.scored
    return f"{scored.words()}, {scored.kinds_of_response} kinds of response in {write_span(scored.within)}"


def _hours(calendar: Calendar) -> str:
    off = f", holidays of {calendar.holidays}" if calendar.holidays else ""
    more = f", off on {', '.join(calendar.off)}" if calendar.off else ""
    return f"{', '.join(calendar.days)} {calendar.from_:%H:%M} to {calendar.until:%H:%M}{off}{more}"


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {points:g}" for name, points in cast("dict[object, float]", value).items())
    if isinstance(value, float):
        return f"{value:g}"
    return "the manager's" if value is None else str(value)
