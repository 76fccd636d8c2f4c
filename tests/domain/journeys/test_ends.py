"""What comes before any step: goals and exits that act at once, a journey's turn, and what came too late."""

from __future__ import annotations

from datetime import datetime

import pytest

from leadloom.domain.facts import CompanyEvent, Facts, Paused, Progress
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import Do, Finish, PlanMail, Skip, Wait
from leadloom.domain.journeys.progress import begin, next_move
from tests.domain.a_run import DAY_0, a_journey, a_lead, day, days, facts

TWO_WEEKS = "- {do: wait, id: w, for: 14d}\n- {do: send, id: s, mail: hello}"


def journey(steps: str = TWO_WEEKS, **said: object) -> Journey:
    return Journey.model_validate({**a_journey(steps).model_dump(by_alias=True), **said})


def first(one: Journey, known: Facts, at: datetime = DAY_0) -> object:
    return next_move(one, begin(one, DAY_0, 0), known, at)


LEFT = journey(exit=[{"when": {"stage": ["won"]}, "outcome": "a customer"}])
GOAL = journey(goal_when={"field": "audit_date"}, exit=[{"when": {"field": "audit_date"}, "outcome": "too late"}])


def test_an_exit_whose_condition_holds_ends_the_run_also_inside_a_wait() -> None:
    assert isinstance(first(LEFT, facts()), Wait)
    assert first(LEFT, facts(stage="won"), day(3)) == Finish(
        outcome="a customer", why={"exit": "stage is won", "stage": "won"}
    )


def test_a_run_that_may_end_by_a_condition_hears_everything_that_happens() -> None:
    move = first(LEFT, facts())
    assert isinstance(move, Wait)
    assert move.listens == ("*",)
    plain = first(journey(), facts())
    assert isinstance(plain, Wait)
    assert plain.listens == ()


def test_the_goal_comes_before_any_exit() -> None:
    move = first(GOAL, facts(lead=a_lead(attributes={"audit_date": "2026-05-01"})))
    assert isinstance(move, Finish)
    assert move.outcome == "goal"


def test_an_exit_that_time_alone_brings_about_acts_in_time() -> None:
    soon = journey(exit=[{"when": {"field": "audit_date", "ahead": "3d"}, "outcome": "too close"}])
    known = facts(lead=a_lead(attributes={"audit_date": "2026-03-10"}))
    move = first(soon, known)
    assert isinstance(move, Wait)
    assert move.until < day(14)
    assert isinstance(first(soon, known, move.until), Finish)


def test_a_run_that_came_to_the_end_is_finished() -> None:
    over = Progress(step="end", arrived_at=day(3), visits={"end": 1})
    assert next_move(LEFT, over, facts(), day(3)) == Finish(
        outcome="finished", why={"arrived at the end": "2026-03-06T09:00:00+00:00"}
    )


GROUP = {"group": "offers", "when_busy": "wait", "at_most": "10d"}
OFFER = journey(exclusive=GROUP)


def test_a_run_waits_its_turn_while_another_journey_of_the_group_has_the_lead() -> None:
    move = first(OFFER, facts(busy_with="renewal"), day(1))
    assert isinstance(move, Wait)
    assert (move.until, move.waiting_for, move.listens) == (day(10), "the journey renewal to end", ("journey_ended",))
    assert move.progress.awaits_turn
    assert next_move(OFFER, move.progress, facts(busy_with="renewal"), day(1)) == move


def test_the_days_of_a_journey_that_waited_begin_with_its_turn() -> None:
    by_day = journey("- {do: wait, id: w, to_day: 3}\n- {do: send, id: s, mail: hello}", exclusive=GROUP)
    waited = begin(by_day, DAY_0, 0).but(awaits_turn=True)
    turn = next_move(by_day, waited, facts(), day(6))
    assert isinstance(turn, Do)
    assert turn.effect == Skip(why="it is this journey's turn")
    move = next_move(by_day, turn.then, facts(), day(6))
    assert isinstance(move, Wait)
    assert move.until == day(9)
    assert next_move(by_day, turn.then, facts(busy_with="renewal"), day(9)) != move


