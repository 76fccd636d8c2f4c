"""Is no post lost in silence, a known reader asked only what is unknown, a form framed by whom it names alone?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from leadloom.domain.errors import Conflict
from leadloom.domain.mails.links import Purpose
from leadloom.runtime import form_posts as posts
from leadloom.store import form_posts
from leadloom.store.form_posts import HeldPost
from leadloom.web.app import create_app
from tests.web.site import BROWSER, Site
from tests.web.test_capture import ANA

ODD = [
    "", " ", "0", "Ana", "ana@alder.example", "Ana Torres <ana@alder.example>", "x" * 5000, "a\r\nBcc: b@c.example",
    "\x00", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "<script>", "US", "Nowhere", "😀", "on", "-1",
    "99999999999999999999", "' OR 1=1 --", "{{ 7*7 }}", "/m/", "https://evil.example/", "yes",
]  # fmt: skip


async def held(site: Site, *, decided_too: bool = False) -> tuple[HeldPost, ...]:
    async with site.db.read() as tx:
        return await form_posts.listed(tx, limit=1000, decided_too=decided_too)


def leads_to(answer: httpx.Response) -> str:
    """The page somebody is led to, without what it opens."""
    return answer.headers["location"].partition("?")[0]


@pytest.fixture
async def far(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor from a public network."""
    transport = httpx.ASGITransport(create_app(site.house), client=("93.184.216.34", 4711), raise_app_exceptions=False)
    headers = {"User-Agent": BROWSER, "Accept": "text/html"}
    async with httpx.AsyncClient(transport=transport, base_url="http://kelvance.example", headers=headers) as client:
        yield client


async def test_a_post_that_fills_the_hidden_field_is_thanked_held_and_taken_after_all(site: Site) -> None:
    for _ in range(3):
        posted = await site.client.post("/f/guide", data={**ANA, "consent": "yes", "fax_number": "555"})
        assert (posted.status_code, leads_to(posted)) == (303, "/f/guide/thanks")
    assert await site.count("lead") == 0
    (one,) = await held(site)
    assert (one.code, one.tries, one.fields["company"]) == ("bait", 3, "Meridian Pharma")
    taken = await posts.take_after_all(site.house, one.post_id, by="samira-haddad")
    (lead,) = await site.rows("SELECT lead_id, company FROM lead")
    assert (lead["lead_id"], lead["company"]) == (taken.lead_id, "Meridian Pharma")
    assert await site.count("basis") == 1
    assert len(await site.events("guide_requested")) == 1
    assert await held(site) == ()
    (decided,) = await held(site, decided_too=True)
    assert (decided.state, decided.decided_by, decided.fields, decided.door) == ("taken", "samira-haddad", {}, {})
    with pytest.raises(Exception, match="decided before"):
        await posts.take_after_all(site.house, one.post_id, by="samira-haddad")


async def test_a_held_post_that_still_can_not_be_taken_stays_and_says_why_and_can_be_dropped(site: Site) -> None:
    await site.client.post("/f/guide", data={**ANA, "email": "no address", "fax_number": "555"})
    (one,) = await held(site)
    again = await posts.take_after_all(site.house, one.post_id, by="samira-haddad")
    assert (again.lead_id, "email" in again.why, "no address" in again.why) == (None, True, False)
    (still,) = await held(site)
    assert (still.state, still.code, still.tries) == ("held", "failed", 2)
    dropped = await posts.drop(site.house, one.post_id, by="samira-haddad", why="a machine")
    assert (dropped.state, dropped.decided_why, dropped.fields) == ("dropped", "a machine", one.fields)
    assert (await posts.bring_back(site.house, one.post_id, by="samira-haddad")).state == "held"
    await posts.drop(site.house, one.post_id, by="samira-haddad", why="a machine")
    for days, is_kept in ((6, True), (8, False)):
        async with site.db.transaction() as tx:
            await form_posts.drop_old(tx, at=site.house.now() + timedelta(days=days))
        (row,) = await held(site, decided_too=True)
        assert (row.decided_why, bool(row.fields), bool(row.door)) == ("a machine", is_kept, is_kept)
    with pytest.raises(Conflict, match="brought back"):
        await posts.bring_back(site.house, one.post_id, by="samira-haddad")
    (note, *_) = await site.rows("SELECT action, subject FROM audit WHERE action LIKE '%held post%'")
    assert note["action"] == "dropped a held post"


async def test_a_flood_of_one_network_is_held_and_none_of_it_lost(site: Site, far: httpx.AsyncClient) -> None:
    for no in range(33):
        posted = await far.post("/f/guide", data={**ANA, "email": f"lead{no}@alder.example"})
        assert posted.status_code == 303
    assert await site.count("lead") == 30
    waiting = await held(site)
    assert [one.fields["email"] for one in waiting] == [f"lead{no}@alder.example" for no in (30, 31, 32)]
    assert {one.why for one in waiting} == {"more than 30 posts of one network within 10 minutes"}


