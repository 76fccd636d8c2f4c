"""Do other people's tracking clients, unchanged, bring each event in once, join who is one, stop, and retry?"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import rudderstack.analytics.client as rudder
import segment.analytics.client as segment
from playwright.async_api import async_playwright

from leadloom.domain.intake.scopes import Scope
from leadloom.runtime.wiring import wall_now
from leadloom.store import intake_keys
from leadloom.store.db import Db
from leadloom.store.intake_keys import KeyOrder
from leadloom.store.published import Book
from tests.served import Server, serving
from tests.store import acts
from tests.web.site import BROWSER
from tests.web.test_public_pages_in_a_browser import CHROMIUM, FLAGS

KEY, PUBLIC = "llk_of_a_server", "llp_of_a_page"
EVENTS = ["article_read", "price_page", "calculator_finished"]
"""Of each story: one before anybody knew who it was, two after."""
NEAR = "--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessChecks"
"""A page of the net may send to the loopback here, without anybody being asked: the server under test is there."""
MODULES = os.environ.get("LEADLOOM_NODE_MODULES", "")
needs_node = pytest.mark.skipif(
    not MODULES, reason="name a folder with npm's clients in it: LEADLOOM_NODE_MODULES (docs/how-to/send-events.md)"
)


@dataclass
class House:
    """A served house, and what its database says."""

    server: Server
    dsn: str

    async def story(self, email: str) -> list[str]:
        query = "SELECT kind FROM event JOIN lead USING (lead_id) WHERE email = $1 AND actor = 'lead' ORDER BY at, no"
        return [str(row["kind"]) for row in await acts.rows(self.dsn, query, email)]

    async def count(self, what: str) -> int:
        return int(str((await acts.rows(self.dsn, f"SELECT count(*) AS n FROM {what}"))[0]["n"]))


@pytest.fixture
async def house(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[House]:
    async with db.transaction() as tx:
        for words, public in ((KEY, False), (PUBLIC, True)):
            order = KeyOrder(name=words, public=public, scopes=(Scope.TRACK,), source="microsite", by="leo-novak")
            await intake_keys.keep(tx, words, order, at=wall_now())
    # Few may wait, so that overload is easily had.
    with serving(dsn, tmp_path, LEADLOOM_TRACKING_WAITING="40") as server:
        yield House(server, dsn)


def _segment(url: str, key: str = KEY, **more: Any) -> segment.Client:
    return segment.Client(key, host=url, gzip=True, upload_interval=0.1, **more)


def _rudder(url: str, key: str = KEY, **more: Any) -> rudder.Client:
    return rudder.Client(key, host=url, upload_interval=0.1, **more)


@pytest.mark.parametrize("make", [_segment, _rudder])
async def test_pythons_clients_tell_a_story_and_give_up_only_what_is_no_use(
    house: House, make: Callable[..., Any]
) -> None:
    browser, user, email = str(uuid4()), "u-" + uuid4().hex, f"{make.__name__[1:]}@meridian-pharma.example"

    def tell() -> None:
        client = make(house.server.url)
        client.track(anonymous_id=browser, event="Article Completed", properties={"asset": "dock", "list": [1, 2]})
        client.page(anonymous_id=browser, name="Home", properties={"url": "https://kelvance.example/"})
        client.identify(user, {"email": email, "firstName": "Ana", "company": {"name": "Meridian"}})
        client.alias(browser, user)
        client.group(user, "g1", {"name": "Meridian Pharma"})
        client.track(user, "Pricing Viewed")
        client.flush()
        client.track(user, "Calculator Completed")
        client.join()

    await asyncio.to_thread(tell)
    assert sorted(await house.story(email)) == sorted(EVENTS)
    assert await house.count("visitor_event WHERE lead_id IS NOT NULL") == 1

    failed, began = list[Any](), time.monotonic()
    wrong = make(house.server.url, "llk_nobodys", on_error=lambda error, items: failed.append((error, items)))
    wrong.track(user, "Pricing Viewed")
    await asyncio.to_thread(wrong.join)
    assert [error.status for error, _ in failed] == [401]
    assert time.monotonic() - began < 10, "a key that opens nothing isn't tried again"


async def test_overload_lets_a_client_come_again_until_all_is_in_once(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="segment")
    clients = [_segment(house.server.url, max_retries=30) for _ in range(6)]
    async with _held(house.dsn):
        for client in clients:
            for no in range(20):
                client.track(anonymous_id=f"b-{no}", event="price_page")
        async with asyncio.timeout(20):
            while "status 429" not in caplog.text:  # noqa: ASYNC110  a log tells nobody
                await asyncio.sleep(0.05)
    async with asyncio.timeout(30):
        while await house.count("visitor_event") < 120:  # noqa: ASYNC110  a client of another thread tells nobody
            await asyncio.sleep(0.1)
    await asyncio.gather(*(asyncio.to_thread(client.join) for client in clients))
    assert await house.count("visitor_event") == 120


@contextlib.asynccontextmanager
async def _held(dsn: str) -> AsyncIterator[None]:
    """Nobody can be taken in meanwhile."""
    blocker = await asyncpg.connect(dsn)
    async with blocker.transaction():
        await blocker.execute("LOCK TABLE visitor IN ACCESS EXCLUSIVE MODE")
        yield
    await blocker.close()


async def test_a_server_killed_amid_batches_loses_nothing_it_has_answered(house: House) -> None:
    answered, stop = list[str](), threading.Event()

    def pour(lane: int) -> None:
        with httpx.Client(auth=(KEY, "")) as client:
            for no in range(100_000):
                if stop.is_set():
                    return
                ids = [f"{lane}-{no}-{each}" for each in range(20)]
                calls = [
                    {"type": "track", "event": "price_page", "messageId": one, "anonymousId": f"b{lane}"} for one in ids
                ]
                try:
                    if client.post(f"{house.server.url}/v1/batch", json={"batch": calls}).status_code == 200:
                        answered.extend(ids)
                except httpx.HTTPError:
                    return

    for _ in range(3):
        lanes = [asyncio.create_task(asyncio.to_thread(pour, lane)) for lane in range(4)]
        before = len(answered)
        while len(answered) < before + 300:  # noqa: ASYNC110  threads tell nobody here
            await asyncio.sleep(0.01)
        house.server.kill()
        await asyncio.gather(*lanes)
        house.server.start()
    stop.set()
    kept = {str(row["key"]) for row in await acts.rows(house.dsn, "SELECT key FROM visitor_event")}
    there = await acts.rows(house.dsn, "SELECT key FROM dropped_event")
    missing = {f"track:{one}" for one in answered} - kept - {str(row["key"]) for row in there}
    assert missing == set()
    assert len(answered) >= 900


_NODE = {
    "@segment/analytics-node": """
