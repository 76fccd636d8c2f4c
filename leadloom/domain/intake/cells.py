"""What does one cell of a stranger's table say? Blank or told, yes or no, which day, how much; never by guessing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from leadloom.domain.errors import Permanent
from leadloom.domain.model import Instant, Value

PLACEHOLDERS = frozenset(
    (*("select" + what for what in ("", " one", " an option")), "please select", "none selected", "--select--",
     "-- select --", "- select -", "--none--", "- none -", "-", "--", "---", "n/a", "#n/a", "(blank)", "[blank]")
)  # fmt: skip
"""What drop-downs and spreadsheets write when nobody chose, lower case. `NA` is Namibia, `None` and `null` are names,
and a literal `unknown` is what somebody answered (leads.md §7): none of them is here."""

_LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))
_BEGIN_PLACEHOLDERS = frozenset(first for text in PLACEHOLDERS for first in (text[0], text[0].upper()))
"""Nearly every cell is told from a placeholder by its first sign, and cells are what a file has most of."""

LONGEST = 32_000
"""Characters one cell may hold; a note of a salesperson fits."""

DayOrder = Literal["dmy", "mdy"]

_YES, _NO = frozenset(("yes", "y", "true", "1")), frozenset(("no", "n", "false", "0"))
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(.+))?")
_TURNED = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ,]+(.+))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp][Mm])?\s*(Z|UTC|[+-]\d{2}:?\d{2})?")
_SERIAL = re.compile(r"([2-6]\d{4})(?:\.\d{1,12})?")
"""Days from 1954 to 2091 as Excel counts them."""
_EXCEL_BEGINS = date(1899, 12, 30)
_MONEY_SIGNS = re.compile(r"[\s\u00a0\u202f'’$€£¥]|R\$|USD|EUR|GBP")
_WRITE_ISO = "Write it as 2026-03-02, or 2026-03-02T14:00:00Z."


class Unreadable(Permanent):
    """A cell that can't be read as what its column is; its text says why and what to do."""


class When(Value):
    """A day or an instant, as precisely as it was told."""

    at: Instant
    """Of a day alone: its midnight in UTC, so that it stays the same day for every reader."""
    day_only: bool = False


def said(text: str) -> str:
    """What the cell says: outer spaces gone, nothing for a placeholder."""
    bare = text.strip()
    if bare[:1] not in _BEGIN_PLACEHOLDERS or len(bare) > _LONGEST_PLACEHOLDER:
        return bare
    return "" if bare.casefold() in PLACEHOLDERS else bare


def one_line(text: str) -> str:
    """The text on one line: breaks and control characters are spaces, because a header could be injected with them."""
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", text)
        if not text.isprintable():
            text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def some_lines(text: str) -> str:
    """The text with its line breaks kept and other control characters gone. Raises Unreadable when it is endless."""
    if len(text) > LONGEST:
        raise Unreadable(f"has {len(text)} characters; the most is {LONGEST}")
    if text.isascii() and text.isprintable():
        return text
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c if c.isprintable() or c == "\n" else " " for c in lines)


def yes_or_no(text: str) -> bool:
    """Raises Unreadable for anything but yes, no, true, false, 1, 0, y and n: a misspelt no is no yes."""
    bare = text.casefold()
    if bare in _YES:
        return True
    if bare in _NO:
        return False
    raise Unreadable(f"{text[:40]!r} is neither yes nor no. Write yes or no, or translate it with --value.")


def when(text: str, *, order: DayOrder | None, zone: str) -> When:
    """The day or instant a cell tells. Times without a zone are `zone`'s.

    `03/02/2026` is read only when `order` says which number is the day, or when only one of them can be. Raises
    Unreadable, with the remedy.
    """
    if found := _ISO.fullmatch(text):
        year, month, day, clock = found.groups()
    elif found := _TURNED.fullmatch(text):
        first, _, second, year, clock = found.groups()
        day, month = _day_and_month(text, first, second, order)
    elif serial := _SERIAL.fullmatch(text):
        day = _EXCEL_BEGINS + timedelta(days=int(serial[1]))
        raise Unreadable(f"{text!r} is no date; Excel counts {day} so. Format the column as a date. {_WRITE_ISO}")
    else:
        raise Unreadable(f"{text[:40]!r} is no date. {_WRITE_ISO}")
    try:
        on = date(int(year), int(month), int(day))
    except ValueError as error:
        raise Unreadable(f"{text[:40]!r} is no day of the calendar ({error}). {_WRITE_ISO}") from error
    if clock is None:
        return When.built(at=datetime.combine(on, time(), tzinfo=UTC), day_only=True)
    return When(at=_at(text, on, clock.strip(), zone))


def amount(text: str) -> Decimal | None:
    """Money, whichever of `,` and `.` parts the cents; None for 0, which CRMs write for "not told" (leads.md §7).

    Raises Unreadable when it is no number, below 0, or `1.234`, which is one thousand to some and one to others.
    """
    bare = _MONEY_SIGNS.sub("", text)
    comma, dot = bare.rfind(","), bare.rfind(".")
    if comma >= 0 and dot >= 0:
        cents, groups = (",", ".") if comma > dot else (".", ",")
        bare = bare.replace(groups, "").replace(cents, ".")
    elif bare.count(",") > 1 or bare.count(".") > 1:
        bare = bare.replace(",", "").replace(".", "")
    elif comma >= 0:
        bare = bare.replace(",", "" if re.fullmatch(r"\d{1,3},\d{3}", bare) else ".")
    elif re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", bare):
        raise Unreadable(f"{text[:40]!r} may be a thousand or one. Write it without a point, or with two cents.")
    if not re.fullmatch(r"\d+(\.\d+)?", bare):
        raise Unreadable(f"{text[:40]!r} is no amount. Write it as 24000 or 1840.50.")
    found = Decimal(bare).quantize(Decimal("0.01"))
    if found >= Decimal(10) ** 12:
        raise Unreadable(f"{text[:40]!r} is more than a deal can be worth here (below 10^12).")
    return found or None


def name_key(text: str) -> str:
    """What two spellings of one name share: `GTX Pro`, `GTXPro` and `gtx pro` are one (leads.md R13)."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def translated(text: str, table: Mapping[str, str]) -> str:
    """What an operator's table of values makes of the text; the text itself when it isn't named there."""
    return table.get(text.casefold(), text)


def _day_and_month(text: str, first: str, second: str, order: DayOrder | None) -> tuple[str, str]:
    one, two = int(first), int(second)
    if order is None:
        if one <= 12 and two <= 12 and one != two:
            raise Unreadable(
                f"{text[:40]!r} may be two dates. Say which number is the day: --dates dmy or --dates mdy."
            )
        order = "dmy" if one > 12 or one == two else "mdy"
    return (first, second) if order == "dmy" else (second, first)


def _at(text: str, on: date, clock: str, zone: str) -> datetime:
    found = _CLOCK.fullmatch(clock)
    if found is None:
        raise Unreadable(f"{text[:40]!r} has no time of day that can be read. {_WRITE_ISO}")
    hour, minute, second, half, offset = found.groups()
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    told = "+00:00" if offset in ("Z", "UTC") else offset
    try:
        at = datetime.combine(on, time(hours, int(minute), int(second or 0)))
        aware = datetime.fromisoformat(f"{at:%Y-%m-%dT%H:%M:%S}{told}") if told else at.replace(tzinfo=ZoneInfo(zone))
        return aware.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{text[:40]!r} has no time of day that can be read. {_WRITE_ISO}") from error
