"""Do forms of other makers bring leads in when only their address was changed?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadloom.domain.intake.scopes import Scope
from leadloom.store import intake_keys
from leadloom.store.db import Db
from leadloom.store.intake_keys import KeyOrder
from leadloom.store.published import Book
from tests.store.acts import TUESDAY
from tests.web.site import Site, open_site

KEY = "llp_of_a_form"
HUBSPOT = f"/submissions/v3/integration/submit/12345/{KEY}"
GOOGLE = "/webhooks/google-ads"
SALESFORCE = "/servlet/servlet.WebToLead"


@pytest.fixture
async def site(db: Db, dsn: str, book: Book, tmp_path: Path) -> Any:
    async with db.transaction() as tx:
        order = KeyOrder(
            name="forms",
            public=True,
            scopes=(Scope.TRACK,),
            source="microsite",
            kinds=("guide_requested",),
            by="leo-novak",
        )
        await intake_keys.keep(tx, KEY, order, at=TUESDAY)
    async with open_site(db, dsn, book, tmp_path, return_hosts="shop.example") as opened:
        yield opened


async def test_a_hubspot_form_makes_a_lead_once_with_its_page_and_its_consent(site: Site) -> None:
    body = {
        "fields": [
            {"objectTypeId": "0-1", "name": "email", "value": "Ana@Meridian.example"},
            {"name": "firstname", "value": "Ana"}, {"name": "company", "value": "Meridian"},
            {"name": "country", "value": "Atlantis"}, {"name": "favourite", "value": "boxes"},
        ],
        "context": {"hutk": "x", "pageUri": "https://shop.example/guide?mail=ana@meridian.example"},
        "legalConsentOptions": {"consent": {
            "consentToProcess": True, "text": "I agree",
            "communications": [{"value": True, "subscriptionTypeId": 999, "text": "Write to me about cold chains."}],
        }},
    }  # fmt: skip
    for _ in range(2):
        answer = await site.client.post(HUBSPOT, json=body, headers={"Origin": "https://shop.example"})
        assert (answer.status_code, answer.json()) == (200, {"inlineMessage": "Thanks for submitting the form."})
        assert answer.headers["access-control-allow-origin"] == "*"
    (lead,) = await site.rows("SELECT email, first_name, company, country, attributes FROM lead")
    assert (lead["email"], lead["first_name"], lead["country"]) == ("ana@meridian.example", "Ana", None)
    assert "boxes" in str(lead["attributes"])
    (event,) = await site.events("guide_requested")
    assert (event["channel"], "shop.example/guide" in str(event["data"]), "mail=" in str(event["data"])) == (
        "microsite", True, False,
    )  # fmt: skip
    assert "Write to me about cold chains." in [row["wording"] for row in await site.rows("SELECT wording FROM basis")]


async def test_a_hubspot_form_without_an_address_is_refused_in_its_own_words(site: Site) -> None:
    body = {"fields": [{"name": "email", "value": "nobody"}]}
    answer = await site.client.post(HUBSPOT, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["errorType"]) == (400, "INVALID_EMAIL")
    assert (await site.client.post(HUBSPOT.replace(KEY, "other"), json=body)).status_code == 401
    assert await site.count("lead") == 0


@pytest.mark.parametrize(
    ("back", "goes"),
    [
        ("https://shop.example/thanks", True),
        ("https://evil.example/thanks", False),
        ("https://shop.example@evil.example/", False),
        ("javascript:alert(1)", False),
        ("//evil.example", False),
    ],
)
async def test_a_web_to_lead_form_leads_back_only_to_hosts_that_were_named(site: Site, back: str, goes: bool) -> None:
    fields = {"oid": KEY, "retURL": back, "email": "ana@meridian.example", "first_name": "Ana", "00N1": "blue"}
    answer = await site.client.post(SALESFORCE, data=fields)
    assert (answer.status_code, answer.headers.get("location")) == ((302, back) if goes else (200, None))
    assert await site.count("lead") == 1


async def test_googles_lead_form_makes_a_lead_once_and_its_test_makes_nobody(site: Site) -> None:
    columns = [
        {"column_id": "FULL_NAME", "string_value": "Ana Torres"},
        {"column_id": "EMAIL", "string_value": "a@home.example"},
        {"column_id": "WORK_EMAIL", "string_value": "ana@meridian.example"},
    ]  # fmt: skip
    body = {"lead_id": "L1", "user_column_data": columns, "google_key": KEY, "gcl_id": "G1", "campaign_id": 7}
    assert (await site.client.post(GOOGLE, json={**body, "is_test": True})).status_code == 200
    assert await site.count("lead") == 0
    for _ in range(2):
        assert (await site.client.post(GOOGLE, json=body)).status_code == 200
    (lead,) = await site.rows("SELECT email, first_name, last_name FROM lead")
    assert (lead["email"], lead["first_name"], lead["last_name"]) == ("ana@meridian.example", "Ana", "Torres")
    (event,) = await site.events("guide_requested")
    assert '"gclid": "G1"' in str(event["data"])
    assert (await site.client.post(GOOGLE, json={**body, "google_key": "x"})).status_code == 401
