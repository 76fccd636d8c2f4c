"""The interpreter: what a run does at each kind of step, and that it always knows what it waits for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.facts import Facts, MessageStatus, Progress
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import Call, Do, Finish, Move, PlanMail, RaiseHandOff, RecordEvent, Skip, Wait
from leadloom.domain.journeys.progress import begin, next_move
from leadloom.domain.lead import Verdict
from tests.domain.a_run import DAY_0, a_journey, a_lead, a_mail, an_event, day, days, facts


def at_step(step: str, *, arrived: float = 0, no: int = 0, visits: int = 1) -> Progress:
    return Progress(step=step, arrived_at=day(arrived), arrived_no=no, visits={step: visits})


def first_move(journey: Journey, known: Facts | None = None, at: datetime = DAY_0) -> Move:
    return next_move(journey, begin(journey, DAY_0, 0), known or facts(), at)


def done(move: Move) -> Do:
    assert isinstance(move, Do), move
    return move


def waits(move: Move) -> Wait:
    assert isinstance(move, Wait), move
    return move


def test_a_send_plans_the_mail_under_its_key_and_goes_on() -> None:
    journey = a_journey("- {do: send, id: hello, mail: nine-minutes, worth: 2d}")
    move = done(first_move(journey))
    assert move.effect == PlanMail(
        step="hello", visit=1, mail="nine-minutes", mail_class="marketing", sender="priya-nair", worth=days(2)
    )
    assert move.then.step == "end"
    assert move.why == {"stage": "inquiry", "may market": True}


def test_a_send_says_its_own_class_and_sender_and_an_owner_gets_a_notice() -> None:
    one = done(first_move(a_journey("- {do: send, id: a, mail: m, class: service, sender: ines-carvalho}"))).effect
    two = done(first_move(a_journey("- {do: send, id: a, mail: m, to: owner}"))).effect
    assert isinstance(one, PlanMail)
    assert (one.mail_class, one.sender) == ("service", "ines-carvalho")
    assert isinstance(two, PlanMail)
    assert (two.mail_class, two.to) == ("owner-notice", "owner")


def test_a_mail_the_lead_no_longer_needs_is_skipped_with_the_reason() -> None:
    journey = a_journey("- {do: send, id: hello, mail: nine-minutes, unless: {event: article_read}}")
    read = facts(events=(an_event("article_read", 2, day(1)),))
    move = done(first_move(journey, read, day(2)))
    assert move.effect == Skip(why="the mail nine-minutes isn't needed: article read since entry", ended="skipped")
    assert move.then.step == "end"
    assert move.why == {"last article read": "2026-03-04T09:00:00+00:00"}
    assert isinstance(done(first_move(journey)).effect, PlanMail)


def test_a_run_plans_one_mail_at_a_time() -> None:
    journey = a_journey("- {do: send, id: a, mail: a}\n- {do: send, id: b, mail: b}")
    run = at_step("b")
    planned = facts(mails=(a_mail("a", day(2)),))
    wait = waits(next_move(journey, run, planned, DAY_0))
    # Not at its slot itself: the lane is sending then.
    assert (wait.until, wait.waiting_for) == (day(2) + timedelta(seconds=15), "the mail of step a to go out")
    assert wait.progress == run
    for status in (MessageStatus.SENT, MessageStatus.EXPIRED, MessageStatus.SUPPRESSED, MessageStatus.UNCERTAIN):
        settled = facts(mails=(a_mail("a", day(2), status=status),))
        assert isinstance(done(next_move(journey, run, settled, day(2))).effect, PlanMail)


def test_a_mail_that_went_at_once_hides_none_that_waits_for_its_window() -> None:
    journey = a_journey(
        "- {do: send, id: a, mail: a}\n- {do: send, id: b, mail: b, class: service}\n- {do: send, id: c, mail: c}"
    )
    overtaken = facts(mails=(a_mail("a", day(2)), a_mail("b", DAY_0, status=MessageStatus.SENT)))
    assert waits(next_move(journey, at_step("c"), overtaken, DAY_0)).waiting_for == "the mail of step a to go out"


def test_a_mail_that_is_late_is_looked_for_ever_more_rarely_and_strands_no_run() -> None:
    journey = a_journey("- {do: send, id: a, mail: a, worth: 7d}\n- {do: send, id: b, mail: b}")
    held = facts(mails=(a_mail("a", day(2), status=MessageStatus.HELD),))
    at, looks = day(2), 0
    while isinstance(move := next_move(journey, at_step("b"), held, at), Wait):
        assert move.until > at
        at, looks = move.until, looks + 1
    assert at == day(9)
    assert looks <= 18


def test_a_run_waits_no_longer_for_a_late_mail_than_the_mail_was_late() -> None:
    journey = a_journey("- {do: send, id: a, mail: a}\n- {do: send, id: b, mail: b}")
    on_its_way = facts(mails=(a_mail("a", day(2), status=MessageStatus.DEFERRED),))
    for late in (timedelta(seconds=20), timedelta(minutes=7), timedelta(days=1)):
        move = waits(next_move(journey, at_step("b"), on_its_way, day(2) + late))
        assert move.until <= day(2) + 2 * late


def test_service_mail_waits_for_no_other_mail() -> None:
    journey = a_journey("- {do: send, id: a, mail: a}\n- {do: send, id: b, mail: b, class: service}")
    planned = facts(mails=(a_mail("a", day(2)),))
    assert isinstance(done(next_move(journey, at_step("b"), planned, DAY_0)).effect, PlanMail)


WAIT_3 = a_journey("- {do: send, id: a, mail: a}\n- {do: wait, id: pause, for: 3d}\n- {do: send, id: b, mail: b}")


@pytest.mark.parametrize(
    ("mails", "until", "waiting_for"),
    [
        ((), day(3), "3 days after arriving here"),
        ((a_mail("a", day(2)),), day(5), "3 days after the mail of step a"),
        ((a_mail("a", day(2), sent_at=day(4)),), day(7), "3 days after the mail of step a"),
        # Gone within moments of its slot: counting those would cost each run a second look.
        ((a_mail("a", day(2), sent_at=day(2) + timedelta(minutes=9)),), day(5), "3 days after the mail of step a"),
        ((a_mail("a", day(-9), sent_at=day(-8)),), day(3), "3 days after arriving here"),
    ],
)
def test_a_wait_counts_from_the_last_mail_s_sending_else_its_plan_else_arrival(
    mails: tuple[object, ...], until: datetime, waiting_for: str
) -> None:
    known = facts(mails=mails)
    wait = waits(next_move(WAIT_3, at_step("pause"), known, DAY_0))
    assert (wait.until, wait.waiting_for, wait.listens) == (until, waiting_for, ())
    assert waits(next_move(WAIT_3, at_step("pause"), known, until - timedelta(seconds=1))) == wait
    over = done(next_move(WAIT_3, at_step("pause"), known, until))
    assert over.then.step == "b"
    assert over.why["until"] == until.isoformat()


def test_a_notice_to_an_owner_moves_no_wait_of_the_lead() -> None:
    journey = a_journey("- {do: send, id: tell, mail: t, to: hana-sato}\n- {do: wait, id: pause, for: 3d}")
    told = facts(mails=(a_mail("tell", day(1), sent_at=day(2)),))
    assert waits(next_move(journey, at_step("pause"), told, DAY_0)).until == day(3)


def test_a_wait_to_a_day_counts_from_entry_whatever_was_sent() -> None:
    journey = a_journey("- {do: wait, id: pause, to_day: 8}")
    sent = facts(mails=(a_mail("a", day(4), sent_at=day(4)),))
    wait = waits(next_move(journey, at_step("pause", arrived=4), sent, day(4)))
    assert (wait.until, wait.waiting_for) == (day(8), "day 8")


AUDIT = a_journey("- {do: wait, id: pause, before: 60d, field: audit_date}")


def with_audit(date: object, **told: object) -> Facts:
    return facts(lead=a_lead(attributes={"audit_date": date}, **told))


def test_a_wait_before_a_date_moves_with_the_date() -> None:
    may = waits(next_move(AUDIT, at_step("pause"), with_audit("2026-05-31"), DAY_0))
    assert (may.until, may.waiting_for) == (datetime(2026, 4, 1, tzinfo=UTC), "60 days before audit date")
    june = waits(next_move(AUDIT, at_step("pause"), with_audit("2026-06-30"), DAY_0))
    assert june.until == may.until + days(30)
    assert june.listens == ("*",)


def test_a_date_begins_at_the_lead_s_own_midnight() -> None:
    in_tokyo = with_audit("2026-05-31T10:00:00", time_zone="Asia/Tokyo")
    assert waits(next_move(AUDIT, at_step("pause"), in_tokyo, DAY_0)).until == datetime(2026, 3, 31, 15, tzinfo=UTC)


@pytest.mark.parametrize("told", [None, "", "next spring", 20260531, "2026-02-31"])
def test_without_a_date_the_run_goes_on_and_says_so(told: object) -> None:
    move = done(next_move(AUDIT, at_step("pause"), with_audit(told), DAY_0))
    assert move.effect == Skip(why="no date is known for audit date")
    assert move.why == {"audit_date": told}
    assert move.then.step == "end"


CALCULATOR = a_journey(
    """
