"""On which days does a recurring entry come round, at which instants, and how does its rule read in words?

The rule is RFC 5545's, expanded by dateutil; the time of day is the entry's, on the wall clock of its zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from leadloom.domain.journeys.conditions import either, in_words, words
from leadloom.domain.journeys.journey import RecurringEntry

LATE = timedelta(hours=1)
"""A round that is noticed later than this was missed: nobody of ours was there to see it come."""
_DAY = timedelta(days=1)
_SOME_MONDAY = datetime(2020, 1, 6)  # noqa: DTZ001  a day without a place: rules count in days of a calendar
"""Where rules begin to count that hang on no beginning."""
_LAST_CYCLE = 9999 - 400
"""The calendar repeats every 400 years, weekdays and all: what comes round never in the last of them never does."""
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_NUMBERS = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
"""Lists of numbers a rule may carry, with the largest; below 0 counts from the end."""
_WEEKDAYS = {"MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday", "SA": "Saturday",
             "SU": "Sunday"}  # fmt: skip
_ORDINALS = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth", "-1": "last"}
_BY_DAY = re.compile(rf"([+-]?[1-5]?[0-9]?)({'|'.join(_WEEKDAYS)})")


class Round(NamedTuple):
    """One time it comes round."""

    day: date
    """In the entry's zone; names the runs it begins."""
    at: datetime
    """UTC."""


def rounds(entry: RecurringEntry, home: str, *, after: datetime, until: datetime) -> tuple[Round, ...]:
    """Every round after one instant and not after the other, in order. `home` is the zone of an entry that says none.

    A clock that jumps over the time of day comes as much later; an hour that comes twice counts the first time.
    """
    zone = ZoneInfo(entry.zone or home)
    first, last = (_midnight(at.astimezone(zone).date()) for at in (after, until))
    days = _rule(entry).between(first - _DAY, last + _DAY, inc=True)
    found = (_round(entry, day.date(), zone) for day in days)
    return tuple(one for one in found if after < one.at <= until)


def next_round(entry: RecurringEntry, home: str, after: datetime) -> Round | None:
    """The first round after an instant; None when the rule has come to its end."""
    zone = ZoneInfo(entry.zone or home)
    rule, day = _rule(entry), _midnight(after.astimezone(zone).date()) - _DAY
    while (found := rule.after(day)) is not None:
        one = _round(entry, found.date(), zone)
        if one.at > after:
            return one
        day = found
    return None


def wrong_with(entry: RecurringEntry) -> tuple[str, str] | None:
    """The field that is wrong, and why with a remedy; None for a rule that comes round some day."""
    parts = _parts(entry.rrule)
    if (fault := _wrong_part(parts) or _said_twice(entry.rrule)) is not None:
        return "rrule", fault
    if entry.starts is None and _hangs_on_its_start(parts):
        return "starts", f"{entry.rrule} counts from some day. Say which, such as 2026-03-02."
    try:
        rule = _rule(entry)
        comes = next(iter(_timeless(rule, entry)), None)
    except (ValueError, TypeError, IndexError) as error:
        return "rrule", f"{entry.rrule} can't be read ({error}). Write a rule such as FREQ=MONTHLY;BYDAY=1MO."
    if comes is None or next(iter(rule), None) is None:
        return "rrule", f"No day is ever as {entry.rrule} says. Change the rule."
    return None


def every_words(entry: RecurringEntry) -> str:
    """`the first Monday of each month at 09:00 (Europe/Berlin), whoever has been a customer`."""
    where = f" ({entry.zone})" if entry.zone else ""
    return f"{rule_words(entry.rrule)} at {entry.at:%H:%M}{where}, for whom {words(entry.whom)}"


def rule_words(rule: str) -> str:
    """A rule as a person would say it, for those people write most; any other speaks for itself."""
    parts = _parts(rule)
    frequency, interval, days = parts.get("FREQ"), parts.get("INTERVAL", "1"), parts.get("BYDAY", "")
    known = set(parts) - {"FREQ", "INTERVAL", "WKST"}
    if not known:
        unit = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}.get(frequency or "", "")
        return (f"every {unit}" if interval == "1" else f"every {interval} {unit}s") if unit else f"by the rule {rule}"
    named = [_BY_DAY.fullmatch(day) for day in days.split(",")] if days else []
    if frequency == "WEEKLY" and known == {"BYDAY"} and all(one and not one[1] for one in named):
        every = "every" if interval == "1" else f"every {interval} weeks on"
        return f"{every} {either(_WEEKDAYS[one[2]] for one in named if one).replace(' or ', ' and ')}"
    if (
        frequency == "MONTHLY"
        and interval == "1"
        and known == {"BYDAY"}
        and all(one and one[1] in _ORDINALS for one in named)
    ):
        which = [f"the {_ORDINALS[one[1]]} {_WEEKDAYS[one[2]]}" for one in named if one]
        return f"{either(which).replace(' or ', ' and ')} of each month"
    if frequency == "MONTHLY" and interval == "1" and known == {"BYMONTHDAY"}:
        on = parts["BYMONTHDAY"]
        return "the last day of each month" if on == "-1" else f"day {in_words(on)} of each month"
    return f"by the rule {rule}"


