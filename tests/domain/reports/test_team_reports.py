"""Is a breach laid where the time was lost, and a lead that came back beside what had brought it?"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from leadloom.domain.model import HandOffId, Instant
from leadloom.domain.reports.given_back import DecidedLead, given_back
from leadloom.domain.reports.response_time import OfferedHandOff
from leadloom.domain.reports.two_clocks import Told, TwoClocks, two_clocks
from tests import hand_cases
from tests.hand_cases import ANSWERS, day

FRIDAY_1650, _ = ANSWERS["a"]
"""In New York; a hand-raise is to be answered within 15 minutes of working time: until Monday 09:05."""
MONDAY_0900 = FRIDAY_1650.replace(day=4, hour=14, minute=0)
AS_OF = day("2024-03-31")


def told(told_at: Instant | None, answered_at: Instant | None, *, as_of: Instant = AS_OF) -> TwoClocks:
    decided = {"state": "accepted", "decided_at": answered_at} if answered_at else {}
    fields = {"first_try_at": None, "hand_off_id": uuid4(), **decided}
    one = OfferedHandOff.model_validate(hand_cases.hand_offs("a")[0].model_dump() | fields)
    began = Told(hand_off_id=one.hand_off_id, asked_at=FRIDAY_1650, told_at=told_at)
    return two_clocks(hand_cases.definition(), [one], {one.hand_off_id: began}, as_of=as_of)


def breaches(found: TwoClocks) -> tuple[int, int]:
    return len(found.system), len(found.people)


def test_who_was_told_late_and_answered_within_their_time_is_not_late() -> None:
    """Three hours of a relay that defers: R4's week 9."""
    late_notice = MONDAY_0900 + timedelta(hours=3)
    assert breaches(told(late_notice, late_notice + timedelta(minutes=15))) == (1, 0)
    assert breaches(told(late_notice, late_notice + timedelta(minutes=16))) == (0, 1)


def test_time_goes_on_being_measured_after_the_breach_and_splits_to_the_minute() -> None:
    found = told(FRIDAY_1650 + timedelta(minutes=4), MONDAY_0900 + timedelta(minutes=20))
    assert (found.system_minutes.median, found.human_minutes.median) == (4, 26)
    assert breaches(found) == (0, 1)


def test_an_answer_in_time_is_nobodys_breach_and_a_notice_that_never_left_is_ours() -> None:
    assert breaches(told(FRIDAY_1650, MONDAY_0900 + timedelta(minutes=5))) == (0, 0)
    assert breaches(told(None, None, as_of=MONDAY_0900 + timedelta(hours=1))) == (1, 0)


def test_who_answered_before_the_notice_came_found_it_themselves() -> None:
    found = told(MONDAY_0900 + timedelta(hours=3), FRIDAY_1650 + timedelta(minutes=6))
    assert (found.system_minutes.median, found.human_minutes.median, breaches(found)) == (6, 0, (0, 0))


def decided(campaign: str | None, source: str | None, reason: str | None) -> DecidedLead:
    return DecidedLead(
        hand_off_id=HandOffId(uuid4()), decided_at=AS_OF, reason=reason, campaign=campaign, source=source
    )


def test_reasons_stand_with_the_campaign_else_with_the_source_and_what_kept_all_is_left_out() -> None:
    rows = [
        *(decided("Expo", "pharmalog", "wrong-data") for _ in range(6)),
        *(decided("Expo", "webinar", None) for _ in range(4)),
        decided(None, "webinar", "no-fit"),
        decided(None, "referral", None),
    ]
    expo, webinar = given_back(hand_cases.definition(), rows)
    assert (expo.words, expo.given_back.percent, expo.is_enough) == ("Expo", 60, True)
    assert [(line.label, len(line.ids)) for line in expo.reasons] == [("Wrong data", 6)]
    assert (webinar.words, webinar.is_enough, len(webinar.ids)) == ("Webinar", False, 1)
