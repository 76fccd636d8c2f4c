"""Whose turn is when after a pause, and is anybody flooded?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from leadloom.domain.facts import Facts, Pause
from leadloom.domain.journeys.catch_up import Asked, Get, Held, Place, by_day, turns
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.progress import begin
from leadloom.domain.model import EnrolmentId, LeadId
from tests.domain.a_run import DAY_0, a_journey, day, days, facts

LETTERS = a_journey(
    """
- {do: wait, id: until-3, to_day: 3}
- {do: send, id: one, mail: one}
- {do: wait, id: until-5, to_day: 5}
- {do: send, id: two, mail: two}
- {do: wait, id: until-30, to_day: 30}
- {do: send, id: three, mail: three}
"""
)
RESUMED = day(16)
UNTIL = RESUMED + days(14)


def held(no: int, *, lead: int | None = None, clock: str = "keep counting", journey: Journey = LETTERS) -> Held:
    """A run that came in on day 0 and was paused from day 2 on."""
    pause = Pause.model_validate({"since": day(2), "until": None, "clock": clock})
    known: Facts = facts(pauses=[pause.model_dump()])
    return Held(
        EnrolmentId(UUID(int=no)), LeadId(UUID(int=lead or no)), journey, begin(journey, DAY_0, 1), known,
        goes_at_once, keep_nothing,
    )  # fmt: skip


def goes_at_once() -> Place:
    def place(asked: Asked) -> datetime | str:
        return asked.not_before

    return place


def keep_nothing(gets: Sequence[Get]) -> None:
    del gets


def test_what_fell_due_in_the_pause_goes_a_mail_a_day() -> None:
    [turn] = turns([held(1)], RESUMED, UNTIL, per_day=None)
    assert [(get.mail, get.at) for get in turn.mails] == [("one", RESUMED), ("two", RESUMED + days(1))]


def test_a_clock_of_active_time_lets_nothing_fall_due_in_the_pause() -> None:
    [turn] = turns([held(1, clock="active only")], RESUMED, UNTIL, per_day=None)
    assert [(get.mail, get.at) for get in turn.mails] == [("one", day(17)), ("two", day(19))]


def test_a_rate_spreads_the_turns_over_days_and_who_comes_first_goes_first() -> None:
    found = turns([held(no) for no in range(1, 8)], RESUMED, UNTIL, per_day=2)
    assert max(by_day(found).values()) <= 2
    assert sum(by_day(found).values()) == 14
    assert [turn.turn_at for turn in found] == sorted(turn.turn_at for turn in found)


def test_two_runs_of_one_lead_never_mail_on_the_same_day() -> None:
    found = turns([held(1, lead=9), held(2, lead=9)], RESUMED, UNTIL, per_day=None)
    mailed = Counter(get.at.date() for turn in found for get in turn.mails if get.at is not None)
    assert sum(mailed.values()) == 4
    assert max(mailed.values()) == 1


def test_what_may_not_go_is_said_to_be_lost_and_takes_no_day() -> None:
    def never() -> Place:
        return lambda asked: "no slot before its deadline"

    run = held(1)._replace(try_places=never)
    [turn] = turns([run], RESUMED, UNTIL, per_day=1)
    assert [get.why for get in turn.gets] == ["no slot before its deadline"] * 2
    assert (turn.turn_at, by_day([turn])) == (RESUMED, {})


def test_a_run_whose_wait_is_not_over_has_its_turn_at_once() -> None:
    far = a_journey("- {do: wait, id: far, to_day: 90}\n- {do: send, id: late, mail: late}\n")
    [turn] = turns([held(1, journey=far)], RESUMED, UNTIL, per_day=1)
    assert (turn.turn_at, turn.gets) == (RESUMED, ())
    assert timedelta(days=14) == UNTIL - RESUMED
