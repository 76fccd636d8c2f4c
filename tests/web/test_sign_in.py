"""Does nobody come into the console who isn't let in, and does a session do what its user may and no more?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi.routing import APIRoute

from leadloom.domain.errors import BadInput, Conflict
from leadloom.runtime import user_acts
from leadloom.runtime.passwords import Passwords
from leadloom.runtime.wiring import House
from leadloom.store.users import NewUser
from leadloom.web import console as console_room
from leadloom.web.app import create_app, routers
from leadloom.web.console._guard import needed_by
from tests import services
from tests.store import acts
from tests.web import console as story_console
from tests.web.console import words
from tests.web.site import BROWSER, Site

GOOD = "vier Grad unter Null"
BETTER = "neun Minuten am Dock"
LIGHT = Passwords(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
"""Real Argon2 with less work, so that a test isn't one of patience."""


@dataclass
class Door:
    """A browser in front of the console."""

    site: Site
    client: httpx.AsyncClient

    async def page(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, words(answer.text)[:400])
        return answer.text

    async def send(self, path: str, fields: dict[str, str], *, shown_at: str) -> httpx.Response:
        found = re.search(r'name="token" value="([^"]+)"', (await self.client.get(shown_at)).text)
        assert found is not None
        return await self.client.post(path, data={"token": unescape(found.group(1)), **fields})

    async def sign_in(self, name: str, password: str = GOOD, **more: str) -> httpx.Response:
        return await self.send("/sign-in", {"name": name, "password": password, **more}, shown_at="/sign-in")

    async def noted(self, action: str) -> list[str]:
        rows = await self.site.rows("SELECT actor FROM audit WHERE action = $1 ORDER BY audit_id", action)
        return [str(row["actor"]) for row in rows]

    @asynccontextmanager
    async def another(self, address: str = "198.51.100.9") -> AsyncIterator[Door]:
        """Another browser, from elsewhere, of the same console."""
        async with browser(self.site.house, address) as client:
            yield Door(self.site, client)


