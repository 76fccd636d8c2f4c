"""Does `/` offer seats with steps on live data on this machine, and does doing them tick them off by itself?"""

from __future__ import annotations

import re
from html import unescape

from tests.web.console import Console, words

STEPS = re.compile(r'<li( class="done")?><a href="([^"]+)">([^<]+)</a> <span class="state">([^<]+)</span>')


async def take(console: Console, handle: str) -> list[tuple[bool, str]]:
    """Sit down by the page's own button; the steps as (done, way)."""
    answer = await console.send("/seat", {"handle": handle}, shown_at="/seat")
    assert (answer.status_code, answer.headers["location"]) == (303, "/seat")
    return await steps(console)


async def steps(console: Console) -> list[tuple[bool, str]]:
    return [(bool(done), unescape(href)) for done, href, *_ in STEPS.findall(await console.page("/seat"))]


async def test_the_first_page_offers_every_seat_until_one_sits_down(console: Console) -> None:
    first = words(await console.page("/"))
    for entry in console.site.book.definition.owners:
        assert entry.name in first
    assert first.count("The three steps") == len({entry.role for entry in console.site.book.definition.owners})
    assert "Where things stand" in await console.page("/today")
    await take(console, "ines-carvalho")
    assert "Where things stand" in await console.page("/")
    await console.send("/seat", {"handle": "", "next": "/"}, shown_at="/seat")
    assert "In whose name do you act?" in await console.page("/")


async def test_a_rep_does_the_three_steps_and_the_page_knows_it_from_the_data(console: Console) -> None:
    assert [done for done, _ in await take(console, "ines-carvalho")] == [False, False, False]
    (_, offer), *_ = await steps(console)
    assert re.fullmatch(r"/inbox/[0-9a-f-]{36}", offer)
    assert (await console.send(offer, {"do": "accept", "assignment_no": "1"})).status_code == 303
    (answered, _), (tried, way), _ = await steps(console)
    assert (answered, tried) == (True, False)
    assert (await console.send(way, {"do": "reached", "seen": "0"})).status_code in (303, 409)
    (_, _), (tried, _), (_, lead) = await steps(console)
    assert tried
    said = {"checklist": "bant", "item": "need", "evidence": "Nine minutes on the dock", "state": "yes"}
    place = lead.partition("#")[0]
    assert (await console.send(f"{place}/answers", said, shown_at=place)).status_code == 303
    assert [done for done, _ in await steps(console)] == [True, True, True]
    assert "all done" in await console.page("/seat")
    assert [done for done, _ in await take(console, "hana-sato")] == [
        False,
        False,
        False,
    ]


async def test_each_step_of_each_seat_leads_to_a_page_that_the_seat_may_open(console: Console) -> None:
    handles = [entry.handle for entry in console.site.book.definition.owners]
    for handle in handles:
        for _, way in await take(console, handle):
            await console.page(way.partition("#")[0])


async def test_a_seat_may_what_its_role_may(console: Console) -> None:
    await take(console, "ben-okafor")
    said = words(await console.page("/deliverability", 403))
    assert "On this local stack, choose another seat" in said
    await take(console, "leo-novak")
    await console.page("/deliverability")
    await console.page("/users", 403)
