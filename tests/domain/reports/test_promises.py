"""Are outcomes, reasons and the charter counted so that nobody looks better than they were?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.reports.promises import SlaReport, sla
from leadloom.domain.reports.response_time import OfferedHandOff
from tests import hand_cases
from tests.hand_cases import ANSWERS, day

AS_OF = day("2024-12-31")
OFFERED_AT, TRIED_AT = ANSWERS["a"]


def hand_off(**changed: object) -> OfferedHandOff:
    """R4's case (a), offered on a Friday at 16:50 in New York, not tried, with `changed` fields."""
    fields = {"first_try_at": None, **changed}
    return OfferedHandOff.model_validate(hand_cases.hand_offs("a")[0].model_dump() | fields)


def rejected(reason: str | None) -> OfferedHandOff:
    return hand_off(state="rejected", reason=reason, decided_at=OFFERED_AT + timedelta(minutes=5))


def report(*hand_offs: OfferedHandOff) -> SlaReport:
    return sla(hand_cases.definition(), hand_offs, as_of=AS_OF)


def kept(found: SlaReport) -> dict[str, bool | None]:
    return {row.promise: row.is_kept for row in found.charter}


def test_a_lead_rejected_in_time_owes_no_attempt_and_one_rejected_late_does() -> None:
    in_time = report(rejected("junk")).first_attempt[0]
    late = report(hand_off(state="rejected", reason="junk", decided_at=AS_OF)).first_attempt[0]
    assert (in_time.released, in_time.in_time.whole) == (1, 0)
    assert (late.released, late.unanswered, late.in_time.whole) == (0, 1, 1)


def test_accepting_is_no_attempt() -> None:
    accepted = report(hand_off(state="accepted", decided_at=OFFERED_AT + timedelta(minutes=5)))
    assert (accepted.decision[0].in_time.percent, accepted.first_attempt[0].in_time.percent) == (100, 0)


def test_an_attempt_at_the_very_deadline_is_in_time_and_a_second_later_it_is_late() -> None:
    at_deadline, later = (hand_off(first_try_at=TRIED_AT + timedelta(seconds=late)) for late in (0, 1))
    assert report(at_deadline).first_attempt[0].breached == 0
    assert report(later).first_attempt[0].breached == 1


def test_a_pools_clock_is_its_managers() -> None:
    """Greta works in Berlin, where 16:50 in New York is Friday night."""
    (attempt,) = report(hand_off(calendar=None, first_try_at=TRIED_AT)).attempts
    assert (attempt.team, attempt.business_minutes) == ("berlin", (15 * 60 + 20) - 9 * 60)


@pytest.mark.parametrize(("others", "alarms"), [(1, False), (2, True)])
def test_other_given_to_more_than_a_tenth_alarms(others: int, alarms: bool) -> None:
    found = report(*[rejected("junk")] * (10 - others), *[rejected("other")] * others)
    assert found.other_alarm is alarms
    assert {row.label: row.share.part for row in found.reasons}["Other"] == others


def test_promises_without_anything_to_judge_are_neither_kept_nor_missed() -> None:
    assert set(kept(report()).values()) == {None}


def test_a_rejection_without_a_reason_breaks_the_promise_of_sales() -> None:
    assert kept(report(rejected("junk")))["each lead given back has a reason"] is True
    assert kept(report(rejected("junk"), rejected(None)))["each lead given back has a reason"] is False


def test_what_was_decided_after_the_as_of_date_was_still_open() -> None:
    decided = hand_off(state="accepted", decided_at=TRIED_AT, first_try_at=TRIED_AT, escalated_at=TRIED_AT)
    before = sla(hand_cases.definition(), (decided,), as_of=TRIED_AT - timedelta(seconds=1))
    assert {row.outcome: row.count for row in before.outcomes}["offered"] == 1
    assert (before.escalated, before.first_attempt[0].waiting) == (0, 1)
    assert report(decided).escalated == 1


def test_a_hand_off_offered_later_is_not_in_the_report() -> None:
    assert sla(hand_cases.definition(), (hand_off(),), as_of=OFFERED_AT - timedelta(seconds=1)).attempts == ()
