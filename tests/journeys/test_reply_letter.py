"""An answer that is passed on: what a rep reads when a lead answered a letter that went in their name."""

from __future__ import annotations

from tests.journeys.letters import ANSWERED, KNOWN, faults_of_letter, mails, written


def test_the_letter_is_one_we_would_send() -> None:
    assert mails("reply") == ["forwarded"]
    faults = faults_of_letter("reply", "forwarded", mail_class="owner-notice", handle="dana-whitlock")
    # The lead signs what the lead wrote.
    assert [fault for fault in faults if "Nobody signs" not in fault] == []


def test_it_says_who_wrote_what_and_where_the_answer_goes() -> None:
    letter = written("reply", "forwarded", KNOWN, mail_class="owner-notice", handle="dana-whitlock")
    assert letter.subject == ANSWERED.subject
    for part in (letter.text, letter.html):
        for fact in (ANSWERED.lead_name, ANSWERED.lead_company, ANSWERED.address, f"/leads/{ANSWERED.lead_id}"):
            assert fact in part
        for line in (line for paragraph in ANSWERED.paragraphs for line in paragraph):
            assert line in part
        assert "too large" not in part
