"""Does every answer carry our headers, is every door as narrow as it should be, and does looking change nothing?"""

from __future__ import annotations

import logging

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from leadloom.domain.errors import Unreachable
from leadloom.domain.mails.links import Purpose
from leadloom.web.app import create_app, routers
from leadloom.web.security import CSP
from tests.web.site import Site

FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://kelvance.example.evil.example"},
]


def app_of(site: Site) -> FastAPI:
    """The app with two doors as a console has them: they act in the name of whoever's browser it is."""
    app = create_app(site.house)
    router = APIRouter()

    @router.post("/a-change")
    async def change() -> dict[str, bool]:
        return {"changed": True}

    @router.get("/a-fault")
    async def fault() -> None:
        raise RuntimeError("secret words of a driver")

    @router.get("/away")
    async def away() -> None:
        raise Unreachable("Postgres", "db:5432/leadloom", "refused")

    app.include_router(router)
    return app


def client_of(site: Site) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app_of(site), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://kelvance.example", headers={"Accept": "text/html"})


@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_site_changes_nothing_through_a_visitors_browser(site: Site, headers: dict[str, str]) -> None:
    async with client_of(site) as client:
        assert (await client.post("/a-change", headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://kelvance.example"}, {}, {"Sec-Fetch-Site": "none"}],
)
async def test_our_own_pages_and_programs_without_a_browser_may_post(site: Site, headers: dict[str, str]) -> None:
    async with client_of(site) as client:
        assert (await client.post("/a-change", headers=headers)).status_code == 200


async def test_every_answer_carries_the_headers_errors_too(site: Site) -> None:
    for path in ("/f/guide", "/nothing", "/healthz", "/static/site.css", "/h/forged"):
        answer = await site.client.get(path)
        assert answer.headers["content-security-policy"] == CSP
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers


async def test_no_page_of_ours_needs_more_than_the_policy_allows(site: Site) -> None:
    message_id = await site.sent_mail()
    _, hand_off_id = await site.offer("ben.ruiz")
    paths = ["/f/demo", "/f/demo/thanks", await site.offer_link(hand_off_id), "/nothing"]
    paths += [site.link(purpose, message_id) for purpose in (Purpose.UNSUBSCRIBE, Purpose.PREFERENCES)]
    for path in paths:
        page = (await site.client.get(path)).text
        assert "style=" not in page
        assert "<script" not in page
        assert "onclick" not in page


async def test_a_fault_of_ours_is_logged_and_tells_the_visitor_nothing_of_it(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(site) as client:
        with caplog.at_level(logging.ERROR):
            page = await client.get("/a-fault")
        program = await client.get("/a-fault", headers={"Accept": "application/json"})
    assert (page.status_code, program.status_code) == (500, 500)
    assert "secret words" not in page.text + program.text
    assert program.headers["content-type"] == "application/problem+json"
    assert any(record.levelno == logging.ERROR for record in caplog.records)


async def test_a_service_that_is_away_is_a_503_that_asks_to_come_back(site: Site) -> None:
    async with client_of(site) as client:
        answer = await client.get("/away")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "db:5432" not in answer.text


async def test_an_oversized_body_ends_before_it_is_kept(site: Site) -> None:
    big = {"email": "a@b.example", "company": "x" * 70_000}
    assert (await site.client.post("/f/guide", data=big)).status_code == 413

    async def drip():
        for _ in range(200):
            yield b"a" * 1000

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await site.client.post("/f/guide", content=drip(), headers=headers)).status_code == 413


async def test_a_token_never_reaches_a_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    message_id = await site.sent_mail()
    token = site.signer.mail(Purpose.UNSUBSCRIBE, message_id)
    with caplog.at_level(logging.DEBUG, logger="leadloom"):
        await site.client.get(f"/u/{token}")
        await site.client.post(f"/u/{token}")
        await site.client.get(f"/u/{token}x")
    assert token not in caplog.text


async def test_methods_that_nobody_offers_are_refused_in_words(site: Site) -> None:
    answer = await site.client.delete("/f/guide")
    assert answer.status_code == 405
    assert "Open it as a page" in answer.text


def test_a_new_page_is_found_without_a_list() -> None:
    paths = {getattr(route, "path", "") for router in routers() for route in router.routes}
    assert {"/f/{name}", "/v1/leads", "/t/c/{token}", "/u/{token}", "/h/{token}", "/healthz"} <= paths
