"""Do lists filter, sort and page by their address alone, and can they be taken away as a file?"""

from __future__ import annotations

import csv
import io
import re

import pytest

from leadloom.domain.lead import LeadDraft
from leadloom.store import leads
from tests.store.acts import TUESDAY
from tests.web.console import Console, links, words

CROWD = 60


async def bring(console: Console, draft: LeadDraft) -> None:
    async with console.site.db.transaction() as tx:
        await leads.capture(tx, draft, book=console.site.book, at=TUESDAY, actor="system")


async def crowd(console: Console) -> None:
    for number in range(CROWD):
        await bring(console, LeadDraft(email=f"reader{number:02}@crowd.example", source="pharmalog"))


async def walk(console: Console, path: str) -> list[str]:
    """The leads of all pages, in order."""
    seen: list[str] = []
    here: list[str] = [path]
    while here:
        page = await console.page(here[0])
        seen += re.findall(r'<td data-label="Lead"[^>]*>.*?href="/leads/([0-9a-f-]+)"', page, re.DOTALL)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        here = [following.group(1).replace("&amp;", "&")] if following else []
    return seen


async def test_pages_hold_every_lead_once_and_the_other_order_is_the_same_list_backwards(console: Console) -> None:
    await crowd(console)
    (count,) = await console.site.rows("SELECT count(*) AS n FROM lead_stage")
    for sort in ("name", "company", "stage", "since", "owner", "source"):
        forwards = await walk(console, f"/rows/leads?sort={sort}&order=asc")
        assert (sort, len(forwards), len(set(forwards))) == (sort, count["n"], count["n"])
        assert await walk(console, f"/rows/leads?sort={sort}&order=desc") == forwards[::-1]


@pytest.mark.parametrize(
    ("path", "sorts"),
    [
        ("/rows/hand-offs", ("name", "kind", "state", "owner", "due", "opened")),
        ("/rows/mails", ("mail", "name", "status", "when")),
        ("/rows/runs", ("name", "journey", "step", "until", "entered")),
        ("/rows/deals", ("name", "company", "stage", "amount", "created")),
    ],
)
async def test_each_list_sorts_by_each_of_its_columns_both_ways(
    console: Console, path: str, sorts: tuple[str, ...]
) -> None:
    whole = words(await console.page(path))
    for sort in sorts:
        there, back = [
            list(csv.reader(io.StringIO((await console.client.get(f"{path}.csv?sort={sort}&order={order}")).text)))[1:]
            for order in ("asc", "desc")
        ]
        assert there == back[::-1]
        assert f"{len(there)} row" in whole


async def test_filters_narrow_and_stay_in_the_addresses_of_the_page(console: Console) -> None:
    page = await console.page("/rows/leads?stage=inquiry&source=webinar")
    assert "Iris Blom" in page
    assert "Ana Torres" not in page
    assert all("stage=inquiry&source=webinar" in href for href in links(page, r"sort="))


async def test_words_find_names_addresses_and_companies(console: Console) -> None:
    for said in ("torres", "ANA.TORRES@", "meridian"):
        assert "Ana Torres" in await console.page(f"/rows/leads?words={said}")
    assert "Ana Torres" not in await console.page("/rows/leads?words=100%25_nobody")


async def test_an_empty_list_says_what_happens_next(console: Console) -> None:
    said = words(await console.page("/rows/deals?stage=lost"))
    assert "Deals come from sales" in said
    assert "Show all, without filters" in said
    assert "Nobody is unowned" in words(await console.page("/rows/unowned"))


async def test_what_is_stuck_is_said_with_its_reason(console: Console) -> None:
    said = words(await console.page("/rows/stuck"))
    assert "run welcome-four-degrees blocked: TemplateError" in said


async def test_overdue_hand_offs_say_since_when(console: Console) -> None:
    said = words(await console.page("/rows/hand-offs?overdue=1&sort=due&order=asc"))
    assert said.index("Karl Vogt") < said.index("Dev Rao")
    assert "overdue by 11 days" in said


async def test_a_file_has_all_rows_of_all_pages_with_instants_a_program_reads(console: Console) -> None:
    await crowd(console)
    answer = await console.client.get("/rows/leads.csv?sort=name&order=asc")
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = list(csv.reader(io.StringIO(answer.text)))
    (count,) = await console.site.rows("SELECT count(*) AS n FROM lead_stage")
    assert (head[0], len(rows)) == ("Lead", count["n"])
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row[3]) for row in rows)


async def test_a_name_that_is_a_formula_is_no_formula_in_the_file(console: Console) -> None:
    await bring(console, LeadDraft(email="x@formula.example", first_name="=HYPERLINK(1)"))
    (_, row) = list(csv.reader(io.StringIO((await console.client.get("/rows/leads.csv?words=formula")).text)))
    assert row[0].startswith("'=HYPERLINK")


async def test_a_name_that_is_markup_stays_text(console: Console) -> None:
    await bring(console, LeadDraft(email="y@markup.example", first_name="<b>Bold</b>"))
    page = await console.page("/rows/leads?words=markup")
    assert "&lt;b&gt;Bold" in page
    assert "<b>Bold" not in page


@pytest.mark.parametrize("after", ["nonsense", "e30", "!!!"])
async def test_a_broken_place_in_a_list_is_refused_with_a_remedy(console: Console, after: str) -> None:
    assert "Begin at the first page" in await console.page(f"/rows/leads?after={after}", status=422)


async def test_an_old_bookmark_with_a_sort_nobody_knows_still_opens(console: Console) -> None:
    assert "Ana Torres" in await console.page("/rows/leads?sort=shoe-size&order=desc")
