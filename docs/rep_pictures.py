"""How does a rep's day look? Draws docs/pictures/rep-*.png with a browser, on three weeks of the example world.

`./dev run docs/rep_pictures.py` makes a database of its own, lives the story that the console's tests live, and takes
the pictures of docs/how-to/a-reps-day.md. Run it after the inbox changes its looks.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from leadloom.domain.lead import EventDraft
from leadloom.store import events
from leadloom.web.app import create_app
from tests import services
from tests.e2e.consoles import FLAGS, served
from tests.store.acts import TUESDAY
from tests.web import console as story

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
DESK, PHONE = {"width": 960, "height": 620}, {"width": 360, "height": 640}
READ = {"site": "four-degrees", "piece": "nine-minutes"}


async def main() -> None:
    """All pictures, in the order of the day."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            services.postgres() as databases,
            services.migrated(databases) as template,
            story.lived(databases, template) as lived,
            story.opened(databases, lived, Path(folder)) as console,
        ):
            await clara_cares(console)
            async with served(create_app(console.site.house)) as base, async_playwright() as driver:
                found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
                browser = await driver.chromium.launch(executable_path=found, args=FLAGS)
                await the_day(browser, base)
                await browser.close()


async def clara_cares(console: story.Console) -> None:
    """What she did in the days before she asked for a demo."""
    drafts = [
        EventDraft(kind="article_read", at=TUESDAY - timedelta(days=2), data=dict(READ)),
        EventDraft(kind="calculator_finished", at=TUESDAY - timedelta(days=1)),
    ]
    async with console.site.db.transaction() as tx:
        await events.record(tx, console.people["clara"], drafts, book=console.site.book, at=TUESDAY)


async def the_day(browser: Any, base: str) -> None:
    """At the desk in the morning, on the phone at noon, and when all is answered."""
    page = await sits(browser, base, DESK)
    await page.goto("/inbox")
    await take(page, "morning")
    for key in "jjo":
        await page.keyboard.press(key)
    await page.locator(".work").nth(1).scroll_into_view_if_needed()
    await page.evaluate("document.querySelectorAll('.work')[1].scrollIntoView({block: 'start'})")
    await take(page, "card")
    phone = await sits(browser, base, PHONE, has_touch=True, is_mobile=True)
    await phone.goto("/inbox")
    line = phone.locator(".work").nth(1)
    await line.locator("[data-ask=r] > summary").tap()
    await phone.evaluate("document.querySelectorAll('.work .acts')[2].scrollIntoView({block: 'start'})")
    await take(phone, "reject")
    await line.locator("[data-ask=r] > summary").tap()
    await line.locator("[data-act=a]").tap()
    await phone.wait_for_selector(".undo-bar")
    await take(phone, "undo")
    page = await sits(browser, base, DESK, seat="jonas-brandt")
    await page.goto("/inbox")
    await take(page, "empty")


async def sits(browser: Any, base: str, viewport: dict[str, int], seat: str = "ines-carvalho", **more: Any) -> Any:
    """A page of somebody's own browser."""
    context = await browser.new_context(viewport=viewport, color_scheme="light", base_url=base, **more)
    await context.add_cookies([{"name": "seat", "value": seat, "url": base}])
    return await context.new_page()


async def take(page: Any, name: str) -> None:
    """One picture, as large as the window."""
    path = PICTURES / f"rep-{name}.png"
    await page.screenshot(path=path, animations="allow")
    sys.stdout.write(f"{path.relative_to(ROOT)} written, {path.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    asyncio.run(main())
