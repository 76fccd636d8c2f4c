"""Is a machine told from a person by the rules we state, and nobody wronged by them?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.intake.visits import Visit, judge_click, judge_open
from leadloom.domain.lead import Verdict
from tests import world

SENT_AT = world.MONDAY
LATER = SENT_AT + timedelta(hours=2)
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
CUBOT = "Mozilla/5.0 (Linux; Android 14; CUBOT KINGKONG) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile"


@pytest.mark.parametrize("agent", [CHROME, CUBOT])
def test_a_reader_hours_later_is_human(agent: str) -> None:
    judged = judge_click(Visit(user_agent=agent), sent_at=SENT_AT, links={1, 2}, at=LATER)
    assert judged.verdict is Verdict.HUMAN


@pytest.mark.parametrize(
    ("visit", "after", "links"),
    [
        (Visit(user_agent=CHROME), timedelta(seconds=2), {1}),
        (Visit(user_agent=CHROME), timedelta(hours=2), {1, 2, 3}),
        (Visit(user_agent=CHROME, prefetch=True), timedelta(hours=2), {1}),
        (Visit(user_agent=""), timedelta(hours=2), {1}),
        (Visit(user_agent="Mozilla/5.0"), timedelta(hours=2), {1}),
        (Visit(user_agent="Googlebot/2.1 (+http://www.google.com/bot.html)"), timedelta(hours=2), {1}),
        (Visit(user_agent="Barracuda Sentinel (EE)"), timedelta(hours=2), {1}),
        (Visit(user_agent="python-requests/2.32"), timedelta(hours=2), {1}),
    ],
)
def test_each_sign_of_a_machine_is_enough_and_is_said(visit: Visit, after: timedelta, links: set[int]) -> None:
    judged = judge_click(visit, sent_at=SENT_AT, links=links, at=SENT_AT + after)
    assert judged.verdict is Verdict.MACHINE
    assert judged.why


def test_a_link_of_a_mail_that_never_went_was_followed_by_no_reader() -> None:
    assert judge_click(Visit(user_agent=CHROME), sent_at=None, links={1}, at=LATER).verdict is Verdict.MACHINE


def test_an_open_is_never_called_human_because_proxies_fetch_pictures() -> None:
    assert judge_open(Visit(user_agent=CHROME)).verdict is Verdict.UNSURE
    assert judge_open(Visit(user_agent="Mimecast")).verdict is Verdict.MACHINE
