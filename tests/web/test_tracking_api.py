"""Do calls of tracking clients become facts: once, with the right person, and with nothing lost?"""

from __future__ import annotations

import base64
import gzip
import json
from html import unescape
from typing import Any

import pytest

from leadloom.domain.intake.scopes import Scope
from leadloom.domain.model import LeadId
from leadloom.runtime import dropped as taking
from leadloom.store import intake_keys, published, visitors
from leadloom.store.intake_keys import KeyOrder
from tests.store.acts import TUESDAY
from tests.web.site import Site

SERVER, PUBLIC = "llw_server", "llw_public"
ANA, BEN = "ana@meridian-pharma.example", "ben@meridian-pharma.example"


@pytest.fixture(autouse=True)
async def _keys(site: Site) -> None:
    async with site.db.transaction() as tx:
        for words, public in ((SERVER, False), (PUBLIC, True)):
            order = KeyOrder(name=words, public=public, scopes=(Scope.TRACK,), source="microsite", by="leo-novak")
            await intake_keys.keep(tx, words, order, at=TUESDAY)


async def sent(site: Site, *calls: dict[str, Any], key: str = SERVER, status: int = 200) -> None:
    answer = await site.client.post("/v1/batch", json={"batch": calls, "writeKey": key})
    assert answer.status_code == status, answer.text


async def kinds(site: Site, email: str) -> list[object]:
    query = (
        "SELECT e.kind FROM event e JOIN lead l USING (lead_id) WHERE l.email = $1 AND e.actor = 'lead' ORDER BY e.no"
    )
    return [row["kind"] for row in await site.rows(query, email)]


async def points(site: Site, email: str) -> float:
    query = "SELECT sum(points) AS n FROM score_entry JOIN lead USING (lead_id) WHERE email = $1"
    return float(str((await site.rows(query, email))[0]["n"] or 0))


async def reasons(site: Site) -> list[tuple[object, object]]:
    return [
        (row["name"], row["reason"]) for row in await site.rows("SELECT * FROM dropped_event ORDER BY name, reason")
    ]


def identify(email: str, no: int = 1, **ids: str) -> dict[str, Any]:
    return {"type": "identify", "messageId": f"i-{email}-{no}", "traits": {"email": email}, **ids}


def track(event: str, no: int = 1, **ids: str) -> dict[str, Any]:
    return {"type": "track", "event": event, "messageId": f"t-{event}-{no}", **ids}


def page(path: str, no: int = 1, search: str = "", **ids: str) -> dict[str, Any]:
    about = {"url": f"https://kelvance.example{path}{search}", "referrer": "https://search.example/?q=cold"}
    return {"type": "page", "messageId": f"p-{path}-{no}", "context": {"page": about}, **ids}


async def test_what_a_visitor_did_becomes_theirs_when_they_are_identified_and_once(site: Site) -> None:
    await sent(site, page("/", search="?utm_source=news&utm_medium=email&gclid=G1", anonymousId="b1"))
    await sent(site, page("/price", anonymousId="b1"), track("Article Completed", anonymousId="b1"))
    assert await site.count("lead") == await site.count("event") == 0
    for _ in range(2):
        await sent(site, identify(ANA, anonymousId="b1", userId="u1"))
        await sent(site, page("/price", anonymousId="b1"), track("Calculator Completed", userId="u1"))
    assert await kinds(site, ANA) == ["price_page", "article_read", "calculator_finished"]
    assert await points(site, ANA) == 40
    lead_id = LeadId((await site.rows("SELECT lead_id FROM lead"))[0]["lead_id"])  # type: ignore[arg-type]  a uuid
    async with site.db.read() as tx:
        first, second, *_ = await visitors.touches(tx, lead_id)
    assert first.data == {
        "page": "https://kelvance.example/", "referrer": "https://search.example/", "utm_source": "news",
        "utm_medium": "email", "gclid": "G1",
    }  # fmt: skip
    assert second.kind == "price_page"


