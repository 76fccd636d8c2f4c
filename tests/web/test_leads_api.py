"""Can another program tell us of a lead, twice without harm, and does it learn exactly what was wrong?"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from leadloom.domain.intake.scopes import Scope
from leadloom.store import intake_keys
from leadloom.store.db import Db
from leadloom.store.intake_keys import KeyOrder
from leadloom.store.published import Book
from tests.store.acts import TUESDAY
from tests.web.site import Site, open_site

ANA = {"email": "ana@meridian-pharma.example", "first_name": "Ana", "sites": 4, "attributes": {"plan": "gold"}}


async def test_a_call_makes_a_lead_and_its_repetition_changes_nothing(site: Site) -> None:
    told = {**ANA, "asked": "demo", "events": [{"kind": "price_page"}]}
    first = await site.client.post("/v1/leads", json=told, headers={"Idempotency-Key": "crm-17"})
    again = await site.client.post("/v1/leads", json=told, headers={"Idempotency-Key": "crm-17"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert [event["kind"] for event in first.json()["events"]] == ["demo_requested", "price_page"]
    assert len(await site.events("demo_requested", "price_page")) == 2


async def test_without_a_key_two_calls_are_two_events(site: Site) -> None:
    for _ in range(2):
        await site.client.post("/v1/leads", json={**ANA, "events": [{"kind": "price_page"}]})
    assert len(await site.events("price_page")) == 2


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"first_name": "Ana"}, "#/email"),
        ({**ANA, "email": "nobody"}, "#/email"),
        ({**ANA, "sites": "many"}, "#/sites"),
        ({**ANA, "country": "Atlantis"}, "#/country"),
        ({**ANA, "events": [{"kind": "no_such_thing"}]}, "#/events"),
        ({**ANA, "consent": True}, "#/consent"),
        (["a list"], "#"),
    ],
)
async def test_what_is_wrong_is_told_with_its_place(site: Site, body: object, where: str) -> None:
    answer = await site.client.post("/v1/leads", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert problem["status"] == 422
    assert [error["pointer"] for error in problem["errors"]] == [where]
    assert await site.count("lead") == 0


async def test_consent_with_its_sentence_is_kept(site: Site) -> None:
    told = {**ANA, "country": "FR", "consent": True, "consent_wording": "Yes, write to me."}
    assert (await site.client.post("/v1/leads", json=told)).status_code == 201
    (basis,) = await site.rows("SELECT kind, wording FROM basis")
    assert (basis["kind"], basis["wording"]) == ("express", "Yes, write to me.")


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"email": NaN}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 20_000, "application/json", 400),
        (b'{"email": "a@b.example"}', "text/plain", 415),
        (b"email=a@b.example", "application/x-www-form-urlencoded", 415),
        (json.dumps({"email": "a@b.example", "title": "x" * 33_000}).encode(), "application/json", 413),
        (b" " * 70_000, "application/json", 413),
    ],
)
async def test_a_body_that_is_no_small_json_is_refused(site: Site, content: bytes, media: str, status: int) -> None:
    answer = await site.client.post("/v1/leads", content=content, headers={"Content-Type": media})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert await site.count("lead") == 0


async def test_a_key_that_is_no_key_is_refused(site: Site) -> None:
    answer = await site.client.post("/v1/leads", json=ANA, headers={"Idempotency-Key": "x" * 300})
    assert answer.status_code == 422


async def test_a_nul_in_a_value_is_refused_and_never_reaches_postgres(site: Site) -> None:
    answer = await site.client.post("/v1/leads", json={**ANA, "attributes": {"note": "a\u0000b"}})
    assert answer.status_code == 422


@pytest.mark.parametrize("given", [None, "Bearer wrong", "Basic c2VjcmV0", "Bearer ", "Bearer schlüssel"])
async def test_with_a_key_in_the_settings_only_its_bearer_is_let_in(
    db: Db, dsn: str, book: Book, tmp_path: Path, given: str | None
) -> None:
    async with open_site(db, dsn, book, tmp_path, api_key="a-long-key") as site:
        headers = {} if given is None else {"Authorization": given.encode()}
        refused = await site.client.post("/v1/leads", json=ANA, headers=headers)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert await site.count("lead") == 0
        right = await site.client.post("/v1/leads", json=ANA, headers={"Authorization": "Bearer a-long-key"})
        assert right.status_code == 201


async def test_without_a_key_strangers_are_let_in_on_loopback_only(
    db: Db, dsn: str, book: Book, tmp_path: Path
) -> None:
    for public_url, status in (("https://leads.kelvance.example", 401), ("http://127.0.0.1:8321", 201)):
        async with open_site(db, dsn, book, tmp_path, public_url=public_url, sign_in="password") as site:
            assert (await site.client.post("/v1/leads", json=ANA)).status_code == status


async def test_answers_to_questions_are_told_read_and_taken_back(site: Site) -> None:
    lead_id = (await site.client.post("/v1/leads", json=ANA)).json()["lead_id"]
    said = {"checklist": "bant", "item": "need", "state": "yes", "evidence": "an audit in May", "by": "ines-carvalho"}

    first = await site.client.post(f"/v1/leads/{lead_id}/answers", json=said)
    again = await site.client.post(f"/v1/leads/{ANA['email']}/answers", json=said)
    assert (first.status_code, first.json()) == (200, again.json())
    assert first.json()["gate"]["proven"] == {"need": "bant/need"}
    assert (await site.client.get(f"/v1/leads/{lead_id}/answers")).json() == first.json()
    undone = await site.client.post(f"/v1/leads/{lead_id}/answers/1/undo", json={"by": "ines-carvalho"})
    assert undone.json()["gate"]["proven"] == {}
    statuses = [
        (await site.client.post(f"/v1/leads/{lead_id}/answers/1/undo", json={"by": "ines-carvalho"})).status_code,
        (await site.client.post(f"/v1/leads/{lead_id}/answers", json={**said, "state": "maybe"})).status_code,
        (await site.client.post(f"/v1/leads/{lead_id}/answers", json={**said, "item": "luck"})).status_code,
        (await site.client.get("/v1/leads/nobody@nowhere.example/answers")).status_code,
    ]
    assert statuses == [409, 422, 422, 404]


async def test_the_same_idempotency_key_for_another_call_is_refused(site: Site) -> None:
    headers = {"Idempotency-Key": "crm-18"}
    await site.client.post("/v1/leads", json=ANA, headers=headers)
    other = await site.client.post("/v1/leads", json={**ANA, "title": "Boss"}, headers=headers)
    assert (other.status_code, other.headers["content-type"]) == (422, "application/problem+json")


async def test_a_call_that_is_still_running_is_not_begun_again(site: Site) -> None:
    connection = await asyncpg.connect(site.dsn)
    headers = {"Idempotency-Key": "crm-19"}
    async with connection.transaction():
        await connection.execute("LOCK TABLE api_call IN ACCESS EXCLUSIVE MODE")
        first = asyncio.create_task(site.client.post("/v1/leads", json=ANA, headers=headers))
        await asyncio.sleep(0.3)  # it waits for the table now
        assert (await site.client.post("/v1/leads", json=ANA, headers=headers)).status_code == 409
    assert (await first).status_code == 201
    await connection.close()


async def test_leads_are_listed_in_pages_that_miss_and_repeat_nobody(site: Site) -> None:
    for no in range(5):
        await site.client.post("/v1/leads", json={"email": f"p{no}@meridian.example", "country": "US"})
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await site.client.get("/v1/leads", params={"limit": 2, **cursor})).json()
        found += [lead["email"] for lead in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(found) == [f"p{no}@meridian.example" for no in range(5)]
    one = (await site.client.get("/v1/leads", params={"email": "P3@meridian.example"})).json()
    assert [lead["stages"] for lead in one["data"]] == [{"new-business": "aware"}]
    assert (await site.client.get("/v1/leads", params={"cursor": "nonsense"})).status_code == 422
    assert (await site.client.get("/v1/leads", params={"limit": 0})).json()["errors"][0]["pointer"] == "#/limit"


async def test_a_lead_is_changed_only_by_whoever_has_read_its_last_version(site: Site) -> None:
    made = (await site.client.post("/v1/leads", json={**ANA, "company": "Meridian"})).json()
    path = f"/v1/leads/{made['lead_id']}"
    seen = await site.client.get(path)
    same = await site.client.get(path, headers={"If-None-Match": seen.headers["etag"]})
    assert same.status_code == 304
    assert (await site.client.patch(path, json={"first_name": "Anna"})).status_code == 428
    match = {"If-Match": seen.headers["etag"]}
    changed = await site.client.patch(path, json={"first_name": "Anna", "company": "Alder"}, headers=match)
    assert (changed.json()["first_name"], changed.json()["company"]) == ("Anna", "Alder")
    assert (await site.client.patch(path, json={"first_name": "Anja"}, headers=match)).status_code == 412
    other = await site.client.patch(path, json={"email": "x@y.example"}, headers={"If-Match": "*"})
    assert other.json()["errors"][0]["pointer"] == "#/email"
    assert (await site.client.get("/v1/leads/6f1d2c1e-0000-4000-8000-000000000000")).status_code == 404


async def test_events_are_told_with_a_key_and_read_back_in_pages(site: Site) -> None:
    made = (await site.client.post("/v1/leads", json=ANA)).json()
    path = f"/v1/leads/{made['lead_id']}/events"
    told = {"events": [{"kind": "price_page"}, {"kind": "article_read", "data": {"asset": "dock"}}]}
    assert (await site.client.post(path, json=told)).status_code == 400
    for _ in range(2):
        answer = await site.client.post(path, json=told, headers={"Idempotency-Key": "e1"})
        assert [event["kind"] for event in answer.json()["events"]][:2] == ["price_page", "article_read"]
    first = (await site.client.get(path, params={"limit": 1})).json()
    second = (await site.client.get(path, params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert [page["data"][0]["no"] - second["data"][0]["no"] for page in (first, second)] == [1, 0]
    kinds = [event["kind"] for event in (await site.client.get(path)).json()["data"]]
    assert [kind for kind in kinds if kind in ("price_page", "article_read")] == ["article_read", "price_page"]


async def test_a_key_does_only_what_it_may(db: Db, dsn: str, book: Book, tmp_path: Path) -> None:
    abroad = {"public_url": "https://leads.kelvance.example", "sign_in": "password"}
    async with open_site(db, dsn, book, tmp_path, **abroad) as site:
        async with db.transaction() as tx:
            reads = KeyOrder(name="reads", public=False, scopes=(Scope.LEADS_READ,), by="leo-novak")
            may: dict[str, Any] = {"scopes": (Scope.LEADS_WRITE,), "kinds": ("price_page",)}
            writes = KeyOrder(name="writes", public=False, by="leo-novak", **may)
            await intake_keys.keep(tx, "llk_reads", reads, at=TUESDAY)
            await intake_keys.keep(tx, "llk_writes", writes, at=TUESDAY)
        may_read, may_write = ({"Authorization": f"Bearer llk_{what}"} for what in ("reads", "writes"))
        assert (await site.client.get("/v1/leads", headers=may_read)).status_code == 200
        assert (await site.client.post("/v1/leads", json=ANA, headers=may_read)).status_code == 403
        won = await site.client.post("/v1/leads", json={**ANA, "events": [{"kind": "deal_won"}]}, headers=may_write)
        assert (won.status_code, await site.count("lead")) == (422, 0)
        assert (await site.client.post("/v1/leads", json=ANA, headers=may_write)).status_code == 201
