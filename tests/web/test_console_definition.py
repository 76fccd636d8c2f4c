"""Does the console say what a lead is, let the right people change it, and open the rows behind each number?"""

from __future__ import annotations

import re

import pytest

from leadloom.domain.definitions.drafting import Proposal, Word
from leadloom.store import definition_drafts, published
from tests.store.acts import TUESDAY
from tests.web.console import Console, links, words


async def proposed(console: Console, *, by: str = "samira-haddad") -> str:
    """The page of a draft in review that lets more leads through the gate."""
    async with console.site.db.transaction() as tx:
        book = await published.book(tx)
        looser = book.definition.but(engagement_digits={1: 60.0, 2: 10.0, 3: 5.0})
        word = Word(by=by, at=TUESDAY, why="The reps have room for more")
        draft = await definition_drafts.draw_up(tx, Proposal(definition=looser), word, book=book)
        await definition_drafts.submit(tx, draft.draft_no, word, book=book)
    return f"/definition/drafts/{draft.draft_no}"


async def test_the_glossary_is_made_of_the_definition_and_its_numbers_open_their_leads(console: Console) -> None:
    page = await console.page("/definition")
    async with console.site.db.read() as tx:
        definition = (await published.book(tx)).definition
    said = words(page)
    assert all(stage.name in said and " ".join(stage.means.split()) in said for stage in definition.stages)
    assert all(reason.label in said for reason in definition.reject_reasons.values())
    assert "Nothing is proposed" in said
    [row] = await console.site.rows("SELECT count(*) AS n FROM lead_stage WHERE stage = 'mql'")
    shown = re.search(r'href="/rows/leads\?stage=mql">(\d+)<', page)
    assert shown is not None
    assert int(shown[1]) == row["n"]


async def test_a_draft_says_what_changes_for_whom_and_is_signed_in_the_seats_name(console: Console) -> None:
    path = await proposed(console)
    assert path in await console.page("/definition")
    said = words(await console.page(path))
    assert "engagement_digits › 2 40 10 who passes the gate, and how leads are shown" in said
    assert "Choose your seat to say something" in said
    console.sit("ines-carvalho")
    assert "Sign as" not in words(await console.page(path))
    refused = await console.send(path, {"act": "sign"})
    assert (refused.status_code, "The right is called change-scoring" in words(refused.text)) == (403, True)
    console.sit("samira-haddad")
    assert (await console.send(path, {"act": "sign"})).status_code == 303
    console.sit("greta-lindqvist")
    without = await console.send(path, {"act": "reject", "why": " "})
    assert (without.status_code, "give one" in without.text) == (409, True)
    assert (await console.send(path, {"act": "sign", "why": "agreed"})).status_code == 303
    assert "in force as version 2" in words(await console.page(path))
    assert "definition kelvance, version 2" in words(await console.page("/definition"))


async def test_the_previews_numbers_open_their_leads_and_equal_what_happens(console: Console) -> None:
    path = await proposed(console)
    assert "Nobody has worked it out yet" in words(await console.page(path))
    assert (await console.send(path, {"act": "preview"})).status_code == 303
    page = await console.page(path)
    rows = links(page, r"^/rows/preview\?draft=\d+&case=moves")
    listed = await console.page(rows[0])
    moving = set(re.findall(r'href="/leads/([0-9a-f-]+)"', listed))
    assert moving, "the draft moves somebody"
    total = re.search(r"data-total>(\d+)<", listed)
    assert total is not None
    assert int(total[1]) == len(moving)
    for handle in ("samira-haddad", "greta-lindqvist"):
        console.sit(handle)
        await console.send(path, {"act": "sign"})
    moved = await console.site.rows(
        "SELECT lead_id FROM stage_change WHERE definition_version = 2 AND evidence ->> 'event' = 'definition_changed'"
    )
    assert {str(row["lead_id"]) for row in moved} == moving


async def test_a_look_back_tells_the_past_quarter_and_its_numbers_open_their_leads(console: Console) -> None:
    path = await proposed(console)
    assert "Nobody has looked back yet" in words(await console.page(path))
    assert (await console.send(path, {"act": "look-back"})).status_code == 303
    page = await console.page(path)
    assert re.search(
        r"\d+ handed over by version 1 become \d+ by the draft; \d+ accepted become \d+ for sure", words(page)
    )
    cells = re.findall(r'<a class="figure[^"]*" href="(/rows/look-back\?draft=1&amp;case=[^"]*)">([\d,]+)</a>', page)
    assert any(number != "0" for _, number in cells), "the draft would have handed somebody over otherwise"
    for href, number in cells:
        total = re.search(r"data-total>([\d,]+)<", await console.page(href.replace("&amp;", "&")))
        assert (href, total[1] if total else "0") == (href, number)


@pytest.mark.parametrize("path", ["/definition/drafts/99", "/definition/drafts/none"])
async def test_a_draft_that_is_not_there_is_said_so(console: Console, path: str) -> None:
    assert (await console.client.get(path)).status_code in (404, 422)


async def test_each_number_of_the_quality_board_opens_as_many_rows(console: Console) -> None:
    page = await console.page("/quality")
    cells = re.findall(r'<a class="figure[^"]*" href="(/rows/quality[^"]*)">([\d,]+)</a>', page)
    assert len(cells) > 10
    for href, number in {*cells}:
        listed = await console.page(href.replace("&amp;", "&"))
        total = re.search(r"data-total>([\d,]+)<", listed)
        assert (href, total[1] if total else "0") == (href, number)
    assert "Marketing promises 90 %" in words(page)
