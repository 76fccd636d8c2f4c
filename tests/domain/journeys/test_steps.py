"""What each kind of step does to a run: its effect, what it waits for, and which way it goes then."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from leadloom.domain.facts import BegunRun, Facts, Progress, TaskFact
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_words import step_words, ways
from leadloom.domain.journeys.moves import (
    Call,
    CloseTask,
    Do,
    Effect,
    Finish,
    GivePoints,
    MoveStage,
    OpenTask,
    PlanMail,
    PutTag,
    SetField,
    Skip,
    StartRun,
    StopRun,
    Wait,
)
from leadloom.domain.journeys.progress import begin, next_move, when_failed
from leadloom.domain.journeys.steps.split import Split, arm_at, fraction
from leadloom.domain.model import LeadId
from tests.domain.a_run import DAY_0, a_journey, a_lead, a_mail, day, days, facts


def moved(journey: Journey, known: Facts | None = None, run: Progress | None = None, *, at: float = 0) -> Do:
    move = next_move(journey, run or begin(journey, DAY_0, 0), known or facts(), day(at))
    assert isinstance(move, Do), move
    return move


def waiting(journey: Journey, known: Facts, run: Progress, *, at: float = 0) -> Wait:
    move = next_move(journey, run, known, day(at))
    assert isinstance(move, Wait), move
    return move


@pytest.mark.parametrize(
    ("step", "effect", "said"),
    [
        ("do: set, field: plan, value: annual", SetField(field="plan", value="annual"), "Note that plan is annual"),
        ("do: set, field: plan, value: null", SetField(field="plan", value=None), "Note that plan is not known"),
        ("do: tag, tag: vip", PutTag(tag="vip"), "Tag the lead: vip"),
        ("do: tag, remove: vip", PutTag(tag="vip", remove=True), "Take off the tag vip"),
        (
            "do: score, points: -5, why: told us no",
            GivePoints(points=-5, why="told us no"),
            "Give -5 points: told us no",
        ),
        (
            "do: stage, to: inquiry, why: came back",
            MoveStage(to="inquiry", why="came back"),
            "Move the lead to inquiry: came back",
        ),
        (
            "do: stop, journey: welcome",
            StopRun(journey="welcome", outcome="stopped by test"),
            "End the journey welcome",
        ),
        ("do: start, journey: welcome", StartRun(journey="welcome", key="s/1"), "Begin the journey welcome"),
    ],
)
def test_a_plain_effect_is_asked_for_and_the_run_goes_on(step: str, effect: Effect, said: str) -> None:
    journey = a_journey(f"- {{id: s, {step}}}")
    move = moved(journey)
    assert (move.effect, move.then.step) == (effect, "end")
    assert move.why
    assert step_words(journey.steps[0]) == said


CALL = a_journey(
    """
- do: task
  id: call
  to: owner
  words: Call about the audit
  within: 3d
  outcomes: {reached: happy, voicemail: again}
  otherwise: lost
- {do: record, id: happy, event: reference_given}
- {do: record, id: again, event: attempt_made}
- {do: record, id: lost, event: tries_used_up}
"""
)
ASKED = begin(CALL, DAY_0, 0).but(begun=True)


def task(status: str, outcome: str | None = None, due: float = 3) -> Facts:
    fact = TaskFact.model_validate(
        {"step": "call", "visit": 1, "status": status, "outcome": outcome, "due_at": day(due)}
    )
    return facts(tasks=(fact,))


def test_a_task_is_given_once_and_the_run_stays_for_the_answer() -> None:
    move = moved(CALL)
    assert move.effect == OpenTask(
        step="call", visit=1, to="owner", words="Call about the audit", due=days(3), outcomes=("reached", "voicemail")
    )
    assert move.then == ASKED
    wait = waiting(CALL, task("open"), ASKED, at=1)
    assert (wait.until, wait.waiting_for) == (day(3), "the owner to answer the task of step call")
    assert wait.listens == ("task_done",)


def test_the_answer_to_a_task_chooses_the_way() -> None:
    for outcome, step in (("reached", "happy"), ("voicemail", "again")):
        move = moved(CALL, task("done", outcome), ASKED, at=1)
        assert (move.then.step, move.effect) == (step, Skip(why=f"the owner answered: {outcome}"))
        assert move.why == {"task": "done", "outcome": outcome}


def test_silence_takes_the_task_back_and_goes_the_other_way() -> None:
    move = moved(CALL, task("open"), ASKED, at=4)
    assert move.effect == CloseTask(step="call", visit=1)
    assert (move.then.step, move.then.due_at) == ("lost", day(3))


def test_a_task_whose_date_was_moved_is_waited_for_until_then() -> None:
    assert waiting(CALL, task("open", due=9), ASKED, at=4).until == day(9)


def test_a_task_that_somebody_took_back_counts_as_silence() -> None:
    move = moved(CALL, task("cancelled"), ASKED, at=1)
    assert (move.then.step, move.effect) == ("lost", Skip(why="the task was taken back", ended="failed"))


def test_a_task_of_another_visit_answers_nothing() -> None:
    again = ASKED.but(visits={"call": 2})
    assert isinstance(waiting(CALL, task("done", "reached"), again, at=1), Wait)


def test_a_task_that_does_not_block_is_given_and_left() -> None:
    journey = a_journey("- {do: task, id: call, to: hana-sato, words: Say hello, within: 3d, blocks: false}")
    move = moved(journey)
    assert isinstance(move.effect, OpenTask)
    assert move.effect.outcomes == ("done",)
    assert (move.then.step, move.then.begun) == ("end", False)


SUB = a_journey(
    """
