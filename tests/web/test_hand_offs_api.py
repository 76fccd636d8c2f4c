"""Can a CRM pass on what an owner answers, take it back, and hide a card, with a key that may?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from leadloom.domain.intake.scopes import Scope
from leadloom.store import intake_keys
from leadloom.store.db import Db
from leadloom.store.intake_keys import KeyOrder
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.web.site import Site, open_site

KEYS = {Scope.HAND_OFFS: "llk_of_a_crm", Scope.LEADS_READ: "llk_of_a_reader"}


@pytest.fixture
async def site(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[Site]:
    async with db.transaction() as tx:
        for scope, key in KEYS.items():
            order = KeyOrder(name=scope, public=False, scopes=(scope,), by="leo-novak")
            await intake_keys.keep(tx, key, order, at=TUESDAY)
    await acts.capture(db, book, world.draft("ana.torres", world.happened("demo_requested", TUESDAY)))
    async with open_site(db, dsn, book, tmp_path) as opened:
        opened.client.headers["Authorization"] = f"Bearer {KEYS[Scope.HAND_OFFS]}"
        yield opened


async def test_an_answer_is_passed_on_taken_back_and_given_for_good(site: Site) -> None:
    [listed] = (await site.client.get("/v1/hand-offs")).json()["data"]
    at = f"/v1/hand-offs/{listed['id']}"
    accept = {"kind": "accept", "by": "marcus-oyelaran"}
    held = (await site.client.post(f"{at}/answer", json={**accept, "undoable": True})).json()
    assert (held["state"], held["waits_until"]) == ("answered", held["final_at"])
    other = await site.client.post(f"{at}/answer", json={**accept, "by": "dana-whitlock"})
    assert (other.status_code, "Marcus Oyelaran has just answered" in other.text) == (409, True)
    back = (await site.client.post(f"{at}/undo", json={"by": "marcus-oyelaran"})).json()
    assert (back["state"], back["accept_by"]) == ("offered", listed["accept_by"])
    done = (await site.client.post(f"{at}/answer", json={**accept, "offer": 1})).json()
    assert (done["state"], done["owner"]) == ("accepted", "marcus-oyelaran")
    assert (await site.client.post(f"{at}/undo", json={"by": "marcus-oyelaran"})).status_code == 409


async def test_a_card_is_hidden_and_shown_again_but_never_past_its_clock(site: Site) -> None:
    [listed] = (await site.client.get("/v1/hand-offs?owner=marcus-oyelaran")).json()["data"]
    at = f"/v1/hand-offs/{listed['id']}/snooze"
    until = (TUESDAY + timedelta(minutes=5)).isoformat()
    hidden = (await site.client.post(at, json={"by": "marcus-oyelaran", "until": until})).json()
    assert (hidden["snoozed_until"], hidden["waits_until"]) == ("2026-03-03T15:05:00Z", listed["waits_until"])
    shown = (await site.client.post(at, json={"by": "marcus-oyelaran", "until": None})).json()
    assert shown["snoozed_until"] is None
    late = (TUESDAY + timedelta(minutes=15)).isoformat()
    refused = await site.client.post(at, json={"by": "marcus-oyelaran", "until": late})
    assert (refused.status_code, "recycle it with a date" in refused.text) == (422, True)


async def test_a_key_without_the_right_changes_nothing(site: Site) -> None:
    site.client.headers["Authorization"] = f"Bearer {KEYS[Scope.LEADS_READ]}"
    assert (await site.client.get("/v1/hand-offs")).status_code == 403
    (row,) = await site.rows("SELECT hand_off_id FROM hand_off")
    answer = {"kind": "accept", "by": "marcus-oyelaran"}
    answered = await site.client.post(f"/v1/hand-offs/{row['hand_off_id']}/answer", json=answer)
    assert (answered.status_code, (await site.rows("SELECT state FROM hand_off"))[0]["state"]) == (403, "offered")


@pytest.mark.parametrize(
    ("body", "names"),
    [({"by": "x"}, "kind"), ({"kind": "accept", "by": "ana"}, "by"), ({"kind": "dance", "by": "x"}, "kind")],
)
async def test_what_it_can_not_take_it_names(site: Site, body: dict[str, str], names: str) -> None:
    (row,) = await site.rows("SELECT hand_off_id FROM hand_off")
    answered = await site.client.post(f"/v1/hand-offs/{row['hand_off_id']}/answer", json=body)
    assert (answered.status_code, names in answered.text) == (422, True)
