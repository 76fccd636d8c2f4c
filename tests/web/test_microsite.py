"""Can a microsite be read by everybody, its guide by whoever asked, and is what was read told once?"""

from __future__ import annotations

import json
import re
import shutil
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from leadloom.domain.mails.links import Purpose
from leadloom.domain.mails.preferences import OFF, TRACKING
from leadloom.domain.microsites import slot as slots
from leadloom.domain.microsites.slot import Case, Shown, Slot, Stands
from leadloom.runtime.microsites import FOLDER, SiteFolder, lint
from leadloom.store import leads, published, readings
from tests.store.acts import TUESDAY
from tests.web.site import Site
from tests.web.test_capture import ANA

HOME = "/m/four-degrees"
SITE = SiteFolder().sites().named("four-degrees")
SESSION = "0123456789abcdef01234567"


async def reader(site: Site) -> str:
    return site.signer.mail(Purpose.READER, await site.sent_mail())


async def said(site: Site, piece: str, seconds: int, **rest: object) -> int:
    word = {"session": SESSION, "piece": piece, "seconds": seconds, "moved": True, **rest}
    return (await site.client.post(f"{HOME}/seen", content=json.dumps(word))).status_code


async def read_for(site: Site, piece: str, seconds: int, **rest: object) -> None:
    """Seen for so long, although no time passes in a test."""
    await said(site, piece, 5, **rest)
    await site.rows("UPDATE reading SET first_at = first_at - $1::interval", timedelta(seconds=seconds))
    assert await said(site, piece, seconds, **rest) == 204


def test_the_site_that_comes_with_us_is_sound_and_its_articles_are_as_long_as_they_should_be() -> None:
    assert lint() == ()
    articles = [piece for piece in SITE.pieces.values() if piece.front.kind == "article"]
    assert len(articles) == 6
    assert all(700 <= piece.words <= 1000 and piece.front.author and "<svg" in piece.html for piece in articles)
    assert all(re.search(r"synthetic|invented", piece.front.data, re.IGNORECASE) for piece in articles)


PAGES = ["", *(f"/{name}" for name in SITE.pieces), *(f"/t/{name}" for name in SITE.site.tracks)]


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_opens_alone_and_names_no_other_host(site: Site, path: str) -> None:
    page = await site.client.get(HOME + path)
    assert page.status_code == 200
    loads = re.findall(r"(?:src|action)=\"([^\"]+)\"", page.text) + re.findall(
        r"<link[^>]+href=\"([^\"]+)\"", page.text
    )
    ours = ("/", "data:,", "http://127.0.0.1:8321/m/")
    assert [one for one in loads if not one.startswith(ours)] == []
    assert "set-cookie" not in page.headers
    assert "style=" not in page.text and "<script>" not in page.text
    for link in {unescape(href) for href in re.findall(r'href="(/[^"#]*)', page.text)}:
        assert (await site.client.get(link)).status_code == 200, link
    static = [len((await site.client.get(f"/static/{one}")).content) for one in ("microsite.css", "reading.js")]
    figures = sum(len(one) for one in re.findall(r"<svg.*?</svg>", page.text, re.DOTALL))
    assert len(page.content) - figures + sum(static) < 60_000


async def test_a_page_nobody_wrote_says_what_there_is(site: Site) -> None:
    for path in ("/nothing", "/t/nothing", "/..%2fsite.yaml", "/site.yaml"):
        page = await site.client.get(HOME + path)
        assert page.status_code == 404
    assert "Nine minutes on the dock" in (await site.client.get(f"{HOME}/nothing")).text
    assert (await site.client.get("/m/nothing")).status_code == 404


