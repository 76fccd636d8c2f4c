"""Are machines, proxies and readers told apart by the stated rules, and is whoever can't be told no human?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadloom.domain.intake.visits import Hit, VisitVerdict, agent_class, judge
from leadloom.domain.lead import Verdict

SENT = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
LATER = SENT + timedelta(hours=1)
CHROME = agent_class(
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
)
SAFARI = agent_class(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
)
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


def click(link: int = 1, *, after: float = 0, agent: str = CHROME, **rest: object) -> Hit:
    return Hit(kind="click", link=link, at=LATER + timedelta(seconds=after), agent=agent, **rest)  # type: ignore[arg-type]  drawn by name


def opened(agent: str = CHROME) -> Hit:
    return Hit(kind="open", at=LATER, agent=agent_class(agent))


def verdict(hit: Hit, *others: Hit, sent_at: datetime | None = SENT) -> tuple[str, str]:
    found = judge(hit, [hit, *others], sent_at=sent_at)
    return found.verdict.value, found.why


def test_a_click_without_a_sign_of_a_machine_is_human() -> None:
    assert verdict(click()) == ("human", "no sign of a machine")


@pytest.mark.parametrize(
    ("hit", "why"),
    [
        (click(method="HEAD"), "HEAD"),
        (click(prefetch=True), "fetched ahead"),
        (click(agent=""), "names no browser"),
        (click(agent=agent_class("Mozilla/5.0")), "names no browser"),
        (click(agent=agent_class("python-requests/2.32.1")), "known program: python"),
        (click(agent=agent_class("curl/8.9.1")), "known program: curl"),
        (click(agent=agent_class("Mozilla/5.0 (compatible; bingbot/2.0)")), "known program: bot"),
        (click(agent=agent_class("Barracuda Sentinel (EE)")), "known program: barracuda"),
        (click(0), "no reader sees"),
        (click(agent=agent_class(GMAIL)), "follows no links"),
    ],
)
def test_what_says_of_itself_that_it_is_no_reader_is_a_machine(hit: Hit, why: str) -> None:
    found = verdict(hit)
    assert found[0] == "machine"
    assert why in found[1]


def test_a_phone_of_the_make_cubot_is_no_bot() -> None:
    agent = agent_class("Mozilla/5.0 (Linux; Android 14; CUBOT KINGKONG 9) Chrome/130.0 Mobile Safari/537.36")
    assert verdict(click(agent=agent))[0] == "human"


def test_seconds_after_sending_nobody_has_read() -> None:
    soon = SENT + timedelta(seconds=2)
    assert verdict(Hit(kind="click", link=1, at=soon, agent=CHROME))[1] == "within 3 seconds of sending"
    assert verdict(click(), sent_at=None)[0] == "machine"


def test_a_burst_over_the_links_is_a_machine_from_its_first_visit_on() -> None:
    burst = [click(1), click(2, after=1), click(3, after=2.5)]
    assert [verdict(hit, *burst)[0] for hit in burst] == ["machine"] * 3
    assert verdict(click(1, after=600), *burst)[0] == "human"
    slow = [click(1), click(2, after=20), click(3, after=40)]
    assert [verdict(hit, *slow)[0] for hit in slow] == ["human"] * 3


def test_whoever_follows_the_bait_is_a_machine_at_every_other_link() -> None:
    bait = click(0, after=5, network="a1")
    assert verdict(click(1, network="a1"), bait)[0] == "machine"
    assert verdict(click(1, network="b2", agent=SAFARI), bait)[0] == "human"


def test_of_two_programs_at_one_link_the_first_is_a_machine_and_the_second_perhaps_a_reader() -> None:
    first, second = click(1, agent=SAFARI), click(1, after=2)
    assert verdict(first, second)[0] == "machine"
    assert verdict(second, first)[0] == "unsure"


def test_a_scanner_right_before_does_not_hide_the_reader_behind_it() -> None:
    scanner = click(1, agent=agent_class("Proofpoint URL Defense"))
    assert verdict(click(1, after=1), scanner)[0] == "human"


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (GMAIL, "proxy"),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "proxy"),
        ("Mozilla/5.0", "proxy"),
        (CHROME, "unsure"),
        ("curl/8.9.1", "machine"),
    ],
)
def test_an_opening_is_never_human(agent: str, expected: str) -> None:
    found = judge(opened(agent), [], sent_at=SENT)
    assert found.verdict.value == expected
    assert found.verdict.as_event is not Verdict.HUMAN


def test_an_agent_is_kept_without_what_tells_one_device_from_another() -> None:
    assert CHROME == "Mozilla/ (X; Linux x) AppleWebKit/ (KHTML, like Gecko) Chrome/ Safari/"
    assert agent_class("x" * 5000) == "x" * 300


def test_a_proxy_is_unsure_to_everybody_who_counts() -> None:
    assert VisitVerdict.PROXY.as_event is Verdict.UNSURE
