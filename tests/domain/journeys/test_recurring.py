"""Does a recurring entry come round on the days of its rule, by the clock it names, and is a senseless one refused?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadloom.domain.journeys.journey import RecurringEntry
from leadloom.domain.journeys.recurring import every_words, next_round, rounds, rule_words, wrong_with

HOME = "America/New_York"


def every(rule: str, **said: object) -> RecurringEntry:
    return RecurringEntry.model_validate({"rrule": rule, "at": "09:00", "whom": {"stage": ["won"]}, **said})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(entry: RecurringEntry, after: str, until: str) -> list[str]:
    return [f"{one.day} {one.at:%dT%H:%M}" for one in rounds(entry, HOME, after=at(after), until=at(until))]


@pytest.mark.parametrize(
    ("entry", "days"),
    [
        (every("FREQ=MONTHLY;BYDAY=1MO"), ["2026-03-02 02T14:00", "2026-04-06 06T13:00"]),
        (every("FREQ=MONTHLY;BYDAY=1MO", zone="Europe/Berlin"), ["2026-03-02 02T08:00", "2026-04-06 06T07:00"]),
        (every("FREQ=MONTHLY;BYMONTHDAY=-1", zone="UTC"), ["2026-03-31 31T09:00"]),
        (every("FREQ=MONTHLY;BYMONTHDAY=31", zone="UTC"), ["2026-03-31 31T09:00"]),
        (every("FREQ=WEEKLY;INTERVAL=4;BYDAY=MO", starts="2026-02-09", zone="UTC"),
         ["2026-03-09 09T09:00", "2026-04-06 06T09:00"]),
        (every("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", zone="UTC"), ["2026-03-29 29T09:00"]),
        (every("FREQ=MONTHLY;BYDAY=1MO;UNTIL=20260331", zone="UTC"), ["2026-03-02 02T09:00"]),
        (every("FREQ=DAILY;COUNT=2", starts="2026-03-05", zone="UTC"), ["2026-03-05 05T09:00", "2026-03-06 06T09:00"]),
        # The hour that New York jumps over on 8 March comes as much later; the one that Berlin has twice, once.
        (every("FREQ=WEEKLY;BYDAY=SU;UNTIL=20260309", at="02:30"), ["2026-03-01 01T07:30", "2026-03-08 08T07:30"]),
        # Kiritimati is half a day ahead of everybody: its Monday begins on the others' Sunday.
        (every("FREQ=MONTHLY;BYDAY=1MO", zone="Pacific/Kiritimati"), ["2026-03-02 01T19:00", "2026-04-06 05T19:00"]),
    ],
)  # fmt: skip
def test_it_comes_round_on_the_days_of_its_rule_by_the_clock_of_its_zone(
    entry: RecurringEntry, days: list[str]
) -> None:
    assert wrong_with(entry) is None
    assert told(entry, "2026-03-01T00:00", "2026-04-10T00:00") == days


def test_an_hour_that_comes_twice_comes_round_once() -> None:
    entry = every("FREQ=DAILY", at="02:30", zone="Europe/Berlin")
    assert told(entry, "2026-10-24T12:00", "2026-10-25T12:00") == ["2026-10-25 25T00:30"]


def test_rounds_lie_behind_the_first_instant_and_up_to_the_last() -> None:
    entry, nine = every("FREQ=DAILY", zone="UTC"), at("2026-03-02T09:00")
    assert rounds(entry, HOME, after=nine, until=nine + timedelta(hours=23)) == ()
    [second] = rounds(entry, HOME, after=nine, until=nine + timedelta(hours=24))
    assert second.at == nine + timedelta(hours=24)
    assert rounds(entry, HOME, after=nine - timedelta(seconds=1), until=nine)[0].at == nine


def test_the_next_round_is_told_and_a_rule_that_has_ended_has_none() -> None:
    entry = every("FREQ=MONTHLY;BYDAY=1MO;UNTIL=20260410", zone="UTC")
    first = next_round(entry, HOME, at("2026-03-02T08:59"))
    assert first is not None and first.day.isoformat() == "2026-03-02"
    second = next_round(entry, HOME, first.at)
    assert second is not None and second.day.isoformat() == "2026-04-06"
    assert next_round(entry, HOME, second.at) is None


@pytest.mark.parametrize(
    ("entry", "field", "words"),
    [
        (every("FREQ=SOMETIMES"), "rrule", "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, not SOMETIMES."),
        (every("FREQ=HOURLY"), "rrule", "FREQ is DAILY"),
        (every("BYDAY=MO"), "rrule", "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, not left out."),
        (every("FREQ=DAILY;BYHOUR=9"), "rrule", "The time of day is said by `at`. Take BYHOUR out."),
        (every("FREQ=DAILY;MOON=full"), "rrule", "A rule has no part MOON. Known: FREQ"),
        (every("RRULE:FREQ=DAILY"), "rrule", "A rule has no part RRULE:FREQ"),
        (every("FREQ=DAILY;INTERVAL=0"), "rrule", "INTERVAL is a whole number from 1 to 1000, not 0."),
        (every("FREQ=DAILY;UNTIL=2026-12-31"), "rrule", "UNTIL is the last day, written like 20261231"),
        (every("FREQ=MONTHLY;BYDAY=first"), "rrule", "BYDAY lists weekdays such as MO"),
        (every("FREQ=MONTHLY;BYMONTHDAY=32"), "rrule", "BYMONTHDAY lists whole numbers from 1 to 31"),
        (every("FREQ=WEEKLY;BYDAY=MO;BYDAY=TH"), "rrule", "BYDAY is said twice. Keep one"),
        (every("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"), "rrule", "No day is ever as FREQ=MONTHLY"),
        (every("FREQ=MONTHLY;BYDAY=6MO"), "rrule", "No day is ever as FREQ=MONTHLY;BYDAY=6MO says"),
        (every("FREQ=DAILY;UNTIL=20190101"), "rrule", "No day is ever as FREQ=DAILY;UNTIL=20190101 says"),
        (every("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"), "starts", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO counts from some day"),
        (every("FREQ=MONTHLY"), "starts", "FREQ=MONTHLY counts from some day. Say which, such as 2026-03-02."),
        (every("FREQ=WEEKLY"), "starts", "FREQ=WEEKLY counts from some day"),
        (every("FREQ=DAILY;COUNT=3"), "starts", "FREQ=DAILY;COUNT=3 counts from some day"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_with_its_field_and_a_remedy(
    entry: RecurringEntry, field: str, words: str
) -> None:
    wrong = wrong_with(entry)
    assert wrong is not None
    assert wrong[0] == field
    assert wrong[1].startswith(words)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;INTERVAL=2", "every 2 weeks"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "every Monday and Thursday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "every 2 weeks on Friday"),
        ("FREQ=MONTHLY;BYDAY=1MO", "the first Monday of each month"),
        ("FREQ=MONTHLY;BYDAY=1MO,-1FR", "the first Monday and the last Friday of each month"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "the last day of each month"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "day 15 of each month"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "by the rule FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"),
    ],
)
def test_a_rule_reads_as_a_person_would_say_it(rule: str, words: str) -> None:
    assert rule_words(rule) == words


def test_the_entry_reads_with_its_time_its_zone_and_its_audience() -> None:
    said = every_words(every("FREQ=MONTHLY;BYDAY=1MO", zone="Europe/Berlin"))
    assert said == "the first Monday of each month at 09:00 (Europe/Berlin), for whom stage is won"
