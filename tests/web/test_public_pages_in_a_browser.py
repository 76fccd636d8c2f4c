"""Do the public pages fit a phone and a desk, by day and by night, pass axe, and work with scripts switched off?"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, async_playwright

from leadloom.domain.mails.links import Purpose
from leadloom.store import owners
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.web.app import create_app
from tests import tasks
from tests.store.acts import TUESDAY
from tests.web.site import Site, open_site

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; install it or name it in CHROMIUM")


@dataclass
class Shown:
    """The site on a real port, and a browser to look at it."""

    site: Site
    url: str
    browser: Browser


@pytest.fixture
async def shown(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[Shown]:
    async with open_site(db, dsn, book, tmp_path) as site, _served(site) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Shown(site, url, browser)
        await browser.close()


@contextlib.asynccontextmanager
async def _served(site: Site) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(create_app(site.house), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await running


async def pages(site: Site) -> dict[str, str]:
    """Every kind of public page, by name."""
    message_id = await site.sent_mail("cara.moss")
    _, offered = await site.offer(phone="+1 212 555 0199", title="Head of Quality")
    return {
        "form": "/f/demo",
        "thanks": "/f/demo/thanks",
        "unsubscribe": site.link(Purpose.UNSUBSCRIBE, message_id),
        "preferences": site.link(Purpose.PREFERENCES, message_id),
        "own-data": "/d/" + site.signer.ending(Purpose.OWN_DATA, message_id, ends_at=TUESDAY + timedelta(days=7)),
        "erase": "/e/" + site.signer.ending(Purpose.ERASE, message_id, ends_at=TUESDAY + timedelta(days=7)),
        "answer": f"/a/{site.signer.answer(message_id, 'audit_date_told')}",
        "hand-off": await site.offer_link(offered),
        "accepted": await accepted(site),
        "task": await to_do(site),
        "fault": "/h/forged",
    }


async def to_do(site: Site) -> str:
    """The page of a task, by the link of its second answer."""
    task = await tasks.asked_of_a_stranger(site.db, site.book)
    async with site.db.read() as tx:
        owner = await owners.named(tx, task.owner)
    token = site.signer.task(task.task_id, owner_id=owner.owner_id, expires_at=tasks.DUE + timedelta(days=14))
    return f"/k/{token}?answer=2"


async def accepted(site: Site) -> str:
    """The page of a lead its owner has taken; Berlin's, so that it joins nobody."""
    _, hand_off_id = await site.offer(
        "otto.klein", "ines-carvalho", email="otto@alder.example", company="Alder Cold Chain", country="DE"
    )
    path = await site.offer_link(hand_off_id, "ines-carvalho")
    await site.client.post(path, data={"do": "accept"})
    return path


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1200, "light"), (1200, "dark")])
async def test_each_page_fits_passes_axe_and_breaks_no_policy(
    shown: Shown, width: int, scheme: Literal["light", "dark"]
) -> None:
    screen = await shown.browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    said: list[str] = []
    screen.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    for name, path in (await pages(shown.site)).items():
        answer = await screen.goto(shown.url + path)
        assert answer is not None
        for details in await screen.locator("summary").all():
            await details.click()
        sideways = await screen.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sideways <= 0, f"{name} scrolls sideways at {width}"
        found = await Axe().run(screen)
        assert found.violations_count == 0, f"{name}, {width}, {scheme}:\n{found.generate_report()}"
        if folder := os.environ.get("SCREENSHOTS"):
            await screen.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
    # A page that answers 403 on purpose is an error to the console, and to nobody else.
    assert [each for each in said if "403" not in each] == []


async def test_an_owner_answers_on_a_phone_with_scripts_switched_off(shown: Shown) -> None:
    _, hand_off_id = await shown.site.offer()
    context = await shown.browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    screen = await context.new_page()
    await screen.goto(shown.url + await shown.site.offer_link(hand_off_id))
    await screen.get_by_text("Give it back with a reason").click()
    await screen.get_by_label("No need or no fit").check()
    await screen.get_by_label("What does not fit?").select_option("size")
    await screen.get_by_role("button", name="Give it back").click()
    await screen.get_by_text("Marcus Oyelaran rejected this lead").wait_for()
    (row,) = await shown.site.rows("SELECT state, reason FROM hand_off")
    assert (row["state"], row["reason"]) == ("rejected", "no-fit")


async def test_an_owner_answers_a_task_on_a_phone_with_scripts_switched_off(shown: Shown) -> None:
    context = await shown.browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 780})
    screen = await context.new_page()
    await screen.goto(shown.url + await to_do(shown.site))
    wide = await screen.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360
    await screen.get_by_role("button", name="Reached").click()
    await screen.get_by_text("There is nothing left to do").wait_for()
    assert (await tasks.the_task(shown.site.db)).outcome == "reached"


async def test_a_reader_chooses_takes_it_back_and_reads_their_data_with_scripts_switched_off(shown: Shown) -> None:
    message_id = await shown.site.sent_mail("cara.moss")
    context = await shown.browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 780})
    screen = await context.new_page()
    await screen.goto(shown.url + shown.site.link(Purpose.PREFERENCES, message_id))
    await screen.get_by_label("Invitations to a webinar").uncheck()
    await screen.get_by_label("Fewer").check()
    await screen.get_by_role("button", name="Save").click()
    await screen.get_by_text("Changed just now").wait_for()
    if folder := os.environ.get("SCREENSHOTS"):
        await screen.screenshot(path=Path(folder) / "preferences-saved-360.png", full_page=True)
    await screen.get_by_role("button", name="Take it back").click()
    await screen.get_by_text("Taken back.").wait_for()
    assert await screen.get_by_label("Invitations to a webinar").is_checked()
    token = shown.site.signer.ending(Purpose.OWN_DATA, message_id, ends_at=TUESDAY + timedelta(days=7))
    await screen.goto(f"{shown.url}/d/{token}")
    await screen.get_by_role("button", name="Read it here").click()
    await screen.get_by_role("heading", name="What you allowed", exact=True).wait_for()
    assert await screen.evaluate("document.documentElement.scrollWidth") <= 360
    if folder := os.environ.get("SCREENSHOTS"):
        await screen.screenshot(path=Path(folder) / "own-data-read-360.png")


async def test_a_wish_for_the_guide_is_filled_in_and_thanked_on_a_phone(shown: Shown) -> None:
    context = await shown.browser.new_context(viewport={"width": 390, "height": 844})
    screen = await context.new_page()
    await screen.goto(shown.url + "/f/guide")
    assert not await screen.get_by_role("checkbox").is_checked()
    await screen.get_by_label("Work mail").fill("ana@meridian-pharma.example")
    await screen.get_by_label("Country").fill("US")
    await screen.get_by_role("button", name="Send me the guide").click()
    await screen.get_by_role("alert").get_by_role("link", name="Company").wait_for()
    assert await screen.get_by_label("Work mail").input_value() == "ana@meridian-pharma.example"
    await screen.get_by_label("Company").fill("Meridian Pharma")
    # A person takes longer than this test does.
    await screen.evaluate("document.querySelector('[name=began]').value -= 60")
    await screen.get_by_role("button", name="Send me the guide").click()
    await screen.get_by_role("heading", name="It is on its way").wait_for()
    assert await shown.site.count("lead") == 1
