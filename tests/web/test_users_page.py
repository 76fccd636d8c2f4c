"""Does an administrator look after users on pages, and does the audit say who did what?"""

from __future__ import annotations

import re
from html import unescape

from tests.store import acts
from tests.web.console import words
from tests.web.test_sign_in import BETTER, GOOD, Door, door

__all__ = ["door"]


async def test_an_administrator_adds_somebody_who_comes_in_by_the_link(door: Door) -> None:
    await door.sign_in("ada")
    told = {"name": "Ben Okafor", "email": "ben@agency.example", "handle": "ben-okafor", "role": "support"}
    wrong = await door.send("/users", {**told, "handle": "Ben Okafor"}, shown_at="/users")
    assert (wrong.status_code, "Write it as the definition writes owners" in words(wrong.text)) == (422, True)
    assert 'value="ben@agency.example"' in wrong.text  # what was typed stays
    added = await door.send("/users", told, shown_at="/users")
    link = re.search(r"<code>http://127.0.0.1:8321(/sign-in/link/[^<]+)</code>", added.text)
    assert link is not None, words(added.text)
    assert "a link, not used yet" in words(await door.page("/users"))
    async with door.another() as theirs:
        assert (await theirs.send(unescape(link[1]), {"password": BETTER}, shown_at=link[1])).status_code == 303
        first = await theirs.client.get("/")
        assert (first.status_code, first.headers["location"]) == (
            303,
            "/inbox",
        )  # what support may
        assert "/users" not in await theirs.page("/inbox")
        await theirs.page("/users", 403)
        await theirs.page("/audit", 403)
        page = f"/users/{told['handle']}"
        await door.send(page, {"do": "roles", "role": "marketer", "team": "europe"}, shown_at=page)
        assert "see figures" in words(await theirs.page("/account"))  # from the next request on
        without = await door.send(page, {"do": "disable", "why": " "}, shown_at=page)
        assert without.status_code == 422
        await door.send(page, {"do": "disable", "why": "left us"}, shown_at=page)
        assert (await theirs.client.get("/inbox")).status_code == 303
        assert "Disabled" in await door.page(page)
        await door.send(page, {"do": "enable"}, shown_at=page)
        assert (await theirs.sign_in("ben@agency.example", BETTER)).status_code == 303
        await door.send(page, {"do": "end-sessions"}, shown_at=page)
        assert (await theirs.client.get("/inbox")).status_code == 303
    again = await door.send(page, {"do": "link"}, shown_at=page)
    assert "/sign-in/link/" in again.text
    mine = await door.send("/users/ada", {"do": "disable", "why": "tired"}, shown_at="/users/ada")
    assert (mine.status_code, "only administrator" in words(mine.text)) == (409, True)
    said = words(await door.page("/audit?subject=ben-okafor"))
    for act in ("added a user", "gave roles", "disabled a user", "enabled a user", "ended all sessions", "signed in"):
        assert act in said
    assert "roles: support → marketer" in said and "team: nothing → europe" in said
    assert "left us" in said


async def test_the_audit_goes_back_page_by_page_and_is_narrowed(door: Door) -> None:
    await door.sign_in("ada", "wrong password")
    await door.sign_in("ada", GOOD)
    await acts_of(door, 60)
    first = await door.page("/audit?actor=a-robot")
    assert first.count("<tr><td") == 50
    older = re.search(r'href="(/audit\?[^"]*before=\d+)"', first)
    assert older is not None
    assert (await door.page(unescape(older[1]))).count("<tr><td") == 10
    assert "failed to sign in" in words(await door.page("/audit?action=failed+to+sign+in&actor=ada"))
    assert "Nothing of that kind was noted" in await door.page("/audit?actor=nobody")


async def acts_of(door: Door, number: int) -> None:
    await acts.rows(
        door.site.dsn,
        "INSERT INTO audit (at, actor, action, subject)"
        " SELECT now(), 'a-robot', 'beeped', 'x' FROM generate_series(1, $1)",
        number,
    )
