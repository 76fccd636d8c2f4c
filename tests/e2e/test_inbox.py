"""Does a rep get through the inbox by keyboard alone, by thumb on a small phone, and without a script?"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from leadloom.store import published
from leadloom.store.db import Db
from leadloom.web.app import create_app
from tests import services
from tests.e2e.consoles import COLOURS, DESK, Running, browser, chromium, faults_of, served
from tests.web import console as story_console
from tests.web.site import open_site

SMALL = {"width": 360, "height": 740}


@pytest.fixture
async def running(
    databases: services.Databases, lived: story_console.Lived, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """A console of each test's own: reps answer."""
    chromium()
    async with databases.fresh(lived.template) as dsn:
        db = await Db.open(dsn, size=4)
        async with db.read() as tx:
            book = await published.book(tx)
        async with open_site(db, dsn, book, tmp_path_factory.mktemp("state")) as site:
            console = story_console.Console(site, lived.people)
            async with served(create_app(site.house)) as base:
                yield Running(base, {who: await console.card(who) for who in ("clara", "dev")})
        await db.close()


async def test_a_rep_answers_by_keyboard_alone(running: Running) -> None:
    async with browser(running, viewport=DESK) as context:
        page = await context.new_page()
        await page.goto("/inbox")
        await press(page, "j", "j", "o")
        assert await page.is_visible(line_of(running, "clara") + " textarea")
        await press(page, "r", "1")
        assert "after 6 tries" in await page.inner_text("[data-live]")
        await press(page, "2")
        assert await page.evaluate("document.activeElement.textContent") == "1 month"
        await press(page, "Tab", "Enter")
        await said(page, "You gave Clara Weiss back: Not yet.")
        assert "within 10 seconds" in await page.inner_text("[data-live]")
        await press(page, "z")
        await stands_on(page, "Clara Weiss")
        await press(page, "s", "1")
        await said(page, "Clara Weiss is hidden until")
        await press(page, "z")
        await stands_on(page, "Clara Weiss")
        await press(page, "a")
        await said(page, "You accepted Clara Weiss.")
        await stands_on(page, "Karl Vogt")
        await press(page, "?")
        assert await page.is_visible(".keys-help dl")
        await press(page, "/", *"alpen")
        assert await page.locator("[data-item]:visible").count() == 1
        await page.fill("[data-search]", "")
        await press(page, *"zebra")
        assert await page.locator("[data-item]:visible").count() == 0


async def test_keys_do_nothing_where_somebody_writes_or_switched_them_off(running: Running) -> None:
    async with browser(running, viewport=DESK) as context:
        page = await context.new_page()
        await page.goto(running.paths["clara"])
        await page.fill("textarea", "Hello")
        await page.focus("textarea")
        await press(page, *"area")
        assert "area" in await page.input_value("textarea")
        await page.click("[data-copy]")
        await page.wait_for_selector("[data-copy]:text-is('Copied')")
        assert "body=" in str(await page.get_attribute("[data-letter]", "href"))
        await page.focus("h1 a")
        await press(page, "?")
        await page.click("[data-keys-on]")
        await page.focus("h1 a")
        await press(page, "a", "r")
        assert not await page.is_visible(".panel")
        assert "a moment ago" not in await page.inner_text("main")


async def test_a_rep_answers_by_thumb_on_a_small_phone(running: Running) -> None:
    async with browser(running, viewport=SMALL, has_touch=True, is_mobile=True) as context:
        page = await context.new_page()
        await page.goto("/inbox")
        line = line_of(running, "clara")
        await page.tap(f"{line} [data-act=a]")
        await said(page, "You accepted Clara Weiss.")
        await page.tap("[data-undo]")
        await page.tap(f"{line} [data-ask=r] > summary")
        await page.tap(f"{line} .chip-asks > summary >> nth=0")
        await page.tap(f"{line} [data-about] > summary")
        assert await faults_of(page) == []
        await page.emulate_media(color_scheme="dark")
        assert await faults_of(page, rules=COLOURS) == []
        assert await small_targets(page) == []
        await page.tap(f"{line} button[value='no-budget']")
        await said(page, "You gave Clara Weiss back: No budget.")
        assert await faults_of(page, rules=COLOURS) == []


async def test_the_bar_goes_when_its_time_is_over_and_all_works_without_a_script(running: Running) -> None:
    async with browser(running, viewport=SMALL, java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto("/inbox")
        line = line_of(running, "clara")
        await page.click(f"{line} [data-ask=s] > summary")
        await page.click(f"{line} [data-ask=s] button")
        assert "is hidden until" in await page.inner_text(".undo-bar")
        await page.click(".asleep button")
        await page.click(f"{line} [data-ask=r] > summary")
        await page.click(f"{line} .chip-asks >> nth=0")
        await page.fill(f"{line} input[type=date]", "2026-05-04")
        await page.press(f"{line} input[type=date]", "Enter")
        assert "You gave Clara Weiss back: Not yet." in await page.inner_text(".undo-bar")
        await page.click(".undo-bar button")
        await page.click(f"{line} [data-act=a]")
        assert await page.is_visible(".undo-bar")
        await page.wait_for_selector(".undo-bar", state="hidden", timeout=11_000)


async def press(page: Any, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def said(page: Any, words: str) -> None:
    await page.wait_for_selector(f".undo-bar:has-text('{words}')")


async def stands_on(page: Any, name: str) -> None:
    """The focus is where one goes on."""
    await page.wait_for_selector(f"a:focus:text-is('{name}')")


def line_of(running: Running, who: str) -> str:
    return f".work:has(#h-{running.paths[who].rpartition('/')[2]})"


async def small_targets(page: Any) -> list[str]:
    """What a thumb might miss: lower than 44 px and not within a line of words."""
    found = await page.evaluate(
        """[...document.querySelectorAll("main :is(button, summary, .button, .way)")]
             .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5)
             .map((one) => one.outerHTML.slice(0, 80))"""
    )
    return [one for one in found if not re.search(r'class="skip"', one)]
