"""Does somebody work through the queue of duplicates: look, choose, merge, keep apart, put off, and take it back?"""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.model import LeadId
from leadloom.store import leads, match_faults, matching
from tests.store.acts import TUESDAY
from tests.web.console import Console, links, words

SAMIRA = "samira-haddad"


async def second_ana(console: Console, **rest: object) -> LeadId:
    """Ana once more, under an address with a slip; the sweep has looked at her."""
    told = {
        "email": "ana.tores@meridian-pharma.example", "first_name": "Anna", "last_name": "Torres",
        "company": "Meridian Pharma", "country": "US", "source": "webinar", "phone": "+1 212 555 0143",
        "events": (EventDraft(kind="article_read", at=TUESDAY - timedelta(hours=1)),),
    }  # fmt: skip
    draft = LeadDraft.model_validate({**told, **rest})
    async with console.site.db.transaction() as tx:
        captured = await leads.capture(tx, draft, book=console.site.book, at=TUESDAY, actor="lead")
    while (await matching.look(console.site.db, at=TUESDAY)).leads:
        pass
    return captured.lead_id


async def waiting(console: Console) -> str:
    """The way to the first pair of the queue."""
    return links(await console.page("/duplicates"), r"^/duplicates/[0-9a-f-]+/[0-9a-f-]+$")[0]


def fields_of(page: str) -> dict[str, str]:
    """What the form of a pair's page would send as it stands."""
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    for name, value, rest in re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)"([^>]*)>', page):
        if "checked" in rest:
            fields[name] = value
    [fields["why"]] = re.findall(r'id="why" name="why" maxlength="300" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in fields.items()}


async def test_a_pair_is_looked_at_side_by_side_merged_as_chosen_and_parted_again(console: Console) -> None:
    console.sit(SAMIRA)
    ana, other = console.people["ana"], await second_ana(console)
    queue = words(await console.page("/duplicates"))
    assert "Ana Torres and Anna Torres likely" in queue
    assert "mail address nearly equal" in queue
    before = await console.site.row_counts()
    path = await waiting(console)
    page = await console.page(path)
    said = words(page)
    assert await console.site.row_counts() == before, "looking changes nothing"
    assert "Ana Torres stays: we met them first" in said
    assert "≠ differs: First name Ana stands Anna of who we met first" in said
    assert "Marketing by mail yes, double-opt-in since 2026-02-11 nothing yes, double-opt-in" in said
    assert re.search(r"Engagement points 38 \d+ \d+", said)
    fields = {**fields_of(page), "choose-first_name": str(other), "do": "merge"}
    stale = await console.client.post(path, data={**fields, "seen": "of-yesterday"})
    assert (stale.status_code, "One of them changed since you looked" in stale.text) == (409, True)
    merged = await console.client.post(path, data=fields)
    assert merged.status_code == 303
    done = await console.page(merged.headers["location"])
    assert "Merged. Whoever names Anna Torres finds Anna Torres now" in words(done)
    assert "chosen by hand" in words(done)
    assert "Merged from Anna Torres ana.tores@meridian-pharma.example" in words(await console.page(f"/leads/{ana}"))
    assert (await console.client.get(path)).headers["location"] == f"/leads/{ana}"
    undo = merged.headers["location"].partition("?")[0]
    assert "Anna Torres has their 1 event, fields, permissions, addresses and points back" in words(done)
    assert "nothing happened since" in words(done)
    assert (await console.send(undo, {"why": " "})).status_code == 422
    assert (await console.send(undo, {"why": "two sisters"})).status_code == 303
    assert "They are two again" in await console.page(f"{undo}?parted=1")
    again = await console.client.post(undo, data={**fields, "why": "twice"})
    assert (again.status_code, "was undone on" in again.text) == (409, True)
    assert "two sisters" in words(await console.page("/duplicates?show=apart"))
    assert (await console.page(f"/leads/{other}")).count("Anna Torres") > 0


async def test_a_pair_is_put_off_kept_apart_and_asked_about_again_from_the_queue(console: Console) -> None:
    console.sit(SAMIRA)
    await second_ana(console)
    one, other = (await waiting(console)).split("/")[2:]
    pair = {"one": one, "other": other}
    assert (await console.send("/duplicates", {**pair, "do": "later"})).headers["location"].endswith("said=later")
    assert "No pair waits" in words(await console.page("/duplicates"))
    assert "put off by Samira Haddad until" in words(await console.page("/duplicates?show=later"))
    shown_at = "/duplicates?show=later"
    await console.send("/duplicates", {**pair, "do": "apart", "back": shown_at}, shown_at=shown_at)
    assert "kept apart by Samira Haddad" in words(await console.page("/duplicates?show=apart"))
    late = await console.send("/duplicates", {**pair, "do": "later"}, shown_at="/duplicates?show=apart")
    assert (late.status_code, "waits no more" in late.text) == (409, True)
    await console.send("/duplicates", {**pair, "do": "again"}, shown_at="/duplicates?show=apart")
    await matching.look(console.site.db, at=TUESDAY)
    assert await waiting(console)


async def test_filters_narrow_the_queue_and_each_number_opens_its_rows(console: Console) -> None:
    console.sit(SAMIRA)
    await second_ana(console)
    for query, found in (
        ("confidence=likely", True), ("confidence=perhaps", False), ("source=webinar", True),
        ("source=partner", False), ("age=day", True), ("age=older", False),
    ):  # fmt: skip
        said = words(await console.page(f"/duplicates?{query}"))
        assert (query, "Anna Torres" in said, "No pair of this kind waits" in said) == (query, found, not found)
    page = await console.page("/duplicates")
    assert "1 to decide" in words(page)
    for show in ("later", "apart", "merged", "faults"):
        assert f'href="/duplicates?show={show}"' in page
        assert 'class="empty"' in await console.page(f"/duplicates?show={show}")
    assert '<a href="/duplicates"><span class="number">1</span>' in await console.page("/quality")
    assert "Possible duplicates Anna Torres" in words(await console.page(console.lead("ana")))
    assert "Begin at the first page" in await console.page("/duplicates?after=1,2", status=422)


async def test_nobody_decides_without_a_seat_or_from_another_page(console: Console) -> None:
    await second_ana(console)
    path = await waiting(console)
    assert "Choose your seat to decide" in await console.page(path)
    console.sit(SAMIRA)
    page = await console.page(path)
    forged = await console.client.post(path, data={**fields_of(page), "token": "another", "do": "merge"})
    assert forged.status_code == 403
    console.client.cookies.delete("seat")
    unseated = await console.client.post(path, data={**fields_of(page), "do": "merge"})
    assert (unseated.status_code, "choose your seat" in unseated.text) == (422, True)


async def test_whom_the_sweep_could_not_look_at_stands_there_with_the_reason(console: Console) -> None:
    console.sit(SAMIRA)
    async with console.site.db.transaction() as tx:
        await match_faults.keep(tx, console.people["ana"], "no room for them", at=TUESDAY)
    assert "Ana Torres no room for them" in words(await console.page("/duplicates?show=faults"))
    await console.send(
        "/duplicates", {"do": "retry", "back": "/duplicates?show=faults"}, shown_at="/duplicates?show=faults"
    )
    await matching.look(console.site.db, at=TUESDAY)
    assert "Everybody could be looked at" in words(await console.page("/duplicates?show=faults"))