async def test_two_known_people_never_become_one_by_a_shared_browser(site: Site) -> None:
    await sent(site, track("article_read", 1, anonymousId="b1"), key=PUBLIC)
    await sent(site, identify(ANA, anonymousId="b1", userId="u1"), key=PUBLIC)
    # The library keeps the user id until somebody resets it: the address says that this is somebody else.
    await sent(site, identify(BEN, anonymousId="b1", userId="u1"), key=PUBLIC)
    await sent(site, track("price_page", 2, anonymousId="b1"), key=PUBLIC)
    assert (await kinds(site, ANA), await kinds(site, BEN)) == (["article_read"], [])
    assert await site.count("lead") == 2
    keys = await site.rows("SELECT k.value, l.email FROM identity_key k JOIN lead l USING (lead_id) ORDER BY 1")
    assert [(row["value"], row["email"]) for row in keys] == [(ANA, ANA), (BEN, BEN), ("u1", ANA)]
    # And one more identification of the first does not hand the second's views over.
    await sent(site, identify(ANA, 2, anonymousId="b1"), key=PUBLIC)
    assert await kinds(site, ANA) == ["article_read"]


async def test_the_same_holds_within_one_batch(site: Site) -> None:
    await sent(
        site, page("/", anonymousId="b1"), identify(ANA, anonymousId="b1"), track("price_page", 1, anonymousId="b1"),
        identify(BEN, anonymousId="b1"), track("article_read", 1, anonymousId="b1"), key=PUBLIC,
    )  # fmt: skip
    assert (await kinds(site, ANA), await kinds(site, BEN)) == (["price_page"], [])


async def test_an_alias_brings_a_browsers_history_to_a_known_user_and_never_joins_two_leads(site: Site) -> None:
    await sent(site, track("price_page", 1, anonymousId="b1"), identify(ANA, userId="u1"), identify(BEN, userId="u2"))
    alias = {"type": "alias", "userId": "u1", "messageId": "a1"}
    await sent(site, {**alias, "previousId": "b1"}, {**alias, "messageId": "a2", "previousId": "u2"})
    assert await kinds(site, ANA) == ["price_page"]
    assert await reasons(site) == [("", "two-people")]


async def test_a_user_id_means_nobody_until_an_address_is_told_and_then_brings_everything(site: Site) -> None:
    told = {"type": "identify", "userId": "u1", "anonymousId": "b1", "messageId": "i0", "traits": {"plan": "gold"}}
    await sent(site, track("price_page", 1, anonymousId="b1"), told)
    await sent(site, track("article_read", 1, userId="u1"))
    assert await site.count("lead") == 0
    await sent(site, identify(ANA, userId="u1"))
    assert sorted(map(str, await kinds(site, ANA))) == ["article_read", "price_page"]
    (lead,) = await site.rows("SELECT attributes FROM lead")
    assert "gold" in str(lead["attributes"])


async def test_what_can_not_be_taken_waits_with_its_reason_and_is_taken_when_it_can_be(site: Site) -> None:
    await sent(
        site, track("Brochure Opened", anonymousId="b1"), {"type": "track", "event": "price_page"}, {"type": "x"}
    )
    await sent(site, {"type": "identify", "userId": "u9", "messageId": "i9", "traits": {"email": "nobody"}})
    await sent(site, track("deal_won", anonymousId="b1"), track("price_page", anonymousId="b1"), key=PUBLIC)
    assert await reasons(site) == [
        ("", "unreadable"), ("", "unreadable"), ("Brochure Opened", "unknown-event"), ("deal_won", "not-yours"),
        ("price_page", "nobody"),
    ]  # fmt: skip


async def test_a_public_key_forges_no_deal_and_overwrites_nothing(site: Site) -> None:
    await sent(site, {**identify(ANA, userId="u1"), "traits": {"email": ANA, "company": "Meridian", "consent": True}})
    worse = {"email": ANA, "company": "Evil", "title": "Boss", "phone": "+1 212 555 0199"}
    await sent(site, {**identify(ANA, 2), "traits": worse}, track("deal_won", userId="u1"), key=PUBLIC)
    (lead,) = await site.rows("SELECT company, title FROM lead")
    assert (lead["company"], lead["title"]) == ("Meridian", "Boss")
    assert await kinds(site, ANA) == []
    assert await site.count("basis") == 0


