"""Is a tick asked about where only a confirmed one suffices, once, and does it count only when confirmed in time?"""

from __future__ import annotations

from leadloom.domain.consent.confirmation import answer_to, confirmed, ticked, unasked
from leadloom.domain.definitions.consent_policy import SufficingRow
from leadloom.domain.lead import Basis, BasisDraft, BasisKind
from leadloom.domain.mails.sending import may_market
from tests.domain.a_run import LEAD, day, the_definition

KELVANCE = the_definition()


def a_tick(at: float = 0, **rest: object) -> BasisDraft:
    told = {
        "kind": BasisKind.EXPRESS,
        "source": "guide",
        "wording": "Yes.",
        "at": day(at),
        "proof": {"ip": "192.0.2.1"},
    }
    return BasisDraft.model_validate({**told, **rest})


def kept(*drafts: BasisDraft) -> tuple[Basis, ...]:
    return tuple(Basis(lead_id=LEAD, **vars(draft)) for draft in drafts)


def a_no(at: float) -> Basis:
    return Basis(lead_id=LEAD, act="withdrawn", kind=BasisKind.NONE, source="unsubscribed", at=day(at))


def asked(at: float = 0) -> tuple[Basis, ...]:
    return kept(*ticked(KELVANCE, [a_tick(at)], [], country="DE", at=day(at)).bases)


def test_in_germany_a_tick_is_a_question_and_no_permission_before_it_is_answered() -> None:
    found = ticked(KELVANCE, [a_tick()], [], country="DE", at=day(0))
    (basis,) = kept(*found.bases)
    assert (basis.act, basis.kind, basis.until) == ("asked", "double-opt-in", day(7))
    assert [(event.kind, event.data["until"]) for event in found.events] == [("confirmation_asked", day(7).isoformat())]
    assert not may_market(KELVANCE, [basis], "DE", day(1))
    assert not may_market(KELVANCE, [basis], "US", day(1))


def test_a_tick_from_nowhere_is_asked_about_and_one_from_where_it_suffices_is_not() -> None:
    assert ticked(KELVANCE, [a_tick()], [], country=None, at=day(0)).events
    for country in ("US", "FR", "SG"):
        assert ticked(KELVANCE, [a_tick()], [], country=country, at=day(0)) == ((a_tick(),), ())


def test_a_call_may_be_made_on_a_tick_and_what_a_rule_gives_is_asked_about_by_nobody() -> None:
    others = (a_tick(channel="phone"), a_tick(kind=BasisKind.IMPLIED, until=day(9)))
    assert ticked(KELVANCE, others, [], country="DE", at=day(0)) == (others, ())


def test_who_waits_already_is_not_asked_again_and_keeps_the_first_date() -> None:
    again = ticked(KELVANCE, [a_tick(3)], asked(), country="DE", at=day(3))
    assert ([one.until for one in again.bases], again.events) == ([day(7)], ())
    later = ticked(KELVANCE, [a_tick(8)], asked(), country="DE", at=day(8))
    assert ([one.until for one in later.bases], len(later.events)) == ([day(15)], 1)


def test_who_confirmed_before_is_asked_nothing() -> None:
    yes = kept(*confirmed(asked(), at=day(1), proof={}))
    assert ticked(KELVANCE, [a_tick(2)], yes, country="DE", at=day(2)) == ((a_tick(2),), ())


def test_a_press_in_time_gives_the_permission_with_both_times_and_both_addresses() -> None:
    answer = answer_to(asked(), day(2))
    assert answer.state == "open"
    (yes,) = confirmed(answer.asked, at=day(2), proof={"ip": "198.51.100.9"})
    assert may_market(KELVANCE, kept(yes), "DE", day(2))
    assert (yes.at, yes.wording, yes.source) == (day(2), "Yes.", "guide")
    assert yes.proof == {"ip": "198.51.100.9", "asked_at": day(0).isoformat(), "asked": {"ip": "192.0.2.1"}}
    assert answer_to((*asked(), *kept(yes)), day(3)).state == "confirmed"


def test_a_policy_that_wants_confirmed_ticks_and_no_journey_that_asks_is_said() -> None:
    assert unasked(KELVANCE, {"confirmation_asked"}) is None
    said = unasked(KELVANCE, {"guide_requested"})
    assert said is not None and "in DE, AT, CH, unknown countries a tick counts only once it is confirmed" in said
    anywhere = KELVANCE.consent.but(suffices=(SufficingRow(kinds=(BasisKind.EXPRESS,)),))
    assert unasked(KELVANCE.but(consent=anywhere), set()) is None


def test_too_late_or_after_a_no_nothing_is_left_to_confirm() -> None:
    assert (answer_to(asked(), day(7)).state, answer_to(asked(), day(7)).since) == ("expired", day(7))
    taken_back = tuple(one.but(revoked_at=day(2)) for one in asked())
    assert answer_to((*taken_back, a_no(2)), day(3)).state == "withdrawn"
    assert answer_to((), day(1)).state == "none"