- {do: wait_for, id: priced, events: [calculator_finished, price_page], to_day: 8, then: thanks, otherwise: nudge}
- {do: send, id: nudge, mail: nudge}
- {do: send, id: thanks, mail: thanks}
"""
)


def test_a_run_that_waits_for_events_says_which_and_until_when() -> None:
    run = at_step("priced", no=5)
    wait = waits(next_move(CALCULATOR, run, facts(), day(2)))
    assert wait == Wait(
        until=day(8),
        waiting_for="day 8, or calculator finished or price page",
        listens=("calculator_finished", "price_page"),
        progress=run,
    )


def test_an_event_waited_for_ends_the_wait_at_once() -> None:
    heard = facts(events=(an_event("calculator_finished", 6, day(2)),))
    move = done(next_move(CALCULATOR, at_step("priced", no=5), heard, day(2)))
    assert move.then == Progress(step="thanks", arrived_at=day(2), arrived_no=6, visits={"priced": 1, "thanks": 1})
    assert move.why == {"event": "calculator_finished", "event no": 6}


@pytest.mark.parametrize(
    "event",
    [
        an_event("calculator_finished", 5, day(1)),
        an_event("calculator_finished", 6, day(2), verdict=Verdict.MACHINE),
        an_event("calculator_finished", 6, day(2), verdict=Verdict.UNSURE),
        an_event("article_read", 6, day(2)),
    ],
    ids=["before arrival", "by a machine", "by who knows whom", "of another kind"],
)
def test_other_events_do_not_end_the_wait(event: object) -> None:
    run, known = at_step("priced", no=5), facts(events=(event,))
    assert waits(next_move(CALCULATOR, run, known, day(2))).until == day(8)
    assert done(next_move(CALCULATOR, run, known, day(8))).then.step == "nudge"


def test_silence_until_the_deadline_is_said_in_words() -> None:
    move = done(next_move(CALCULATOR, at_step("priced"), facts(), day(8)))
    assert move.effect == Skip(why="no calculator finished or price page by day 8")


def test_a_wait_without_an_end_is_refused_rather_than_waited_for_ever() -> None:
    journey = a_journey("- {do: wait_for, id: w, events: [reply], then: end, otherwise: end}")
    with pytest.raises(BadInput, match="a wait has an end"):
        first_move(journey)


BRANCH = a_journey(
    """