@asynccontextmanager
async def browser(house: House, address: str = "203.0.113.7") -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(house)
    app.state.passwords = LIGHT
    transport = httpx.ASGITransport(app, client=(address, 4711), raise_app_exceptions=False)
    headers = {"User-Agent": BROWSER, "Accept": "text/html"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8321", headers=headers) as client:
        yield client


PEOPLE = {
    "ines-carvalho": ("sdr",),
    "samira-haddad": ("lead-management-owner",),
    "tom-achterberg": ("head-of-marketing",),
    "ada": ("admin",),
}


@pytest.fixture
async def door(databases: services.Databases, story: story_console.Lived, tmp_path: Path) -> AsyncIterator[Door]:
    async with story_console.opened(databases, story, tmp_path) as console:
        site = console.site
        settings = site.house.settings.model_copy(update={"sign_in": "password"})
        house = House(settings, site.house.db, site.house.signer, None)
        for handle, roles in PEOPLE.items():
            new = NewUser(handle=handle, email=f"{handle}@kelvance.example", name=handle.title(), roles=roles)
            await user_acts.add(house, new, by="tests")
            await user_acts.give_password(house, LIGHT, handle, GOOD, by="tests")
        async with browser(house) as client:
            door = Door(Site(house, client, site.book, site.dsn), client)
            door.people = console.people  # type: ignore[attr-defined]  the story's, for paths
            yield door


def lead(door: Door, who: str) -> str:
    return f"/leads/{door.people[who]}"  # type: ignore[attr-defined]  see the fixture


async def test_signing_in_opens_and_signing_out_shuts(door: Door) -> None:
    before = await door.client.get("/rows/leads?stage=mql")
    assert (before.status_code, before.headers["location"]) == (303, "/sign-in?next=%2Frows%2Fleads%3Fstage%3Dmql")
    assert (await door.client.post("/tasks/" + "0" * 8)).status_code in (401, 422)
    planted = door.client.cookies.get("session")
    answer = await door.sign_in("INES-CARVALHO@kelvance.example", next="/rows/leads?stage=mql")
    assert (answer.status_code, answer.headers["location"]) == (303, "/rows/leads?stage=mql")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("session="))
    assert {"HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
    token = door.client.cookies["session"]
    assert token != planted
    kept = await door.site.rows("SELECT hash, agent FROM console_session")
    assert [(token in str(row["hash"]), row["agent"]) for row in kept] == [(False, "Chrome on Linux")]
    page = await door.page("/account")
    assert "Chrome on Linux (this one)" in words(page) and "Forms act in your name" in words(page)
    assert 'href="/account">Ines-Carvalho' in page
    out = await door.send("/sign-out", {}, shown_at="/account")
    assert out.headers["location"] == "/sign-in"
    door.client.cookies.set("session", token, domain="127.0.0.1")
    assert (await door.client.get("/inbox")).status_code == 303  # the token itself is worth nothing any more
    assert await door.noted("signed in") == await door.noted("signed out") == ["ines-carvalho"]


async def test_next_leads_to_no_other_site(door: Door) -> None:
    assert (await door.sign_in("ada", next="https://evil.example/")).headers["location"] == "/"


async def test_nobody_learns_who_is_a_user(door: Door) -> None:
    await user_acts.shut_out(door.site.house, "tom-achterberg", by="ada", why="left us")
    wrong = [
        await door.sign_in(name, password)
        for name, password in (("ines-carvalho", "wrong"), ("nobody", "wrong"), ("tom-achterberg", GOOD), ("", ""))
    ]
    said = {words(answer.text.replace(str(answer.request.content), "")) for answer in wrong}
    assert {answer.status_code for answer in wrong} == {401}
    told = [re.findall(r"Name and password.*?link\.", one) for one in said]
    assert len({str(one) for one in told}) == 1 and len(told[0]) == 1
    assert sorted(await door.noted("failed to sign in")) == ["ines-carvalho", "somebody", "somebody", "tom-achterberg"]
    kept = str(await door.site.rows("SELECT * FROM sign_in"))
    assert "nobody" not in kept  # people type their password into the wrong field


async def test_guessing_gets_slow_and_a_stranger_shuts_nobody_out(door: Door) -> None:
    assert (await door.sign_in("ines-carvalho")).status_code == 303  # this browser is known from now on
    await door.send("/sign-out", {}, shown_at="/account")
    async with door.another() as stranger:
        codes = [(await stranger.sign_in("ines-carvalho", f"guess {no}")).status_code for no in range(7)]
        assert codes == [401] * 5 + [429] * 2
        slow = await stranger.sign_in("ines-carvalho", GOOD)
        assert (slow.status_code, slow.headers["retry-after"]) == (429, "2")  # also a right one isn't looked at
        assert "Too many wrong tries" in words(slow.text)
    assert (await door.sign_in("ines-carvalho")).status_code == 303  # their own browser doesn't wait


async def test_many_guesses_at_once_are_counted_like_many_in_a_row(door: Door) -> None:

    async with door.another() as stranger:
        token = re.search(r'name="token" value="([^"]+)"', await stranger.page("/sign-in"))
        assert token is not None
        form = {"token": unescape(token[1]), "name": "ada", "password": "wrong"}
        answers = await asyncio.gather(*(stranger.client.post("/sign-in", data=form) for _ in range(15)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 10


async def test_a_password_changes_with_the_old_one_and_ends_other_sessions(door: Door) -> None:
    await door.sign_in("ines-carvalho")
    async with door.another() as elsewhere:
        await elsewhere.sign_in("ines-carvalho")
        assert words(await door.page("/account")).count("Chrome on Linux") == 2
        wrong = await door.send("/account/password", {"old": "wrong", "new": BETTER}, shown_at="/account")
        weak = await door.send("/account/password", {"old": GOOD, "new": "password1234"}, shown_at="/account")
        assert (wrong.status_code, "isn't your password of now" in words(wrong.text)) == (422, True)
        assert (weak.status_code, "guessed first" in words(weak.text)) == (422, True)
        done = await door.send("/account/password", {"old": GOOD, "new": BETTER}, shown_at="/account")
        assert done.headers["location"] == "/account?done=password"
        assert (await elsewhere.client.get("/account")).status_code == 303
        assert (await elsewhere.sign_in("ines-carvalho", GOOD)).status_code == 401
        assert (await elsewhere.sign_in("ines-carvalho", BETTER)).status_code == 303
        page = await door.page("/account")
        end = re.search(r'action="(/account/sessions/[^"]+)"', page)
        assert end is not None
        assert (await door.send(end[1], {}, shown_at="/account")).status_code == 303
        assert (await elsewhere.client.get("/account")).status_code == 303
    assert await door.noted("changed their password") == ["ines-carvalho"]


async def test_a_link_sets_a_password_once_by_a_form_and_looking_uses_nothing_up(door: Door) -> None:
    link = (await user_acts.new_link(door.site.house, "ines-carvalho", by="ada")).removeprefix("http://127.0.0.1:8321")
    for _ in range(3):
        assert "Set your password" in await door.page(link)
    assert (await door.client.get(link)).headers["referrer-policy"] == "no-referrer"
    assert (await door.send(link, {"password": "short"}, shown_at=link)).status_code == 422
    assert (await door.send(link, {"password": BETTER}, shown_at=link)).headers["location"] == "/"
    assert "Ines" in await door.page("/account")
    assert "This link has ended" in await door.page(link, 410)
    stale = (await user_acts.new_link(door.site.house, "ada", by="ada")).removeprefix("http://127.0.0.1:8321")
    await user_acts.new_link(door.site.house, "ada", by="ada")
    assert "This link has ended" in await door.page(stale, 410)  # a newer one ends it


async def test_a_session_ends_by_age_by_rest_and_with_its_user(door: Door) -> None:
    for change in (
        "UPDATE console_session SET expires_at = began_at",
        "UPDATE console_session SET seen_at = seen_at - interval '13 hours'",
        "UPDATE console_user SET active_until = active_from WHERE handle = 'ines-carvalho'",
    ):
        await door.sign_in("ines-carvalho")
        assert (await door.client.get("/inbox")).status_code == 200
        await acts.rows(door.site.dsn, change)
        assert (await door.client.get("/inbox")).status_code == 303, change


async def test_a_weakly_hashed_password_is_hashed_anew_when_it_was_right(door: Door) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=512, parallelism=1).hash(GOOD)
    await acts.rows(door.site.dsn, "UPDATE console_user SET password_hash = $1 WHERE handle = 'ada'", weak)
    assert (await door.sign_in("ada")).status_code == 303
    (row,) = await door.site.rows("SELECT password_hash FROM console_user WHERE handle = 'ada'")
    assert "m=1024" in str(row["password_hash"])


async def test_a_form_of_another_session_does_nothing(door: Door) -> None:
    await door.sign_in("ines-carvalho")
    token = re.search(r'name="token" value="([^"]+)"', await door.page("/account"))
    assert token is not None
    await door.send("/sign-out", {}, shown_at="/account")
    await door.sign_in("ines-carvalho")
    stale = await door.client.post("/sign-out", data={"token": unescape(token[1])})
    assert stale.status_code == 403


# What one may


async def test_a_rep_sees_their_teams_leads_and_nothing_of_the_others(door: Door) -> None:
    await door.sign_in("ines-carvalho")
    listed = words(await door.page("/rows/leads"))
    everybody = await door.site.rows("SELECT count(*) AS n FROM lead")
    shown = re.search(r"(\d+) rows?", listed)
    rows = await door.site.rows(
        "SELECT l.lead_id, o.handle, l.country FROM lead l LEFT JOIN owner o USING (owner_id) ORDER BY l.created_at"
    )
    mine = [row for row in rows if row["handle"] in ("ines-carvalho", "jonas-brandt")]
    others = [row for row in rows if row["handle"] not in ("ines-carvalho", "jonas-brandt", None)]
    assert mine and others, (shown, everybody)
    for row in mine:
        await door.page(f"/leads/{row['lead_id']}")
    hidden = 0
    for row in others:
        answer = await door.client.get(f"/leads/{row['lead_id']}")
        hidden += answer.status_code == 403
    assert hidden > 0
    refused = await door.client.get("/rows/consent")
    assert (refused.status_code, "leads of everybody" in words(refused.text)) == (403, True)


async def test_a_page_without_the_right_says_which_is_missing_and_whom_to_ask(door: Door) -> None:
    await door.sign_in("ines-carvalho")
    said = words(await door.page("/deliverability", 403))
    assert "You have no right to see deliverability" in said
    assert "The right is called see-operation" in said and "engineer" in said
    assert "Samira Haddad decides" in said and "Ada can give you another role" in said
    row = (await door.page("/inbox")).split('class="places"')[1].split("</nav>")[0]
    assert "/inbox" in row and "/deliverability" not in row
    program = await door.client.get("/deliverability", headers={"Accept": "application/json"})
    assert program.status_code == 403


async def test_who_may_not_see_addresses_reads_none_on_any_page(door: Door) -> None:
    rows = await door.site.rows("SELECT lead_id, email FROM lead WHERE email IS NOT NULL")
    await door.sign_in("samira-haddad")
    pages = [f"/leads/{row['lead_id']}" for row in rows] + ["/rows/leads", "/rows/mails", "/rows/leads.csv"]
    seen = "".join([(await door.client.get(path)).text for path in pages])
    assert any(str(row["email"]) in seen for row in rows)
    async with door.another() as head:
        await head.sign_in("tom-achterberg")
        seen = "".join([await head.page(path) for path in pages])
    assert [row["email"] for row in rows if str(row["email"]) in seen] == []
    assert "…@" in seen


async def test_an_admin_looks_after_users_and_acts_in_nobodys_name(door: Door) -> None:
    await door.sign_in("ada")
    await door.page("/rows/leads", 403)
    assert "you may look, not act" in words(await door.page("/account"))


async def test_the_last_administrator_stays(door: Door) -> None:
    house = door.site.house
    with pytest.raises(Conflict, match="only administrator"):
        await user_acts.shut_out(house, "ada", by="ada", why="gone")
    with pytest.raises(Conflict, match="only administrator"):
        await user_acts.give_roles(house, "ada", roles=("sdr",), team=None, regions=(), by="ada")
    with pytest.raises(BadInput, match="Use one of"):
        await user_acts.give_roles(house, "ada", roles=("admin", "king"), team=None, regions=(), by="ada")


async def test_seats_are_for_this_machine_alone(door: Door) -> None:
    far = door.site.house.settings.model_copy(
        update={"sign_in": "seats", "public_url": "https://leads.kelvance.example"}
    )
    with pytest.raises(BadInput, match="this machine alone"):
        create_app(House(far, door.site.db, door.site.house.signer, None))
    door.client.cookies.set("seat", "ines-carvalho", domain="127.0.0.1")
    assert (await door.client.get("/inbox")).status_code == 303  # a seat's cookie is nobody where one signs in


async def test_by_https_the_session_is_a_cookie_nobody_else_can_set(door: Door) -> None:
    safe = door.site.house.settings.model_copy(update={"public_url": "https://leads.kelvance.example"})
    async with browser(House(safe, door.site.db, door.site.house.signer, None)) as client:
        page = (await client.get("/sign-in")).text
        cookies = (await client.get("/sign-in")).headers.get_list("set-cookie")
    assert all("Secure" in one for one in cookies) and 'name="password"' in page


def test_every_route_of_the_console_says_what_it_takes() -> None:
    room = console_room.__name__
    silent = [
        route.path
        for router in routers()
        for route in router.routes
        if isinstance(route, APIRoute) and route.endpoint.__module__.startswith(room)
        if needed_by([*router.dependencies, *route.dependencies]) is None
    ]
    assert silent == []
