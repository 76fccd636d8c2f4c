"""The notices of a hand-off: what an owner reads when a lead is theirs to answer."""

import pytest

from tests.journeys.letters import KNOWN, OFFER, faults_of_letter, mails, written


@pytest.mark.parametrize("mail", mails("hand-off"))
def test_every_notice_is_one_we_would_send(mail: str):
    assert (
        faults_of_letter("hand-off", mail, mail_class="owner-notice", handle="marcus-oyelaran", letter="notice") == []
    )


def test_every_turn_of_a_hand_off_has_its_notice():
    assert mails("hand-off") == ["escalated", "first-try-missed", "offer", "remind", "too-late", "unclear"]


@pytest.mark.parametrize("mail", mails("hand-off"))
def test_a_notice_says_who_why_what_they_saw_and_until_when(mail: str):
    notice = written("hand-off", mail, KNOWN, mail_class="owner-notice", letter="notice")

    for fact in (OFFER.lead_name, OFFER.lead_phone, OFFER.accept_by, *OFFER.why, *OFFER.last_touches):
        assert fact in notice.text
        assert fact in notice.html
