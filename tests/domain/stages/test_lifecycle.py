"""Does each clock of a lead ring once, for a reason that still holds, and is the next wait named?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadloom.domain.stages.clocks import DropClock, SetClock
from leadloom.domain.stages.lifecycle import Due, LifecycleWait, due
from leadloom.domain.standing import Clock, Standing
from tests.domain.a_run import DAY_0, day
from tests.domain.a_standing import DEFINITION, a_clock, a_draft, a_standing, after, an_event, entries

KINDS = ["cooling", "inactivity", "opt-in-expiry", "recycle:new-business", "repair:expansion", "promise:new-business"]
CLOCKS = st.dictionaries(st.sampled_from(KINDS), st.integers(-30, 30).map(day)).map(
    lambda clocks: tuple(a_clock(kind, due_at) for kind, due_at in clocks.items())
)


def look(standing: Standing, *clocks: Clock, at: datetime) -> Due:
    """One look at these clocks."""
    return due(DEFINITION, standing.model_copy(update={"clocks": clocks}), clocks=clocks, at=at)


@settings(deadline=None)  # the first use of a calendar loads its holidays
@given(CLOCKS, st.sampled_from([stage.name for stage in DEFINITION.stages]))
def test_after_one_look_no_clock_is_due_any_more(clocks: tuple[Clock, ...], stage: str) -> None:
    standing = a_standing(stage)

    first = look(standing, *clocks, at=DAY_0)
    left = {clock.kind: clock for clock in clocks}
    for change in first.clocks:
        left.pop(change.kind)
        if isinstance(change, SetClock):
            left[change.kind] = a_clock(change.kind, change.due_at)
    second = look(standing, *left.values(), at=DAY_0)

    assert (second.drafts, second.clocks, second.wait) == ((), (), first.wait)
    assert first.wait is None or first.wait.until > DAY_0


def test_nothing_is_left_to_wait_for_without_clocks() -> None:
    assert look(a_standing("inquiry"), at=DAY_0) == Due()


def test_the_next_wait_is_the_earliest_clock_by_its_name() -> None:
    found = look(a_standing("recycled"), a_clock("cooling", day(9)), a_clock("recycle:new-business", day(4)), at=DAY_0)

    assert found == Due(wait=LifecycleWait(until=day(4), waiting_for="the date to come back"))


def test_a_recycle_date_rings_with_what_the_rep_said_and_leads_back_to_marketing() -> None:
    clock = a_clock("recycle:new-business", day(30), reason="not-yet", hand_off="scored-mql", owner="ines-carvalho")

    found = look(a_standing("recycled"), clock, at=day(30))
    followed = after(a_standing("recycled", clocks=(clock,)), *found.drafts, at=day(30))

    (draft,) = found.drafts
    assert (draft.kind, draft.at, draft.actor) == ("recycle_due", day(30), "system")
    assert draft.data == {**clock.data, "track": "new-business"}
    assert [change.to_stage for change in followed.changes] == ["inquiry"]


def test_a_clock_that_rings_late_names_the_day_it_was_due_so_that_twice_is_once() -> None:
    clock = a_clock("recycle:new-business", day(30))

    on_time = look(a_standing("recycled"), clock, at=day(30))
    late = look(a_standing("recycled"), clock, at=day(33))

    assert on_time.drafts[0].key == late.drafts[0].key is not None


def test_silence_of_180_days_makes_a_lead_inactive() -> None:
    standing = a_standing("inquiry", recent=(an_event("reply", 1),), last_event_no=1)

    found = look(standing, a_clock("inactivity", day(180)), at=day(180))

    assert [draft.kind for draft in found.drafts] == ["went_inactive"]
    assert found.clocks == (DropClock(kind="inactivity"),)


def test_an_answer_since_the_timer_was_set_moves_the_clock_instead() -> None:
    standing = a_standing("inquiry", recent=(an_event("reply", 1), an_event("reply", 2, day(50))), last_event_no=2)

    found = look(standing, a_clock("inactivity", day(180)), at=day(180))

    assert found.drafts == ()
    assert found.clocks == (SetClock(kind="inactivity", due_at=day(230)),)


def test_an_open_by_a_machine_is_no_answer() -> None:
    opened = an_event("mail_opened", 2, day(170))
    standing = a_standing("inquiry", recent=(an_event("reply", 1), opened), last_event_no=2)

    assert [draft.kind for draft in look(standing, a_clock("inactivity", day(180)), at=day(180)).drafts] == [
        "went_inactive"
    ]


def test_a_date_that_was_agreed_outlives_the_silence() -> None:
    agreed = a_clock("recycle:new-business", day(200))

    found = look(a_standing("recycled"), a_clock("inactivity", day(180)), agreed, at=day(180))

    assert found.drafts == ()
    assert found.clocks == (SetClock(kind="inactivity", due_at=day(380)),)


@pytest.mark.parametrize("stage", ["sal", "sql", "won", "aware"])
def test_where_nobody_goes_quiet_the_clock_just_stops(stage: str) -> None:
    assert look(a_standing(stage), a_clock("inactivity", DAY_0), at=DAY_0) == Due(
        clocks=(DropClock(kind="inactivity"),)
    )


def test_engagement_cools_at_its_instant_and_only_once() -> None:
    heard = after(a_standing(), a_draft("calculator_finished"))
    cooling = next(c for c in heard.clocks if isinstance(c, SetClock) and c.kind == "cooling")
    standing = a_standing("inquiry", entries=heard.entries, recent=heard.events, last_event_no=1)

    found = look(standing, a_clock("cooling", cooling.due_at), at=cooling.due_at)

    assert [draft.kind for draft in found.drafts] == ["cooled"]
    assert found.clocks == (DropClock(kind="cooling"),)
    assert after(standing, *found.drafts, at=cooling.due_at).clocks == ()


def test_a_timer_that_rings_a_microsecond_early_is_not_rung_again() -> None:
    standing = a_standing("inquiry", entries=entries(("reply", 30, DAY_0)))
    early = day(30) - timedelta(microseconds=1)

    assert [draft.kind for draft in look(standing, a_clock("cooling", early), at=early).drafts] == ["cooled"]


def test_engagement_that_rose_meanwhile_cools_later() -> None:
    standing = a_standing("inquiry", entries=entries(("reply", 30, DAY_0)))

    found = look(standing, a_clock("cooling", DAY_0), at=DAY_0)

    assert found.drafts == ()
    assert found.clocks == (SetClock(kind="cooling", due_at=day(30)),)


def test_a_missed_promise_is_told_and_promised_anew() -> None:
    standing = a_standing("sal", owner="ines-carvalho")

    found = look(standing, a_clock("promise:new-business", day(14), stage="sal"), at=day(14))

    (draft,) = found.drafts
    assert (draft.kind, draft.data["promise"], draft.data["owner"]) == ("promise_missed", "sal-to-sql", "ines-carvalho")
    (again,) = found.clocks
    assert isinstance(again, SetClock)
    assert again.due_at - day(14) >= timedelta(days=14) - timedelta(hours=1)


def test_a_promise_of_a_stage_that_was_left_is_forgotten() -> None:
    found = look(a_standing("won"), a_clock("promise:new-business", DAY_0), at=DAY_0)

    assert found == Due(clocks=(DropClock(kind="promise:new-business"),))