async def test_a_post_that_fails_on_our_side_is_said_to_have_failed_and_is_held(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr("leadloom.store.leads.capture_all", breaks)
    assert (await site.client.post("/f/guide", data=ANA)).status_code == 500
    monkeypatch.undo()
    (one,) = await held(site)
    assert (one.code, one.why) == ("failed", "it could not be taken: RuntimeError")
    assert (await posts.take_after_all(site.house, one.post_id, by="leo-novak")).lead_id is not None


async def test_when_nobody_looks_at_what_is_held_further_senders_are_told_to_come_back(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_posts, "MOST_HELD", 1)
    assert (await site.client.post("/f/guide", data={**ANA, "fax_number": "1"})).status_code == 303
    assert (await site.client.post("/f/guide", data={**ANA, "fax_number": "2"})).status_code == 303
    later = await site.client.post("/f/guide", data={**ANA, "company": "Alder", "fax_number": "1"})
    assert later.status_code == 503
    assert "Retry-After" in later.headers


FIELDS = [
    "email", "first_name", "company", "country", "role", "sites", "consent", "once", "began", "next", "reader",
    "fax_number", "lang", "framed", "shown_on", "utm_source", "language", "asked", "external_id", "extra",
]  # fmt: skip


def drawn(chance: random.Random) -> dict[str, str]:
    """A post nobody would write."""
    whole = dict(ANA) if chance.random() < 0.5 else {}
    return {"extra": ""} | whole | {name: chance.choice(ODD) for name in chance.sample(FIELDS, chance.randint(0, 8))}


async def test_whatever_is_posted_becomes_a_lead_is_held_or_comes_back_with_a_reason(site: Site) -> None:
    chance = random.Random(4)
    ends = Counter[int]()
    for _ in range(150):
        fields = drawn(chance)
        before = len(await site.events("guide_requested")), sum(one.tries for one in await held(site))
        posted = await site.client.post("/f/guide", data=fields)
        after = len(await site.events("guide_requested")), sum(one.tries for one in await held(site))
        ends[posted.status_code] += 1
        if posted.status_code == 303:
            assert sum(after) == sum(before) + 1, fields
        else:
            assert posted.status_code == 422, fields
            assert 'role="alert"' in posted.text
            assert after == before
        assert "<script>" not in posted.text
    assert min(ends[303], ends[422]) > 20


async def reader(site: Site) -> str:
    return site.signer.mail(Purpose.READER, await site.sent_mail())


async def test_a_known_reader_is_asked_only_what_is_unknown_and_shown_nothing_that_is_known(site: Site) -> None:
    token = await reader(site)
    await site.rows("UPDATE lead SET role = NULL, title = NULL")
    (lead,) = await site.rows("SELECT lead_id, email, company, first_name FROM lead")
    page = (await site.client.get(f"/f/guide?reader={token}")).text
    assert 'name="email"' not in page and 'name="company"' not in page
    assert 'name="role"' in page and "only what we don" in page
    for known in ("email", "company", "first_name"):
        assert str(lead[known]) not in page
    posted = await site.client.post("/f/guide", data={"reader": token, "role": "Head of Quality"})
    assert posted.status_code == 303
    (now,) = await site.rows("SELECT lead_id, role, email FROM lead")
    assert (now["lead_id"], now["role"], now["email"]) == (lead["lead_id"], "quality", lead["email"])


@pytest.mark.parametrize("forge", ["", "x", "forged-token", "\0"])
async def test_a_link_that_is_cut_shows_the_whole_form(site: Site, forge: str) -> None:
    page = await site.client.get("/f/guide", params={"reader": forge})
    assert (page.status_code, 'name="email"' in page.text) == (200, True)
    assert (await site.client.post("/f/guide", data={"reader": forge, "role": "it"})).status_code == 422


async def test_a_form_is_framed_by_the_sites_it_names_and_by_no_other(site: Site) -> None:
    policy = (await site.client.get("/f/guide?framed=1")).headers["content-security-policy"]
    assert "frame-ancestors 'self' https://kelvance.example https://*.kelvance.example" in policy
    thanks = (await site.client.get("/f/guide/thanks?framed=1")).headers["content-security-policy"]
    assert "https://*.kelvance.example" in thanks
    assert "frame-ancestors 'none'" in (await site.client.get("/f/guide")).headers["content-security-policy"]


async def test_campaign_utm_and_page_of_a_framed_form_stand_in_its_event(site: Site) -> None:
    told = {"utm_source": "news", "campaign": "spring", "shown_on": "https://www.kelvance.example/cold?x=1"}
    shown = (await site.client.get("/f/guide", params={"framed": "1", **told})).text
    for name, value in {**told, "framed": "1"}.items():
        assert f'name="{name}" value="{value}"' in shown
    posted = await site.client.post("/f/guide", data={**ANA, **told, "framed": "1"})
    assert posted.headers["location"].startswith("/f/guide/thanks?framed=1")
    (event,) = await site.events("guide_requested")
    for words in ('"utm_source": "news"', '"campaign": "spring"', '"page": "https://www.kelvance.example/cold"'):
        assert words in str(event["data"])


async def test_a_form_speaks_the_readers_language_and_keeps_the_sentence_they_ticked(site: Site) -> None:
    page = (await site.client.get("/f/guide", headers={"Accept-Language": "de-AT,en;q=0.5"})).text
    assert '<html lang="de">' in page and "Berufliche E-Mail" in page and 'name="lang" value="de"' in page
    wrong = await site.client.post("/f/guide", data={**ANA, "country": "Österreich ", "lang": "de"})
    if wrong.status_code == 422:
        assert "auf Englisch" in wrong.text
    await site.client.post("/f/guide", data={**ANA, "country": "AT", "lang": "de", "consent": "yes"})
    (basis,) = await site.rows("SELECT wording, proof FROM basis")
    assert str(basis["wording"]).startswith("Ja, Kelvance darf")
    assert '"wording_version": "2026-02"' in str(basis["proof"]) and '"language": "de"' in str(basis["proof"])
    (lead,) = await site.rows("SELECT language FROM lead")
    assert lead["language"] == "de"


async def test_a_post_is_led_on_only_where_its_form_allows(site: Site) -> None:
    allowed = await site.client.post("/f/guide", data={**ANA, "next": "/m/four-degrees/guide"})
    assert allowed.headers["location"] == "/m/four-degrees/guide"
    away = await site.client.post("/f/guide", data={**ANA, "next": "https://evil.example/m/"})
    assert leads_to(away) == "/f/guide/thanks"
