"""How does a wait count over a pause, by each of the clocks a pause can declare?"""

from __future__ import annotations

import pytest

from leadloom.domain.facts import Pause, PauseClock
from leadloom.domain.journeys.moves import Wait
from leadloom.domain.journeys.pauses import ends, reaches
from leadloom.domain.journeys.progress import begin, next_move
from tests.domain.a_run import DAY_0, a_journey, day, days, facts


def paused(clock: PauseClock, since: float = 2, until: float | None = 16) -> Pause:
    """From day 2 to day 16, when nothing else is said."""
    return Pause(since=day(since), until=None if until is None else day(until), clock=clock)


@pytest.mark.parametrize(("clock", "over"), [("keep counting", 5), ("active only", 19), ("restart", 21)])
def test_a_wait_of_five_days_that_was_paused_for_fourteen_ends_as_its_clock_says(
    clock: PauseClock, over: float
) -> None:
    assert ends(DAY_0, days(5), [paused(clock)]) == day(over)


@pytest.mark.parametrize("clock", ["keep counting", "active only", "restart"])
def test_a_pause_touches_no_wait_that_was_over_before_or_began_after(clock: PauseClock) -> None:
    assert ends(DAY_0, days(5), [paused(clock, since=6)]) == day(5)
    assert ends(day(17), days(5), [paused(clock)]) == day(22)


def test_a_wait_that_began_amid_a_pause_counts_from_its_end() -> None:
    assert ends(day(10), days(5), [paused("active only")]) == day(21)
    assert ends(day(10), days(5), [paused("restart")]) == day(21)


def test_two_pauses_add_up() -> None:
    both = [paused("active only"), paused("active only", since=17, until=20)]
    assert ends(DAY_0, days(5), both) == day(22)


@pytest.mark.parametrize(("clock", "comes"), [("keep counting", 8), ("active only", 22), ("restart", 22)])
def test_a_day_of_the_journey_comes_later_unless_it_keeps_counting(clock: PauseClock, comes: float) -> None:
    assert reaches(day(8), DAY_0, [paused(clock)]) == day(comes)


def test_a_look_through_two_waits_counts_the_pause_for_the_one_it_was_in_only() -> None:
    journey = a_journey("- {do: wait, id: first, for: 5d}\n- {do: wait, id: second, for: 2d}\n")
    run, known = begin(journey, DAY_0, 1), facts(pauses=[paused("active only").model_dump()])
    move = next_move(journey, run, known, day(19))
    while not isinstance(move, Wait):
        move = next_move(journey, move.then, known, day(19))  # type: ignore[union-attr]  only a skip comes before
    assert move.until == day(21)
