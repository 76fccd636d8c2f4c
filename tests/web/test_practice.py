"""Can a new rep work three practice leads, learn from each, begin again, and leave no trace in what is counted?"""

from __future__ import annotations

from tests.web.console import Console, words


async def test_a_round_of_practice_teaches_and_touches_nothing_real(console: Console) -> None:
    console.sit("ines-carvalho")
    before = await console.site.row_counts()
    assert "Begin" in words(await console.page("/practice"))
    assert (await console.site.row_counts()) == before, "looking begins nothing"
    await console.send("/practice", {"do": "begin"})
    page = words(await console.page("/practice"))
    assert "Practice lead 1 of 3" in page and "Robin Sample" in page
    assert "15 min of your working time" in page
    refused = await console.send("/practice", {"do": "reject", "lead": "asked-for-a-demo", "reason": "cant-reach"})
    assert refused.status_code == 422 and "It takes 6 tries first" in refused.text
    await console.send("/practice", {"do": "accept", "lead": "asked-for-a-demo"})
    assert "✓ Accept fits." in words(await console.page("/practice"))
    twice = await console.send("/practice", {"do": "accept", "lead": "asked-for-a-demo"})
    assert "answered that one already" in twice.text
    await console.send("/practice", {"do": "accept", "lead": "writes-a-thesis"})
    assert "Accept: the definition would answer Junk" in words(await console.page("/practice"))
    autumn = {"do": "reject", "lead": "budget-in-autumn", "reason": "not-yet", "until": "2026-09-01"}
    await console.send("/practice", autumn)
    done = words(await console.page("/practice"))
    assert "2 of 3 as the definition has it." in done and "Begin again" in done
    after = await console.site.row_counts()
    assert {table for table, rows in after.items() if rows != before[table]} == {"practice_round"}


async def test_practice_is_ones_own(console: Console) -> None:
    console.sit("ines-carvalho")
    await console.send("/practice", {"do": "begin"})
    console.sit("marcus-oyelaran")
    assert "Practice lead 1" not in words(await console.page("/practice"))
