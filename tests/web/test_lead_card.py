"""Does a lead's card open in the CRM that signed for it, and nowhere else, and answer as the notice's page does?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from leadloom.domain.access.card_address import card_address
from leadloom.runtime.wiring import wall_now
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.web.site import Site, open_site

KEY, OLD = "the key this crm signs with", "the key it signed with before"
CRM = "https://crm.example"


@pytest.fixture
async def site(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(db, dsn, book, tmp_path, card_key=f"{KEY},{OLD}", card_frames=CRM) as opened:
        yield opened


def address(lead_id: object, handle: str = "marcus-oyelaran", *, hours: float = 1, key: str = KEY) -> str:
    return card_address(lead_id, handle, wall_now() + timedelta(hours=hours), key=key)  # type: ignore[arg-type]  ids are UUIDs


async def test_the_card_says_it_all_in_the_frames_it_may_stand_in_and_looking_changes_nothing(site: Site) -> None:
    lead_id, _ = await site.offer(phone="+1 212 555 0199")
    before = await site.row_counts()
    page = await site.client.get(address(lead_id))
    assert page.status_code == 200
    assert f"frame-ancestors {CRM};" in page.headers["content-security-policy"]
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    for said in ("Ana Torres", "Asked for a demo", "decides alone", "You may call them", "which lane", "Accept"):
        assert said in page.text
    assert "set-cookie" not in page.headers
    assert (await site.client.head(address(lead_id))).status_code == 200
    assert await site.row_counts() == before


async def test_accepting_and_giving_back_on_the_card_decide_once(site: Site) -> None:
    lead_id, _ = await site.offer()
    here = address(lead_id, key=OLD)
    answer = await site.client.post(
        here, data={"do": "accept"}, headers={"Origin": CRM, "Sec-Fetch-Site": "cross-site"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    assert "You accepted this lead" in (await site.client.get(here)).text
    late = await site.client.post(here, data={"do": "accept"})
    assert (late.status_code, "accepted it" in late.text) == (409, True)
    lacking = await site.client.post(here, data={"do": "give_back"})
    assert (lacking.status_code, 'role="alert"' in lacking.text) == (422, True)
    await site.client.post(here, data={"do": "give_back", "reason": "junk"})
    [row] = await site.rows("SELECT state, reason, decided_by, closed_at IS NOT NULL AS over FROM hand_off")
    assert row == {"state": "accepted", "reason": "junk", "decided_by": "marcus-oyelaran", "over": True}


async def test_who_has_no_right_to_it_sees_no_card_and_can_do_nothing(site: Site) -> None:
    lead_id, _ = await site.offer()
    good = address(lead_id)
    refused = [
        address(lead_id, key="somebody's key"), address(lead_id, hours=-1), address(lead_id, hours=30),
        address(lead_id, "nobody-here"), good.replace("marcus-oyelaran", "dana-whitlock"),
        good.replace(str(lead_id), str(uuid4())), f"/leads/{lead_id}/card",
        f"{good.partition('&until')[0]}&until=x&sig=y",
    ]  # fmt: skip
    before = await site.row_counts()
    for path in refused:
        page = await site.client.get(path)
        assert (page.status_code, "Ana Torres" in page.text) == (403, False), path
        assert (await site.client.post(path, data={"do": "accept"})).status_code == 403
    assert await site.row_counts() == before


async def test_another_owner_is_told_with_whom_the_lead_is_and_gets_no_button(site: Site) -> None:
    lead_id, _ = await site.offer()
    theirs = address(lead_id, "ines-carvalho")
    page = await site.client.get(theirs)
    assert ("Ana Torres is with Marcus Oyelaran." in page.text, "<button" in page.text) == (True, False)
    await site.client.post(theirs, data={"do": "accept"})
    assert [row["state"] for row in await site.rows("SELECT state FROM hand_off")] == ["offered"]


async def test_a_lead_that_was_never_offered_has_no_card(site: Site) -> None:
    page = await site.client.get(address(uuid4()))
    assert (page.status_code, "there is no card" in page.text) == (200, True)


async def test_without_a_key_there_are_no_cards_and_nobody_may_frame_them(
    db: Db, dsn: str, book: Book, tmp_path: Path
) -> None:
    async with open_site(db, dsn, book, tmp_path) as bare:
        lead_id, _ = await bare.offer()
        page = await bare.client.get(address(lead_id, key=""))
        assert page.status_code == 403
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
