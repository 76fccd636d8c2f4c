"""Until when a run waits: dates that move, the lead's own clock, and clocks that are set."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.errors import BadInput
from leadloom.domain.facts import Facts, Progress
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import Do, Skip, Wait
from leadloom.domain.journeys.progress import next_move
from leadloom.domain.journeys.waits import next_local
from tests.domain.a_run import DAY_0, a_journey, a_lead, a_mail, an_event, day, days, facts

HALF_PAST_EIGHT = time(8, 30)


def at_step(arrived: datetime = DAY_0, no: int = 0) -> Progress:
    return Progress(step="w", arrived_at=arrived, arrived_no=no, visits={"w": 1})


def waits(journey: Journey, known: Facts, at: datetime, arrived: datetime = DAY_0) -> Wait:
    move = next_move(journey, at_step(arrived), known, at)
    assert isinstance(move, Wait), move
    return move


def utc(month: int, day_: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day_, hour, minute, tzinfo=UTC)


RENEWAL = a_journey("- {do: wait, id: w, after: 14d, field: renewal_date}")


def renewing(date: str | None, zone: str = "") -> Facts:
    return facts(lead=a_lead(attributes={"renewal_date": date}), zone=zone)


def test_a_wait_after_a_date_moves_with_the_date() -> None:
    may = waits(RENEWAL, renewing("2026-05-01"), DAY_0)
    assert (may.until, may.waiting_for, may.listens) == (utc(5, 15, 0), "14 days after renewal date", ("*",))
    assert waits(RENEWAL, renewing("2026-05-11"), DAY_0).until == may.until + days(10)


def test_a_date_is_a_day_where_the_lead_lives() -> None:
    assert waits(RENEWAL, renewing("2026-05-01", "Pacific/Kiritimati"), DAY_0).until == utc(5, 14, 10)
    assert waits(RENEWAL, renewing("2026-05-01", "Pacific/Honolulu"), DAY_0).until == utc(5, 15, 10)


def test_a_date_that_is_over_holds_nobody_and_one_that_is_unknown_neither() -> None:
    for date, why in (
        ("2026-01-01", "14 days after renewal date has come"),
        (None, "no date is known for renewal date"),
    ):
        move = next_move(RENEWAL, at_step(), renewing(date), DAY_0)
        assert isinstance(move, Do)
        assert move.effect == Skip(why=why)


@pytest.mark.parametrize(
    ("zone", "after", "clock", "on", "moment"),
    [
        ("UTC", utc(3, 3, 9), HALF_PAST_EIGHT, (), utc(3, 4, 8, 30)),
        ("UTC", utc(3, 3, 8), HALF_PAST_EIGHT, (), utc(3, 3, 8, 30)),
        ("America/New_York", utc(3, 3, 9), HALF_PAST_EIGHT, (), utc(3, 3, 13, 30)),
        ("America/New_York", utc(3, 3, 14), HALF_PAST_EIGHT, ("tue",), utc(3, 10, 12, 30)),
        ("Europe/Berlin", utc(3, 28, 9), HALF_PAST_EIGHT, (), utc(3, 29, 6, 30)),
        ("Europe/Berlin", utc(3, 28, 9), time(2, 30), (), utc(3, 29, 1, 30)),
        ("Europe/Berlin", utc(10, 24, 9), time(2, 30), (), utc(10, 25, 0, 30)),
        ("Europe/Berlin", utc(10, 25, 0, 45), time(2, 30), (), utc(10, 26, 1, 30)),
        ("Pacific/Kiritimati", utc(3, 3, 9), time(0, 0), (), utc(3, 3, 10)),
        ("Pacific/Honolulu", utc(3, 3, 9), time(23, 59), (), utc(3, 3, 9, 59)),
        ("Australia/Lord_Howe", utc(10, 3, 12), time(2, 15), (), utc(10, 3, 15, 45)),
        ("Pacific/Apia", utc(12, 29, 23, year=2011), time(12), (), utc(12, 30, 22, year=2011)),
    ],
    ids=[
        "today's is over",
        "today's is ahead",
        "behind UTC",
        "a week on, over the change to summer time",
        "the clocks go forward the night before",
        "a time that is skipped comes later by the jump",
        "a time that comes twice counts the first time",
        "… and isn't there again on that night",
        "the far side of the date line",
        "a minute before midnight",
        "half an hour of summer time",
        "a whole day is skipped",
    ],
)
def test_the_next_such_moment_is_the_one_the_lead_s_own_clock_shows(
    zone: str, after: datetime, clock: time, on: tuple[str, ...], moment: datetime
) -> None:
    assert next_local(after, clock, on, zone, or_then=False) == moment


def test_a_day_of_the_week_that_never_comes_is_refused() -> None:
    with pytest.raises(BadInput):
        next_local(DAY_0, HALF_PAST_EIGHT, ("never",), "UTC", or_then=False)


CLOCK = a_journey('- {do: wait, id: w, until: "08:30", on: [tue, thu]}')


def test_a_wait_for_the_clock_ends_when_it_next_shows_that_on_such_a_day() -> None:
    move = waits(CLOCK, facts(zone="Europe/Berlin"), DAY_0)
    assert (move.until, move.waiting_for) == (utc(3, 5, 7, 30), "08:30 where the lead lives, on tue or thu")
    over = next_move(CLOCK, at_step(), facts(zone="Europe/Berlin"), move.until)
    assert isinstance(over, Do)
    assert over.then.step == "end"


def test_a_loop_that_comes_back_in_the_instant_the_clock_rang_waits_for_the_next() -> None:
    rang = utc(3, 5, 8, 30)
    assert waits(CLOCK, facts(), rang, arrived=rang).until == utc(3, 10, 8, 30)


def test_first_the_span_then_the_clock() -> None:
    both = a_journey('- {do: wait, id: w, for: 2d, until: "08:30"}')
    move = waits(both, facts(), DAY_0)
    assert move.until == utc(3, 6, 8, 30)
    assert move.waiting_for == "2 days after arriving here, then 08:30 where the lead lives"
    after_mail = facts(mails=(a_mail("m", day(1)),))
    assert waits(both, after_mail, DAY_0).until == utc(3, 7, 8, 30)
    exactly = a_journey('- {do: wait, id: w, for: 2d, until: "09:00"}')
    assert waits(exactly, facts(), DAY_0).until == day(2)


def test_a_date_and_a_clock_move_together() -> None:
    journey = a_journey('- {do: wait, id: w, before: 1d, field: renewal_date, until: "08:30"}')
    move = waits(journey, renewing("2026-05-01", "America/New_York"), DAY_0)
    assert (move.until, move.listens) == (utc(4, 30, 12, 30), ("*",))


WHEN = a_journey(
    """