async def test_a_page_is_kept_for_a_while_and_one_with_a_name_is_not(site: Site) -> None:
    page = await site.client.get(f"{HOME}/nine-minutes")
    assert page.headers["cache-control"] == "public, max-age=300"
    again = await site.client.get(f"{HOME}/nine-minutes", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    named = await site.client.get(f"{HOME}/nine-minutes", params={"r": await reader(site)})
    assert (named.headers["cache-control"], named.headers["referrer-policy"]) == ("no-store", "no-referrer")


async def test_the_feed_lists_the_articles_newest_first(site: Site) -> None:
    feed = await site.client.get(f"{HOME}/feed.xml")
    assert feed.headers["content-type"].startswith("application/rss+xml")
    titles = re.findall(r"<title>(.*?)</title>", feed.text)
    assert titles[:2] == ["The Four-Degree Gap", "From loggers to a lane map"] and len(titles) == 7


async def test_the_guide_opens_by_its_link_alone_and_else_says_how_to_ask(site: Site) -> None:
    closed = await site.client.get(f"{HOME}/guide")
    assert 'action="/f/guide"' in closed.text and "Sheet 1: one lane" not in closed.text
    forged = await site.client.get(f"{HOME}/guide", params={"key": site.signer.asset("four-degrees/other")})
    assert "Sheet 1: one lane" not in forged.text
    opened = await site.client.get(f"{HOME}/guide", params={"key": site.signer.asset("four-degrees/guide")})
    assert "Sheet 1: one lane" in opened.text and 'action="/f/guide"' not in opened.text
    assert opened.headers["cache-control"] == "no-store"
    assert "Sheet 1: one lane" in (await site.client.get(f"{HOME}/guide", params={"r": await reader(site)})).text


async def test_who_asks_for_the_guide_gets_it_at_once_and_who_only_looks_at_the_thanks_does_not(site: Site) -> None:
    posted = await site.client.post("/f/guide", data=ANA)
    thanks = await site.client.get(posted.headers["location"])
    (link,) = re.findall(r'href="(/m/four-degrees/guide\?key=[^"]+)"', thanks.text)
    assert "Sheet 1: one lane" in (await site.client.get(link)).text
    assert "?key=" not in (await site.client.get("/f/guide/thanks")).text


async def test_the_sum_is_worked_out_without_a_script_and_comes_alone_for_one(site: Site) -> None:
    page = await site.client.get(f"{HOME}/warm-pallet", params={"pallets": "1,200", "currency": "EUR"})
    assert "2,355 EUR" in page.text and 'value="1,200"' in page.text
    assert page.headers["cache-control"] == "no-store"
    part = await site.client.get(f"{HOME}/warm-pallet", params={"value": "many", "part": "sum"})
    assert part.text.strip().startswith('<div id="sum"') and "Value of a pallet" in part.text
    hostile = await site.client.get(f"{HOME}/warm-pallet", params={"value": '"><script>alert(1)</script>'})
    assert "<script>alert" not in hostile.text


async def test_a_sum_that_is_sent_stands_in_the_event_as_we_worked_it_out(site: Site) -> None:
    fields = {**ANA, "figures": "value=1000&lost=50&hours=1&rate=10&calls=0&quarantine=0&currency=EUR&cost=9"}
    assert (await site.client.post("/f/warm-pallet", data=fields)).status_code == 303
    (event,) = await site.events("calculator_finished")
    data = json.loads(str(event["data"]))
    assert (data["cost"], data["form"], data["value"]) == ("510 EUR", "warm-pallet", "1000")


async def test_what_a_known_reader_reads_is_told_once_and_two_pieces_are_a_binge(site: Site) -> None:
    token = await reader(site)
    await read_for(site, "nine-minutes", 61, reader=token, track="quality")
    await read_for(site, "nine-minutes", 120, reader=token)
    (event,) = await site.events("article_read")
    data = json.loads(str(event["data"]))
    assert (data["piece"], data["track"], event["verdict"], event["channel"]) == (
        "nine-minutes", "quality", "human", "microsite"
    )  # fmt: skip
    assert await site.events("pieces_binged") == []
    await read_for(site, "excursion", 61, reader=token)
    assert len(await site.events("article_read")) == 2
    assert len(await site.events("pieces_binged")) == 1
    page = await site.client.get(f"{HOME}/inspector", params={"r": token})
    assert re.search(r'id="offered"[^>]*>', page.text) and " hidden>" not in page.text


async def test_nobody_reads_longer_than_time_passes_and_no_machine_reads_at_all(site: Site) -> None:
    token = await reader(site)
    await said(site, "nine-minutes", 86_400, reader=token)
    await said(site, "nine-minutes", 86_400, reader=token)
    (row,) = await site.rows("SELECT seconds FROM reading")
    assert int(str(row["seconds"])) <= 30
    await site.rows("DELETE FROM reading")
    site.client.headers["User-Agent"] = "HeadlessChrome/156"
    await read_for(site, "excursion", 61, reader=token)
    assert [event["verdict"] for event in await site.events("article_read")] == ["machine"]


async def test_what_was_read_without_a_name_is_theirs_who_gives_it_and_never_a_second_persons(site: Site) -> None:
    await read_for(site, "nine-minutes", 61)
    assert await site.events("article_read") == []
    await site.client.post("/f/guide", data={**ANA, "reading": SESSION})
    assert len(await site.events("article_read")) == 1
    other = {**ANA, "email": "bob@meridian-pharma.example", "reading": SESSION}
    await site.client.post("/f/guide", data=other)
    assert len(await site.events("article_read")) == 1
    (row,) = await site.rows("SELECT r.lead_id, l.email FROM reading r JOIN lead l USING (lead_id)")
    assert str(row["email"]).startswith("ana.torres@")


@pytest.mark.parametrize(
    "word",
    ["", "nonsense", "[]", '{"session": "short"}', "x" * 5000, '{"session": "' + "a" * 24 + '", "piece": "nothing"}'],
)
async def test_a_word_that_is_none_changes_nothing_and_is_answered_alike(site: Site, word: str) -> None:
    assert (await site.client.post(f"{HOME}/seen", content=word)).status_code == 204
    assert await site.count("reading") == 0


async def test_a_link_of_a_mail_says_who_reads_and_one_that_is_not_counted_only_what_it_opens(site: Site) -> None:
    message_id = await site.sent_mail()
    followed = await site.client.get(f"/t/c/{site.signer.click(message_id, 2)}")
    place = followed.headers["location"]
    assert place == f"{HOME}/guide?r={site.signer.mail(Purpose.READER, message_id)}"
    assert "Sheet 1: one lane" in (await site.client.get(place)).text
    await site.rows(f"UPDATE lead SET attributes = attributes || '{json.dumps({TRACKING: OFF})}'")
    direct = (await site.client.get(f"/t/c/{site.signer.click(message_id, 2)}")).headers["location"]
    assert direct.startswith(f"{HOME}/guide?") and "Sheet 1: one lane" in (await site.client.get(direct)).text


async def test_what_nobody_was_identified_for_is_forgotten(site: Site) -> None:
    await said(site, "nine-minutes", 10)
    async with site.db.transaction() as tx:
        assert await readings.forget_old(tx, at=TUESDAY) == 0
        assert await readings.forget_old(tx, at=TUESDAY + timedelta(days=91)) == 1


async def test_two_who_give_their_names_at_one_screen_stay_two(site: Site) -> None:
    token = await reader(site)
    await read_for(site, "nine-minutes", 61, reader=token)
    await site.client.post("/f/guide", data={**ANA, "email": "bob@alder.example", "reading": SESSION})
    async with site.db.read() as tx:
        book = await published.book(tx)
        lead_id = await leads.find(tx, "bob@alder.example")
        assert await readings.read_by(tx, lead_id, "four-degrees") == frozenset()
    assert book.definition.events["pieces_binged"].points == 0


async def test_a_slot_says_to_a_known_reader_what_suits_where_they_stand_and_to_nobody_else(site: Site) -> None:
    token = await reader(site)
    stranger = await site.client.get(HOME + "/nine-minutes")
    assert 'id="slot"' not in stranger.text
    assert "public" in stranger.headers["cache-control"]
    assert 'id="slot"' not in (await site.client.get(f"{HOME}/nine-minutes?r={token}")).text, "an inquiry has no case"
    await site.rows("UPDATE lead_stage SET stage = 'sql' RETURNING 1")
    known = await site.client.get(f"{HOME}/nine-minutes?r={token}")
    assert "Ask the person who knows your lanes" in known.text
    assert f'href="/f/call?reader={token}"' in known.text
    assert known.headers["cache-control"] == "no-store"
    assert 'id="slot"' not in (await site.client.get(f"{HOME}/nine-minutes?r={token[:-3]}xxx")).text
    assert 'id="slot"' not in (await site.client.get(HOME + "/nine-minutes")).text


def test_a_slot_for_a_stage_or_journey_there_is_none_of_is_named_with_its_line(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "four-degrees", tmp_path / "four-degrees")
    file = tmp_path / "four-degrees" / "site.yaml"
    told = file.read_text(encoding="utf-8")
    file.write_text(told.replace("[webinar-audit-season]", "[audit-webinar]").replace("[sal, sql]", "[sal, sold]"))
    first, second = lint(SiteFolder(tmp_path))
    lines = [
        no for no, line in enumerate(told.splitlines(), start=1) if "webinar-audit" in line or "[sal, sql]" in line
    ]
    assert first.startswith(f"site.yaml line {lines[0]} ") and "no journey `audit-webinar`: there is ask-once" in first
    assert second.startswith(f"site.yaml line {lines[1]} ") and "no stage `sold`: there is aware" in second
    assert "four-degrees" in SiteFolder(tmp_path).sites().by_name, "it is shown all the same: nobody would see the case"


def test_the_first_case_that_holds_is_shown_and_a_slot_that_never_shows_is_a_fault() -> None:
    def says(title: str, to: str = "/f/call") -> Shown:
        return Shown(title=title, says="x", button="y", to=to)

    both = Case(stages=("sql",), journeys=("deal-support",), shows=says("both"))
    slot = Slot(cases=(both, Case(stages=("sql", "won"), shows=says("one"))), default=says("default"))
    for stages, journeys, title in (
        ({"sql"}, {"deal-support"}, "both"), ({"sql"}, set(), "one"), ({"mql"}, {"deal-support"}, "default"),
    ):  # fmt: skip
        found = slots.shown(slot, Stands(stages=frozenset(stages), journeys=frozenset(journeys)))
        assert found is not None and found.title == title
    assert slots.shown(slot, None) == slot.default
    assert slots.shown(slot.but(default=None), None) is None
    bad = Slot(cases=(Case(shows=says("all", to="javascript:alert(1)")),))
    assert [fault.path for fault in slots.faults_of_slots({"side": bad})] == [
        ("slots", "side"), ("slots", "side", "cases", 0), ("slots", "side", "cases", 0, "shows", "to"),
    ]  # fmt: skip


async def test_a_shared_page_has_a_picture_of_our_own_and_a_site_without_one_names_none(
    site: Site, tmp_path: Path
) -> None:
    page = (await site.client.get(HOME + "/nine-minutes")).text
    picture = f"{site.house.settings.public_url}{HOME}/preview.png"
    assert f'<meta property="og:image" content="{picture}">' in page
    assert 'content="summary_large_image"' in page
    answer = await site.client.get(HOME + "/preview.png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert "public" in answer.headers["cache-control"]
    folder = tmp_path / "four-degrees"
    shutil.copytree(FOLDER / "four-degrees", folder)
    (folder / "preview.png").write_bytes(b"GIF89a")
    assert any("1200 by 630" in fault for fault in SiteFolder(tmp_path).sites().faults)
    (folder / "preview.png").unlink()
    assert SiteFolder(tmp_path).sites().named("four-degrees").preview == b""
