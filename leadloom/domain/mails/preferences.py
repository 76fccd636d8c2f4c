"""What mail does a person want, in their own words? Their choices, and what a change of them means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.lead import Lead
from leadloom.domain.mails.send_rules import FEWER, PACE
from leadloom.domain.model import Json, Value

PAUSED_UNTIL = "mail_paused_until"
"""The attribute of a lead that holds their marketing mail: the first day (UTC) on which it may go again."""
TRACKING, OFF = "mail_tracking", "off"
"""The attribute of a lead that says whether we may see what they open and follow, and its one value that matters."""
LONGEST_PAUSE = timedelta(days=366)
LANGUAGES = {
    "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "it": "Italiano", "pt": "Português",
    "nl": "Nederlands",
}  # fmt: skip
"""What a language calls itself, for whoever chooses theirs."""


class Choices(Value):
    """What a person gets from us."""

    marketing: bool
    """Whether marketing mail is wanted; the definition may ask for more before it goes."""
    topics_off: tuple[str, ...] = ()
    """What they want to hear nothing about, by key, sorted."""
    fewer: bool = False
    paused_until: date | None = None
    """The first day on which marketing mail may go again."""
    language: str
    tracking: bool = True
    """Whether we may see what they open and follow."""


def attributes_of(lead: Lead, chosen: Choices) -> dict[str, Json]:
    """The lead's attributes as the choices say; what says nothing else than usual isn't kept."""
    kept = {name: value for name, value in lead.attributes.items() if name not in (PACE, PAUSED_UNTIL, TRACKING)}
    told = {
        PACE: FEWER if chosen.fewer else None,
        PAUSED_UNTIL: chosen.paused_until.isoformat() if chosen.paused_until else None,
        TRACKING: None if chosen.tracking else OFF,
    }
    return kept | {name: value for name, value in told.items() if value is not None}


def paused_until(lead: Lead, at: datetime) -> date | None:
    """The day their pause ends; None when they aren't paused at `at`."""
    told = lead.attributes.get(PAUSED_UNTIL)
    try:
        day = date.fromisoformat(told[:10]) if isinstance(told, str) else None
    except ValueError:
        return None
    return day if day is not None and day > at.date() else None


def may_track(attributes: Mapping[str, Json]) -> bool:
    """Whether a lead with these attributes lets us see what they open and follow."""
    return attributes.get(TRACKING) != OFF


def pause_day(text: str, at: datetime) -> date | None:
    """The day a form says a pause ends; empty is no pause. Raises BadInput for no day, and for one out of reach."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput("pause", text[:20], "Give the day as 2026-09-30, or leave it empty.") from None
    if not at.date() < day <= (at + LONGEST_PAUSE).date():
        raise BadInput("pause", text, "Give a day from tomorrow on, within a year.")
    return day


def changes(before: Choices, after: Choices, definition: Definition, languages: Mapping[str, str]) -> tuple[str, ...]:
    """What is another now, each in words a reader understands; empty when nothing is."""
    said: list[str] = []
    if before.marketing != after.marketing:
        said.append("all letters are on again" if after.marketing else "all letters are off")
    for topic in sorted({*before.topics_off} ^ {*after.topics_off}):
        means = definition.mail.topics.get(topic, topic)
        said.append(f"“{means}” is {'off' if topic in after.topics_off else 'on again'}")
    if before.fewer != after.fewer:
        said.append("you get fewer letters" if after.fewer else "letters come as often as before")
    if before.paused_until != after.paused_until:
        until = after.paused_until
        said.append(f"letters pause until {until:%d %B %Y}" if until else "the pause is over")
    if before.language != after.language:
        said.append(f"we write in {languages.get(after.language, after.language)}")
    if before.tracking != after.tracking:
        seen = "we count which of our links you follow" if after.tracking else "we don't see what you open and follow"
        said.append(seen)
    return tuple(said)


def told_by(before: Choices, after: Choices) -> tuple[str, ...]:
    """Which events tell of the change, beside that there was one: journeys that asked hear their answer by them."""
    if not after.marketing:
        return ()
    if after.paused_until is not None and after.paused_until != before.paused_until:
        return ("pause_told",)
    if after.fewer and not before.fewer:
        return ("fewer_told",)
    lifted = (before.fewer and not after.fewer) or (before.paused_until and not after.paused_until)
    return ("keep_told",) if lifted else ()
