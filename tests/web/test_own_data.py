"""Does a person get, keep and erase what we hold about them, from their mailbox alone, and nobody else anything?"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from leadloom.domain.mails.links import Purpose
from leadloom.domain.model import MessageId
from leadloom.store import published
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.journeys.letters import journey
from tests.store.acts import TUESDAY
from tests.web.site import Site, open_site

SOON = TUESDAY + timedelta(days=7)


@pytest.fixture
async def site(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[Site]:
    """The public pages, with the two journeys in force that send the mails."""
    async with db.transaction() as tx:
        for name, mail in (("your-data", "your-data"), ("erase-me", "confirm")):
            await published.publish_journey(tx, journey(name), at=TUESDAY - timedelta(days=9), by="samira-haddad")
            template = world.template(mail)
            await published.publish_template(tx, name, mail, template, at=TUESDAY - timedelta(days=9), by="leo-novak")
        book = await published.book(tx)
    async with open_site(db, dsn, book, tmp_path) as opened:
        yield opened


async def test_asking_sends_one_mail_a_day_to_the_mailbox_and_shows_nothing(site: Site) -> None:
    message_id = await site.sent_mail()
    page = site.link(Purpose.PREFERENCES, message_id)
    asked = await site.client.post(page, data={"wish": "data"})
    assert "Heard: a mail is on its way to you" in asked.text
    assert "ana.torres" not in asked.text
    again = await site.client.post(page, data={"wish": "data"})
    assert "since you asked earlier today" in again.text
    await site.client.post(page, data={"wish": "erasure"})
    runs = await site.rows("SELECT journey FROM enrolment WHERE journey <> 'small' ORDER BY journey")
    assert [row["journey"] for row in runs] == ["erase-me", "your-data"]
    assert (await site.client.post(page, data={"wish": "everything"})).status_code == 422


async def test_the_link_gives_everything_once_in_each_form_and_looking_uses_nothing_up(site: Site) -> None:
    message_id = await site.sent_mail()
    await site.sent_mail("dora.quist")
    path = "/d/" + site.signer.ending(Purpose.OWN_DATA, message_id, ends_at=SOON)
    before = await site.row_counts()
    for ask in (site.client.get, site.client.head, site.client.get):
        looked = await ask(path)
        assert (looked.status_code, looked.headers["cache-control"]) == (200, "no-store")
        assert "ana.torres" not in looked.text
    assert await site.row_counts() == before
    file = await site.client.post(path, data={"form": "json"})
    assert "attachment" in file.headers["content-disposition"]
    told = json.loads(file.text)
    assert told["lead"][0]["email"] == "ana.torres@meridian-pharma.example"
    assert {"basis", "event", "message", "enrolment", "identity_key"} <= told.keys()
    assert "dora" not in file.text.lower()
    read = await site.client.post(path, data={"form": "html"})
    assert "In short" in read.text and "We sent you the mail “guide” of the series small." in read.text
    assert "What you allowed, and how we know" in read.text and "ana.torres@meridian-pharma.example" in read.text
    for form in ("json", "html"):
        twice = await site.client.post(path, data={"form": form})
        assert (twice.status_code, "works once" in twice.text) == (409, True)
        assert "ana.torres" not in twice.text


async def test_erasing_waits_for_the_press_and_leaves_nothing_behind_any_link(site: Site) -> None:
    message_id = await site.sent_mail()
    path = "/e/" + site.signer.ending(Purpose.ERASE, message_id, ends_at=SOON)
    for _ in range(2):
        assert "Erase all we hold about you?" in (await site.client.get(path)).text
    assert (await site.rows("SELECT erased_at FROM lead"))[0]["erased_at"] is None
    done = await site.client.post(path)
    assert (done.status_code, "You are forgotten" in done.text) == (200, True)
    [lead] = await site.rows("SELECT email, first_name, erased_at FROM lead")
    assert (lead["email"], lead["first_name"]) == (None, None)
    assert (await site.client.post(path)).status_code == 200
    for purpose in (Purpose.PREFERENCES, Purpose.UNSUBSCRIBE):
        assert (await site.client.get(site.link(purpose, message_id))).status_code == 200
    stopped = await site.client.post(site.link(Purpose.UNSUBSCRIBE, message_id), data={"List-Unsubscribe": "One-Click"})
    assert (stopped.status_code, await site.events("unsubscribed")) == (200, [])
    gone = await site.client.get("/d/" + site.signer.ending(Purpose.OWN_DATA, message_id, ends_at=SOON))
    assert "Nothing is left" in gone.text


async def test_old_forged_and_foreign_links_do_nothing(site: Site) -> None:
    message_id = await site.sent_mail()
    over = site.signer.ending(Purpose.ERASE, message_id, ends_at=TUESDAY - timedelta(seconds=1))
    data = site.signer.ending(Purpose.OWN_DATA, message_id, ends_at=SOON)
    stranger = site.signer.ending(Purpose.ERASE, MessageId(UUID(int=3)), ends_at=SOON)
    for path, status in ((f"/e/{over}", 410), (f"/e/{data}", 403), (f"/d/{data[:-2]}xx", 403), (f"/e/{stranger}", 200)):
        answer = await site.client.post(path, data={"form": "json"})
        assert answer.status_code == status, path
        assert re.search("ana.torres", answer.text) is None
    assert (await site.rows("SELECT erased_at FROM lead"))[0]["erased_at"] is None
