"""What tests of the console in a real browser stand on: the browser, a served app, and what is wrong with a page."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
GRAVE = ("serious", "critical")
COLOURS = ["color-contrast", "link-in-text-block"]


def chromium() -> str:
    """The browser's path. Skips with the reason when there is none, and fails where one must be (CI)."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "no Chromium found: install it, or name it in CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@dataclass
class Running:
    """The console on a real port, and the paths of its pages."""

    base: str
    paths: dict[str, str]


@asynccontextmanager
async def served(app: Any) -> AsyncGenerator[str]:
    """The app on a port of its own; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await task


@asynccontextmanager
async def browser(
    running: Running, *, viewport: dict[str, int], scheme: str = "light", seat: str = "ines-carvalho", **more: Any
) -> AsyncGenerator[Any]:
    """A browser of its own in front of the running console, with this seat taken."""
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    async with playwright.async_playwright() as driver:
        launched = await driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        context = await launched.new_context(viewport=viewport, color_scheme=scheme, base_url=running.base, **more)
        await context.add_cookies([{"name": "seat", "value": seat, "url": running.base}])
        yield context
        await launched.close()


async def faults_of(page: Any, *, rules: list[str] | None = None) -> list[str]:
    """What is wrong with the page as it is shown now; of axe's rules only these, when they are named."""
    wide, window = await page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    found = [f"scrolls sideways: {wide} in {window}"] if wide > window else []
    axe = pytest.importorskip("axe_playwright_python.async_playwright", reason="axe-playwright-python is missing")
    # Sandboxed frames hold letters, which have their own checks; axe can't run in them.
    options = {"iframes": False, "resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    seen = await axe.Axe().run(page, context={"exclude": ["iframe"]}, options=options)
    return found + [
        f"{violation['id']} ({violation['impact']}): {violation['nodes'][0]['html'][:120]}"
        for violation in seen.response["violations"]
        if violation["impact"] in GRAVE
    ]
