"""What is wrong between journeys that name one another."""

from __future__ import annotations

from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import read_journey
from leadloom.domain.journeys.journeys_check import faults_between
from tests.domain.a_run import a_draft


def journey(name: str, steps: str) -> Journey:
    return read_journey(a_draft(steps, name=name))


REST = journey("rest", "- {do: wait, id: w, for: 1d}")


def test_journeys_that_name_others_that_are_there_fit_together() -> None:
    one = journey(
        "one",
        """
- {do: start, id: s, journey: rest}
- {do: stop, id: t, journey: buying-circle}
- {do: branch, id: b, cases: [{when: {was_in: [rest], not: {in_journey: [buying-circle]}}, go: end}], otherwise: end}
""",
    )
    assert faults_between([one, REST], ["buying-circle"]) == []


def test_a_name_that_no_journey_has_is_a_fault_at_its_place() -> None:
    one = journey("one", "- {do: start, id: s, journey: rust}")
    two = journey("two", "- {do: wait_for, id: w, when: {in_journey: [rust]}, within: 1d, then: end, otherwise: end}")
    assert faults_between([one, two, REST], []) == [
        "one.yaml: steps.0.journey: There is no journey rust. Known: one, two or rest.",
        "two.yaml: steps.0.when: There is no journey rust. Known: one, rest or two.",
    ]


def test_a_journey_as_code_has_its_own_door_and_is_not_begun() -> None:
    one = journey("one", "- {do: start, id: s, journey: buying-circle}")
    assert len(faults_between([one], ["buying-circle"])) == 1


def test_journeys_that_begin_one_another_without_end_are_a_fault() -> None:
    one = journey("one", "- {do: start, id: s, journey: two}")
    two = journey("two", "- {do: start, id: s, journey: one}")
    assert [fault.split(":")[0] for fault in faults_between([one, two], [])] == ["one.yaml", "two.yaml"]
