"""Can a rep do all of their work from the notice: the whole context in it, links no scanner can set off, an answer?"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import asyncpg
import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, async_playwright

from leadloom.domain.lead import EventDraft
from leadloom.mail.wire_lint import lint_wire
from leadloom.runtime import returns
from leadloom.runtime.local.mail_trap import Fault
from leadloom.runtime.local.trapped_mail import TrappedMail
from leadloom.runtime.returns import Taken
from leadloom.web.app import create_app
from tests.acts_in_house import comes
from tests.house import TestHouse, a_house
from tests.web.test_public_pages_in_a_browser import FLAGS

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
HOUSE = "http://127.0.0.1:8321"
MARCUS, INES = "marcus.oyelaran@kelvance.example", "ines.carvalho@kelvance.example"
SCANNER = {"User-Agent": "Mozilla/5.0 (compatible; SafeLinks scanner)"}
IN_ORDER = (
    "Ana Torres, quality", "Meridian Pharma, US", "Their clock shows", "Answer by", "Accept", "Give it back with a",
    "Recycle until a date", "Why now", "Asked for a demo", "Finished the warm-pallet calculator", "In their own words",
    "Does it log vibration?", "What to do next", "Call them now", "A way to begin", "You asked for a demo",
    "How to reach them", "+1 212 555 0199", "You may write to them", "You may call them", "What they cared about",
    "A demo", "What a warm pallet costs", "What they did last", "Or answer by replying",
)  # fmt: skip


@asynccontextmanager
async def served(house: TestHouse) -> AsyncGenerator[str]:
    """The house's pages on a real port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(create_app(house.house), log_level="error", lifespan="off"))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await running


async def contents(dsn: str) -> dict[str, str]:
    """What stands in every table, as one hash each."""
    connection = await asyncpg.connect(dsn)
    try:
        tables = [row[0] for row in await connection.fetch("SELECT relname FROM pg_stat_user_tables ORDER BY 1")]
        hashed = "SELECT md5(COALESCE(string_agg(t::text, '' ORDER BY t::text), '')) FROM {} t"
        return {table: await connection.fetchval(hashed.format(table)) for table in tables}
    finally:
        await connection.close()


def links_of(mail: TrappedMail) -> list[str]:
    """Every web address of both parts."""
    found = [unescape(href) for href in re.findall(r'href="(https?:[^"]+)"', mail.html)]
    return list(dict.fromkeys([*found, *mail.links]))


async def a_hand_raise(house: TestHouse) -> TrappedMail:
    """The notice of a lead who read, calculated and asked."""
    at = await house.now()
    read = EventDraft(
        kind="article_read",
        at=at - timedelta(days=1),
        data={"site": "four-degrees", "piece": "inspector", "seconds": 80},
    )
    asked = EventDraft(kind="demo_requested", at=at, data={"question": "Does it log vibration?"})
    earned = EventDraft(kind="calculator_finished", at=at - timedelta(hours=2))
    await comes(house, "ana.torres", events=(read, earned, asked), phone="+1 212 555 0199")
    await house.pass_time(timedelta(minutes=1))
    [notice] = [mail for mail in house.trap.mails if MARCUS in mail.recipients]
    return notice