const { Analytics } = require('@segment/analytics-node');
const tell = async (url, key, said) => {
  const client = new Analytics({ writeKey: key, host: url, flushInterval: 100, maxRetries: 5 });
  client.on('error', (error) => said.push(String(error.reason ? error.reason.message || error.reason : error.code)));
  client.track({ anonymousId: BROWSER, event: 'Article Completed' });
  client.identify({ userId: USER, anonymousId: BROWSER, traits: { email: EMAIL } });
  client.track({ userId: USER, event: 'Pricing Viewed' });
  client.track({ userId: USER, event: 'Calculator Completed' });
  await client.closeAndFlush();
};""",
    "@rudderstack/rudder-sdk-node": """
const RudderAnalytics = require('@rudderstack/rudder-sdk-node');
const tell = async (url, key, said) => {
  const client = new RudderAnalytics(key, { dataPlaneUrl: url, flushInterval: 100, maxRetryAttempts: 3,
                                            logLevel: 'none' });
  client.track({ anonymousId: BROWSER, event: 'Article Completed' });
  client.identify({ userId: USER, anonymousId: BROWSER, traits: { email: EMAIL } });
  client.track({ userId: USER, event: 'Pricing Viewed' });
  client.track({ userId: USER, event: 'Calculator Completed' });
  await new Promise((done) => client.flush((error) => { if (error) said.push(String(error.message)); done(); }));
};""",
}


@needs_node
@pytest.mark.parametrize("name", sorted(_NODE))
async def test_nodes_clients_tell_a_story_and_give_up_a_key_that_opens_nothing(house: House, name: str) -> None:
    email = f"node{len(name)}@meridian-pharma.example"
    consts = {"BROWSER": str(uuid4()), "USER": uuid4().hex, "EMAIL": email, "HOST": house.server.url, "KEY": KEY}
    program = "\n".join(
        [
            *(f"const {const} = {json.dumps(value)};" for const, value in consts.items()),
            "const said = [], wrong = [];",
            "process.on('unhandledRejection', (error) => wrong.push(String(error.message)));",
            "process.on('exit', () => console.log(JSON.stringify([said, wrong])));",
            _NODE[name],
            "tell(HOST, KEY, said).then(() => tell(HOST, 'llk_nobodys', wrong)).then(() => process.exit(0));",
        ]
    )
    ran = await asyncio.to_thread(
        subprocess.run, ["node", "-e", program], env={**os.environ, "NODE_PATH": MODULES}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    said, wrong = json.loads(ran.stdout.strip().splitlines()[-1])
    assert said == []
    assert any("401" in each or "nauthorized" in each for each in wrong), wrong
    assert sorted(await house.story(email)) == sorted(EVENTS)


@needs_node
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; install it or name it in CHROMIUM")
async def test_the_browsers_library_loads_from_us_and_tells_a_story(house: House) -> None:
    library = (Path(MODULES) / "@segment" / "analytics-next" / "dist" / "umd" / "index.js").read_text("utf-8")
    email = "browser@meridian-pharma.example"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, NEAR])
        tab = await _shop(browser, library)
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        await tab.evaluate(
            """async ([url, key, email]) => {
              const { AnalyticsBrowser } = window.AnalyticsNext || window;
              const analytics = AnalyticsBrowser.load({ writeKey: key, cdnURL: url });
              await analytics.page();
              await analytics.track('Article Completed', { asset: 'dock' });
              await analytics.identify('browser-user', { email });
              await analytics.track('Pricing Viewed');
              await analytics.track('Calculator Completed');
            }""",
            [house.server.url, PUBLIC, email],
        )
        async with asyncio.timeout(15):
            while len(await house.story(email)) < 3:  # noqa: ASYNC110  a page tells us nothing
                await asyncio.sleep(0.1)
        assert await _with_a_wrong_key(await _shop(browser, library), house.server.url) == (
            # Of a key that opens nothing there are no settings: the page is told, goes on, and nothing is sent.
            [404],
            # A page that has its settings from before is told once for each call, and lets it go.
            [401, 401],
        )
        await browser.close()
    assert await house.count("dropped_event") == 0
    assert sorted(await house.story(email)) == sorted(EVENTS)
    assert {url.split("/v1/")[1].partition("/")[0] for url in asked if "/v1/" in url} <= {"projects", "p", "t", "i"}
    assert all(url.startswith((house.server.url, "https://shop.example/")) for url in asked), asked
    (view,) = await acts.rows(house.dsn, "SELECT data FROM visitor_event WHERE lead_id IS NOT NULL")
    assert '"gclid": "G7"' in str(view["data"])


async def _shop(browser: Any, library: str) -> Any:
    """A page of another host, with the browser's library in it."""
    tab = await (await browser.new_context(user_agent=BROWSER)).new_page()
    page = "<!doctype html><title>Shop</title><h1>Shop</h1>"
    await tab.route("https://shop.example/**", lambda route: route.fulfill(body=page, content_type="text/html"))
    await tab.goto("https://shop.example/?utm_source=news&utm_medium=email&gclid=G7")
    await tab.add_script_tag(content=library)
    return tab


