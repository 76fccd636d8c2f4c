"""Coming in, going out and waking up: which events do it, for whom, and how often."""

from __future__ import annotations

from leadloom.domain.journeys.entry import Enters, StaysOut, ends, enters, hears
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.lead import Verdict
from tests.domain.a_run import DAY_0, a_journey, a_lead, an_event, facts

STEPS = "- {do: wait, id: pause, for: 1d}"
ONCE = a_journey(STEPS)
AGAIN = ONCE.model_copy(update={"enter": ONCE.enter.model_copy(update={"again": "after exit"})})
ASKED = an_event("guide_requested", 4, DAY_0)


def comes(journey: Journey, *, open_run: bool = False, was_in: bool = False) -> Enters | StaysOut:
    return enters(journey, ASKED, facts(), open_run=open_run, was_in=was_in)


def refusal(answer: Enters | StaysOut) -> str:
    return answer.code if isinstance(answer, StaysOut) else "came in"


def test_the_event_of_the_entry_lets_a_lead_in_and_says_which_it_was() -> None:
    assert comes(ONCE) == Enters(key="once", why="guide requested", values={"event no": 4})


def test_another_event_lets_nobody_in() -> None:
    other = an_event("article_read", 4, DAY_0)
    assert refusal(enters(ONCE, other, facts(), open_run=False, was_in=False)) == "other_event"


def test_a_machine_is_not_let_in() -> None:
    scanner = an_event("guide_requested", 4, DAY_0, verdict=Verdict.MACHINE)
    assert refusal(enters(ONCE, scanner, facts(), open_run=False, was_in=False)) == "not_human"


def test_nobody_is_in_the_same_journey_twice_at_a_time() -> None:
    assert refusal(comes(AGAIN, open_run=True)) == "in_already"


def test_a_journey_for_once_stays_shut_and_one_for_again_opens_under_a_new_key() -> None:
    assert refusal(comes(ONCE, was_in=True)) == "was_in"
    assert comes(AGAIN, was_in=True) == Enters(key="event/4", why="guide requested", values={"event no": 4})


def test_a_condition_that_does_not_hold_keeps_the_lead_out_with_the_values_that_did_it() -> None:
    condition = {"events": ["guide_requested"], "when": {"field": "role", "one_of": ["quality", "it"]}}
    journey = Journey.model_validate({**ONCE.model_dump(by_alias=True), "enter": condition})
    cfo = facts(lead=a_lead(role="finance"))
    answer = enters(journey, ASKED, cfo, open_run=False, was_in=False)
    why = "this isn't so: role is quality or it"
    assert answer == StaysOut(code="condition", why=why, values={"role": "finance"})
    assert isinstance(enters(journey, ASKED, facts(lead=a_lead(role="it")), open_run=False, was_in=False), Enters)


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
