"""What does somebody read about a hand-off that isn't theirs to answer: support, marketing, who decides an appeal?"""

from __future__ import annotations

import pytest

from tests.journeys.letters import ENDED, KNOWN, faults_of_letter, mails, written

NEWS = "hand-off-news"


@pytest.mark.parametrize("mail", mails(NEWS))
def test_every_news_is_a_mail_we_would_send(mail: str) -> None:
    faults = faults_of_letter(NEWS, mail, mail_class="owner-notice", handle="samira-haddad")
    # Both sides speak in it; the house signs for neither.
    assert [fault for fault in faults if "Nobody signs" not in fault] == []


def test_each_end_has_its_news() -> None:
    assert mails(NEWS) == ["appeal-ended", "appealed", "raised-ended"]


@pytest.mark.parametrize("mail", mails(NEWS))
def test_it_says_who_what_both_sides_said_until_when_and_where(mail: str) -> None:
    news = written(NEWS, mail, KNOWN, mail_class="owner-notice", handle="samira-haddad")
    for part in (news.text, news.html):
        for fact in (
            ENDED.headline,
            ENDED.lead_name,
            ENDED.lead_company,
            ENDED.until,
            ENDED.path,
            *sum(ENDED.told, ()),
        ):
            assert fact in part