async def scanned(url: str, links: list[str], browser: Browser) -> None:
    """As the gateways of mail look: a HEAD, a GET, and a browser that runs the page."""
    async with httpx.AsyncClient(headers=SCANNER, follow_redirects=True) as client:
        for link in links:
            here = link.replace(HOUSE, url)
            assert (await client.head(here)).status_code == 200, link
            assert (await client.get(here)).status_code == 200, link
    for link in links:
        screen = await browser.new_page()
        with contextlib.suppress(Exception):  # a file is downloaded, which is no page
            await screen.goto(link.replace(HOUSE, url), wait_until="networkidle", timeout=10_000)
        await screen.mouse.move(50, 50)
        await screen.close()


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; install it or name it in CHROMIUM")
async def test_the_notice_says_it_all_and_no_scanner_sets_anything_off(dsn: str) -> None:
    async with a_house(dsn) as house, served(house) as url, async_playwright() as playwright:
        notice = await a_hand_raise(house)
        keep(notice)
        for part in (notice.text, re.sub(r"<[^>]+>", "", unescape(notice.html)).replace("\xa0", " ")):
            places = [part.find(said) for said in IN_ORDER]
            assert -1 not in places, [said for said, place in zip(IN_ORDER, places, strict=True) if place < 0]
            assert places == sorted(places)
        assert lint_wire(notice.raw, mail_class="owner-notice") == []

        links = links_of(notice)
        assert len(links) >= 5
        before = await contents(dsn)
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        await scanned(url, links, browser)
        assert await contents(dsn) == before

        # The person who owns it presses the same link's one button, and it is decided.
        screen = await browser.new_page(viewport={"width": 390, "height": 844})
        [accept] = [link for link in links if link.endswith("?do=accept")]
        await screen.goto(accept.replace(HOUSE, url))
        await screen.get_by_role("button", name="Accept").click()
        await screen.get_by_text("You accepted this lead").wait_for()
        assert [mail for mail in house.trap.mails if MARCUS in mail.recipients] == [notice]

        await a_lost_answer_brings_the_reminder_at_once(house)


async def a_lost_answer_brings_the_reminder_at_once(house: TestHouse) -> None:
    """The relay takes the notice and hangs up: nobody knows, so it is said again, as a reminder, and once."""
    house.trap.fail(Fault.DROP_AFTER_DOT, times=1, to=INES)
    await comes(
        house, "otto.klein", "call_requested", email="otto@alder.example", company="Alder Cold Chain", country="DE"
    )
    for minutes in (1, 2):
        await house.pass_time(timedelta(minutes=minutes))
        first, second = [mail for mail in house.trap.mails if INES in mail.recipients]
        assert first.subject == "For you: Otto Klein"
        assert second.subject == "Reminder: Otto Klein"
        assert "we can't tell whether the first notice reached you" in second.text
        assert second.header("In-Reply-To") == first.message_id
    reminder = next(mail for mail in house.trap.mails if mail.subject.startswith("Reminder"))
    await a_reply_without_a_reason_is_asked_back_and_then_decides(house, reminder)


async def a_reply_without_a_reason_is_asked_back_and_then_decides(house: TestHouse, notice: TrappedMail) -> None:
    """What the rep's own program sends comes in at our mailbox; the mail back has the reasons to press."""
    taken = await replied(house, notice, "Reject")
    assert taken.done[-1] == "asked back, with the reasons to press"
    [*_, asked] = [mail for mail in house.trap.mails if INES in mail.recipients]
    keep(asked, "unclear")
    assert asked.subject == "Please choose: Otto Klein"
    assert any(link.endswith("?do=reject&reason=no-budget") for link in links_of(asked))
    assert lint_wire(asked.raw, mail_class="owner-notice") == []
    taken = await replied(house, asked, "Ablehnen: kein Budget")
    assert taken.done == ("decided by reply: reject",)


async def replied(house: TestHouse, notice: TrappedMail, said: str) -> Taken:
    answer = EmailMessage()
    answer["From"], answer["To"] = f"Inês <{INES}>", notice.header("Reply-To")
    answer["Subject"], answer["In-Reply-To"] = f"Re: {notice.subject}", notice.message_id
    answer.set_content(f"{said}\n\nOn Monday, {notice.header('From')} wrote:\n> accept\n")
    to = str(notice.message["Reply-To"].addresses[0].addr_spec)
    at = await house.now()
    taken = await returns.take(house.house, answer.as_bytes(), via="smtp-in", envelope_to=to, envelope_from=INES, at=at)
    await house.pass_time(timedelta(seconds=30))
    return taken


def keep(notice: TrappedMail, name: str = "notice") -> None:
    """For whoever wants to look at it."""
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder, f"{name}.html").write_text(notice.html, encoding="utf-8")
        Path(folder, f"{name}.txt").write_text(notice.text, encoding="utf-8")
