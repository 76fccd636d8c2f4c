"""Do leads move between stages as the definition says, with reason, date and hand-off?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leadloom.domain.lead import EventDraft
from leadloom.domain.stages.clocks import DropClock
from tests.domain.a_run import DAY_0, day
from tests.domain.a_standing import (
    a_clock,
    a_draft,
    a_lead,
    a_standing,
    after,
    an_event,
    clocks_set,
    stages,
    warm,
)


def test_asking_to_talk_goes_through_the_gate_at_once_with_a_hand_off_that_says_why() -> None:
    found = after(a_standing(None), a_draft("demo_requested"))

    assert stages(found) == [(None, "aware"), ("aware", "inquiry"), ("inquiry", "mql")]
    assert [change.no for change in found.changes] == [1, 2, 3]
    (offer,) = found.hand_offs
    assert (offer.kind, offer.asked_by, offer.why[0]) == ("hand-raise", "gate:asks", "Asked for a demo")
    assert found.lifecycle


def test_the_second_kind_of_response_opens_the_gate_and_the_values_are_kept() -> None:
    found = after(a_standing(), a_draft("webinar_attended"), a_draft("calculator_finished"))

    assert stages(found) == [("aware", "inquiry"), ("inquiry", "mql")]
    evidence = found.changes[-1].evidence
    assert (evidence["event"], evidence["event_no"]) == ("calculator_finished", 3)  # warmed came between
    assert (evidence["rule"], evidence["letter"], evidence["engagement"]) == ("scored", "A", 40)
    assert [offer.kind for offer in found.hand_offs] == ["scored-mql"]


def test_a_lead_at_a_company_with_an_open_deal_joins_it_without_a_hand_off() -> None:
    found = after(a_standing("inquiry", open_deal=True), a_draft("demo_requested"))

    assert (stages(found), found.hand_offs) == ([], ())
    assert found.joins_deal[0] == "Asked for a demo"


def test_asking_while_an_offer_is_open_is_passed_on_as_a_hand_raise() -> None:
    found = after(a_standing("mql"), a_draft("call_requested"), a_draft("price_requested"))

    assert stages(found) == []
    assert [offer.kind for offer in found.hand_offs] == ["hand-raise"]


def test_an_accepted_lead_has_ten_working_days_of_its_owner_s_calendar() -> None:
    accepted = a_draft("hand_off_accepted", actor="ines-carvalho", data={"kind": "hand-raise"})

    found = after(a_standing("mql"), accepted)

    assert stages(found) == [("mql", "sal")]
    change = found.changes[0]
    assert change.waiting_for == "the promise sal-to-sql"
    # DAY_0 is Tuesday 10:00 in Berlin; ten working days later, before the clock change, the same hour.
    assert change.waits_until == day(14)
    assert clocks_set(found) == {"promise:new-business": day(14)}


def test_the_promise_runs_on_the_calendar_of_whoever_accepted() -> None:
    accepted = a_draft("hand_off_accepted", actor="marcus-oyelaran", data={"kind": "hand-raise"})

    found = after(a_standing("mql", owner="ines-carvalho"), accepted)

    # New York opens five hours after DAY_0, and its tenth working day closes on Monday the 16th, in summer time.
    assert found.changes[0].waits_until == datetime(2026, 3, 16, 21, 0, tzinfo=UTC)


def test_a_buying_circle_that_is_accepted_passes_the_gate_on_its_way() -> None:
    found = after(a_standing("inquiry"), a_draft("hand_off_accepted", data={"kind": "buying-circle"}))

    assert stages(found) == [("inquiry", "mql"), ("mql", "sal")]


def test_other_owners_accepting_moves_no_stage() -> None:
    found = after(a_standing("won"), a_draft("hand_off_accepted", data={"kind": "won-to-success"}))

    assert (found.changes, found.ignored) == ((), ())


def test_a_deal_ends_the_promise_of_the_stage_before_and_begins_its_own() -> None:
    standing = a_standing("sal", clocks=(a_clock("promise:new-business", day(3)),))

    opened = after(standing, a_draft("deal_opened"))

    assert stages(opened) == [("sal", "sql")]
    assert clocks_set(opened)["promise:new-business"] == opened.changes[0].waits_until
    assert opened.changes[0].waits_until > day(150)


def test_a_won_deal_drops_the_promise_and_gets_a_success_owner() -> None:
    standing = a_standing("sql", clocks=(a_clock("promise:new-business", day(3)),))

    won = after(standing, a_draft("deal_won"))

    assert stages(won) == [("sql", "won")]
    assert [(offer.kind, offer.asked_by) for offer in won.hand_offs] == [("won-to-success", "deal_won")]
    assert DropClock(kind="promise:new-business") in won.clocks


def test_a_customer_s_next_deal_needs_no_second_success_owner() -> None:
    assert after(a_standing("adopted"), a_draft("deal_won", data={"track": "new-business"})).hand_offs == ()


def test_what_the_definition_does_not_allow_is_ignored_and_explained() -> None:
    found = after(a_standing("aware"), a_draft("deal_opened"))

    assert found.changes == ()
    assert (found.ignored[0].to_stage, found.ignored[0].event_no) == ("sql", 1)
    assert found.ignored[0].why.startswith("After aware the definition allows inquiry, recycled")


def test_a_customer_sales_won_alone_is_looked_after_all_the_same() -> None:
    found = after(a_standing("aware"), a_draft("deal_won"))

    assert [offer.kind for offer in found.hand_offs] == ["won-to-success"]
    assert found.ignored[0].to_stage == "won"


@pytest.mark.parametrize(
    ("kind", "data", "to_stage", "clock"),
    [
        ("hand_off_recycled", {"reason": "not-yet", "until": day(60).isoformat()}, "recycled", ("recycle", 60)),
        ("hand_off_recycled", {"reason": "no-budget"}, "recycled", ("recycle", 180)),
        ("hand_off_rejected", {"reason": "wrong-data", "to_stage": "recycled"}, "recycled", ("repair", 3)),
        ("hand_off_rejected", {"reason": "no-fit"}, "disqualified", None),
        ("hand_off_rejected", {"reason": "junk", "to_stage": "disqualified"}, "disqualified", None),
    ],
)
def test_a_lead_given_back_has_a_stage_a_reason_and_a_date(
    kind: str, data: dict[str, str], to_stage: str, clock: tuple[str, int] | None
) -> None:
    found = after(a_standing("mql"), a_draft(kind, actor="ines-carvalho", data={"kind": "scored-mql", **data}))

    assert [(change.to_stage, change.reason) for change in found.changes] == [(to_stage, data["reason"])]
    dated = {name: due for name, due in clocks_set(found).items() if name.endswith(":new-business")}
    assert dated == ({f"{clock[0]}:new-business": day(clock[1])} if clock else {})


def test_a_lost_deal_comes_back_to_marketing_with_a_date() -> None:
    found = after(a_standing("sql"), a_draft("deal_lost"))

    assert stages(found) == [("sql", "recycled")]
    assert clocks_set(found)["recycle:new-business"] == day(180)


def test_reading_on_does_not_overrule_the_rep_who_recycled_but_asking_does() -> None:
    standing = a_standing("recycled", **warm(), clocks=(a_clock("recycle:new-business", day(60)),))

    assert stages(after(standing, a_draft("article_read"))) == []
    asked = after(standing, a_draft("call_requested"))
    assert stages(asked) == [("recycled", "mql")]
    assert DropClock(kind="recycle:new-business") in asked.clocks


def test_when_the_date_comes_only_new_responses_count_for_the_gate() -> None:
    given_back = an_event("hand_off_recycled", 3, data={"reason": "not-yet"})
    known = warm()
    standing = a_standing("recycled", **{**known, "recent": (*known["recent"], given_back), "last_event_no": 3})

    due = a_draft("recycle_due", data={"reason": "not-yet", "track": "new-business"})
    back = after(standing, due, a_draft("reply"), at=DAY_0)
    again = after(standing, due, a_draft("reply"), a_draft("guide_requested"), at=DAY_0)

    assert stages(back) == [("recycled", "inquiry")]
    assert stages(again) == [("recycled", "inquiry"), ("inquiry", "mql")]


def test_repaired_data_goes_back_to_the_same_owner_once() -> None:
    due = a_draft("recycle_due", data={"reason": "wrong-data", "hand_off": "hand-raise", "owner": "ines-carvalho"})

    first = after(a_standing("recycled"), due)
    second = after(a_standing("recycled", recent=(an_event("recycle_due", 1, data=due.data),), last_event_no=1), due)

    assert stages(first) == [("recycled", "mql")]
    assert [(offer.kind, offer.prefer) for offer in first.hand_offs] == [("hand-raise", "ines-carvalho")]
    assert (stages(second), second.hand_offs) == ([("recycled", "inquiry")], ())


def test_data_nobody_repaired_goes_back_to_marketing() -> None:
    due = a_draft("recycle_due", data={"reason": "wrong-data"})

    found = after(a_standing("recycled", lead=a_lead(role=None)), due)

    assert (stages(found), found.hand_offs) == ([("recycled", "inquiry")], ())


def test_a_disqualified_lead_comes_back_only_by_asking() -> None:
    assert stages(after(a_standing("disqualified", **warm()), a_draft("reply"))) == []
    assert stages(after(a_standing("disqualified"), a_draft("demo_requested"))) == [
        ("disqualified", "inquiry"),
        ("inquiry", "mql"),
    ]
    student = a_lead(attributes={"kind": "student"})
    assert stages(after(a_standing("disqualified", lead=student), a_draft("demo_requested"))) == []


def test_a_customer_who_asks_to_talk_opens_the_expansion_track() -> None:
    found = after(a_standing("won"), a_draft("demo_requested"))

    assert {change.track for change in found.changes} == {"expansion"}
    assert stages(found) == [(None, "aware"), ("aware", "inquiry"), ("inquiry", "mql")]
    assert found.hand_offs[0].track == "expansion"


def test_a_customer_s_onboarding_is_no_new_inquiry() -> None:
    assert after(a_standing("won"), a_draft("logger_live")).changes == ()


def test_adopted_and_advocate_are_passed_by_what_the_customer_did_since_the_deal() -> None:
    came_by = (an_event("referral_given", 1), an_event("deal_won", 2), an_event("loggers_80", 3))
    standing = a_standing("won", recent=came_by, last_event_no=3)

    adopted = after(standing, a_draft("audit_report_made"))
    both = after(standing, a_draft("audit_report_made"), a_draft("reference_given"))

    assert stages(adopted) == [("won", "adopted")]
    assert adopted.lifecycle
    assert stages(both) == [("won", "adopted"), ("adopted", "advocate")]


def test_silence_makes_inactive_and_an_answer_brings_back() -> None:
    gone = after(a_standing("inquiry", clocks=(a_clock("inactivity", DAY_0),)), a_draft("went_inactive"))

    assert stages(gone) == [("inquiry", "inactive")]
    assert DropClock(kind="inactivity") in gone.clocks
    assert stages(after(a_standing("inactive"), a_draft("reply"))) == [("inactive", "inquiry")]


def given(to: str, **more: str) -> EventDraft:
    return a_draft(
        "stage_given", data={"to": to, "track": "new-business", "why": "they said so", "journey": "j", **more}
    )


def test_a_journey_moves_a_lead_back_by_a_code_and_its_words_stay_beside() -> None:
    [change] = after(a_standing("mql"), given("inquiry", reason="another-need")).changes
    assert (change.from_stage, change.to_stage, change.reason) == ("mql", "inquiry", "another-need")
    assert (change.evidence["why"], change.evidence["journey"]) == (["they said so"], "j")


def test_a_move_back_whose_reason_is_no_code_of_the_definition_is_not_made() -> None:
    found = after(a_standing("mql"), given("inquiry", reason="just because"))
    assert found.changes == ()
    assert found.ignored[0].why == "Going back from mql to inquiry needs a reason code, not `just because`."


def test_a_journey_of_before_moves_back_by_the_code_for_those_and_forward_by_its_words() -> None:
    back, forward = after(a_standing("mql"), given("inquiry")), after(a_standing("aware"), given("inquiry"))
    assert ([one.reason for one in back.changes], [one.reason for one in forward.changes]) == (
        ["by-journey"], ["they said so"],
    )  # fmt: skip


def test_what_another_system_says_of_a_lost_deal_is_kept_beside_the_code() -> None:
    found = after(a_standing("sql"), a_draft("deal_lost", data={"reason": "too dear for them"}))
    assert (found.changes[0].reason, found.changes[0].evidence["reason"]) == ("deal-lost", "too dear for them")
