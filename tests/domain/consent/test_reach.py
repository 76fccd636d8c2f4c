"""May we write, may we call, and why: in words a person reads, at any instant of the log?"""

from __future__ import annotations

from leadloom.domain.consent.confirmation import ticked
from leadloom.domain.consent.reach import Reach, may_reach, statement
from leadloom.domain.definitions.consent_policy import Channel
from leadloom.domain.lead import Basis, BasisDraft, BasisKind
from tests.domain.a_run import LEAD, day, the_definition
from tests.domain.a_standing import a_lead

KELVANCE = the_definition()


def a_basis(kind: BasisKind, at: float = 0, **rest: object) -> Basis:
    return Basis.model_validate({"lead_id": LEAD, "kind": kind, "source": "guide", "at": day(at), **rest})


def reach(
    *bases: Basis, at: float = 1, channel: Channel = "mail", silenced: tuple[str, ...] = (), **lead: object
) -> Reach:
    who = a_lead(phone="+49 30 901820", **lead)
    return may_reach(KELVANCE, who, None, bases, silenced=silenced, at=day(at), channel=channel)


def test_what_is_missing_is_said_with_what_is_there() -> None:
    found = reach(a_basis(BasisKind.EXPRESS))
    assert not found.may
    assert found.why == "no basis that suffices in DE: has express, needs double-opt-in"
    assert reach(country=None).why == "no basis that suffices in an unknown country: has none, needs double-opt-in"


def test_what_it_rests_on_is_said_with_its_end() -> None:
    found = reach(a_basis(BasisKind.IMPLIED, until=day(180)), country="CA")
    assert (found.may, found.until) == (True, day(180))
    assert "implied of" in found.why and "suffices in CA, until" in found.why
    for_good = reach(a_basis(BasisKind.IMPLIED, until=day(180)), a_basis(BasisKind.EXPRESS), country="CA")
    assert (for_good.may, for_good.until) == (True, None)


def test_a_call_has_rows_of_its_own() -> None:
    asked = a_basis(BasisKind.IMPLIED, until=day(180), channel="phone")
    assert reach(asked, channel="phone").may
    assert not reach(asked, channel="mail").may
    assert reach(asked, channel="phone", attributes={"do_not_call": True}).why == "they asked not to be called"
    assert reach(a_basis(BasisKind.EXPRESS), channel="phone").why.startswith("no basis that suffices in DE: has none")


def test_a_suppression_outweighs_every_permission() -> None:
    found = reach(a_basis(BasisKind.DOUBLE_OPT_IN), silenced=("marketing: unsubscribed",))
    assert (found.may, found.why) == (False, "suppressed, marketing: unsubscribed")


def test_a_confirmation_that_is_waited_for_is_said() -> None:
    tick = BasisDraft(kind=BasisKind.EXPRESS, source="guide", at=day(0))
    asked = [Basis(lead_id=LEAD, **vars(one)) for one in ticked(KELVANCE, [tick], [], country="DE", at=day(0)).bases]
    assert "their confirmation is waited for until" in reach(*asked).why
    assert "waited for" not in reach(*asked, at=8).why


def test_the_statement_tells_the_person_each_entry_in_a_sentence() -> None:
    said = statement(
        [
            a_basis(BasisKind.DOUBLE_OPT_IN, revoked_at=day(3)),
            a_basis(BasisKind.NONE, 3, act="withdrawn", source="unsubscribed"),
            a_basis(BasisKind.EXPRESS, 9),
        ],
        day(5),
    )
    assert len(said) == 2
    assert "we may write to you, because you confirmed it (guide)." in said[0] and said[0].endswith("This has ended.")
    assert "you ended it" in said[1] and "unsubscribed" in said[1]
