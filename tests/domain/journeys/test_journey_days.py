"""Are the days of a journey's steps those on which a lead can come to them?"""

from __future__ import annotations

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_days import days_of
from leadloom.domain.journeys.journey_words import step_words, ways

HEAD = """
name: days
purpose: Shows days.
owner: priya-nair
sender: priya-nair
enter: {events: [guide_requested]}
steps:
"""


def journey(steps: str) -> Journey:
    return Journey.model_validate(DraftText("days.yaml", HEAD + steps).data)


def days(steps: str, **dated: float) -> dict[str, str]:
    return {step: found.words for step, found in days_of(journey(steps), dated=dated).items()}


def test_spans_add_up_and_days_of_the_journey_only_wait_forwards() -> None:
    found = days("""
  - {do: send, id: a, mail: a}
  - {do: wait, id: three, for: 3d}
  - {do: wait, id: to-two, to_day: 2}
  - {do: wait, id: to-eight, to_day: 8}
  - {do: send, id: b, mail: b}
""")
    assert (found["three"], found["to-two"], found["to-eight"]) == ("day 0", "day 3", "day 3")
    assert (found["b"], found["end"]) == ("day 8", "day 8")


def test_what_is_waited_for_can_happen_any_day_until_the_deadline() -> None:
    found = days("""
  - {do: wait_for, id: heard, events: [reply], within: 5d, then: yes-mail, otherwise: no-mail}
  - {do: send, id: no-mail, mail: no}
  - {do: send, id: yes-mail, mail: yes}
""")
    assert (found["no-mail"], found["yes-mail"]) == ("day 5", "day 0 to 5")


def test_a_loop_goes_round_as_often_as_its_visits_allow() -> None:
    found = days("""
  - {do: send, id: a, mail: a}
  - {do: wait, id: week, for: 1w}
  - {do: go, id: again, to: a, visits: 2}
""")
    assert (found["a"], found["end"]) == ("day 0 to 14", "day 7 to 21")


def test_a_step_no_way_leads_to_has_no_day() -> None:
    found = days("""
  - {do: go, id: over, to: last}
  - {do: send, id: lost, mail: lost}
  - {do: send, id: last, mail: last}
""")
    assert "lost" not in found


def test_a_wait_for_a_date_lasts_until_then_when_the_date_is_known_and_passes_when_it_is_not() -> None:
    steps = """
  - {do: wait, id: before-audit, before: 60d, field: audit_date}
  - {do: send, id: a, mail: a}
"""
    assert days(steps)["a"] == "day 0"
    assert days(steps, **{"before-audit": 41.0})["a"] == "day 41"


def test_an_answer_may_come_any_day_and_silence_counts_on_the_last() -> None:
    found = days("""
  - {do: task, id: ask, to: owner, words: Call, within: 3d, outcomes: {reached: yes-mail}, otherwise: no-mail}
  - {do: send, id: no-mail, mail: no}
  - {do: send, id: yes-mail, mail: yes}
""")
    assert (found["no-mail"], found["yes-mail"]) == ("day 3", "day 0 to 3")


def test_a_journey_that_is_waited_for_ends_on_any_day_until_patience_does() -> None:
    found = days("""
  - {do: start, id: sub, journey: other, wait: 30d, otherwise: late}
  - {do: go, id: over, to: end}
  - {do: send, id: late, mail: late}
""")
    assert (found["over"], found["late"]) == ("day 0 to 30", "day 0 to 30")


def test_the_clock_and_its_weekdays_add_up_to_a_day_or_a_week() -> None:
    found = days("""
  - {do: wait, id: three, for: 3d, until: "08:30"}
  - {do: wait, id: tuesday, until: "08:30", on: [tue]}
  - {do: send, id: a, mail: a}
""")
    assert (found["tuesday"], found["a"]) == ("day 3 to 4", "day 3 to 11")


def test_every_arm_of_a_split_and_both_ends_of_a_stream_have_their_days() -> None:
    found = days("""
  - {do: split, id: s, arms: [{name: a, share: 50, go: w}, {name: b, share: 50, go: cast}]}
  - {do: wait, id: w, for: 2d}
  - {do: stream, id: cast, from: pool, exhausted: out}
  - {do: wait, id: rest, for: 7d}
  - {do: send, id: out, mail: a}
""")
    assert (found["cast"], found["out"]) == ("day 0 to 2", "day 0 to 9")


def test_steps_are_said_as_a_marketer_would() -> None:
    send, heard, branch, go = journey("""
  - {do: send, id: a, mail: dock, unless: {event: article_read}}
  - {do: wait_for, id: h, events: [reply, link_clicked], within: 5d, then: b, otherwise: end}
  - {do: branch, id: b, cases: [{when: {field: role, is: it}, go: a}], otherwise: end}
  - {do: go, id: g, to: a, visits: 2}
""").steps
    assert step_words(send) == "Send the mail dock, unless article read since entry"
    assert step_words(heard) == "Wait for reply or link clicked, at most 5 days"
    assert step_words(go) == "Go on with a, at most 2 times"
    assert ways(heard) == (("when it happens", "b"), ("otherwise", "end"))
    assert ways(branch) == (("if role is it", "a"), ("otherwise", "end"))