- do: wait_for
  id: w
  events: [reply]
  when: {field: sites, at_least: 3}
  within: 10d
  then: a
  otherwise: end
- {do: record, id: a, event: reference_asked}
"""
)


def test_a_run_that_waits_for_a_condition_hears_everything_and_goes_on_when_it_holds() -> None:
    few, many = facts(lead=a_lead(attributes={"sites": 2})), facts(lead=a_lead(attributes={"sites": 3}))
    move = waits(WHEN, few, DAY_0)
    assert (move.until, move.listens) == (day(10), ("*",))
    assert move.waiting_for == "10 days after arriving here, or reply or sites is at least 3"
    held = next_move(WHEN, at_step(), many, day(2))
    assert isinstance(held, Do)
    assert (held.effect, held.then.step, held.why) == (Skip(why="sites is at least 3"), "a", {"sites": 3})
    late = next_move(WHEN, at_step(), few, day(10))
    assert isinstance(late, Do)
    assert (late.then.step, late.then.due_at) == ("end", None)


def test_a_condition_that_time_alone_brings_about_is_looked_for_in_time() -> None:
    journey = a_journey(
        "- {do: wait_for, id: w, when: {field: audit_date, ahead: 7d}, within: 60d, then: end, otherwise: end}"
    )
    known = facts(lead=a_lead(attributes={"audit_date": "2026-04-20"}))
    assert waits(journey, known, DAY_0).until == utc(4, 13, 0)
    assert isinstance(next_move(journey, at_step(), known, utc(4, 13, 0)), Do)


def test_a_condition_that_time_takes_away_is_looked_at_when_it_goes() -> None:
    journey = a_journey(
        "- {do: wait_for, id: w, when: {not: {event: reply, within: 2d}}, within: 60d, then: end, otherwise: end}"
    )
    known = facts(events=(an_event("reply", 1, day(1)),))
    until = waits(journey, known, day(1)).until
    assert timedelta() < until - day(3) < timedelta(seconds=1)
    assert isinstance(next_move(journey, at_step(), known, until), Do)


def test_what_a_run_was_due_for_is_the_end_of_the_wait_not_when_somebody_looked() -> None:
    journey = a_journey("- {do: wait, id: w, for: 2d}\n- {do: record, id: a, event: reference_asked}")
    on_time, late = (next_move(journey, at_step(), facts(), at) for at in (day(2), day(6)))
    assert isinstance(on_time, Do)
    assert isinstance(late, Do)
    assert (on_time.then.due_at, late.then.due_at, late.then.due) == (None, day(2), day(2))


OWNERS_DAYS = a_journey("- {do: wait, id: w, working_days: 2}")


def works(days: tuple[str, ...], holidays: str | None = None) -> Calendar:
    """Nine to five in Berlin."""
    told = {"zone": "Europe/Berlin", "days": days, "from": "09:00", "until": "17:00", "holidays": holidays}
    return Calendar.model_validate(told)


def test_working_days_are_the_owner_s_own_with_their_weekends_and_holidays() -> None:
    week = ("mon", "tue", "wed", "thu", "fri")
    thursday = utc(4, 2, 10)  # noon in Berlin, the day before Good Friday
    plain = waits(OWNERS_DAYS, facts(calendar=works(week)), thursday, arrived=thursday)
    assert (plain.until, plain.waiting_for) == (utc(4, 6, 10), "2 working days after arriving here")
    easter = waits(OWNERS_DAYS, facts(calendar=works(week, "DE")), thursday, arrived=thursday)
    assert easter.until == utc(4, 8, 10)
    assert waits(OWNERS_DAYS, facts(calendar=works(("mon", "thu"))), thursday, arrived=thursday).until == utc(4, 9, 10)
