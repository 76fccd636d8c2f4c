"""Does every console page work in a real browser: on a phone and on a desk, by day and by night, and for everybody?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from leadloom.domain.access.viewer import ONLOOKER
from leadloom.domain.campaigns.arms import Arm
from leadloom.runtime import launching, user_acts
from leadloom.runtime.wiring import House
from leadloom.store import published
from leadloom.store.db import Db
from leadloom.store.users import NewUser
from leadloom.web.app import create_app
from leadloom.web.console._places import places
from tests import services, tasks
from tests.e2e.consoles import COLOURS, DESK, FLAGS, PHONE, Running, browser, chromium, faults_of, served
from tests.web import console as story_console
from tests.web import console_campaign
from tests.web.site import open_site
from tests.web.test_console_mail_held import held_mail
from tests.web.test_sign_in import GOOD, LIGHT

GUIDE = {"first_name": "Rosa", "company": "Birch", "country": "DE"}


@pytest.fixture(scope="module")
async def running(
    databases: services.Databases, lived: story_console.Lived, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """The story's console, served."""
    chromium()
    async with databases.fresh(lived.template) as dsn:
        db = await Db.open(dsn, size=8)
        async with db.read() as tx:
            book = await published.book(tx)
        async with open_site(db, dsn, book, tmp_path_factory.mktemp("state")) as site:
            console = story_console.Console(site, lived.people)
            async with served(create_app(site.house)) as base:
                yield Running(base, await paths_of(console))
        await db.close()


async def paths_of(console: story_console.Console) -> dict[str, str]:
    arms = (Arm(name="short", share=50), Arm(name="long", share=50))
    planned = await console_campaign.launched(console, pages=0, name="Spring letters", expected=9, arms=arms)
    await launching.check(console.site.db, planned.name, at=console.site.house.now(), by="priya-nair")
    campaign = await console_campaign.launched(console)
    await tasks.asked_of_a_stranger(console.site.db, console.site.book)
    await console.client.post("/f/guide", data={"email": "rosa@birch.example", "fax_number": "5", **GUIDE})
    held = story_console.links(await console.page("/forms"), "^/forms/held/")[0]
    await held_mail(console, "bo@birch.example")
    company = story_console.links(await console.page("/companies"), "^/companies/[0-9a-f]")[0]
    mail = story_console.links(await console.page("/rows/mails?status=sent&to=lead"), "^/mails/")[0]
    return {
        **{place.words.lower(): place.href for place in places() if place.needs <= ONLOOKER.rights},
        "seats": "/",
        "held post": held,
        "seat": "/seat",
        "inbox": "/inbox",
        "empty inbox": "/inbox?owner=mei-lin-goh",
        "tasks": "/tasks?ended=true",
        "no tasks": "/tasks?owner=mei-lin-goh",
        "offer": await console.card("clara"),
        "accepted": await console.card("dev"),
        "given back": await console.card("finn"),
        "lead": console.lead("ana"),
        "open a deal": f"{console.lead('ana')}/deal",
        "away": "/team/away",
        "offers": "/team/offers",
        "blocked lead": console.lead("jan"),
        "held lead": console.lead("mona"),
        "leads": "/rows/leads",
        "hand-offs": "/rows/hand-offs",
        "mails": "/rows/mails",
        "returns": "/rows/returns",
        "clicks": "/rows/clicks",
        "doctor": "/deliverability/doctor",
        "company": company,
        "runs": "/rows/runs",
        "deals": "/rows/deals",
        "no deals": "/rows/deals?stage=lost",
        "stuck": "/rows/stuck",
        "unowned": "/rows/unowned",
        "mail": mail,
        "journeys": "/journeys",
        "journey": "/journeys/welcome-four-degrees",
        "code journey": "/journeys/buying-circle",
        "campaigns": "/campaigns",
        "campaign": f"/campaigns/{campaign.campaign_id}",
        "planned campaign": f"/campaigns/{planned.campaign_id}",
        "exclusions": "/rows/exclusions",
        "members": "/rows/members",
        "preview": f"/journeys/welcome-four-degrees/preview?lead={console.people['ana']}",
    }