- {do: start, id: sub, journey: onboarding, wait: 30d, otherwise: late}
- {do: record, id: fine, event: reference_given}
- {do: record, id: late, event: tries_used_up}
"""
)
BEGUN = begin(SUB, DAY_0, 0).but(begun=True)


def sub(status: str, outcome: str | None = None, key: str = "run/1/sub/1") -> Facts:
    run = BegunRun.model_validate({"journey": "onboarding", "key": key, "status": status, "outcome": outcome})
    return facts(runs_begun=(run,))


def test_a_run_that_begins_another_journey_stays_until_that_one_has_ended() -> None:
    assert moved(SUB).then == BEGUN
    wait = waiting(SUB, sub("active"), BEGUN, at=2)
    assert (wait.until, wait.waiting_for) == (day(30), "the journey onboarding to end")
    assert wait.listens == ("journey_ended",)
    for status, outcome in (("finished", "finished"), ("exited", "unsubscribed")):
        move = moved(SUB, sub(status, outcome), BEGUN, at=5)
        assert (move.then.step, move.effect) == ("fine", Skip(why=f"onboarding has ended: {outcome}"))


def test_a_journey_that_did_not_begin_or_does_not_end_is_waited_for_by_nobody() -> None:
    assert moved(SUB, sub("active"), BEGUN, at=30).then.step == "late"
    assert moved(SUB, facts(), BEGUN).effect == Skip(why="onboarding did not begin", ended="failed")
    assert moved(SUB, sub("finished", key="run/1/sub/2"), BEGUN).then.step == "late"


def test_coming_again_begins_another_run_unless_the_step_names_it() -> None:
    again = begin(SUB, DAY_0, 0).but(visits={"sub": 2})
    assert moved(SUB, run=again).effect == StartRun(journey="onboarding", key="sub/2")
    named = a_journey("- {do: start, id: sub, journey: onboarding, key: first-year}")
    assert moved(named, run=again).effect == StartRun(journey="onboarding", key="first-year")


OUTSIDE = a_journey(
    """
