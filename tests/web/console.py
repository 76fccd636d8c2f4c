"""What tests of the console stand on: three weeks lived once, copied for each test, and a browser-like visitor."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx

from leadloom.domain.model import LeadId
from leadloom.store import published
from leadloom.store.db import Db
from tests import services
from tests.web import console_story
from tests.web.site import Site, open_site


@dataclass(frozen=True)
class Lived:
    """The story's database, to copy, and who is in it."""

    template: str
    people: dict[str, LeadId]


@dataclass
class Console:
    """The console on a copy of the story, as somebody meets it."""

    site: Site
    people: dict[str, LeadId]

    @property
    def client(self) -> httpx.AsyncClient:
        return self.site.client

    def sit(self, handle: str) -> None:
        """Act as this owner from now on."""
        self.client.cookies.set("seat", handle, domain="kelvance.example")

    async def page(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text[:500]
        return answer.text

    async def send(self, path: str, fields: dict[str, str], *, shown_at: str | None = None) -> httpx.Response:
        """Send a form as the page at `shown_at` (its own path) has it: with that page's token."""
        page = await self.page(shown_at or path)
        found = re.search(r'name="token" value="([^"]+)"', page)
        assert found is not None, "the page has no form to send"
        return await self.client.post(path, data={"token": unescape(found.group(1)), **fields})

    def lead(self, who: str) -> str:
        """The path of a lead's page."""
        return f"/leads/{self.people[who]}"

    async def card(self, who: str) -> str:
        """The path of the card of a lead's newest hand-off."""
        query = "SELECT hand_off_id FROM hand_off WHERE lead_id = $1 ORDER BY opened_at DESC LIMIT 1"
        (row,) = await self.site.rows(query, self.people[who])
        return f"/inbox/{row['hand_off_id']}"


def words(page: str) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def links(page: str, pattern: str) -> list[str]:
    """Addresses on the page that match, in order, each once."""
    found = [unescape(href) for href in re.findall(r'href="([^"]+)"', page)]
    return list(dict.fromkeys(href for href in found if re.search(pattern, href)))


@asynccontextmanager
async def lived(databases: services.Databases, template: str) -> AsyncIterator[Lived]:
    """Live the story once."""
    async with databases.fresh(template) as dsn:
        db = await Db.open(dsn, size=8)
        story = await console_story.three_weeks(db, dsn)
        await db.close()  # a database somebody is connected to can't be copied
        yield Lived(dsn.rsplit("/", 1)[1], story.people)


@asynccontextmanager
async def opened(databases: services.Databases, story: Lived, state: Path) -> AsyncIterator[Console]:
    """The console on a fresh copy of the story."""
    async with databases.fresh(story.template) as dsn:
        db = await Db.open(dsn, size=8)
        async with db.read() as tx:
            book = await published.book(tx)
        async with open_site(db, dsn, book, state) as site:
            yield Console(site, story.people)
        await db.close()