SEEN_BEFORE = {
    "empty inbox", "no tasks", "accepted", "given back", "blocked lead", "held lead", "planned campaign",
    "hand-offs", "mails", "runs", "deals", "no deals", "stuck", "unowned", "members", "exclusions",
}  # fmt: skip
"""Pages of a kind that another one has shown: of their second look, only what the first can't tell is asked."""


async def test_every_page_fits_complains_of_nothing_and_is_for_everybody(running: Running) -> None:
    """Colours don't depend on the width, nor the layout on the hour: a phone by day and a desk by night say it all."""
    faults: list[str] = []
    async with browser(running, viewport=PHONE, scheme="light") as context:
        page = await context.new_page()
        said: list[str] = []
        page.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        for name, path in running.paths.items():
            # Who governs leads may open every page but an administrator's and support's own; a rep sees their own.
            seat = "ben-okafor" if path == "/support" else "samira-haddad"
            await context.add_cookies([{"name": "seat", "value": seat, "url": running.base}])
            await page.set_viewport_size(PHONE)
            await page.emulate_media(color_scheme="light")
            answer = await page.goto(path, wait_until="load")
            found = [] if answer.status == 200 else [f"answered {answer.status}"]
            found += await faults_of(page)
            await page.set_viewport_size(DESK)
            await page.emulate_media(color_scheme="dark")
            found += await faults_of(page, rules=COLOURS if name in SEEN_BEFORE else None)
            found += [f"the browser says: {line}" for line in said]
            said.clear()
            faults += [f"{name}: {fault}" for fault in found]
    assert faults == []


async def test_pages_of_signing_in_and_of_users_are_for_everybody(
    databases: services.Databases, lived: story_console.Lived, tmp_path: Path
) -> None:
    chromium()
    faults: list[str] = []
    async with story_console.opened(databases, lived, tmp_path) as console:
        app = create_app(await _with_an_administrator(console.site.house))
        app.state.passwords = LIGHT
        async with served(app) as base, browser(Running(base, {}), viewport=PHONE) as context:
            page = await context.new_page()
            await page.goto("/sign-in")
            faults += await _faults_of_both(page, "sign in")
            await page.fill("[name=name]", "ada")
            await page.fill("[name=password]", GOOD)
            await page.press("[name=password]", "Enter")
            await page.wait_for_url(lambda url: "/sign-in" not in url)
            for path in ("/users", "/users/ada", "/audit", "/account"):
                answer = await page.goto(path)
                assert answer.status == 200, path
                faults += await _faults_of_both(page, path)
    assert faults == []


async def _with_an_administrator(house: House) -> House:
    settings = house.settings.model_copy(update={"sign_in": "password", "public_url": "http://127.0.0.1"})
    house = House(settings, house.db, house.signer, None)
    new = NewUser(handle="ada", email="ada@kelvance.example", name="Ada", roles=("admin",))
    await user_acts.add(house, new, by="tests")
    await user_acts.give_password(house, LIGHT, "ada", GOOD, by="tests")
    return house


async def _faults_of_both(page: Any, name: str) -> list[str]:
    """On a phone by day, on a desk by night."""
    await page.set_viewport_size(PHONE)
    await page.emulate_media(color_scheme="light")
    found = await faults_of(page)
    await page.set_viewport_size(DESK)
    await page.emulate_media(color_scheme="dark")
    return [f"{name}: {fault}" for fault in [*found, *await faults_of(page, rules=COLOURS)]]


async def test_everything_works_without_a_script(running: Running) -> None:
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    async with playwright.async_playwright() as driver:
        launched = await driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        context = await launched.new_context(java_script_enabled=False, base_url=running.base)
        page = await context.new_page()
        await page.goto("/seat")
        await page.click("button[value='wei-jie-tan']")
        assert "Wei Jie Tan" in await page.inner_text(".seat")
        await page.goto(running.paths["accepted"])
        await page.click("button[value='reached']")
        assert "1 try so far" in await page.inner_text("main")
        await launched.close()


def test_static_files_hold_no_address_of_elsewhere() -> None:
    static = Path(__file__).resolve().parents[2] / "leadloom" / "web" / "static"
    for name in ("console.css", "console.js", "inbox.css", "keys.js"):
        assert "//" not in (static / name).read_text().replace("// ", "")
