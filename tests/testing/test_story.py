"""Does the driver for tests of journeys play what production would do, and can a test written with it fail?"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from leadloom.domain.errors import NotFound
from leadloom.domain.facts import MessageStatus
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.rehearsal.player import NeverEnds, Player
from leadloom.testing.story import ENTRY, Story, given
from tests import world
from tests.domain.a_run import a_journey


def story(steps: str, **known: Any) -> Story:
    return given(a_journey(steps), **known)


TWO = """
  - {do: send, id: first, mail: guide}
  - {do: wait_for, id: answer, events: [reply], within: 5d, then: end, otherwise: second}
  - {do: send, id: second, mail: proof}
"""


def test_days_pass_and_letters_go() -> None:
    then = story(TWO).then
    assert then.letters == ((0, "first"), (5, "second"))
    assert then.mails == ((0, "guide"), (5, "proof"))
    assert (then.outcome, then.ended_on_day, then.waiting_for) == ("finished", 5, None)


def test_what_the_lead_does_changes_the_way() -> None:
    assert story(TWO).when(2, "reply").then.steps() == ["first"]
    assert story(TWO).when(6, "reply").then.steps() == ["first", "second"]


def test_an_exit_acts_at_once_and_takes_back_what_has_not_gone() -> None:
    late = story(TWO).under(world.definition()).when(0.01, "unsubscribed")
    assert late.then.outcome == "asked us to stop"
    # 09:10 UTC is before the window opens where we are: the letter has its slot, and never goes.
    assert late.then.letters == ()
    assert late.then.unsent == {"first": "the run was over"}


def test_under_a_definition_letters_keep_its_window_and_its_caps() -> None:
    three = "".join(f"  - {{do: send, id: m{no}, mail: m{no}, worth: 3w}}\n" for no in range(3))
    letters = story(three).under(world.definition()).then.letters
    assert [step for _, step in letters] == ["m0", "m1", "m2"]
    assert letters[-1][0] >= 7, "the third mail of a week is one too many for a person"


def test_a_mail_without_room_expires_and_the_run_goes_on() -> None:
    steps = "  - {do: send, id: late, mail: guide, worth: 1m}\n  - {do: send, id: next, mail: proof, worth: 3w}\n"
    then = story(steps).under(world.definition()).then
    assert "late" in then.unsent and "no slot before" in then.unsent["late"]
    assert then.steps() == ["next"]
    assert then.played.facts.mails[0].status is MessageStatus.EXPIRED


def test_tasks_block_until_they_are_answered_or_their_time_is_over() -> None:
    steps = """
  - {do: task, id: call, to: owner, words: Call them, within: 3d, outcomes: {reached: thanks}, otherwise: end}
  - {do: send, id: thanks, mail: thanks, class: service}
"""
    then = story(steps).answers(2, "call", "reached").then
    assert (then.tasks, then.letters) == (((0, "call"),), ((2, "thanks"),))
    silent = story(steps).then
    assert (silent.letters, silent.ended_on_day) == ((), 3)
    assert silent.played.facts.tasks[0].status == "cancelled"


def test_a_journey_that_waits_for_another_goes_on_when_that_ends() -> None:
    steps = """
  - {do: start, id: begin, journey: onboarding, wait: 30d, otherwise: end}
  - {do: tag, id: done, tag: onboarded}
"""
    then = story(steps).ends(10, "onboarding").then
    assert (then.started, then.tags, then.ended_on_day) == (((0, "onboarding"),), ("onboarded",), 10)
    assert story(steps).then.tags == ()


def test_a_date_that_moves_moves_the_wait() -> None:
    steps = "  - {do: wait, id: date, before: 10d, field: audit_date}\n  - {do: record, id: note, event: reply}\n"
    told = {"attributes": {"audit_date": "2026-04-02"}}
    assert story(steps, lead=told).then.ended_on_day == 19
    assert story(steps, lead=told).tells(5, "audit_date", "2026-05-02").then.ended_on_day == 49


def test_effects_are_seen_in_what_is_known_at_the_end() -> None:
    steps = """
  - {do: set, id: told, field: heat, value: warm}
  - {do: tag, id: on, tag: vip}
  - {do: stage, id: up, to: inquiry, why: came back}
  - {do: score, id: points, points: 5, why: told us}
  - {do: hand_off, id: offer, kind: talk}
  - {do: stop, id: out, journey: welcome}
"""
    then = story(steps).then
    assert (then.attributes, then.tags, then.stages) == ({"heat": "warm"}, ("vip",), ("inquiry",))
    assert (then.hand_offs, then.stopped) == (((0, "talk"),), ((0, "welcome"),))
    assert then.played.facts.score.engagement == 25.0


@pytest.mark.parametrize(
    ("on_failure", "outcome", "waiting_for"),
    [("block", None, "no answer"), ("skip", "finished", None), ("exit", "failed at sync", None)],
)
def test_an_outside_effect_that_fails_does_what_the_journey_says(
    on_failure: str, outcome: str | None, waiting_for: str | None
) -> None:
    steps = f"  - {{do: call, id: sync, activity: sync_crm, on_failure: {on_failure}}}\n"
    then = story(steps).fails("sync", "no answer").then
    assert (then.called, then.outcome, then.waiting_for) == (((0, "sync_crm"),), outcome, waiting_for)


def test_a_run_can_be_looked_at_on_a_day_and_told_in_words() -> None:
    then = story(TWO).until(3).then
    assert (then.outcome, then.waiting_for) == (None, "5 days after the mail of step first, or reply")
    assert "asked for the mail guide" in str(then) and "day   3" in str(then)


def test_permission_and_stage_that_change_are_seen_by_later_steps() -> None:
    steps = """
  - {do: wait, id: a-week, for: 1w}
  - {do: branch, id: ask, cases: [{when: {basis: marketing, stage: [mql]}, go: letter}], otherwise: end}
  - {do: send, id: letter, mail: guide}
"""
    assert story(steps).comes_to(3, "mql").then.letters == ((7, "letter"),)
    assert story(steps).comes_to(3, "mql").permits(4, mail=False).then.letters == ()


def test_a_story_of_a_shipped_journey_needs_its_name_only_and_takes_milliseconds() -> None:
    began = time.process_time()
    then = given("welcome-four-degrees", lead={"role": "quality"}).then
    assert then.letters and then.outcome == "finished"
    assert time.process_time() - began < 0.5
    with pytest.raises(NotFound):
        given("nowhere")


def test_a_story_is_a_value_that_verbs_do_not_change() -> None:
    first = story(TWO)
    first.when(1, "reply")
    assert first.then.steps() == ["first", "second"]


def test_a_journey_that_goes_round_for_ever_is_told_so() -> None:
    endless = Journey.model_validate(
        {
            "name": "round", "purpose": "x", "owner": "o", "sender": "s", "enter": {"events": ["reply"]},
            "steps": [{"do": "go", "id": "here", "to": "here"}],
        }
    )  # fmt: skip
    with pytest.raises(NeverEnds, match="round"):
        _ = given(endless).then


def test_playing_on_gives_what_playing_at_once_gives() -> None:
    given_story = story(TWO).when(8, "reply")
    player = Player(given_story.journey, given_story.facts, given_story.happenings)
    for day in (1, 4, 5):
        player.play(ENTRY + timedelta(days=day))
    assert player.play() == given_story.then.played
