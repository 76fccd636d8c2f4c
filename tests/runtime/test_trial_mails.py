"""Does a test mail look exactly like the real one, go to colleagues alone, count nowhere and act on nothing?"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.mails.template import TemplateBody
from leadloom.mail.building import Terms, check_template
from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.runtime.trial_mails import Trial, Tried, send
from leadloom.runtime.wiring import tools_of
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.repository import ROOT
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.web.site import Site, open_site

COLLEAGUE = "priya.nair@kelvance.example"


@asynccontextmanager
async def posted(db: Db, dsn: str, book: Book, state: Path) -> AsyncIterator[tuple[Site, MailTrap]]:
    """The public pages, and a relay that keeps what it gets."""
    async with MailTrap() as trap, open_site(db, dsn, book, state, smtp_url=trap.url) as site:
        yield site, trap


def exhibit(name: str) -> TemplateBody:
    """A filled layout of the gallery."""
    folder = ROOT / "templates" / "_gallery" / name
    layout = {path.name: path.read_text() for path in (ROOT / "templates" / "_layout").iterdir()}
    return check_template({path.name: path.read_text() for path in folder.iterdir()}, layout, Terms()).body


def draft() -> TemplateBody:
    """A mail of ours with its layout, a question and a link."""
    folder = ROOT / "templates" / "journeys" / "webinar-audit-season" / "invite"
    files = {path.name: path.read_text() for path in folder.iterdir()}
    layout = {path.name: path.read_text() for path in (ROOT / "templates" / "_layout").iterdir()}
    answer = "{{ answer_link('exploring_told') }}"
    files["body.html"] += f'<p><a href="{answer}">Not yet</a></p>'
    files["body.txt"] += answer
    return check_template(files, layout, Terms()).body


async def tried(
    site: Site, *to: str, mail: str = "small/dock", body: TemplateBody | None = None, **rest: object
) -> Tried:
    trial = Trial.model_validate(
        {"mail": mail, "as_lead": "ana.torres@meridian-pharma.example", "to": to, "by": "priya-nair", **rest}
    )
    async with tools_of(site.house) as tools:
        return await send(tools, trial, draft=body, at=TUESDAY)


async def test_the_very_mail_goes_to_colleagues_and_its_links_do_nothing(
    db: Db, dsn: str, book: Book, tmp_path: Path
) -> None:
    async with posted(db, dsn, book, tmp_path) as (site, trap):
        lead_id = await acts.capture(db, book, world.draft("ana.torres"), TUESDAY)
        before = await site.row_counts()
        done = await tried(site, COLLEAGUE, "leo.novak@kelvance.example", body=draft())
        assert (done.sent, done.lead_id, done.subject) == (
            2,
            lead_id,
            "[Test] Audit season: what inspectors read first",
        )
        assert [one.recipients for one in trap.mails] == [(COLLEAGUE,), ("leo.novak@kelvance.example",)]
        raw = trap.mails[0].raw
        read = trap.mails[0].message
        html = read.get_body(("html",)).get_content()  # type: ignore[union-attr]  our mails have one
        assert "Ana" in html
        assert "ana.torres" not in raw.decode()

        paths = {found[1] for found in re.finditer(r'href="http[s]?://[^/"]+(/[^"#]*)"', html)}
        assert {path[:3] for path in paths} == {"/x/"}
        for path in paths:
            page = await site.client.get(path)
            assert (page.status_code, "This was a test. Nothing happened." in page.text) == (200, True)
        stop = re.search(r"<https?://[^/>]+(/x/[^>]+)>", read["List-Unsubscribe"])
        assert stop is not None
        one_click = await site.client.post(stop[1], data={"List-Unsubscribe": "One-Click"})
        assert one_click.status_code == 200

        after = await site.row_counts()
        assert {table for table in after if after[table] != before.get(table)} == {"audit"}
        asked = "SELECT actor, subject, after::text AS said FROM audit WHERE action = 'sent a test mail'"
        (note,) = await site.rows(asked)
        assert (note["actor"], note["subject"]) == ("priya-nair", "mail small/dock")
        assert str(lead_id) in str(note["said"])
        assert COLLEAGUE not in str(note["said"])


async def test_only_colleagues_get_one_unless_a_reason_is_kept(db: Db, dsn: str, book: Book, tmp_path: Path) -> None:
    async with posted(db, dsn, book, tmp_path) as (site, trap):
        await acts.capture(db, book, world.draft("ana.torres"), TUESDAY)
        with pytest.raises(BadInput, match="Test mails go to colleagues at kelvance"):
            await tried(site, "friend@elsewhere.example")
        with pytest.raises(BadInput, match="why"):
            await tried(site, "friend@elsewhere.example", anyone=True)
        with pytest.raises(BadInput, match="10 at most"):
            await tried(site, *[f"a{no}@kelvance.example" for no in range(11)])
        assert trap.mails == []
        assert await site.rows("SELECT 1 FROM audit WHERE action = 'sent a test mail'") == []
        await tried(site, "friend@elsewhere.example", anyone=True, why="our counsel reads it")
        assert len(trap.mails) == 1
        (note,) = await site.rows("SELECT why FROM audit WHERE action = 'sent a test mail'")
        assert note["why"] == "our counsel reads it"


async def test_what_cannot_be_tried_is_named(db: Db, dsn: str, book: Book, tmp_path: Path) -> None:
    async with posted(db, dsn, book, tmp_path) as (site, _):
        await acts.capture(db, book, world.draft("ana.torres"), TUESDAY)
        with pytest.raises(BadInput, match="Write journey and mail"):
            await tried(site, COLLEAGUE, mail="dock")
        with pytest.raises(NotFound, match="small/nothing"):
            await tried(site, COLLEAGUE, mail="small/nothing")
        with pytest.raises(BadInput, match="It is a notice to an owner"):
            await tried(site, COLLEAGUE, mail="hand-off/offer")
        with pytest.raises(NotFound, match="lead"):
            await tried(site, COLLEAGUE, as_lead="nobody@meridian-pharma.example")


async def test_a_lead_reads_their_countrys_language_until_they_say_another_and_variables_say_their_own_values(
    db: Db, dsn: str, book: Book, tmp_path: Path
) -> None:
    async with posted(db, dsn, book, tmp_path) as (site, trap):
        told = {"country": "DE", "time_zone": "Europe/Berlin", "attributes": {"webinar_at": "2026-03-12T14:00:00Z"}}
        await acts.capture(db, book, world.draft("ana.torres", **told), TUESDAY)
        done = await tried(site, COLLEAGUE, body=exhibit("event"))
        assert (done.language, done.subject) == ("de", "[Test] Auditsaison: was Prüfer zuerst lesen")
        german = trap.mails[0].message
        assert german["Content-Language"] == "de"
        text = german.get_body(("plain",)).get_content()  # type: ignore[union-attr]  our mails have one
        assert "Guten Tag Ana," in text
        assert "Beginn: 12. März 2026 um 15:00" in text
        assert "1.200 Plätze" in text
        assert "Sie bekommen diesen Brief, weil Sie Kelvance erlaubt haben" in text

        await acts.capture(db, book, world.draft("ana.torres", language="en"), TUESDAY)
        assert (await tried(site, COLLEAGUE, body=exhibit("event"))).language == "en"


async def test_a_country_that_is_learned_later_says_the_language_and_never_against_the_leads_word(
    db: Db, dsn: str, book: Book
) -> None:
    async def language_of(name: str, **rest: object) -> object:
        await acts.capture(db, book, world.draft(name, **rest), TUESDAY)
        query = "SELECT language FROM lead WHERE email = $1"
        (row,) = await acts.rows(dsn, query, f"{name}@meridian-pharma.example")
        return row["language"]

    assert await language_of("bo.lind", country=None) == "en"
    assert await language_of("bo.lind", country="AT") == "de"
    assert await language_of("bo.lind", country="US") == "de"
    assert await language_of("cy.moss", country="DE", language="fr") == "fr"
