"""Does everything that must follow from what happened to a lead follow, and nothing else?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadloom.domain.consequences import Consequences
from leadloom.domain.errors import BadInput
from leadloom.domain.lead import EventDraft, Verdict
from leadloom.domain.standing import CodeEntry, Standing
from tests.domain.a_run import DAY_0, a_journey, day
from tests.domain.a_standing import (
    DEFINITION,
    a_clock,
    a_draft,
    a_standing,
    after,
    clocks_set,
    stages,
    warm,
)

WELCOME = a_journey("  - {do: wait, id: pause, for: 3d}\n")
CIRCLE = CodeEntry(name="buying-circle", workflow="BuyingCircle", events=("article_read",), per="account")
DRAFTS = st.lists(
    st.builds(
        a_draft,
        kind=st.sampled_from(sorted(DEFINITION.events)),
        at=st.integers(-40, 3).map(day),
        verdict=st.sampled_from(list(Verdict)),
        key=st.none() | st.sampled_from(["a", "b", "c"]),
    ),
    max_size=8,
)
UNHURRIED = settings(deadline=None)  # the first use of a calendar loads its holidays
STANDINGS = st.builds(
    a_standing,
    stage=st.none() | st.sampled_from([stage.name for stage in DEFINITION.stages]),
    last_event_no=st.integers(0, 50),
    open_deal=st.booleans(),
)


@UNHURRIED
@given(STANDINGS, DRAFTS)
def test_events_are_numbered_without_gaps_and_each_key_once(standing: Standing, drafts: list[EventDraft]) -> None:
    found = after(standing, *drafts)

    first = standing.last_event_no + 1
    assert [event.no for event in found.events] == list(range(first, first + len(found.events)))
    keys = [event.key for event in found.events if event.key]
    assert len(keys) == len(set(keys))
    assert all(event.at <= DAY_0 for event in found.events)


@UNHURRIED
@given(STANDINGS, DRAFTS)
def test_every_change_is_one_the_definition_allows(standing: Standing, drafts: list[EventDraft]) -> None:
    found = after(standing, *drafts)

    for change in found.changes:
        if change.from_stage is None:
            assert (change.no, change.to_stage) == (1, DEFINITION.first_stage)
        else:
            assert change.to_stage in DEFINITION.stage(change.from_stage).next


@UNHURRIED
@given(STANDINGS, DRAFTS)
def test_what_machines_do_is_recorded_and_has_no_consequence(standing: Standing, drafts: list[EventDraft]) -> None:
    by_machines = [draft.model_copy(update={"verdict": Verdict.MACHINE}) for draft in drafts]

    found = after(standing, *by_machines, journeys=[WELCOME], code=[CIRCLE])

    begun = tuple(change for change in found.changes if change.from_stage is None)
    assert found == Consequences(events=found.events, changes=begun)
    assert all(event.credit is None for event in found.events)


@UNHURRIED
@given(STANDINGS, DRAFTS)
def test_one_list_scores_and_moves_as_its_events_one_by_one(standing: Standing, drafts: list[EventDraft]) -> None:
    whole = after(standing, *drafts)
    one_by_one, now = Consequences(), standing
    for draft in drafts:
        step = after(now, draft)
        one_by_one = Consequences(
            events=one_by_one.events + step.events,
            entries=one_by_one.entries + step.entries,
            changes=one_by_one.changes + step.changes,
        )
        turns = [event.kind == "warmed" for event in step.events if event.kind in ("warmed", "cooled")]
        now = now.model_copy(
            update={
                "is_warm": turns[-1] if turns else now.is_warm,
                "stages": {**now.stages, **{change.track: change.to_stage for change in step.changes}},
                "last_change_no": {**now.last_change_no, **{change.track: change.no for change in step.changes}},
                "since": {**now.since, **{change.track: change.at for change in step.changes}},
                "recent": now.recent + step.events,
                "entries": now.entries + step.entries,
                "last_event_no": now.last_event_no + len(step.events),
            }
        )

    assert whole.events == one_by_one.events
    assert whole.entries == one_by_one.entries
    if drafts:
        assert whole.changes == one_by_one.changes


def test_a_captured_lead_begins_even_when_nothing_happened() -> None:
    found = after(a_standing(None))

    assert stages(found) == [(None, "aware")]
    assert found.changes[0].evidence == {"source": "microsite"}
    assert not found.clocks
    assert not found.lifecycle


def test_an_event_nobody_defined_is_refused_and_the_nearest_named() -> None:
    with pytest.raises(BadInput, match="Did you mean article_read"):
        after(a_standing(), a_draft("article_red"))


def test_a_known_key_is_one_event() -> None:
    standing = a_standing(known_keys=frozenset({"k1"}))

    found = after(standing, a_draft("reply", key="k1"), a_draft("reply", key="k2"), a_draft("reply", key="k2"))

    assert [event.key for event in found.events if event.kind == "reply"] == ["k2"]


def test_the_first_response_makes_an_inquiry_a_touch_and_two_clocks() -> None:
    found = after(a_standing(), a_draft("calculator_finished"))

    assert stages(found) == [("aware", "inquiry")]
    assert (found.events[0].credit, found.events[0].channel) == ("marketing", "microsite")
    assert set(clocks_set(found)) == {"cooling", "inactivity"}
    assert clocks_set(found)["inactivity"] == day(180)
    assert found.lifecycle


def test_a_hint_is_no_response_and_no_touch() -> None:
    found = after(a_standing(), a_draft("mail_opened"))

    assert (stages(found), found.entries, found.events[0].credit) == ([], (), None)


def test_a_later_clock_is_written_but_wakes_nobody() -> None:
    held = (a_clock("cooling", day(1)), a_clock("inactivity", day(1)))

    found = after(a_standing("inquiry", clocks=held), a_draft("calculator_finished"))

    assert set(clocks_set(found)) == {"cooling", "inactivity"}
    assert not found.lifecycle


def test_a_clock_that_moves_earlier_wakes_the_lifecycle() -> None:
    held = (a_clock("cooling", day(40)), a_clock("inactivity", day(300)))

    found = after(a_standing("inquiry", **warm(), clocks=held), a_draft("careers_page"))

    assert clocks_set(found)["cooling"] < day(40)
    assert found.lifecycle


def test_points_are_capped_within_one_call_too() -> None:
    found = after(a_standing(), *[a_draft("article_read")] * 4)

    assert [entry.points for entry in found.entries] == [5, 5, 5]


def test_what_is_heard_late_counts_from_when_it_happened() -> None:
    held = (a_clock("inactivity", day(100)),)

    found = after(a_standing("inquiry", clocks=held), a_draft("reply", day(-10)))

    assert found.entries[0].at == day(-10)
    assert clocks_set(found)["inactivity"] == day(170)