- do: branch
  id: which
  cases: [{when: {field: role, is: quality}, go: b}, {when: {fit: [A, B]}, go: a}]
  otherwise: end
- {do: record, id: a, event: reference_asked}
- {do: hand_off, id: b, kind: scored-mql}
"""
)


def test_a_branch_takes_the_first_case_that_holds_and_keeps_what_it_looked_at() -> None:
    move = done(first_move(BRANCH, facts(lead=a_lead(role="it"))))
    assert (move.then.step, move.effect) == ("a", Skip(why="fit is A or B"))
    assert move.why == {"role": "it", "fit": "B"}
    quality = done(first_move(BRANCH, facts(lead=a_lead(role="quality"))))
    assert (quality.then.step, quality.why) == ("b", {"role": "quality"})


def test_a_branch_in_which_nothing_holds_goes_the_other_way() -> None:
    nobody = facts(score={"fit": 0, "letter": "D", "engagement": 0.0, "digit": 4})
    move = done(first_move(BRANCH, nobody))
    assert (move.then.step, move.effect) == ("end", Skip(why="none of: role is quality; fit is A or B"))


def test_hand_offs_and_records_are_effects_and_the_run_goes_on() -> None:
    record = done(next_move(BRANCH, at_step("a"), facts(), DAY_0))
    assert (record.effect, record.then.step) == (RecordEvent(kind="reference_asked"), "b")
    hand_off = done(next_move(BRANCH, at_step("b"), facts(), DAY_0))
    assert (hand_off.effect, hand_off.then.step) == (RaiseHandOff(kind="scored-mql"), "end")


def test_an_outside_effect_is_left_to_an_activity_with_the_place_to_go_on_from() -> None:
    journey = a_journey("- {do: call, id: sync, activity: sync_crm, then: end}\n- {do: wait, id: w, for: 1d}")
    move = first_move(journey)
    assert isinstance(move, Call)
    assert (move.activity, move.step, move.visit, move.then.step) == ("sync_crm", "sync", 1, "end")


LOOP = a_journey(
    """
- {do: wait, id: pause, for: 1d}
- {do: send, id: nudge, mail: nudge}
- {do: go, id: again, to: pause, visits: 2}
- {do: send, id: bye, mail: bye}
"""
)


def test_a_loop_goes_back_as_often_as_it_may_and_each_round_is_a_new_mail() -> None:
    run, at, planned = begin(LOOP, DAY_0, 0), DAY_0, []
    while not isinstance(move := next_move(LOOP, run, facts(), at), Finish):
        if isinstance(move, Wait):
            at = move.until
        else:
            if isinstance(move, Do) and isinstance(move.effect, PlanMail):
                planned.append((move.effect.mail, move.effect.visit, at))
            run = move.then
    assert planned == [("nudge", 1, day(1)), ("nudge", 2, day(2)), ("nudge", 3, day(3)), ("bye", 1, day(3))]
    assert move.outcome == "finished"


def test_a_step_the_version_does_not_have_is_no_move() -> None:
    with pytest.raises(KeyError):
        next_move(LOOP, at_step("gone"), facts(), DAY_0)
