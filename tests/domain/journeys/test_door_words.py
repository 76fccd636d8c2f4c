"""Does a journey say in plain words how often a lead comes in, what ends a run, and what it promises?"""

from __future__ import annotations

import pytest

from leadloom.domain.journeys.door_words import how_often, promised, ways_out
from leadloom.domain.journeys.journey import Journey
from tests.domain.a_run import a_journey

PLAIN = a_journey("- {do: wait, id: pause, for: 1d}")


def journey(**changed: object) -> Journey:
    return Journey.model_validate({**PLAIN.model_dump(by_alias=True), **changed})


@pytest.mark.parametrize(
    ("enter", "exclusive", "said"),
    [
        ({}, None, ("once per lead",)),
        ({"again": "after exit"}, None, ("again after it ended",)),
        ({"again": "after exit", "rest": "30d"}, None, ("again after it ended, and 30 days later at the earliest",)),
        ({"again": "concurrent", "key": "deal_id"}, None, ("again at any time", "for each deal id anew")),
        (
            {"again": "concurrent", "at_most": {"count": 2, "within": "365d"}, "by_hand": False},
            None,
            ("again at any time", "at most twice in 365 days", "nobody by hand"),
        ),
        ({"again": "concurrent", "at_most": {"count": 1}}, None, ("again at any time", "at most once")),
        (
            {},
            {"group": "nurture", "at_most": "14d"},
            ("once per lead", "one journey of the group nurture at a time: it waits its turn for up to 14 days"),
        ),
        (
            {},
            {"group": "nurture", "when_busy": "refuse"},
            ("once per lead", "one journey of the group nurture at a time: it takes nobody from the others"),
        ),
    ],
)
def test_how_often_a_lead_comes_in(enter: dict[str, object], exclusive: object, said: tuple[str, ...]) -> None:
    assert how_often(journey(enter={"events": ["reply"], **enter}, exclusive=exclusive)) == said


def test_what_ends_a_run_by_events_and_by_conditions_goals_first() -> None:
    found = ways_out(
        journey(
            goal=["talk_requested"],
            goal_when={"stage": ["sql"]},
            exit=[
                {"events": ["unsubscribed", "complained"], "outcome": "asked us to stop"},
                {"when": {"fit": ["D"]}, "outcome": "not for us"},
            ],
        )
    )
    assert found == (
        ("talk requested", "goal"),
        ("stage is sql", "goal"),
        ("unsubscribed or complained", "asked us to stop"),
        ("fit is D", "not for us"),
    )


def test_what_a_journey_promises() -> None:
    assert promised(PLAIN) == ()
    told = {
        "never_after": ["sql", "won"], "at_most": {"count": 3, "within": "7d"}, "ends_within": "180d",
        "never_without_basis": True,
    }  # fmt: skip
    assert promised(journey(promises=told)) == (
        "no mail after sql or won",
        "at most 3 mails in 7 days",
        "ends within 180 days",
        "no marketing mail without a permission",
    )
