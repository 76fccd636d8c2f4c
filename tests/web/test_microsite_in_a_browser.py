"""Is a microsite right in a browser: phone and desk, day and night, with and without scripts, and alone?"""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from leadloom.runtime.forms import FOLDER, FormFolder
from leadloom.runtime.serving import Door, serving
from leadloom.web.app import create_app
from tests.web.test_microsite import HOME
from tests.web.test_public_pages_in_a_browser import CHROMIUM, Shown, shown

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; install it or name it in CHROMIUM")
__all__ = ["shown"]


def watched(screen: Page, url: str) -> list[str]:
    """What a page asked of other hosts, and what its browser complained of."""
    said: list[str] = []
    screen.on("request", lambda asked: None if asked.url.startswith((url, "data:")) else said.append(asked.url))
    screen.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    return said


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
async def test_each_page_fits_passes_axe_and_asks_no_other_host(
    shown: Shown, width: int, scheme: Literal["light", "dark"]
) -> None:
    screen = await shown.browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    said = watched(screen, shown.url)
    opened = f"/guide?key={shown.site.signer.asset('four-degrees/guide')}"
    # One of each kind of page; that every piece is sound is asked without a browser.
    for path in ("", "/excursion?t=quality", "/400-alerts", "/warm-pallet", "/guide", "/t/finance", "/nothing", opened):
        await screen.goto(shown.url + HOME + path)
        sideways = await screen.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sideways <= 0, f"{path} scrolls sideways at {width}"
        found = await Axe().run(screen)
        assert found.violations_count == 0, f"{path}, {width}, {scheme}:\n{found.generate_report()}"
        if folder := os.environ.get("SCREENSHOTS"):
            name = path.partition("?")[0].replace("/", "-") or "-index"
            await screen.screenshot(path=Path(folder) / f"m{name}-{width}-{scheme}.png", full_page=True)
    assert [each for each in said if "404" not in each] == []
    assert await screen.context.cookies() == []
    assert await screen.evaluate("localStorage.length + sessionStorage.length") == 0


async def test_the_sum_is_worked_out_as_one_types_and_by_the_button_without_scripts(shown: Shown) -> None:
    screen = await shown.browser.new_page()
    said = watched(screen, shown.url)
    await screen.goto(shown.url + HOME + "/warm-pallet")
    await screen.get_by_label("Value of a pallet").fill("36000")
    await screen.locator("#sum .result").get_by_text("3,975 USD").wait_for()
    assert "value=36000" in await screen.locator("form.asks input[name=figures]").input_value()
    assert said == []
    plain = await (await shown.browser.new_context(java_script_enabled=False)).new_page()
    await plain.goto(shown.url + HOME + "/warm-pallet")
    await plain.get_by_label("Value of a pallet").fill("36000")
    await plain.get_by_role("button", name="Work it out").click()
    await plain.locator("#sum .result").get_by_text("3,975 USD").wait_for()
    assert "value=36000" in await plain.locator("form.asks input[name=figures]").input_value()


async def test_a_visit_goes_on_from_page_to_page_without_a_trace_and_the_guide_is_offered_after_two(
    shown: Shown,
) -> None:
    screen = await shown.browser.new_page()
    await screen.clock.install()
    words: list[dict[str, object]] = []
    screen.on("request", lambda asked: words.append(asked.post_data_json) if asked.url.endswith("/seen") else None)
    await screen.goto(shown.url + HOME + "/nine-minutes")
    await read(screen, 40)
    assert not await screen.locator("#offered").is_visible()
    await screen.get_by_role("navigation", name="Read on").get_by_role("link", name="The excursion nobody").click()
    await screen.wait_for_url("**/excursion")
    assert "#" not in screen.url
    await read(screen, 40)
    assert await screen.locator("#offered").is_visible()
    assert len({str(word["session"]) for word in words}) == 1
    assert [word["piece"] for word in words if word["seconds"] == 30] == ["nine-minutes", "excursion"]
    await screen.locator("#offered").get_by_role("link").click()
    assert await screen.locator("form.asks input[name=reading]").input_value() == words[0]["session"]


async def read(screen: Page, seconds: int) -> None:
    """Somebody is there and moves for so long."""
    for _ in range(seconds // 10):
        await screen.mouse.wheel(0, 50)
        await screen.clock.run_for(10_000)


async def test_a_form_stands_in_a_page_of_a_site_it_names_and_in_no_other(shown: Shown, tmp_path: Path) -> None:
    ours, theirs = free_port(), free_port()
    for path in FOLDER.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("https://kelvance.example", f"http://localhost:{theirs}")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    app = create_app(shown.site.house)
    app.state.forms = FormFolder(tmp_path)
    page = f'<!doctype html><body><script src="http://127.0.0.1:{ours}/static/form.js" data-form="guide"></script>'

    async def other_site(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + page.encode())
        await writer.drain()
        writer.close()

    async with (
        serving(app, Door(port=ours), shown.site.house.settings),
        await asyncio.start_server(other_site, "127.0.0.1", theirs),
    ):
        screen = await shown.browser.new_page()
        await screen.goto(f"http://localhost:{theirs}/cold?utm_source=news&mail=ana@alder.example")
        form = screen.frame_locator("iframe")
        await form.get_by_label("Work mail").wait_for()
        assert await form.locator("[name=utm_source]").input_value() == "news"
        assert await form.locator("[name=shown_on]").input_value() == f"http://localhost:{theirs}/cold"
        tall = "() => document.querySelector('iframe').getBoundingClientRect().height"
        await screen.wait_for_function(f"({tall})() !== 640")
        assert await screen.evaluate(tall) > 400
        # The same page by another name is another site's.
        await screen.goto(f"http://127.0.0.1:{theirs}/cold")
        await screen.wait_for_load_state("networkidle")
        assert await screen.frame_locator("iframe").get_by_label("Work mail").count() == 0


def free_port() -> int:
    """A port nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
