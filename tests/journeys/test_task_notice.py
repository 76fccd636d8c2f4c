"""The notice of a task: what an owner reads when a journey asks them to do something."""

from __future__ import annotations

from tests.journeys.letters import KNOWN, TO_DO, faults_of_letter, mails, written


def test_the_notice_is_one_we_would_send() -> None:
    assert mails("task") == ["asked"]
    assert faults_of_letter("task", "asked", mail_class="owner-notice", handle="samira-haddad") == []


def test_it_says_what_about_whom_until_when_and_has_a_link_for_each_answer() -> None:
    notice = written("task", "asked", KNOWN, mail_class="owner-notice", handle="samira-haddad")
    for part in (notice.text, notice.html):
        for fact in (TO_DO.words, TO_DO.lead_name, TO_DO.lead_company, TO_DO.due, f"/leads/{TO_DO.lead_id}"):
            assert fact in part
        assert "/h/token?answer=1" in part and "/h/token?answer=2" in part
