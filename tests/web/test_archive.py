"""May anybody read the letters the definition opens, once they were sent, and nothing that is about a reader?"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from leadloom.runtime.mail_archive import Archive
from leadloom.store import published
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.store.acts import TUESDAY
from tests.web.site import Site, open_site


@pytest.fixture
async def site(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[Site]:
    """The public pages, under a definition that opens two letters of which one is there."""
    mail = book.definition.mail.but(archive=("small/guide", "small/no-such"))
    definition = book.definition.but(mail=mail, version=book.definition.version + 1)
    async with db.transaction() as tx:
        await published.publish_definition(tx, definition, at=TUESDAY, by="samira-haddad")
        book = await published.book(tx)
    async with open_site(db, dsn, book, tmp_path) as opened:
        yield opened


async def as_marketing(site: Site) -> None:
    await site.rows("UPDATE message SET mail_class = 'marketing' RETURNING 1")


async def test_a_letter_stands_there_once_it_was_sent_and_names_nobody(site: Site) -> None:
    assert "No letter stands here yet." in (await site.client.get("/archive")).text
    await site.sent_mail()
    site.client._transport.app.state.archive._read_at = None
    assert "No letter stands here yet." in (await site.client.get("/archive")).text, "a service mail is one person's"
    await as_marketing(site)
    site.client._transport.app.state.archive._read_at = None
    listed = await site.client.get("/archive")
    assert listed.status_code == 200
    assert "/archive/small/guide" in listed.text
    letter = await site.client.get("/archive/small/guide")
    assert letter.status_code == 200
    for said in ("Ana", "Torres", "Meridian", "/t/c/", "/u/", "/p/", "/w/", "unsubscribe", "example/t/"):
        assert said not in letter.text, said
    assert "public" in letter.headers["cache-control"]
    await site.rows("UPDATE message SET mail_class = 'service' RETURNING 1")
    site.client._transport.app.state.archive._read_at = None
    assert "/archive/small/guide" in (await site.client.get("/archive")).text, "what went once isn't asked for again"
    again = await site.client.get("/archive/small/guide", headers={"If-None-Match": letter.headers["etag"]})
    assert again.status_code == 304
    feed = ET.fromstring((await site.client.get("/archive/feed.xml")).text)
    assert [item.text for item in feed.iter("guid")] == [f"{site.house.settings.public_url}/archive/small/guide"]
    german = await site.client.get("/archive", headers={"Accept-Language": "de-CH,de;q=0.9"})
    assert '<html lang="de">' in german.text and "<h1>Briefe</h1>" in german.text
    assert german.text == (await site.client.get("/archive?lang=de")).text
    assert 'href="/archive?lang=en"' in german.text and 'href="/archive/feed.xml?lang=de"' in german.text
    assert "<h1>Letters</h1>" in (await site.client.get("/archive?lang=fr")).text
    assert "<language>de</language>" in (await site.client.get("/archive/feed.xml?lang=de")).text
    for path in ("/archive/small/no-such", "/archive/small/nothing", "/archive/x/y"):
        assert (await site.client.get(path)).status_code == 404
    before = await site.row_counts()
    for path in ("/archive", "/archive/small/guide", "/archive/feed.xml"):
        await site.client.head(path)
    assert await site.row_counts() == before


async def test_what_is_not_shown_says_why(site: Site) -> None:
    await site.sent_mail()
    found = await Archive(site.db, "https://kelvance.example").letters(at=TUESDAY)
    assert {one.name: one.why_not for one in found} == {
        "small/guide": "it is a service mail: what one person asked for is nobody else's",
        "small/no-such": "no such mail is in force",
    }
