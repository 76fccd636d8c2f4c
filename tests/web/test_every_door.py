"""Is whatever is sent to a door taken, kept with its reason, or refused to its sender's face, and never nothing?"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from leadloom.domain.intake.scopes import Scope
from leadloom.runtime import returns
from leadloom.runtime.mail_intake import Gate
from leadloom.store import intake_keys
from leadloom.store.db import Db
from leadloom.store.intake_keys import KeyOrder
from leadloom.store.published import Book
from tests.store.acts import TUESDAY
from tests.web.site import Site, open_site

KEY = "llk_of_a_server"
ODD: list[Any] = [
    None, "", " ", 0, True, [], {}, "x" * 3000, "\x00", "ana@", "Ana <ana@alder.example>", "price_page",
    {"email": ["a@b.example"]}, "2026-13-01T00:00:00Z", "2031-01-01T00:00:00Z", -1, "😀", "' OR 1=1 --",
]  # fmt: skip
GATE = Gate(domains=frozenset({"kelvance.example"}), vouchers=frozenset({"mx.kelvance.example"}))


@pytest.fixture
async def site(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[Site]:
    async with db.transaction() as tx:
        scopes = (Scope.TRACK, Scope.LEADS_WRITE)
        order = KeyOrder(name="server", public=False, scopes=scopes, source="microsite", by="leo-novak")
        await intake_keys.keep(tx, KEY, order, at=TUESDAY)
    async with open_site(db, dsn, book, tmp_path) as opened:
        yield opened


def odd(chance: random.Random, whole: dict[str, Any]) -> dict[str, Any]:
    """One with up to two fields nobody would send."""
    return {**whole, **{name: chance.choice(ODD) for name in chance.sample(list(whole), chance.randint(0, 2))}}


async def test_tracking_calls_are_events_or_on_the_list_all_of_them(site: Site) -> None:
    chance = random.Random(8)
    calls = [
        {
            **odd(chance, {"type": "track", "event": "Pricing Viewed", "anonymousId": f"b{no % 7}", "userId": None,
                           "timestamp": "2026-03-01T10:00:00Z", "properties": {"n": no}, "traits": {}}),
            "messageId": f"m{no}",
        }
        for no in range(120)
    ]  # fmt: skip
    for start in range(0, 120, 30):
        batch = {"batch": calls[start : start + 30]}
        assert (await site.client.post("/v1/batch", json=batch, auth=(KEY, ""))).status_code == 200
    rows = await site.rows(
        """SELECT (SELECT count(*) FROM event WHERE actor = 'lead') + (SELECT count(*) FROM visitor_event) AS taken,
                  (SELECT count(*) FROM dropped_event) AS kept,
                  (SELECT count(*) FROM dropped_event WHERE reason = '' OR why = '') AS mute"""
    )
    # Of calls whose type became another one: identify and its like say who somebody is, and are no events.
    silent = sum(call["type"] not in ("track", "page", "screen") for call in calls)
    taken, kept = int(str(rows[0]["taken"])), int(str(rows[0]["kept"]))
    assert (rows[0]["mute"], taken > 40, kept > 10) == (0, True, True)
    assert 120 - silent <= taken + kept <= 120


async def test_a_call_of_the_api_is_a_lead_or_told_which_field_and_leaves_nothing(site: Site) -> None:
    chance = random.Random(9)
    ends: list[int] = []
    for no in range(60):
        whole = {"email": f"lead{no}@alder.example", "company": "Alder", "country": "US", "phone": "1", "sites": 3}
        before = await site.count("event") + await site.count("lead")
        answer = await site.client.post(
            "/v1/leads", json=odd(chance, whole), headers={"Authorization": f"Bearer {KEY}", "Accept": "*/*"}
        )
        after = await site.count("event") + await site.count("lead")
        ends.append(answer.status_code)
        if answer.status_code in (200, 201):
            assert answer.json()["lead_id"]
        else:
            assert (answer.status_code, after) == (422, before), answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["errors"]
    assert min(ends.count(201), ends.count(422)) > 5


async def test_each_mail_to_a_mailbox_is_kept_and_is_a_lead_s_or_asks_a_person(site: Site) -> None:
    chance = random.Random(10)
    for no in range(40):
        sender = chance.choice(
            [
                f"p{no}@alder.example",
                f"q{no}@alder.example",
                "",
                "no address",
                f"p{no}@",
                "a@b@c",
                "ines@kelvance.example",
            ]
        )
        above = chance.choice(["Authentication-Results: mx.kelvance.example; dmarc=pass\r\n", "", "X: \x00\r\n"])
        more = chance.choice(["", "Auto-Submitted: auto-replied\r\n", "To: hello@elsewhere.example\r\n"])
        raw = f"{above}From: {sender}\r\nTo: hello@kelvance.example\r\n{more}Message-ID: <{no}@x>\r\n\r\nHow warm?\r\n"
        to = chance.choice(["hello@kelvance.example", None, "hello@elsewhere.example"])
        await returns.take(
            site.house, raw.encode(), via="imap", envelope_to=to, envelope_from=None, at=site.house.now(), gate=GATE
        )
    kept = await site.rows("SELECT lead_id, asks, kind FROM mail_return")
    assert len(kept) == 40
    assert all(row["asks"] or row["lead_id"] for row in kept)
    assert len([row for row in kept if row["lead_id"]]) >= 3