def test_a_run_whose_turn_never_came_ends_and_says_so() -> None:
    move = first(OFFER, facts(busy_with="renewal"), day(10))
    assert move == Finish(outcome="no turn", why={"busy with": "renewal", "group": "offers"})


def test_a_run_under_way_gives_its_lead_to_nobody() -> None:
    under_way = Progress(step="s", arrived_at=day(1), visits={"w": 1, "s": 1})
    move = next_move(OFFER, under_way, facts(busy_with="renewal"), day(1))
    assert isinstance(move, Do)
    assert isinstance(move.effect, PlanMail)


def test_nothing_happens_in_a_paused_journey_but_its_ends() -> None:
    paused = Paused(since=day(1), until_review=day(8))
    move = first(LEFT, facts(paused=paused), day(2))
    assert isinstance(move, Wait)
    assert (move.until, move.waiting_for) == (day(8), "the journey to be resumed")
    after_review = first(LEFT, facts(paused=paused), day(9))
    assert isinstance(after_review, Wait)
    assert after_review.until == day(10)
    assert isinstance(first(LEFT, facts(paused=paused, stage="won"), day(2)), Finish)


LATE = journey("- {do: wait, id: w, for: 2d}\n- {do: hand_off, id: h, kind: scored-mql, expires: 3d}")


@pytest.mark.parametrize(("looked", "done"), [(2, True), (5, True), (5.5, False), (9, False)])
def test_what_is_reached_too_late_is_not_done_any_more(looked: float, done: bool) -> None:
    over = first(LATE, facts(), day(looked))
    assert isinstance(over, Do)
    move = next_move(LATE, over.then, facts(), day(looked))
    assert isinstance(move, Do)
    assert (move.effect.__class__.__name__ == "RaiseHandOff") == done
    assert move.then.step == "end"


def test_a_skipped_step_says_when_it_was_due_and_how_late_it_was() -> None:
    late = Progress(step="h", arrived_at=day(7), visits={"h": 1}, due_at=day(2))
    move = next_move(LATE, late, facts(), day(7))
    assert isinstance(move, Do)
    assert move.effect == Skip(why="expired: reached 5 days after it was due", ended="expired")
    assert move.why == {"due at": "2026-03-05T09:00:00+00:00", "expires after": "3 days"}


def test_lateness_is_handed_on_until_the_next_wait() -> None:
    chain = journey(
        "- {do: tag, id: a, tag: one}\n- {do: tag, id: b, tag: two, expires: 1d}\n- {do: wait, id: w, for: 1d}\n"
        "- {do: tag, id: c, tag: three, expires: 1d}"
    )
    run = Progress(step="a", arrived_at=day(5), visits={"a": 1}, due_at=day(1))
    one = next_move(chain, run, facts(), day(5))
    assert isinstance(one, Do)
    two = next_move(chain, one.then, facts(), day(5))
    assert isinstance(two, Do)
    assert isinstance(two.effect, Skip)
    waited = next_move(chain, two.then, facts(), day(6))
    assert isinstance(waited, Do)
    assert waited.then.due_at is None
    assert days(1) == waited.then.arrived_at - day(5)


COMPANY = journey(exit=[{"events": ["reply"], "of": "company", "outcome": "they answered"}])


def told(kind: str, on: float) -> Facts:
    return facts(company_events=(CompanyEvent(kind=kind, at=day(on)),))


def test_a_colleague_ends_a_run_whose_exit_is_the_company_s_and_nobody_is_named() -> None:
    move = first(COMPANY, told("reply", 2), day(3))
    assert isinstance(move, Finish)
    assert (move.outcome, move.why) == ("they answered", {"colleague": "reply", "at": day(2).isoformat()})


def test_what_a_colleague_did_before_the_run_or_of_another_kind_ends_nothing() -> None:
    assert isinstance(first(COMPANY, told("reply", 0), day(3)), Wait)
    assert isinstance(first(COMPANY, told("article_read", 2), day(3)), Wait)


def test_an_exit_of_the_lead_alone_does_not_hear_colleagues() -> None:
    alone = journey(exit=[{"events": ["reply"], "outcome": "they answered"}])
    assert alone.heard_of_company == frozenset()
    assert isinstance(first(alone, told("reply", 2), day(3)), Wait)