- {do: notify, id: a, channel: sales-alerts, words: A customer is unhappy, on_failure: skip}
- {do: webhook, id: b, endpoint: crm, with: [country, role], on_failure: "go:d"}
- {do: call, id: c, activity: sync_crm, with: {list: 4}, on_failure: exit}
- {do: call, id: d, activity: sync_crm}
"""
)


def at_step(step: str) -> Progress:
    return Progress(step=step, arrived_at=DAY_0, visits={step: 1})


def test_what_happens_outside_is_left_to_its_activity() -> None:
    calls = [next_move(OUTSIDE, at_step(step.id), facts(), DAY_0) for step in OUTSIDE.steps]
    names = [(one.activity, one.then.step) for one in calls if isinstance(one, Call)]
    assert names == [("notify_channel", "b"), ("post_webhook", "c"), ("sync_crm", "d"), ("sync_crm", "end")]


def test_an_outside_effect_that_failed_for_good_goes_where_its_step_says() -> None:
    skipped, rescued, ended, blocked = (
        when_failed(OUTSIDE, at_step(step.id), facts(), day(1), error="no answer") for step in OUTSIDE.steps
    )
    assert isinstance(skipped, Do)
    assert (skipped.then.step, skipped.why) == ("b", {"error": "no answer", "on failure": "skip"})
    assert isinstance(rescued, Do)
    assert rescued.then.step == "d"
    assert ended == Finish(outcome="failed at c", why={"error": "no answer", "on failure": "exit"})
    assert blocked is None


def test_a_step_without_an_outside_effect_has_nothing_that_could_fail_there() -> None:
    assert when_failed(CALL, at_step("call"), facts(), DAY_0, error="no answer") is None
    assert when_failed(CALL, at_step("end"), facts(), DAY_0, error="no answer") is None


STREAM = Journey.model_validate(
    {
        **a_journey(
            "- {do: stream, id: cast, from: pieces, exhausted: end}\n- {do: wait, id: w, for: 7d}\n"
            "- {do: go, id: again, to: cast, visits: 9}"
        ).model_dump(by_alias=True),
        "streams": {"pieces": [{"mail": "dock", "piece": "dock"}, {"mail": "alerts"}, {"mail": "pallet"}]},
    }
)


def cast(**known: object) -> str:
    effect = moved(STREAM, facts(**known)).effect
    return effect.mail if isinstance(effect, PlanMail) else effect.__class__.__name__


def test_a_stream_sends_the_next_mail_the_lead_has_neither_had_nor_read() -> None:
    assert cast() == "dock"
    assert cast(seen_mails=("dock",)) == "alerts"
    assert cast(read_pieces=("dock",)) == "alerts"
    assert cast(seen_mails=("alerts", "dock")) == "pallet"


def test_a_mail_that_is_added_or_moved_in_a_stream_never_makes_another_come_twice() -> None:
    longer = STREAM.but(streams={"pieces": (*STREAM.streams["pieces"][::-1],)})
    effect = moved(longer, facts(seen_mails=("dock", "pallet"))).effect
    assert isinstance(effect, PlanMail)
    assert effect.mail == "alerts"


def test_an_exhausted_stream_goes_its_own_way() -> None:
    move = moved(STREAM, facts(seen_mails=("dock", "alerts", "pallet")))
    assert (move.then.step, move.effect) == ("end", Skip(why="nothing is left in pieces", ended="skipped"))


def test_casts_of_a_stream_wait_for_one_another() -> None:
    run = Progress(step="cast", arrived_at=day(7), visits={"cast": 2})
    on_its_way = facts(mails=(a_mail("cast", day(9)),), seen_mails=("dock",))
    assert waiting(STREAM, on_its_way, run, at=7).until == day(9) + timedelta(seconds=15)


SPLIT = a_journey(
    "- {do: split, id: s, arms: [{name: short, share: 30, go: end}, {name: long, share: 70, go: w}]}\n"
    "- {do: wait, id: w, for: 1d}"
)


def test_a_split_gives_each_arm_its_share_and_each_lead_its_arm_for_good() -> None:
    split = SPLIT.steps[0]
    assert isinstance(split, Split)
    leads = [LeadId(UUID(int=number)) for number in range(4000)]
    arms = [arm_at(split.arms, fraction(lead, "test/s")).name for lead in leads]
    assert arms == [arm_at(split.arms, fraction(lead, "test/s")).name for lead in leads]
    assert 0.27 < arms.count("short") / len(arms) < 0.33


def test_two_splits_of_one_experiment_draw_the_same_and_others_draw_anew() -> None:
    leads = [LeadId(UUID(int=number)) for number in range(1000)]
    one, other = ([fraction(lead, name) < 0.5 for lead in leads] for name in ("subject-line", "other"))
    assert one == [fraction(lead, "subject-line") < 0.5 for lead in leads]
    assert 0.4 < sum(a == b for a, b in zip(one, other, strict=True)) / len(leads) < 0.6


def test_a_split_says_what_was_drawn() -> None:
    move = moved(SPLIT, facts(lead=a_lead()))
    assert move.why["experiment"] == "test/s"
    assert move.why["arm"] in ("short", "long")
    assert move.then.step == ("end" if move.why["arm"] == "short" else "w")


def test_the_ways_of_the_new_steps_read_as_a_marketer_would_say_them() -> None:
    assert step_words(CALL.steps[0]) == "Ask the owner: Call about the audit, within 3 days"
    assert ways(CALL.steps[0], "happy") == (("if reached", "happy"), ("if voicemail", "again"), ("otherwise", "lost"))
    assert step_words(SUB.steps[0]) == "Begin the journey onboarding, and wait for its end, at most 30 days"
    assert ways(SUB.steps[0], "fine") == (("when it has ended", "fine"), ("otherwise", "late"))
    assert step_words(OUTSIDE.steps[0]) == "Tell sales-alerts: A customer is unhappy"
    assert step_words(OUTSIDE.steps[1]) == "Post a message to crm with country and role"
    assert ways(OUTSIDE.steps[1], "c") == (("if it fails", "d"),)
    assert step_words(STREAM.steps[0]) == "Send the next mail of pieces"
    assert ways(SPLIT.steps[0], "w") == (("30 %: short", "end"), ("70 %: long", "w"))
