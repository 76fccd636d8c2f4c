"""Does the consent page count everybody, and does each number open its people?"""

from __future__ import annotations

import re

from tests.web.console import Console, words

CONFIRMED = re.compile(r'<a href="(/rows/confirmations\?[^"]+)">([\d,]+)</a>')


async def test_each_number_of_the_consent_page_opens_as_many_people(console: Console) -> None:
    page = await console.page("/consent")
    assert "Whom we may send marketing mail to now" in words(page)
    numbers = re.findall(r'<a href="(/rows/consent\?[^"]+)">([\d,]+)</a>', page)
    assert numbers
    for href, number in numbers:
        rows = words(await console.page(href.replace("&amp;", "&")))
        assert number in rows, href


async def test_each_number_of_the_confirmations_opens_its_questions(console: Console) -> None:
    for name in ("mia", "ole"):
        posted = {"email": f"{name}@nordkap.example", "company": "Nordkap", "country": "Germany", "consent": "yes"}
        assert (await console.client.post("/f/guide", data=posted)).status_code == 303
    month = f"{console.site.house.now():%Y-%m}"
    page = await console.page("/consent")
    opened = {href.replace("&amp;", "&"): number for href, number in CONFIRMED.findall(page)}
    assert opened == {
        f"/rows/confirmations?month={month}": "2",
        f"/rows/confirmations?month={month}&state=waiting": "2",
    }
    for href, number in opened.items():
        rows = await console.page(href)
        assert re.search(rf"data-total>{number}<", rows)
        assert "mia@nordkap.example" in rows and "still waited for" in words(rows)
    assert "Nobody was asked so" in words(await console.page("/rows/confirmations?state=confirmed"))
    await console.site.rows(
        """INSERT INTO basis (basis_id, lead_id, purpose, channel, kind, source, wording, at)
           SELECT gen_random_uuid(), lead_id, purpose, channel, kind, source, wording, at FROM basis
            WHERE act = 'asked' AND lead_id = (SELECT lead_id FROM lead WHERE email = 'ole@nordkap.example')
           RETURNING 1"""
    )
    page = await console.page("/consent")
    assert "100 %" in words(page), "of those that wait no more"
    assert {tell[1] for tell in CONFIRMED.findall(page)} == {"2", "1"}
    assert "ole@nordkap.example" in await console.page("/rows/confirmations?state=confirmed")


async def test_a_lead_s_page_says_whether_mail_and_calls_may_reach_them_and_shows_the_log(console: Console) -> None:
    said = words(await console.page(console.lead("ana")))
    assert re.search(r"Marketing mail ✓ allowed: double-opt-in of [\d-]+ \(guide form\) suffices in US", said)
    assert "Marketing calls not allowed: no basis that suffices in US" in said
    assert "What they allowed and took back" in said
