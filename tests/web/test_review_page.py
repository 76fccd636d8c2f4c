"""Can the owner of a deal hold, edit or skip a letter from its notice alone, and does looking decide nothing?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from leadloom.store import owners
from leadloom.store.db import Db
from tests import coming
from tests.coming import OPENED, SILENT_UNTIL
from tests.store.acts import TUESDAY
from tests.web.site import Site, open_site


@pytest.fixture
async def site(db: Db, dsn: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The public pages, with a letter that is coming; business time stands an instant after it was asked for."""
    assert OPENED == TUESDAY
    book = await coming.publish(db)
    await coming.deal_opened(db, book)
    async with open_site(db, dsn, book, tmp_path) as opened:
        yield opened


async def path(site: Site, handle: str = "dana-whitlock") -> str:
    async with site.db.read() as tx:
        owner = await owners.named(tx, handle)
    message_id = (await coming.mail(site.db)).message_id
    expires_at = OPENED + timedelta(days=14)
    return "/v/" + site.signer.review(message_id, owner_id=owner.owner_id, expires_at=expires_at)


async def test_the_page_shows_the_letter_and_when_silence_lets_it_go(site: Site) -> None:
    link, before = await path(site), await site.row_counts()
    page = await site.client.get(link)

    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    for said in ("Dana Whitlock", "Ana Torres", "Meridian Pharma", "Before anybody relies on our records", "silence"):
        assert said in page.text
    assert f'datetime="{SILENT_UNTIL:%Y-%m-%dT%H:%M}' in page.text
    assert (await site.client.head(link)).status_code == 200
    assert await site.row_counts() == before


async def test_one_post_holds_it_and_the_next_lets_it_go(site: Site) -> None:
    link = await path(site)
    held = await site.client.post(link, data={"do": "hold"})
    assert (held.status_code, held.headers["location"]) == (303, link)
    letter = await coming.mail(site.db)
    assert (letter.state, letter.decided_by, letter.decided_via) == ("held", "dana-whitlock", "link")
    assert "Let it go now" in (await site.client.get(link)).text

    await site.client.post(link, data={"do": "release"})
    assert (await coming.mail(site.db)).state == "released"


async def test_words_written_anew_are_shown_and_said_to_be_of_this_mail_alone(site: Site) -> None:
    link = await path(site)
    await site.client.post(link, data={"do": "edit", "passage-opening": "We spoke yesterday. Here is <the> pack."})
    page = (await site.client.get(link)).text

    assert "We spoke yesterday. Here is &lt;the&gt; pack." in page
    assert "Only this one mail reads so" in page


async def test_words_we_would_not_send_come_back_with_the_reason(site: Site) -> None:
    link = await path(site)
    answer = await site.client.post(link, data={"do": "edit", "passage-opening": "Act now!"})

    assert answer.status_code == 422
    assert "shout" in answer.text or "fear" in answer.text
    assert "Act now!" in answer.text


async def test_a_skipped_letter_is_skipped_and_nothing_is_left_to_decide(site: Site) -> None:
    link = await path(site)
    await site.client.post(link, data={"do": "skip"})
    page = (await site.client.get(link)).text

    assert "Dana Whitlock skipped it" in page
    assert "nothing left to decide" in page
    assert (await site.client.post(link, data={"do": "hold"})).status_code == 409


@pytest.mark.parametrize("do", ["", "send", "delete"])
async def test_a_button_that_is_not_there_does_nothing(site: Site, do: str) -> None:
    assert (await site.client.post(await path(site), data={"do": do})).status_code == 422
    assert (await coming.mail(site.db)).state == "open"


async def test_a_link_that_was_changed_opens_nothing(site: Site) -> None:
    assert (await site.client.get((await path(site))[:-2] + "xx")).status_code == 403


async def test_the_console_lists_what_is_coming_and_acts_in_the_name_of_the_seat(site: Site) -> None:
    letter = await coming.mail(site.db)
    place = f"/coming/{letter.message_id}"
    site.client.cookies.set("seat", "greta-lindqvist", domain="kelvance.example")
    listed = (await site.client.get("/coming?owner=dana-whitlock")).text
    assert "Ana Torres" in listed
    assert "Ana Torres" not in (await site.client.get("/coming?owner=jonas-brandt")).text
    page = (await site.client.get(place)).text
    token = page.split('name="token" value="')[1].split('"')[0]
    answer = await site.client.post(place, data={"token": token, "do": "hold"})

    assert answer.status_code == 303
    now = await coming.mail(site.db)
    assert (now.state, now.decided_by, now.decided_via) == ("held", "greta-lindqvist", "page")


async def test_without_a_seat_nobody_says_anything(site: Site) -> None:
    place = f"/coming/{(await coming.mail(site.db)).message_id}"
    page = (await site.client.get(place)).text
    token = page.split('name="token" value="')[1].split('"')[0]

    assert (await site.client.post(place, data={"token": token, "do": "hold"})).status_code == 422
    assert (await site.client.post(place, data={"do": "hold"})).status_code == 403