async def test_a_robot_earns_nothing(site: Site) -> None:
    robot = {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}
    calls = [identify(ANA, anonymousId="b1"), track("price_page", anonymousId="b1")]
    answer = await site.client.post("/v1/batch", json={"batch": calls, "writeKey": PUBLIC}, headers=robot)
    assert answer.status_code == 200
    assert (await kinds(site, ANA), await points(site, ANA)) == (["price_page"], 0)


async def test_a_call_is_taken_by_every_address_and_with_every_way_to_send_a_key(site: Site) -> None:
    basic = {"Authorization": "Basic " + base64.b64encode(f"{SERVER}:".encode()).decode()}
    plain = {"Content-Type": "text/plain"}
    who = {"anonymousId": "b1", "writeKey": PUBLIC}
    await site.client.post("/v1/i", content=json.dumps({**identify(ANA), **who}), headers=plain)
    await site.client.post("/v1/t", content=json.dumps({**track("price_page"), **who}), headers=plain)
    body = {**track("article_read"), "anonymousId": "b1"}
    packed = {**basic, "Content-Encoding": "gzip"}
    answer = await site.client.post("/v1/track", content=gzip.compress(json.dumps(body).encode()), headers=packed)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert await kinds(site, ANA) == ["price_page", "article_read"]
    assert (await site.client.post("/v1/m", content=b"{}")).status_code == 200


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b'{"batch": 3, "writeKey": "llw_server"}', {}, 400),
        (b'{"batch": []}', {}, 401),
        (b'{"batch": [], "writeKey": "llw_other"}', {}, 401),
        (b'{"batch": [NaN], "writeKey": "llw_server"}', {}, 400),
        (b"[" * 100_000, {}, 400),
        (b"no gzip", {"Content-Encoding": "gzip"}, 400),
        (b"x", {"Content-Encoding": "br"}, 400),
        (gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"}, 413),
        (b" " * 600_000, {}, 413),
    ],
)
async def test_what_is_no_use_sending_again_is_refused_for_good(
    site: Site, content: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await site.client.post("/v1/batch", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_one_call_that_is_too_large_is_refused_alone_and_harms_no_batch(site: Site) -> None:
    large = {**track("price_page", 7, anonymousId="b1"), "properties": {"note": "x" * 40_000}}
    assert (await site.client.post("/v1/track", json={**large, "writeKey": SERVER})).status_code == 400
    await sent(site, large, identify(ANA, anonymousId="b1"), track("article_read", anonymousId="b1"))
    assert await kinds(site, ANA) == ["article_read"]
    assert await reasons(site) == [("price_page", "too-large")]


async def test_odd_values_are_kept_as_far_as_they_go(site: Site) -> None:
    odd = {
        "note": "a\u0000b",
        "list": [1, {"x": 2}],
        "deep": {"a": {"b": 1}, "c": 2},
        "email": "x@y.example",
        "n": None,
    }
    traits = {
        "email": ANA, "name": "Ana Torres", "address": {"country": "Atlantis"},
        "company": {"name": "Meridian", "id": 4},
        "phone": "not\na phone", "sites": "many", "age": 41, "tags": ["a"], "x" * 90: "long",
    }  # fmt: skip
    await sent(site, {**identify(ANA, anonymousId="b1"), "traits": traits})
    await sent(site, {**track("price_page", anonymousId="b1"), "properties": odd})
    (lead,) = await site.rows("SELECT first_name, last_name, company, country, attributes FROM lead")
    assert (lead["first_name"], lead["last_name"], lead["company"], lead["country"]) == (
        "Ana",
        "Torres",
        "Meridian",
        None,
    )
    (event,) = await site.events("price_page")
    told = json.loads(str(event["data"]))
    assert told == {"note": "a b", "list": '[1, {"x": 2}]', "deep.a": '{"b": 1}', "deep.c": 2}


async def test_a_browser_is_told_where_to_send_and_that_it_may(site: Site) -> None:
    found = await site.client.get(f"/v1/projects/{PUBLIC}/settings")
    assert found.json()["integrations"]["Segment.io"]["apiHost"].endswith("/v1")
    assert (await site.client.get("/v1/projects/llw_other/settings")).status_code == 404
    asked = await site.client.options("/v1/t", headers={"Origin": "https://shop.example"})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "*")
    foreign = {"Origin": "https://shop.example", "Sec-Fetch-Site": "cross-site"}
    answer = await site.client.post("/v1/t", json={**track("price_page"), "writeKey": PUBLIC}, headers=foreign)
    assert answer.status_code == 200


async def test_what_nobody_is_identified_for_is_forgotten_in_time(site: Site) -> None:
    await sent(
        site, page("/", anonymousId="b1"), track("price_page", anonymousId="b1"), identify(ANA, anonymousId="b2")
    )
    await sent(site, page("/", 2, anonymousId="b2"))
    keep = site.book.definition.tracking.keep_anonymous
    async with site.db.transaction() as tx:
        assert await visitors.forget(tx, after=keep, at=TUESDAY + keep / 2) == 0
        assert await visitors.forget(tx, after=keep, at=TUESDAY + 2 * keep) == 2
    assert [row["name"] for row in await site.rows("SELECT name FROM visitor")] == ["a:b2"]
    assert await site.count("visitor_event") == 1


async def test_dropped_events_are_taken_once_their_name_is_known_as_of_when_they_happened(site: Site) -> None:
    await sent(site, identify(ANA, userId="u1"), track("Brochure Opened", userId="u1"), track("Nonsense", userId="u1"))
    before = site.book.definition
    names = {**before.tracking.names, "article_read": ("Brochure Opened",)}
    learned = before.but(tracking=before.tracking.but(names=names), version=before.version + 1)
    async with site.db.transaction() as tx:
        await published.publish_definition(tx, learned, by="samira-haddad", at=TUESDAY)
    done = await taking.retry(site.house, by="leo-novak")
    assert (done.taken, done.dropped_again) == (1, 1)
    assert await kinds(site, ANA) == ["article_read"]
    assert await reasons(site) == [("Nonsense", "unknown-event")]
    again = await taking.retry(site.house, by="leo-novak")
    assert (again.taken, again.dropped_again) == (0, 1)
    assert await taking.let_go(site.house, name="Nonsense", reason=None, by="leo-novak", why="a test") == 1


async def test_the_page_of_dropped_events_says_what_to_do_and_does_it(site: Site) -> None:
    assert "Everything that was sent could be taken" in (await site.client.get("/dropped")).text
    await sent(site, track("Brochure <b>Opened", anonymousId="b1"))
    site.client.cookies.set("seat", "leo-novak", domain="kelvance.example")
    shown = (await site.client.get("/dropped")).text
    assert "Brochure &lt;b&gt;Opened" in shown
    assert "Give a kind of event this name" in shown
    token = unescape(shown.split('name="token" value="')[1].split('"')[0])
    form = {"token": token, "name": "Brochure <b>Opened", "reason": "unknown-event"}
    assert "Still not to be taken: 1" in (await site.client.post("/dropped", data={**form, "do": "retry"})).text
    await site.client.post("/dropped", data={**form, "do": "drop"})
    assert await site.count("dropped_event") == 0


async def test_a_call_nobody_foresaw_harms_no_other_of_its_batch(site: Site) -> None:
    odd = {"type": "identify", "anonymousId": "b9", "traits": {"plan": "a\u0000b", "n\u0000": {"x": "\u0000"}}}
    await sent(site, odd, {**odd, "userId": "u9"}, identify(ANA, userId="u1"), track("price_page", userId="u1"))
    assert await kinds(site, ANA) == ["price_page"]


async def test_a_leads_page_says_how_they_came(site: Site) -> None:
    await sent(site, page("/", search="?utm_source=news&gclid=G1", anonymousId="b1"), identify(ANA, anonymousId="b1"))
    (lead,) = await site.rows("SELECT lead_id FROM lead")
    shown = (await site.client.get(f"/leads/{lead['lead_id']}")).text
    assert "How they came to us" in shown
    assert all(words in shown for words in ("by news", "gclid G1", "https://search.example/"))
