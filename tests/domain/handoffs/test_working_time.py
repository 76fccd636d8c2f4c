"""Do business clocks count exactly the hours an owner works?"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.definitions.week import Weekday
from leadloom.domain.errors import BadInput
from leadloom.domain.handoffs.working_time import WorkCalendar

WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
NEW_YORK = WorkCalendar(
    Calendar(zone="America/New_York", days=WEEK, from_=time(9), until=time(17), holidays="US"),
)
BERLIN = WorkCalendar(
    Calendar(
        zone="Europe/Berlin",
        days=WEEK,
        from_=time(9),
        until=time(17, 30),
        holidays="DE",
        region="BE",
        off=("12-24", "12-31"),
    ),
)
SINGAPORE = WorkCalendar(
    Calendar(zone="Asia/Singapore", days=WEEK, from_=time(9), until=time(18), holidays="SG"),
)
ALWAYS = WorkCalendar(
    Calendar.model_validate({"zone": "UTC", "days": (*WEEK, "sat", "sun"), "from": "00:00", "until": "24:00"})
)
NIGHT_OF_THE_CHANGE = WorkCalendar(
    Calendar.model_validate(
        {"zone": "America/New_York", "days": (*WEEK, "sat", "sun"), "from": "00:00", "until": "24:00"}
    ),
)

calendars = st.sampled_from([NEW_YORK, BERLIN, SINGAPORE, ALWAYS, NIGHT_OF_THE_CHANGE])
instants = st.datetimes(datetime(2023, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
spans = st.timedeltas(timedelta(0), timedelta(days=20))


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize(
    ("asked", "answered", "working_minutes", "wall_minutes"),
    [
        pytest.param("2024-03-01 16:50", "2024-03-04 09:20", 30, 3870, id="over a week-end"),
        pytest.param("2024-03-08 16:30", "2024-03-11 09:05", 35, 3815, id="over the clock change"),
        pytest.param("2024-07-03 16:55", "2024-07-05 09:01", 6, 2406, id="over the fourth of July"),
    ],
)
def test_the_hand_cases_of_r4_come_out_to_the_minute(
    asked: str,
    answered: str,
    working_minutes: int,
    wall_minutes: int,
) -> None:
    start, end = new_york(asked), new_york(answered)
    assert NEW_YORK.between(start, end) == timedelta(minutes=working_minutes)
    assert end - start == timedelta(minutes=wall_minutes)
    assert NEW_YORK.add(start, timedelta(minutes=working_minutes)) == end


def test_a_span_that_ends_with_the_day_ends_at_closing_time() -> None:
    friday = new_york("2024-03-01 16:45")
    assert NEW_YORK.add(friday, timedelta(minutes=15)) == new_york("2024-03-01 17:00")
    assert NEW_YORK.add(friday, timedelta(minutes=16)) == new_york("2024-03-04 09:01")


def test_a_clock_started_on_a_free_day_runs_from_the_next_opening() -> None:
    sunday = new_york("2024-03-10 12:00")
    assert not NEW_YORK.is_open(sunday)
    assert NEW_YORK.next_open(sunday) == new_york("2024-03-11 09:00")
    assert NEW_YORK.add(sunday, timedelta(hours=1)) == new_york("2024-03-11 10:00")


def test_an_office_is_open_from_its_first_minute_until_before_its_last() -> None:
    assert NEW_YORK.is_open(new_york("2024-03-01 09:00"))
    assert not NEW_YORK.is_open(new_york("2024-03-01 08:59"))
    assert NEW_YORK.is_open(new_york("2024-03-01 16:59"))
    assert not NEW_YORK.is_open(new_york("2024-03-01 17:00"))


@pytest.mark.parametrize(
    "free_day",
    ["2024-10-03", "2024-12-24", "2024-12-25", "2024-12-31", "2025-01-01", "2024-03-08"],
)
def test_berlin_is_closed_on_its_own_holidays_and_on_both_eves(free_day: str) -> None:
    assert not BERLIN.is_open(berlin(f"{free_day} 11:00"))


def test_a_regional_holiday_of_another_region_is_worked() -> None:
    assert BERLIN.is_open(berlin("2025-01-06 11:00")), "Epiphany is free in Bavaria, not in Berlin"


def test_a_whole_working_day_can_be_counted_in() -> None:
    assert NEW_YORK.day == timedelta(hours=8)
    assert ALWAYS.day == timedelta(hours=24)
    assert NEW_YORK.add(new_york("2024-03-01 09:00"), 10 * NEW_YORK.day) == new_york("2024-03-14 17:00")


@given(at=instants, span=spans)
def test_round_the_clock_working_time_is_wall_time(at: datetime, span: timedelta) -> None:
    assert ALWAYS.is_open(at)
    assert ALWAYS.add(at, span) == at + span
    assert NIGHT_OF_THE_CHANGE.between(at, at + span) == span


@given(calendar=calendars, at=instants, span=spans)
def test_between_undoes_add(calendar: WorkCalendar, at: datetime, span: timedelta) -> None:
    assert calendar.between(at, calendar.add(at, span)) == span


@given(calendar=calendars, at=instants, span=spans)
def test_add_is_the_first_instant_by_which_the_span_has_passed(
    calendar: WorkCalendar,
    at: datetime,
    span: timedelta,
) -> None:
    end = calendar.add(at, span)
    assert end >= at
    if span:
        assert calendar.between(at, end - timedelta(microseconds=1)) < span


@given(calendar=calendars, one=instants, other=instants, span=spans)
def test_later_starts_and_longer_spans_end_later(
    calendar: WorkCalendar,
    one: datetime,
    other: datetime,
    span: timedelta,
) -> None:
    first, second = sorted((one, other))
    assert calendar.add(first, span) <= calendar.add(second, span)
    assert calendar.add(first, span) <= calendar.add(first, span + timedelta(minutes=1))


@given(calendar=calendars, points=st.lists(instants, min_size=3, max_size=3))
def test_working_time_adds_up_and_never_exceeds_wall_time(calendar: WorkCalendar, points: list[datetime]) -> None:
    first, middle, last = sorted(points)
    assert calendar.between(first, middle) + calendar.between(middle, last) == calendar.between(first, last)
    assert timedelta(0) <= calendar.between(first, last) <= last - first
    assert calendar.between(last, first) == -calendar.between(first, last)


@given(calendar=calendars, at=instants)
def test_the_next_opening_is_open_and_nothing_was_worked_before_it(calendar: WorkCalendar, at: datetime) -> None:
    opening = calendar.next_open(at)
    assert calendar.is_open(opening)
    assert calendar.between(at, opening) == timedelta(0)
    assert (opening == at) == calendar.is_open(at)


def test_a_working_day_swallowed_by_the_clock_change_never_opens() -> None:
    early_bird = WorkCalendar(
        Calendar(zone="America/New_York", days=("sun",), from_=time(2, 45), until=time(3, 15)),
    )
    assert early_bird.next_open(new_york("2024-03-09 12:00")) == new_york("2024-03-17 02:45")


def test_a_calendar_that_never_opens_is_refused() -> None:
    with pytest.raises(BadInput, match="needs a weekday"):
        WorkCalendar(Calendar(zone="UTC", days=(), from_=time(9), until=time(17)))
    with pytest.raises(BadInput, match="later than"):
        WorkCalendar(Calendar(zone="UTC", days=("mon",), from_=time(17), until=time(9)))


def test_a_deadline_in_the_past_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        NEW_YORK.add(new_york("2024-03-01 10:00"), timedelta(minutes=-1))
