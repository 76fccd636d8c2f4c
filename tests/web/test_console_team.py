"""Can whoever leads sales see where it rubs, move offers and take that back, and enter time off?"""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID

from leadloom.domain.model import HandOffId
from leadloom.store import absences, hand_offs
from tests.store.acts import TUESDAY
from tests.web.console import Console, words

FIGURE = re.compile(r'<a class="figure[^"]*" href="([^"]+)">(\d+)</a>')
TILE = re.compile(r'<a href="(/rows/[^"]+)"><span class="number">(\d+)</span>')


async def offer_of(console: Console, who: str) -> dict[str, object]:
    query = (
        "SELECT h.hand_off_id, h.assignment_no, h.state, o.handle FROM hand_off h JOIN owner o USING (owner_id)"
        " WHERE h.lead_id = $1 ORDER BY h.opened_at DESC LIMIT 1"
    )
    return (await console.site.rows(query, console.people[who]))[0]


def hidden(page: str) -> dict[str, str]:
    """What the page's last form would send."""
    form = page.rsplit("<form", 1)[1]
    return {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form)}


async def test_every_number_opens_its_rows_people_stand_by_name_and_nobody_is_unowned(console: Console) -> None:
    console.sit("greta-lindqvist")
    page = await console.page("/team?period=ever")
    found = [*FIGURE.findall(page), *TILE.findall(page)]
    assert len(found) > 12
    for href, number in found:
        listed = re.search(r"<strong data-total>([\d,]+)</strong>", await console.page(unescape(href)))
        assert (href, int(listed.group(1)) if listed else 0) == (href, int(number))
    names = re.findall(r'<td data-label="Name"><div class="cell"><strong>([^<]+)', page)
    assert names == sorted(names) and "Dana Whitlock" in names
    said = words(page)
    assert "0 unowned ✓ every lead past the gate has somebody" in said
    assert "At the desk, after the notice 3" in said


async def test_offers_are_moved_only_after_a_look_each_logged_and_taken_back(console: Console) -> None:
    console.sit("greta-lindqvist")
    before = await offer_of(console, "clara")
    fields = {f"offer-{before['hand_off_id']}": "1", "to": "dana-whitlock", "why": "Inês is at the fair"}
    looked = await console.send("/team/offers", {**fields, "do": "look"})
    assert "1 offer would go to Dana Whitlock" in words(looked.text)
    assert await offer_of(console, "clara") == before
    moved = await console.client.post("/team/offers", data={**hidden(looked.text), "do": "move"})
    assert "from Inês Carvalho to Dana Whitlock" in words(moved.text)
    assert (await offer_of(console, "clara"))["handle"] == "dana-whitlock"
    notes = await console.site.rows("SELECT actor, why FROM audit WHERE action = 'moved an offer'")
    assert notes == [{"actor": "greta-lindqvist", "why": "Inês is at the fair"}]
    again = await console.client.post("/team/offers", data={**hidden(moved.text), "do": "back"})
    assert "1 offer went back" in words(again.text)
    assert (await offer_of(console, "clara"))["handle"] == "ines-carvalho"
    late = await console.client.post("/team/offers", data={**hidden(moved.text), "do": "back"})
    assert "moved on since, and stays where it is" in words(late.text)


async def test_a_move_without_a_word_or_an_offer_says_what_is_missing(console: Console) -> None:
    console.sit("greta-lindqvist")
    key = (await offer_of(console, "clara"))["hand_off_id"]
    silent = await console.send("/team/offers", {f"offer-{key}": "1", "to": "dana-whitlock", "do": "look"})
    nothing = await console.send("/team/offers", {"to": "dana-whitlock", "why": "x", "do": "look"})
    assert (silent.status_code, nothing.status_code) == (422, 422)
    assert "Say in a few words why" in silent.text and "Choose at least one offer" in nothing.text


async def test_time_off_says_what_happens_to_open_offers_and_does_it(console: Console) -> None:
    console.sit("greta-lindqvist")
    days = {"handle": "ines-carvalho", "first": f"{TUESDAY:%Y-%m-%d}", "last": "2026-03-06"}
    looked = await console.send("/team/away", {**days, "do": "look"})
    said = words(looked.text)
    assert "Jonas Brandt covers" in said and "Clara Weiss , Nordkühl goes to Jonas Brandt" in said
    assert "1 lead in conversation stays with Inês Carvalho" in said
    assert not await console.site.rows("SELECT 1 FROM owner_absence")
    entered = await console.client.post("/team/away", data={**hidden(looked.text), "do": "enter"})
    assert entered.status_code == 303
    assert "Inês Carvalho away now" in words(await console.page("/team/away"))
    await looks(console, "clara")
    assert (await offer_of(console, "clara"))["handle"] == "jonas-brandt"
    async with console.site.db.transaction() as tx:
        assert await absences.wake(tx, at=TUESDAY) == 0, "what has moved isn't looked at again"
    ended = await console.client.post(
        "/team/away",
        data={**hidden((await console.page("/team/away")).split('<section aria-labelledby="new"')[0]), "do": "end"},
    )
    assert ended.status_code == 303
    assert "Nobody is away" in words(await console.page("/team/away"))


async def looks(console: Console, who: str) -> None:
    """What the hand-off's workflow does when it is woken."""
    key = HandOffId(UUID(str((await offer_of(console, who))["hand_off_id"])))
    async with console.site.db.transaction() as tx:
        await hand_offs.advance(tx, key, book=console.site.book, at=console.site.house.now())


async def test_a_rep_is_told_whom_to_ask(console: Console) -> None:
    console.sit("ines-carvalho")
    for path in ("/team", "/team/offers", "/team/away", "/rows/team"):
        await console.page(path, status=403)
