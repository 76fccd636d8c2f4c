"""What may a template say that differs by lead, company, journey or campaign? Variables with a type and a default.

They are declared beside the template, so that a name nobody declared fails when it is published. A lead without a
value, or with one that isn't of the type, gets the default: a mail never fails for what a lead didn't tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from leadloom.domain.mails.language import say_date, say_instant, say_number, tongue
from leadloom.domain.model import Json, Value

Kind = Literal["text", "number", "date", "instant", "yes-no"]
"""`instant` is a day and a time of day; `yes-no` is printed as the language's yes, and is empty for no."""

SOURCES = ("lead", "account", "journey", "campaign")
"""Whose value it may be: the lead's own field or attribute, their company's, the journey's, the campaign's."""

LONGEST_TEXT = 300
"""Characters of a text; a lead's own words are cut there."""

_SOURCE = re.compile(rf"(?P<whose>{'|'.join(SOURCES)})\.(?P<name>[A-Za-z_][\w-]*)")


class Variable(Value):
    """One variable of a template."""

    type: Kind
    default: Json
    """What a lead without a value reads. Never left out."""
    from_: str | None = Field(default=None, alias="from")
    """Whose value it is, such as `lead.audit_on`; None is the default for everybody."""
    means: str = ""
    """For the next author."""

    @property
    def source(self) -> tuple[str, str] | None:
        """(whose, name), or None when it always has its default."""
        found = _SOURCE.fullmatch(self.from_ or "")
        return (found["whose"], found["name"]) if found else None

    @property
    def example(self) -> Json:
        """A value of its type, to try a template on."""
        return _EXAMPLES[self.type]

    def faults(self) -> list[str]:
        """What is wrong with the declaration, in words with the remedy."""
        found: list[str] = []
        if self.from_ is not None and self.source is None:
            found.append(f"from: {self.from_} is nobody's; write {', '.join(f'{whose}.name' for whose in SOURCES)}")
        if self.default != "" and read(self.type, self.default) is None:
            found.append(f"default: {self.default!r} is no {self.type}; write {_FORMS[self.type]}, or '' for nothing")
        return found


_FORMS: Mapping[Kind, str] = {
    "text": "a text",
    "number": "a number such as 41 or 0.5",
    "date": "a day such as 2026-03-03",
    "instant": "an instant such as 2026-03-03T14:00:00+01:00",
    "yes-no": "true or false",
}

_EXAMPLES: Mapping[Kind, Json] = {
    "text": "a text",
    "number": 1234.5,
    "date": "2026-03-03",
    "instant": "2026-03-03T14:00:00+00:00",
    "yes-no": True,
}

Read = str | Decimal | date | datetime | bool


def read(kind: Kind, told: Json) -> Read | None:
    """The value as its type; None when it isn't one. A blank is none of any type."""
    if told is None or (isinstance(told, str) and not told.strip()) or isinstance(told, list | dict):
        return None
    match kind:
        case "text":
            return str(told)[:LONGEST_TEXT]
        case "yes-no":
            return _yes_no(told)
        case "number":
            return _number(told)
        case "date":
            return _day(str(told))
        case "instant":
            return _instant(str(told))


def worded(variable: Variable, told: Json, *, language: str, zone: ZoneInfo) -> str:
    """What stands in the mail: the value in the words of the language, else the default in them; empty for nothing."""
    value = read(variable.type, told)
    if value is None:
        value = read(variable.type, variable.default)
    match value:
        case None | False:
            return ""
        case True:
            return tongue(language).yes
        case datetime():
            return say_instant(value.astimezone(zone), language=language)
        case date():
            return say_date(value, language=language)
        case Decimal():
            return say_number(value, language=language)
        case str():
            return value


def _yes_no(told: Json) -> bool | None:
    words = str(told).strip().lower()
    return True if words in ("true", "yes", "1") else False if words in ("false", "no", "0") else None


def _number(told: Json) -> Decimal | None:
    if isinstance(told, bool):
        return None
    try:
        number = Decimal(str(told).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 15 else None


def _day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text.strip()).date()
    except ValueError:
        return None


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
