"""Do forms of other makers bring leads in when only their address was changed?"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.intake.scopes import Scope
from leadloom.runtime import dropped as taking
from leadloom.runtime import lead_forms
from leadloom.runtime.dropped import Retried
from leadloom.store import dropped, intake_keys
from leadloom.store.db import Db
from leadloom.store.dropped import DroppedEvent
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


async def test_a_hubspot_form_whose_address_is_none_is_refused_in_its_own_words_and_waits(site: Site) -> None:
    body = {"fields": [{"name": "email", "value": "rosa(at)birch.example"}, {"name": "company", "value": "Birch"}]}
    for _ in range(2):
        answer = await site.client.post(HUBSPOT, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["errorType"]) == (400, "INVALID_EMAIL")
        assert "rosa" not in answer.text
    assert (await site.client.post(HUBSPOT.replace(KEY, "other"), json=body)).status_code == 401
    assert (await site.client.post(HUBSPOT, json={"field": 1})).status_code == 400
    assert await site.count("lead") == 0
    first, second = await waiting(site)
    assert (first.type, first.name, first.reason, first.tries) == ("form", "hubspot-form", "no-address", 2)
    assert (second.reason, "'field': 1" in str(second.raw)) == ("no-form", True)
    assert await taking.retry(site.house, by="priya-nair") == Retried(taken=0, dropped_again=2)
    with pytest.raises(BadInput, match="address"):
        await lead_forms.mend(site.house, first.dropped_id, "rosa(at)", by="priya-nair")
    assert await lead_forms.mend(site.house, first.dropped_id, "Rosa@birch.example", by="priya-nair")
    (lead,) = await site.rows("SELECT email, company FROM lead")
    assert (lead["email"], lead["company"]) == ("rosa@birch.example", "Birch")
    (event,) = await site.rows("SELECT at, channel FROM event WHERE kind = 'guide_requested'")
    assert (event["at"], event["channel"]) == (first.at, "microsite")
    with pytest.raises(NotFound):
        await lead_forms.mend(site.house, first.dropped_id, "rosa@birch.example", by="priya-nair")
    assert [one.reason for one in await waiting(site)] == ["no-form"]


async def waiting(site: Site) -> tuple[DroppedEvent, ...]:
    async with site.db.read() as tx:
        return await dropped.listed(tx)


async def test_every_form_that_is_sent_is_a_lead_s_event_or_waits_with_its_reason(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(6)
    sent = 0
    for no in range(60):
        email = chance.choice(
            [
                f"lead{no}@alder.example",
                f"Lead{no}@alder.example",
                f"lead{no}@",
                "",
                " ",
                "\x00@\ud800",
                f"a{no}@b@c",
                f"ä{no}@x.de",
            ]
        )
        odd: Any = chance.choice([f"Ana {no}", "", {"no": no}, [no], None, "x" * 3000, "\x00"])
        match no % 3:
            case 0:
                shape: Any = {"fields": [{"name": "email", "value": email}, {"name": "company", "value": odd}, no]}
                body = json.dumps(chance.choice([shape, shape, shape, {"fields": no}, [no]]))
                answer = await site.client.post(HUBSPOT, content=body)
            case 1:
                fields = {"oid": KEY, "email": email, "company": str(odd), "city": f"{no}"}
                text = urlencode(fields, errors="surrogatepass")
                head = {"Content-Type": "application/x-www-form-urlencoded"}
                answer = await site.client.post(SALESFORCE, content=text, headers=head)
            case _:
                columns = [{"column_id": "EMAIL", "string_value": email}, {"column_id": "CITY", "string_value": odd}]
                shape = {"google_key": KEY, "lead_id": f"L{no}", "user_column_data": columns}
                answer = await site.client.post(GOOGLE, content=json.dumps(shape))
        assert answer.status_code in (200, 400), (no, answer.text)
        sent += 1
    kept = await waiting(site)
    taken = len(await site.events("guide_requested"))
    assert (taken + len(kept), min(taken, len(kept)) > 10) == (sent, True)

    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr("leadloom.store.leads.capture_all", breaks)
    last = {"oid": KEY, "email": "late@alder.example"}
    assert (await site.client.post(SALESFORCE, data=last)).status_code == 500
    monkeypatch.undo()
    assert (await taking.retry(site.house, reason="failed", by="leo-novak")).taken == 1
    assert len(await site.events("guide_requested")) == taken + 1


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
