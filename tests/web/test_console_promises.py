"""Do the promises stand side by side with figures that open exactly their hand-offs, and no verdict from a few?"""

from __future__ import annotations

import re
from html import unescape

from leadloom.store import published
from tests.web.console import Console, words

FIGURE = re.compile(r'<a class="figure[^"]*" href="([^"]+)">(\d+)</a>')
FOUR_OF_EACH = """
    INSERT INTO hand_off
    SELECT (jsonb_populate_record(h, jsonb_build_object('hand_off_id', gen_random_uuid()))).*
      FROM hand_off h, generate_series(1, 4) WHERE h.state <> 'offered'
"""


async def test_few_hand_offs_give_no_verdict_and_their_number_opens_them(console: Console) -> None:
    said = words(await console.page("/promises"))
    assert "Leads arrive complete not enough yet 7 to judge by; it takes 10" in said
    assert "%" not in said.split("Marketing promises sales")[1].split("In time:")[0]


async def test_each_number_opens_the_hand_offs_it_counted(console: Console) -> None:
    await console.site.rows(FOUR_OF_EACH)
    page = await console.page("/promises?period=ever")
    assert "Offers are answered in time" in words(page)
    assert "✗ not kept" in words(page)
    found = [(unescape(href), int(number)) for href, number in FIGURE.findall(page)]
    assert len(found) > 10
    for href, number in found:
        listed = re.search(r"<strong data-total>([\d,]+)</strong>", await console.page(href))
        assert (href, int(listed.group(1)) if listed else 0) == (href, number)


async def test_a_period_without_hand_offs_says_what_comes(console: Console) -> None:
    await console.site.rows("UPDATE hand_off SET opened_at = opened_at - interval '60 days', offered_at = NULL")
    await console.site.rows("UPDATE assignment SET at = at - interval '60 days'")
    said = words(await console.page("/promises?period=7d"))
    assert "No lead was first offered to anybody in this period" in said


async def test_who_may_not_see_figures_is_told_whom_to_ask(console: Console) -> None:
    async with console.site.db.read() as tx:
        book = await published.book(tx)
    assert "see-figures" not in book.definition.access.roles["support"].may
    console.sit("ben-okafor")
    await console.page("/promises", status=403)
