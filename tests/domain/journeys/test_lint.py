"""Does the linter find what publishing allows and is still a mistake, and only that?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from leadloom.domain.definitions.mail_policy import Window
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import read_journey
from leadloom.domain.journeys.lint import advise, longest_shut
from leadloom.runtime import catalog
from leadloom.testing.story import given, journey_of
from tests.domain.a_run import a_draft, the_definition

DEFINITION = the_definition()


def a_journey(steps: str, *, without: str = "") -> Journey:
    """A sound journey of marketing mail with these steps; `without` takes a line out."""
    stops = {"exit": [{"events": ["unsubscribed", "complained"], "outcome": "asked us to stop"}]}
    said = {**a_draft(steps).data, **stops}
    said.pop(without, None)
    return Journey.model_validate(said)


def told(journey: Journey) -> list[str]:
    return [f"{'.'.join(map(str, fault.path))}: {fault.words}" for fault in advise(journey, DEFINITION)]


SOUND = """
  - {do: send, id: first, mail: guide}
  - {do: wait, id: a-week, for: 7d}
  - {do: send, id: second, mail: proof}
  - {do: wait, id: another, for: 7d}
  - {do: send, id: third, mail: cost}
"""


def test_a_journey_without_a_mistake_is_left_in_peace() -> None:
    assert told(a_journey(SOUND)) == []


@pytest.mark.parametrize("path", catalog.journey_files(), ids=lambda path: path.stem)
def test_the_journeys_we_ship_follow_our_own_advice(path: Path) -> None:
    assert advise(journey_of(path.stem), DEFINITION) == []


def test_mail_whose_class_nobody_chose() -> None:
    [advice] = told(a_journey("  - {do: send, id: first, mail: guide}\n", without="class"))
    assert advice.startswith("steps.0.mail: No class is said") and "class: marketing" in advice
    own = "  - {do: send, id: first, mail: guide, class: marketing}\n"
    assert told(a_journey(own, without="class")) == []


def test_a_no_that_ends_nothing() -> None:
    stays = read_journey(a_draft(SOUND))
    assert [line for line in told(stays) if "`complained`" in line and line.startswith("exit: ")]
    service = "  - {do: send, id: first, mail: guide, class: service}\n"
    assert told(read_journey(a_draft(service))) == [], "service mail goes on after a no to marketing"


def test_a_branch_that_asks_for_nothing() -> None:
    steps = """
  - {do: branch, id: ask, cases: [{when: {stage: [mql]}, go: first}], otherwise: first}
  - {do: send, id: first, mail: guide}
"""
    [advice] = told(a_journey(steps))
    assert advice.startswith("steps.0: Every way leads to first")


def test_mail_that_is_worth_less_than_the_window_stays_shut() -> None:
    [advice] = told(a_journey("  - {do: send, id: first, mail: guide, worth: 2d}\n"))
    assert advice.startswith("steps.0.worth: guide is worth sending for 2 days")
    assert "112 hours" in advice
    then = given(a_journey("  - {do: wait, id: w, for: 3d}\n  - {do: send, id: first, mail: guide, worth: 2d}\n"))
    assert then.under(DEFINITION).then.letters == (), "asked for on a Friday it never goes: the advice is true"


def test_mail_that_may_go_after_the_date_it_is_about() -> None:
    steps = """
  - {do: wait, id: before, before: 5d, field: audit_date}
  - {do: send, id: reminder, mail: guide}
"""
    [advice] = told(a_journey(steps))
    assert "may go after the date" in advice and "worth 5 days at most" in advice


def test_a_step_that_expires_while_the_mail_before_it_may_still_wait() -> None:
    steps = """
  - {do: send, id: first, mail: guide}
  - {do: send, id: second, mail: proof, expires: 2d}
"""
    [advice] = told(a_journey(steps))
    assert advice.startswith("steps.1.expires: It expires 2 days after it was due, and waits up to 7 days")


CLOSE = """
  - {{do: send, id: first, mail: guide}}
  - {{do: wait, id: one, for: 1d}}
  - {{do: send, id: second, mail: proof}}
  - {{do: wait, id: two, for: 1d}}
  - {{do: send, id: third, mail: cost, worth: {worth}}}
"""


def test_more_mails_than_the_caps_let_through() -> None:
    [late] = told(a_journey(CLOSE.format(worth="3w")))
    assert late.startswith("steps.4.mail: cost follows first and second by day 2")
    assert "no more than 2 mails in 7 days go to a person, so it goes 5 days late" in late
    [never] = told(a_journey(CLOSE.format(worth="4.8d")))
    assert "so it never goes" in never


def test_what_only_a_quick_reader_brings_about_is_no_mistake_while_it_still_goes() -> None:
    steps = """
  - {do: send, id: first, mail: guide}
  - {do: wait_for, id: one, events: [reply], within: 7d, then: second, otherwise: second}
  - {do: send, id: second, mail: proof}
  - {do: wait_for, id: two, events: [reply], within: 7d, then: third, otherwise: third}
  - {do: send, id: third, mail: cost, worth: WORTH}
"""
    assert told(a_journey(steps.replace("WORTH", "3w"))) == []
    assert "so it never goes" in told(a_journey(steps.replace("WORTH", "5d")))[0]


@pytest.mark.parametrize(
    ("days", "opens", "closes", "shut"),
    [
        (("tue", "wed", "thu"), "08:30", "16:30", timedelta(days=4, hours=16)),
        (("mon",), "00:00", "12:00", timedelta(days=6, hours=12)),
        (("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "00:00", "24:00", timedelta()),
    ],
)
def test_how_long_a_window_stays_shut(days: tuple[str, ...], opens: str, closes: str, shut: timedelta) -> None:
    window = Window.model_validate({"days": days, "from": opens, "until": closes})
    assert longest_shut(window) == shut
