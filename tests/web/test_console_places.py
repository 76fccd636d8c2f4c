"""Is every place of the console reached from every page, by what its module declares?"""

from __future__ import annotations

import re
from html import unescape

from leadloom.domain.access.viewer import ONLOOKER
from leadloom.web.console._places import Place
from leadloom.web.console._places import places as all_places
from tests.web.console import Console, links


def places() -> list[Place]:
    """Those that somebody who looks round may open: users and audit are an administrator's."""
    return [place for place in all_places() if place.needs <= ONLOOKER.rights]


async def test_each_place_answers_and_is_marked_on_its_own_page(console: Console) -> None:
    today = await console.page("/today")
    for place in places():
        page = await console.page(place.href)
        assert f'href="{place.href}"' in today
        assert f'<a href="{place.href}" aria-current="page">' in page
        assert page.count('aria-current="page"') == 1


async def test_a_page_below_a_place_belongs_to_it(console: Console) -> None:
    page = await console.page(console.lead("ana"))
    assert '<a href="/rows/leads" aria-current="page">' in page


async def test_daily_places_come_first_and_no_two_share_an_address() -> None:
    rows = [place.row for place in places()]
    assert rows == sorted(rows, key=lambda row: row != "daily")
    assert len({place.href for place in places()}) == len(places())


async def test_the_row_of_places_leads_only_to_places(console: Console) -> None:
    page = await console.page("/today")
    row = page[page.index('class="places"') : page.index("</nav>")]
    assert links(row, "") == [place.href for place in places()]


async def test_programmes_count_people_and_each_number_opens_them(console: Console) -> None:
    seat = {"email": "rosa@birch.example", "company": "Birch", "country": "DE"}
    assert (await console.client.post("/f/webinar", data=seat)).status_code == 303
    page = await console.page("/programmes")
    numbers = re.findall(r'<a (?:class="figure[^"]*" )?href="(/rows/programme[^"]*)">([\d,]+)</a>', page)
    assert any(number != "0" for _, number in numbers)
    for href, number in numbers:
        found = re.search(r"data-total>([\d,]+)<", await console.page(unescape(href)))
        assert (href, found.group(1) if found else "0") == (href, number)
