"""Is what another system lived through decided as of its own instants, with nobody acting on it now?"""

from __future__ import annotations

from datetime import timedelta

from leadloom.domain.stages.clocks import DropClock
from tests.domain.a_run import DAY_0
from tests.domain.a_standing import (
    DEFINITION,
    a_clock,
    a_draft,
    a_lead,
    a_run,
    a_standing,
    after,
    clocks_set,
    stages,
    warm,
)
from tests.world import small_journey

DAY = timedelta(days=1)
NOW = DAY_0 + 100 * DAY


def test_each_stage_change_is_at_its_event_and_the_first_when_the_person_was_met() -> None:
    drafts = [a_draft("article_read", DAY_0 + DAY), a_draft("demo_requested", DAY_0 + 9 * DAY)]
    found = after(a_standing(None), *drafts, at=NOW, history=True)
    assert stages(found) == [(None, "aware"), ("aware", "inquiry"), ("inquiry", "mql")]
    assert [change.at for change in found.changes] == [DAY_0, DAY_0 + DAY, DAY_0 + 9 * DAY]


def test_without_history_the_same_is_as_of_when_we_heard() -> None:
    found = after(a_standing(None), a_draft("demo_requested", DAY_0 + DAY), at=NOW)
    assert {change.at for change in found.changes} == {NOW}
    assert found.hand_offs
    assert found.lifecycle


def test_no_hand_off_no_journey_no_lifecycle_and_no_clock_that_counts_from_what_the_lead_did() -> None:
    drafts = [a_draft("guide_requested"), a_draft("demo_requested", DAY_0 + DAY)]
    found = after(a_standing(None), *drafts, at=NOW, journeys=[small_journey()], history=True)
    assert (found.hand_offs, found.enrol, found.lifecycle, found.clocks) == ((), (), False, ())


def test_runs_it_ends_or_wakes_still_hear_of_it() -> None:
    asked = a_standing("inquiry", runs=(a_run(small_journey()),))
    assert [order.outcome for order in after(asked, a_draft("call_requested"), at=NOW, history=True).exits] == [
        "asked to talk"
    ]
    listening = a_standing("inquiry", runs=(a_run(small_journey(), listens=("article_read",)),))
    assert after(listening, a_draft("article_read"), at=NOW, history=True).wakes


def test_a_date_somebody_agreed_on_is_kept_and_a_clock_that_ended_is_dropped() -> None:
    until = NOW + 30 * DAY
    data = {"kind": "hand-raise", "reason": "not_now", "until": until.isoformat()}
    held = (a_clock("inactivity", NOW + DAY), a_clock("promise:new-business", NOW + DAY))
    lost = a_draft("deal_lost", data=data)
    found = after(a_standing("sql", clocks=held, **warm()), lost, at=NOW, history=True)
    assert clocks_set(found) == {"recycle:new-business": until}
    assert {clock.kind for clock in found.clocks if isinstance(clock, DropClock)} >= {"promise:new-business"}


def test_a_list_puts_a_person_where_the_other_system_had_them_past_what_may_come_next() -> None:
    told = a_draft("imported", data={"stage": "won", "precision": "day"})
    found = after(a_standing(None), told, at=NOW, history=True)
    assert stages(found) == [(None, "aware"), ("aware", "won")]
    assert [change.evidence.get("precision") for change in found.changes] == ["day", "day"]
    assert found.changes[-1].reason == "imported"


def test_a_list_moves_nobody_who_stands_somewhere_and_into_no_stage_that_an_owner_works() -> None:
    assert after(a_standing("inquiry"), a_draft("imported", data={"stage": "mql"}), history=True).changes == ()
    for stage, why in (("sal", "an owner works"), ("nirvana", "no stage")):
        found = after(a_standing("aware"), a_draft("imported", data={"stage": stage}), history=True)
        assert found.changes == ()
        assert why in found.ignored[0].why


def test_a_deal_that_knows_only_its_day_says_so_on_the_stage_log() -> None:
    opened, won = (a_draft(kind, data={"precision": "day"}) for kind in ("deal_opened", "deal_won"))
    found = after(a_standing("sal"), opened, won, at=NOW, history=True)
    assert {(change.to_stage, change.evidence["precision"]) for change in found.changes} == {
        ("sql", "day"),
        ("won", "day"),
    }


def test_a_person_said_to_be_met_later_than_now_was_met_now() -> None:
    standing = a_standing(None, lead=a_lead(created_at=NOW + DAY))
    assert after(standing, a_draft("imported"), at=NOW, history=True).changes[0].at == NOW
    assert DEFINITION.first_stage == "aware"
