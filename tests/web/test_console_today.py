"""Does the first page say where things stand, and does every number open exactly the rows it counted?"""

from __future__ import annotations

import re
from html import unescape

from tests.web.console import Console, words

FIGURE = re.compile(r'<a class="figure[^"]*" href="([^"]+)">([\d,]+)</a>')
TILE = re.compile(r'<a href="([^"]+)"><span class="number">([\d,]+)</span>')


def figures(page: str) -> list[tuple[str, int]]:
    found = [*FIGURE.findall(page), *TILE.findall(page)]
    return [(unescape(href), int(number.replace(",", ""))) for href, number in found]


async def rows_at(console: Console, href: str) -> int:
    page = await console.page(href)
    total = re.search(r"<strong data-total>([\d,]+)</strong>", page)
    return int(total.group(1).replace(",", "")) if total else 0


async def test_every_number_opens_as_many_rows_as_it_says(console: Console) -> None:
    found = figures(await console.page("/today"))
    assert len(found) > 60
    assert [(href, number) for href, number in found if await rows_at(console, href) != number] == []


async def test_the_numbers_are_those_of_the_story(console: Console) -> None:
    found = dict(figures(await console.page("/today")))
    assert found["/rows/leads?track=new-business&stage=won"] == 1
    assert found["/rows/hand-offs?overdue=1"] == 2
    assert found["/rows/stuck"] == 1
    assert found["/rows/unowned"] == 0
    assert found["/rows/mails?status=uncertain"] == 1
    assert found["/rows/mails?status=held&to=lead"] == 1
    assert found["/rows/mails?status=planned&to=lead"] == 1
    assert found["/rows/deals?class=generated"] == 2


async def test_the_page_says_of_when_it_is_and_by_which_definition(console: Console) -> None:
    said = words(await console.page("/today"))
    assert "As of Tue 3 Mar, 10:00 (America/New_York), by version 1 of the definition" in said
    console.sit("ines-carvalho")
    assert "As of Tue 3 Mar, 16:00 (Europe/Berlin)" in words(await console.page("/today"))


async def test_promises_stand_beside_todays_figures_and_say_whether_they_are_kept(console: Console) -> None:
    said = words(await console.page("/today"))
    assert "leads arrive complete 7 of 7: ✓ kept at least 90 % 100.0 %" in said
    assert "offers are answered in time 3 of 6: ✗ not kept at least 90 % 50.0 %" in said


async def test_what_runs_wait_for_is_said_per_journey(console: Console) -> None:
    said = words(await console.page("/today"))
    assert "wait for day 8" in said
    assert "waits for somebody to look at the error and retry" in said


async def test_pictures_come_with_their_figures(console: Console) -> None:
    page = await console.page("/today")
    assert page.count("<svg") == 2
    assert "Mails per day" in words(page)
