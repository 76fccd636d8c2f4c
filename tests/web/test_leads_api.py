"""Can another program tell us of a lead, twice without harm, and does it learn exactly what was wrong?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.web.site import Site, open_site

ANA = {"email": "ana@meridian-pharma.example", "first_name": "Ana", "sites": 4, "attributes": {"plan": "gold"}}


async def test_a_call_makes_a_lead_and_its_repetition_changes_nothing(site: Site) -> None:
    told = {**ANA, "asked": "demo", "events": [{"kind": "price_page"}]}
    first = await site.client.post("/v1/leads", json=told, headers={"Idempotency-Key": "crm-17"})
    again = await site.client.post("/v1/leads", json=told, headers={"Idempotency-Key": "crm-17"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["lead_id"] == again.json()["lead_id"]
    assert [event["kind"] for event in first.json()["events"]] == ["demo_requested", "price_page"]
    assert again.json()["events"] == []
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
    told = {**ANA, "consent": True, "consent_wording": "Yes, write to me."}
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
        async with open_site(db, dsn, book, tmp_path, public_url=public_url) as site:
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
