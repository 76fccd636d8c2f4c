"""Which day does somebody mean who writes a date in a line of mail? English and German; what may be two is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from leadloom.domain.definitions.hand_off_rules import Calendar

_MONTHS = {
    name: no
    for no, names in enumerate(
        (
            "january januar jan jänner", "february februar feb", "march märz maerz mar mär", "april apr", "may mai",
            "june juni jun", "july juli jul", "august aug", "september sept sep", "october oktober oct okt",
            "november nov", "december dezember dec dez",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_SPANS = {
    "day": 1, "days": 1, "tag": 1, "tage": 1, "tagen": 1, "week": 7, "weeks": 7, "woche": 7, "wochen": 7,
}  # fmt: skip
_IN_MONTHS = ("month", "months", "monat", "monate", "monaten")
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "einem": 1, "einer": 1, "zwei": 2, "drei": 3,
    "vier": 4, "sechs": 6,
}  # fmt: skip
_NEAR = {"tomorrow": 1, "morgen": 1, "next week": 7, "nächste woche": 7}
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_DOTTED = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})(?:\.\s?(\d{4}|\d{2})\b|\.?(?=\s|$))")
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b")
_DAY_FIRST = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?([^\W\d_]{3,9})\.?(?:,?\s+(\d{4}))?")
_MONTH_FIRST = re.compile(r"\b([^\W\d_]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?\b")
_SPAN = re.compile(r"\bin\s+(\d{1,3}|[^\W\d_]+)\s+([^\W\d_]+)")


def date_in(text: str, *, today: date) -> date | None:
    """The day a line names, after today; None for no date, for two, and for one that could be read as two days.

    Without a year it is the next such day. `text` is in lower case.
    """
    found = {day for day in _days(text, today) if day is not None}
    return next(iter(found)) if len(found) == 1 and min(found) > today else None


def morning_of(day: date, calendar: Calendar) -> datetime:
    """When that day of an owner begins, in UTC."""
    return datetime.combine(day, calendar.from_, ZoneInfo(calendar.zone)).astimezone(UTC)


def _days(text: str, today: date) -> Iterator[date | None]:
    yield from (_day(int(year), int(month), int(day)) for year, month, day in _ISO.findall(text))
    yield from (_next(int(day), int(month), year, today) for day, month, year in _DOTTED.findall(text))
    yield from (_slashed(int(first), int(second), year, today) for first, second, year in _SLASHED.findall(text))
    named = [*_DAY_FIRST.findall(text), *((day, name, year) for name, day, year in _MONTH_FIRST.findall(text))]
    yield from (_next(int(day), _MONTHS[name], year, today) for day, name, year in named if name in _MONTHS)
    yield from (_span(count, unit, today) for count, unit in _SPAN.findall(text))
    yield from (today + timedelta(days=days) for words, days in _NEAR.items() if re.search(rf"\b{words}\b", text))


def _slashed(first: int, second: int, year: str, today: date) -> date | None:
    """America writes the month first, others the day: told apart only where one of them is above twelve."""
    if first == second or first > 12:
        return _next(first, second, year, today)
    return _next(second, first, year, today) if second > 12 else None


def _span(count: str, unit: str, today: date) -> date | None:
    number = int(count) if count.isdecimal() else _NUMBERS.get(count, 0)
    if not number:
        return None
    if unit in _SPANS:
        return today + timedelta(days=number * _SPANS[unit])
    if unit not in _IN_MONTHS:
        return None
    months = today.month - 1 + number
    return _last_of(today.year + months // 12, months % 12 + 1, today.day)


def _last_of(year: int, month: int, day: int) -> date | None:
    """That day, or the last of a shorter month."""
    return next((found for each in range(day, 27, -1) if (found := _day(year, month, each))), _day(year, month, day))


def _next(day: int, month: int, year: str, today: date) -> date | None:
    if year:
        return _day(int(year) + (2000 if len(year) < len("2026") else 0), month, day)
    return next(
        (found for ahead in range(5) if (found := _day(today.year + ahead, month, day)) and found > today), None
    )


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
