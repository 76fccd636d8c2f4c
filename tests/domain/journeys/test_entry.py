"""Coming in, going out and waking up: which events do it, for whom, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.journeys.entry import (
    Against,
    Enters,
    Knock,
    RunBefore,
    StaysOut,
    ends,
    enters,
    hears,
    knocks,
    ways_in,
)
from leadloom.domain.journeys.journey import Exclusive, Journey
from leadloom.domain.journeys.why_not_codes import CODES, Code
from leadloom.domain.lead import Event, Verdict
from tests.domain.a_run import DAY_0, a_journey, a_lead, an_event, facts

STEPS = "- {do: wait, id: pause, for: 1d}"
ONCE = a_journey(STEPS)
AGAIN = ONCE.model_copy(update={"enter": ONCE.enter.model_copy(update={"again": "after exit"})})
ASKED = an_event("guide_requested", 4, DAY_0)


def door(**said: object) -> Journey:
    """A journey whose entry says so, beside asking for the guide."""
    enter = {"events": ["guide_requested"], **said}
    return Journey.model_validate({**ONCE.model_dump(by_alias=True), "enter": enter})


def comes(
    journey: Journey,
    event: Event = ASKED,
    *,
    runs: tuple[RunBefore, ...] = (),
    busy_with: str | None = None,
    came_to: str | None = None,
    **known: object,
) -> Enters | StaysOut:
    knock = knocks(journey, event, came_to=came_to)
    if isinstance(knock, StaysOut):
        return knock
    return enters(journey, knock, facts().entered_at, lambda: facts(**known), runs=runs, busy_with=busy_with)


def ended(key: str = "once", *, days_ago: float = 3, place: str = "") -> RunBefore:
    return RunBefore(key=key, place=place, ended_at=DAY_0 - timedelta(days=days_ago))


def is_open(key: str = "once", place: str = "") -> RunBefore:
    return RunBefore(key=key, place=place)


def refusal(answer: Enters | StaysOut) -> str:
    return answer.code if isinstance(answer, StaysOut) else "came in"


def test_the_event_of_the_entry_lets_a_lead_in_and_says_which_it_was() -> None:
    assert comes(ONCE) == Enters(key="once", why="guide requested", values={"event no": 4})


def test_another_event_lets_nobody_in() -> None:
    other = an_event("article_read", 4, DAY_0)
    assert refusal(comes(ONCE, other)) == "other_event"


def test_a_machine_is_not_let_in() -> None:
    scanner = an_event("guide_requested", 4, DAY_0, verdict=Verdict.MACHINE)
    assert refusal(comes(ONCE, scanner)) == "not_human"


def test_nobody_is_in_the_same_journey_twice_at_a_time() -> None:
    assert refusal(comes(AGAIN, runs=(is_open("event/1"),))) == "in_already"


def test_a_journey_for_once_stays_shut_and_one_for_again_opens_under_a_new_key() -> None:
    assert refusal(comes(ONCE, runs=(ended(),))) == "was_in"
    assert comes(AGAIN, runs=(ended("event/1"),)) == Enters(
        key="event/4", why="guide requested", values={"event no": 4}
    )


def test_a_condition_that_does_not_hold_keeps_the_lead_out_with_the_values_that_did_it() -> None:
    journey = door(when={"field": "role", "one_of": ["quality", "it"]})
    answer = comes(journey, lead=a_lead(role="finance"))
    why = "this isn't so: role is quality or it"
    assert answer == StaysOut(code=Against.CONDITION, why=why, values={"role": "finance"})
    assert isinstance(comes(journey, lead=a_lead(role="it")), Enters)


def test_an_event_lets_in_only_with_the_values_the_entry_asks_for() -> None:
    journey = door(data={"form": "guide"})
    answer = comes(journey, ASKED.but(data={"form": "checklist"}))
    assert answer == StaysOut(
        code=Against.OTHER_DATA, why="guide requested lets in only with form guide", values={"form": "checklist"}
    )
    assert refusal(comes(journey)) == "other_data"
    assert isinstance(comes(journey, ASKED.but(data={"form": "guide", "page": "/"})), Enters)


def test_coming_to_a_stage_lets_in_whatever_event_did_it() -> None:
    journey = door(events=[], stages=["mql"])
    answer = comes(journey, an_event("price_page", 7, DAY_0), came_to="mql")
    assert answer == Enters(key="once", why="came to mql", values={"event no": 7})
    assert refusal(comes(journey, an_event("price_page", 7, DAY_0), came_to="sal")) == "other_event"
    assert refusal(comes(journey, an_event("price_page", 7, DAY_0))) == "other_event"


def with_deal(value: object, no: int = 4) -> Event:
    return ASKED.but(data={"deal": value}, no=no)


def test_a_keyed_journey_has_one_run_for_each_value() -> None:
    journey = door(key="deal")
    first = comes(journey, with_deal("D-1"))
    assert isinstance(first, Enters)
    assert (first.key, first.place) == ("deal/D-1", "D-1")
    runs = (is_open("deal/D-1", "D-1"),)
    assert refusal(comes(journey, with_deal("D-1"), runs=runs)) == "in_already"
    assert isinstance(comes(journey, with_deal("D-2"), runs=runs), Enters)
    assert refusal(comes(journey, with_deal("D-1"), runs=(ended("deal/D-1", place="D-1"),))) == "was_in"


def test_a_keyed_journey_for_again_names_the_run_after_value_and_event() -> None:
    answer = comes(door(key="deal", again="after exit"), with_deal(17), runs=(ended("deal/17/event/1", place="17"),))
    assert isinstance(answer, Enters)
    assert (answer.key, answer.place) == ("deal/17/event/4", "17")


@pytest.mark.parametrize("value", [None, "", ["D-1"], {"no": 1}, "x" * 201])
def test_a_value_that_can_name_no_run_keeps_the_lead_out(value: object) -> None:
    assert refusal(comes(door(key="deal"), with_deal(value))) == "no_key"


def test_a_concurrent_journey_takes_the_lead_in_beside_the_open_run_but_no_event_twice() -> None:
    journey = door(again="concurrent")
    answer = comes(journey, runs=(is_open("event/1", "event/1"), ended("event/2", place="event/2")))
    assert isinstance(answer, Enters)
    assert (answer.key, answer.place) == ("event/4", "event/4")
    assert refusal(comes(journey, runs=(is_open("event/4", "event/4"),))) == "in_already"


def began(*days_ago: float, is_over: bool = True) -> tuple[RunBefore, ...]:
    """Runs that began so many days before, and took an hour."""
    at = [DAY_0 - timedelta(days=each) for each in days_ago]
    over = timedelta(hours=1)
    return tuple(
        RunBefore(key=f"event/{no}", place=f"event/{no}", entered_at=one, ended_at=one + over if is_over else None)
        for no, one in enumerate(at, start=10)
    )


def test_a_lead_has_as_many_runs_as_the_journey_allows_ever() -> None:
    journey = door(again="after exit", at_most={"count": 2})
    assert isinstance(comes(journey, runs=began(300)), Enters)
    answer = comes(journey, runs=began(300, 200))
    assert answer == StaysOut(code=Against.TOO_MANY, why="it has had all of its runs: 2", values={"runs": 2})


def test_or_in_a_span_and_is_told_when_there_is_room_again() -> None:
    journey = door(again="concurrent", at_most={"count": 2, "within": "30d"})
    assert isinstance(comes(journey, runs=began(300, 31, 29)), Enters)
    assert isinstance(comes(journey, runs=began(30, 29)), Enters)  # what began exactly a span ago has left it
    answer = comes(journey, runs=began(300, 29, 10, is_over=False))
    assert refusal(answer) == "too_many"
    assert isinstance(answer, StaysOut)
    assert answer.not_before == DAY_0 + timedelta(days=1)
    assert answer.why == "it has had all of its runs: 2 in 30 days"
    assert isinstance(comes(journey, ASKED.but(at=answer.not_before), runs=began(300, 28, 10)), StaysOut)


def test_a_run_that_begins_in_the_same_breath_counts() -> None:
    journey = door(again="concurrent", at_most={"count": 1, "within": "1d"})
    now = RunBefore(key="event/3", place="event/3")
    assert refusal(comes(journey, runs=(now,))) == "too_many"


def test_who_left_a_short_while_ago_rests_and_is_told_until_when() -> None:
    journey = door(again="after exit", rest="7d")
    answer = comes(journey, runs=(ended("event/1", days_ago=30), ended("event/2", days_ago=3)))
    assert isinstance(answer, StaysOut)
    assert (answer.code, answer.not_before) == (Against.RESTS, DAY_0 + timedelta(days=4))
    assert answer.why == "its last run ended less than 7 days ago"
    assert isinstance(comes(journey, runs=(ended("event/2", days_ago=7),)), Enters)


def test_a_group_that_refuses_takes_nobody_from_another_journey_of_it() -> None:
    group = {"exclusive": Exclusive(group="offers", when_busy="refuse")}
    answer = comes(ONCE.model_copy(update=group), busy_with="spring-offer")
    assert answer == StaysOut(
        code=Against.GROUP_BUSY,
        why="the journey spring-offer has the lead, and this one takes nobody from there",
        values={"busy with": "spring-offer"},
    )
    assert isinstance(comes(ONCE.model_copy(update=group)), Enters)


def test_a_condition_that_time_alone_brings_about_says_when() -> None:
    journey = door(when={"field": "renewal_date", "ahead": "10d"})
    answer = comes(journey, lead=a_lead(attributes={"renewal_date": "2026-03-23"}))
    assert isinstance(answer, StaysOut)
    assert answer.not_before == DAY_0.replace(hour=0) + timedelta(days=10)


def test_a_date_lets_in_once_for_each_day_also_in_a_journey_for_once() -> None:
    def on(day: str, *runs: RunBefore) -> Enters | StaysOut:
        why = f"renewal date is {day}"
        knock = Knock(by="date:renewal_date", why=why, no=4, occasion=f"date/{day}", is_name=True, anew=True)
        return enters(ONCE, knock, facts().entered_at, facts, runs=runs)

    first = on("2026-05-01")
    assert isinstance(first, Enters)
    assert (first.key, first.place) == ("date/2026-05-01", "")
    assert refusal(on("2026-05-01", ended("date/2026-05-01"))) == "was_in"
    assert refusal(on("2026-06-01", is_open("date/2026-05-01"))) == "in_already"
    assert isinstance(on("2026-06-01", ended("date/2026-05-01")), Enters)


def test_each_reason_to_stay_out_has_words() -> None:
    assert all(CODES[Code(one.value)].words for one in Against)


def test_the_ways_in_are_said_as_a_marketer_would() -> None:
    date, holds = {"field": "renewal_date", "before": "30d"}, {"tag": ["vip"]}
    journey = door(data={"form": "guide"}, stages=["mql"], date=date, holds=holds)
    assert ways_in(journey) == (
        "guide requested with form guide", "coming to mql", "30 days before renewal date", "as soon as tagged vip",
    )  # fmt: skip
    assert ways_in(door(events=[])) == ("by hand",)


def test_a_goal_ends_the_run_as_a_goal_and_an_exit_under_its_own_words() -> None:
    assert ends(ONCE, an_event("talk_requested", 5, DAY_0)) == "goal"
    assert ends(ONCE, an_event("unsubscribed", 5, DAY_0)) == "asked us to stop"
    assert ends(ONCE, an_event("article_read", 5, DAY_0)) is None


def test_a_machine_ends_no_run() -> None:
    assert ends(ONCE, an_event("talk_requested", 5, DAY_0, verdict=Verdict.MACHINE)) is None


def test_a_run_hears_what_it_listens_to_from_humans_only() -> None:
    reply = an_event("reply", 5, DAY_0)
    robot = an_event("reply", 6, DAY_0, verdict=Verdict.MACHINE)
    assert hears(("reply", "price_page"), [robot, reply])
    assert not hears(("price_page",), [reply])
    assert not hears(("reply",), [robot])
    assert not hears((), [reply])


def test_a_run_that_waits_for_a_date_hears_everything() -> None:
    assert hears(("*",), [an_event("audit_date_told", 5, DAY_0)])