def _rule(entry: RecurringEntry) -> rrule:
    start = _SOME_MONDAY if entry.starts is None else _midnight(entry.starts)
    rule = rrulestr(entry.rrule, dtstart=start)
    assert isinstance(rule, rrule)  # one line of a rule makes no set
    return rule


def _timeless(rule: rrule, entry: RecurringEntry) -> rrule:
    """The rule without its end, in the last years there are: so that looking for a day comes to an end soon."""
    start = _SOME_MONDAY if entry.starts is None else _midnight(entry.starts)
    cycles = (_LAST_CYCLE - start.year) // 400 + 1
    parts = (part for part in entry.rrule.split(";") if not part.startswith(("COUNT=", "UNTIL=")))
    late = rrulestr(";".join(parts), dtstart=start.replace(year=start.year + 400 * cycles))
    assert isinstance(late, type(rule))
    return late


def _round(entry: RecurringEntry, day: date, zone: ZoneInfo) -> Round:
    return Round(day, datetime.combine(day, entry.at, tzinfo=zone).astimezone(UTC))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())  # a day without a place, as above


def _parts(rule: str) -> dict[str, str]:
    """The parts of a rule by their names; what carries no value has an empty one."""
    found: dict[str, str] = {}
    for part in rule.split(";"):
        name, _, value = part.partition("=")
        found[name] = value
    return found


def _said_twice(rule: str) -> str | None:
    names = [part.partition("=")[0] for part in rule.split(";")]
    twice = next((name for name in names if names.count(name) > 1), None)
    return None if twice is None else f"{twice} is said twice. Keep one, such as {twice}=MO,TH for a list."


def _wrong_part(parts: Mapping[str, str]) -> str | None:
    """The first part of a rule that nobody may write here."""
    known = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST", *_NUMBERS)
    for name, value in parts.items():
        if name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            return f"The time of day is said by `at`. Take {name} out."
        if name not in known:
            return f"A rule has no part {name}. Known: {either(known)}."
        if name in ("INTERVAL", "COUNT") and not (value.isdecimal() and 1 <= int(value) <= 1000):
            return f"{name} is a whole number from 1 to 1000, not {value}."
        if name == "UNTIL" and not re.fullmatch(r"[0-9]{8}", value):
            return f"UNTIL is the last day, written like 20261231, not {value}."
        if name == "BYDAY" and not all(_BY_DAY.fullmatch(day) for day in value.split(",")):
            return f"BYDAY lists weekdays such as MO, 1MO or -1FR, not {value}."
        if name in _NUMBERS and not all(_is_within(number, _NUMBERS[name]) for number in value.split(",")):
            return f"{name} lists whole numbers from 1 to {_NUMBERS[name]}, from the end with a minus, not {value}."
    if parts.get("FREQ") not in _FREQUENCIES:
        return f"FREQ is {either(_FREQUENCIES)}, not {parts.get('FREQ', 'left out')}."
    return None


def _is_within(number: str, most: int) -> bool:
    return re.fullmatch(r"-?[0-9]{1,3}", number) is not None and 1 <= abs(int(number)) <= most


def _hangs_on_its_start(parts: Mapping[str, str]) -> bool:
    """Whether the days would be others if the rule began on another day."""
    if parts.get("INTERVAL", "1") != "1" or "COUNT" in parts:
        return True
    by_week = {"BYDAY", "BYYEARDAY", "BYWEEKNO"}
    by_day = by_week | {"BYMONTHDAY"}
    match parts.get("FREQ"):
        case "WEEKLY" | "MONTHLY":
            return not by_day & parts.keys()
        case "YEARLY":
            return not (by_day & parts.keys()) or ("BYWEEKNO" in parts and "BYDAY" not in parts)
        case _:
            return False
