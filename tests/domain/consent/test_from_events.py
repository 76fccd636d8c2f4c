"""Do permissions come and end by themselves, as the declared rules say?"""

from __future__ import annotations

from leadloom.domain.consent.from_events import gained, with_gained
from leadloom.domain.lead import Basis, BasisKind, EventDraft, Verdict
from leadloom.domain.mails.sending import may_market
from tests.domain import a_standing
from tests.domain.a_run import LEAD, day, the_definition

KELVANCE = the_definition()


def happened(kind: str, at: float, **rest: object) -> EventDraft:
    return EventDraft.model_validate({"kind": kind, "at": day(at), **rest})


def told(*events: EventDraft) -> list[tuple[str, str, object]]:
    return [(basis.kind, basis.channel, basis.until) for basis in gained(KELVANCE, events)]


def test_an_enquiry_implies_six_months_for_mail_and_phone_and_a_purchase_twenty_four() -> None:
    assert told(happened("demo_requested", 1)) == [("implied", "mail", day(181)), ("implied", "phone", day(181))]
    assert told(happened("deal_won", 1)) == [
        ("implied", "mail", day(731)), ("implied", "phone", day(731)), ("soft-opt-in", "mail", None),
    ]  # fmt: skip


def test_reading_an_article_and_what_a_machine_did_imply_nothing() -> None:
    machine = happened("demo_requested", 1, verdict=Verdict.MACHINE)
    assert told(happened("article_read", 1), happened("partner_need_told", 1), machine) == []


def test_in_canada_it_ends_by_itself_and_a_purchase_renews_it() -> None:
    enquiry, purchase = happened("demo_requested", 0), happened("deal_won", 100)
    bases = [Basis(lead_id=LEAD, **vars(draft)) for draft in gained(KELVANCE, [enquiry])]
    assert may_market(KELVANCE, bases, "CA", day(179))
    assert not may_market(KELVANCE, bases, "CA", day(180))
    bases += [Basis(lead_id=LEAD, **vars(draft)) for draft in gained(KELVANCE, [purchase])]
    assert may_market(KELVANCE, bases, "CA", day(180))
    assert not may_market(KELVANCE, bases, "CA", day(830))


def test_a_door_that_asks_for_a_basis_opens_for_the_enquiry_that_gives_it_and_not_after_a_no() -> None:
    canadian = a_standing.a_lead(country="CA")
    before = a_standing.a_standing(lead=canadian)
    then = a_standing.decide(
        a_standing.DEFINITION, [], code_journeys=[], standing=before, drafts=[happened("demo_requested", 1)], at=day(1)
    )
    assert [basis.channel for basis in then.bases] == ["mail", "phone"]
    no = Basis(lead_id=LEAD, act="withdrawn", kind=BasisKind.NONE, source="unsubscribed", at=day(0))
    assert with_gained(KELVANCE, before, then.bases, day(1)).may_market
    assert not with_gained(KELVANCE, before.but(bases=(no,)), then.bases, day(1)).may_market
