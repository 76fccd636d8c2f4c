"""What does a page of the docs look like on a screen? Plays its scenes in a browser and keeps the pictures.

`./dev pictures` takes them all anew, `./dev pictures managers-monday` those of one file of docs/scenes/. The world in
them is the story the console's tests live through, on a database of its own that is gone afterwards, moved to a Monday.
A scene says who sits there, which page they open, what they do on it, and how much of it is shown.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from playwright.async_api import Browser, Page, async_playwright

from leadloom.runtime.wiring import wall_now
from leadloom.store import published
from leadloom.store.db import Db
from leadloom.web.app import create_app
from tests import services
from tests.e2e.consoles import FLAGS, served
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.web import console as story_console
from tests.web.site import open_site

ROOT = Path(__file__).resolve().parents[1]
SCENES, PICTURES = ROOT / "docs" / "scenes", ROOT / "docs" / "pictures"
WIDTH = 1100
A_DAY_EARLIER = """
    DO $$
    DECLARE
        moved record;
    BEGIN
        PERFORM set_config('session_replication_role', 'replica', true);
        FOR moved IN
            SELECT c.table_name,
                   string_agg(format('%1$I = %1$I - make_interval(days => 1)', c.column_name), ', ') AS columns
              FROM information_schema.columns c
              JOIN information_schema.tables t USING (table_schema, table_name)
             WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
               AND c.data_type = 'timestamp with time zone'
             GROUP BY c.table_name
        LOOP
            EXECUTE format('UPDATE %I SET %s', moved.table_name, moved.columns);
        END LOOP;
    END
    $$
"""
"""The story ends on a Tuesday; nothing in it hangs on the day of the week."""


@asynccontextmanager
async def monday() -> AsyncIterator[str]:
    """The story's console, served, on the Monday before its end."""
    async with (
        services.postgres() as databases,
        services.migrated(databases) as template,
        story_console.lived(databases, template) as lived,
        databases.fresh(lived.template) as dsn,
    ):
        await acts.rows(dsn, A_DAY_EARLIER)
        db = await Db.open(dsn, size=8)
        async with db.read() as tx:
            book = await published.book(tx)
        ahead = (TUESDAY - timedelta(days=1) - wall_now()).total_seconds()
        with tempfile.TemporaryDirectory() as state:
            site = open_site(db, dsn, book, Path(state), clock_ahead_s=ahead)
            async with site as opened, served(create_app(opened.house)) as base:
                yield base
        await db.close()


async def take(names: Sequence[str]) -> list[Path]:
    """The pictures of these files of scenes, all for none; in the order the scenes stand in."""
    files = [SCENES / f"{name}.yaml" for name in names] or sorted(SCENES.glob("*.yaml"))
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    taken: list[Path] = []
    async with monday() as base, async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=FLAGS)
        for file in files:
            for scene in yaml.safe_load(file.read_text(encoding="utf-8")):
                path = PICTURES / f"{file.stem}-{scene['name']}.png"
                await _take(browser, base, scene, path)
                taken.append(path)
        await browser.close()
    return taken


async def _take(browser: Browser, base: str, scene: dict[str, Any], path: Path) -> None:
    size = {"width": scene.get("width", WIDTH), "height": scene.get("height", 760)}
    context = await browser.new_context(viewport=size, color_scheme="light")
    await context.add_cookies([{"name": "seat", "value": scene["seat"], "url": base}])
    page = await context.new_page()
    await page.goto(base + scene["path"])
    for step in scene.get("steps", []):
        await _do(page, step)
    if "at" in scene:
        await page.locator(scene["at"]).evaluate("one => scrollTo(0, one.getBoundingClientRect().top + scrollY - 16)")
    await page.screenshot(path=path, full_page=scene.get("whole", False))
    await context.close()


async def _do(page: Page, step: dict[str, Any]) -> None:
    """One act: `press`, `tick`, `choose` or `write` (with what, by its selector)."""
    match step:
        case {"press": where}:
            async with page.expect_navigation():
                await page.locator(where).first.click()
        case {"tick": where}:
            await page.locator(where).first.check()
        case {"choose": where, "what": what}:
            await page.locator(where).select_option(label=what)
        case {"write": where, "what": what}:
            await page.locator(where).fill(str(what))
        case _:
            raise ValueError(f"a scene can press, tick, choose or write: {step}")


if __name__ == "__main__":
    for picture in asyncio.run(take(sys.argv[1:])):
        sys.stdout.write(f"{picture.relative_to(ROOT)} taken\n")