async def _with_a_wrong_key(tab: Any, url: str) -> tuple[list[int], list[int]]:
    """What we answer to a page with a key that opens nothing: asked for its settings first, and with those it kept."""
    said: list[int] = []
    tab.on("response", lambda answer: said.append(answer.status) if "/v1/" in answer.url else None)
    told = await tab.evaluate(
        """async (url) => {
          const { AnalyticsBrowser } = window.AnalyticsNext || window;
          const refused = await AnalyticsBrowser.load({ writeKey: 'llp_nobodys', cdnURL: url })
            .then(() => '', (error) => String(error));
          document.title = 'Shop, still';
          return refused;
        }""",
        url,
    )
    assert told != "", "the page is told that it can't be loaded"
    first, said[:] = list(said), []
    await tab.evaluate(
        """async (url) => {
          const { AnalyticsBrowser } = window.AnalyticsNext || window;
          const [, host] = url.split('://');
          const ours = { apiKey: 'llp_nobodys', apiHost: `${host}/v1`, protocol: 'http' };
          const settings = { integrations: { 'Segment.io': ours } };
          const analytics = AnalyticsBrowser.load({ writeKey: 'llp_nobodys', cdnSettings: settings, cdnURL: url });
          await analytics.page();
          await analytics.track('Pricing Viewed');
        }""",
        url,
    )
    await tab.wait_for_timeout(3000)  # as long as its first tries again would take
    assert await tab.title() == "Shop, still"
    return first, [status for status in said if status != 204]
