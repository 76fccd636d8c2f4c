"""Which reasons may an owner give a lead back with, and what did they choose? The definition's one list, as chips."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import Calendar, RejectReason
from leadloom.domain.definitions.regions import reason_label
from leadloom.domain.errors import BadInput
from leadloom.domain.handoffs import spoken_dates
from leadloom.domain.handoffs.deciding import LONGEST_RECYCLE
from leadloom.domain.intake import told
from leadloom.domain.journeys.conditions import span_words
from leadloom.domain.model import Instant, Value


class Chip(Value):
    """One reject reason as a page offers it."""

    name: str
    rule: RejectReason
    then: str
    """What becomes of the lead, in words."""
    locked: str
    """Why it can't be chosen yet; empty when it can."""


class Chosen(Value):
    """What somebody filled in: only what the chosen chip asks for."""

    reason: str
    text: str | None = None
    sub_reason: str | None = None
    until: Instant | None = None


class DateLimits(Value):
    """Between which days a lead can come back, as date fields want them."""

    tomorrow: str
    latest: str


def chips_of(definition: Definition, kind: str, tries: int, country: str | None = None) -> tuple[Chip, ...]:
    """Those of the kind of hand-off by their keys, 1 to 9, then 0; called as the region of the lead's country does."""
    rules = sorted(definition.reasons_of(kind).items(), key=lambda item: (item[1].key - 1) % 10)
    return tuple(_chip(name, rule.but(label=reason_label(definition, name, country)), tries) for name, rule in rules)


def chosen(definition: Definition, fields: Mapping[str, str], calendar: Calendar) -> Chosen:
    """The chip of a posted form; what was typed under another chip is left where it is. Raises BadInput."""
    reason = fields.get("reason", "")
    rule = definition.reject_reasons.get(reason)
    if rule is None:
        raise BadInput("reason", reason[:40], "Choose a reason.")
    text = fields.get(f"text_{reason}", "") if rule.asks in ("text", "who") else ""
    return Chosen(
        reason=reason,
        text=told.some_lines("text", text),
        sub_reason=(fields.get("sub_reason") or None) if rule.asks == "sub_reason" else None,
        until=morning_of(fields.get("until", ""), calendar) if rule.asks == "date" else None,
    )


def morning_of(text: str, calendar: Calendar) -> datetime | None:
    """When the owner's day begins on that date; None for no date, which the domain asks for where it needs one."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput("until", text[:20], "Give the day, such as 2026-09-30.") from error
    return spoken_dates.morning_of(day, calendar)


def date_limits(at: datetime, calendar: Calendar) -> DateLimits:
    """From tomorrow on, as far as the domain lets a lead rest."""
    today = at.astimezone(ZoneInfo(calendar.zone)).date()
    latest = today + LONGEST_RECYCLE
    return DateLimits(tomorrow=(today + timedelta(days=1)).isoformat(), latest=latest.isoformat())


def _chip(name: str, rule: RejectReason, tries: int) -> Chip:
    locked = f"after {rule.needs_tries} tries; {tries} so far" if tries < rule.needs_tries else ""
    return Chip(name=name, rule=rule, then=_then(rule), locked=locked)


def _then(rule: RejectReason) -> str:
    after = span_words(rule.after) if rule.after else ""
    match rule.then:
        case "recycle":
            return f"comes back after {after}" if after else "comes back on your date"
        case "disqualify":
            return "leaves the pipeline"
        case "repair":
            return f"is mended within {after}, then comes back to you" if after else "is mended, then comes back to you"
        case "search":
            return "we look for the right person"
        case "link":
            return "is joined to what is there"
