"""Does the consent page count everybody, and does each number open its people?"""

from __future__ import annotations

import re

from tests.web.console import Console, words


async def test_each_number_of_the_consent_page_opens_as_many_people(console: Console) -> None:
    page = await console.page("/consent")
    assert "Whom we may send marketing mail to now" in words(page)
    numbers = re.findall(r'<a href="(/rows/consent\?[^"]+)">([\d,]+)</a>', page)
    assert numbers
    for href, number in numbers:
        rows = words(await console.page(href.replace("&amp;", "&")))
        assert number in rows, href


async def test_a_lead_s_page_says_whether_mail_and_calls_may_reach_them_and_shows_the_log(console: Console) -> None:
    said = words(await console.page(console.lead("ana")))
    assert re.search(r"Marketing mail ✓ allowed: double-opt-in of [\d-]+ \(guide form\) suffices in US", said)
    assert "Marketing calls not allowed: no basis that suffices in US" in said
    assert "What they allowed and took back" in said
