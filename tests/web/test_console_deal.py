"""Does a rep open a deal on a page that shows everything first, once, and only where they may?"""

from __future__ import annotations

import re

from tests.web.console import Console, words


async def form_of(console: Console, page: str) -> dict[str, str]:
    """The hidden fields the page carries."""
    shown = await console.page(page)
    return {name: re.findall(rf'name="{name}" value="([^"]*)"', shown)[0] for name in ("key", "seen")}


async def test_the_page_says_what_is_known_and_opens_the_deal_once(console: Console) -> None:
    page = f"{console.lead('ana')}/deal"
    assert "Choose your seat to open it" in words(await console.page(page))
    console.sit("samira-haddad")
    said = words(await console.page(page))
    assert "Not enough for a deal yet" in said
    assert "Until you press the button nothing is made" in said
    form = {**await form_of(console, page), "do": "open", "name": "Kit for Ana", "track": "new-business"}
    form |= {"owner": "dana-whitlock", "amount": "4800.50", "currency": "eur"}
    for _ in range(2):
        assert (await console.send(page, form, shown_at=page)).status_code == 303
    [deal] = await console.site.rows("SELECT name, amount, currency FROM deal WHERE external_id LIKE 'leadloom:%'")
    assert (deal["name"], str(deal["amount"]), deal["currency"]) == ("Kit for Ana", "4800.50", "EUR")
    assert "Kit for Ana" in words(await console.page(page))


async def test_what_is_wrong_is_said_beside_what_was_typed(console: Console) -> None:
    page = f"{console.lead('ana')}/deal"
    console.sit("samira-haddad")
    form = {**await form_of(console, page), "do": "open", "name": "Kit", "track": "new-business"}
    for wrong, remedy in (
        ({"amount": "much"}, "Write it as 24000 or 1840.50."),
        ({"amount": "-3"}, "not below nothing"),
        ({"amount": "10"}, "An amount has a currency"),
        ({"name": "  "}, "Call it something"),
        ({"track": "nowhere"}, "new-business"),
    ):
        answer = await console.send(page, {**form, **wrong}, shown_at=page)
        assert (answer.status_code, remedy in words(answer.text)) == (422, True), wrong
    stale = await console.send(page, {**form, "seen": "of yesterday"}, shown_at=page)
    assert (stale.status_code, "changed since you looked" in stale.text) == (409, True)
    assert await console.site.rows("SELECT FROM deal WHERE external_id LIKE 'leadloom:%'") == []


async def test_a_double_is_answered_for_and_only_who_may_merges(console: Console) -> None:
    pair = sorted((console.people["finn"], console.people["nora"]))
    await console.site.rows(
        "INSERT INTO duplicate (lead_id, other_id, bits, reasons, found_at, state)"
        " VALUES ($1, $2, 12, ARRAY['the same name'], now(), 'open')",
        *pair,
    )
    page = f"{console.lead('finn')}/deal"
    console.sit("ines-carvalho")
    shown = await console.page(page)
    assert ">The same person" not in shown
    form = {**await form_of(console, page), "do": "open", "name": "Kit", "track": "new-business"}
    unanswered = await console.send(page, form, shown_at=page)
    assert (unanswered.status_code, "Say for each" in unanswered.text) == (422, True)
    merged = {**form, f"double-{console.people['nora']}": "same"}
    assert "You may not merge leads" in (await console.send(page, merged, shown_at=page)).text.replace("&#39;", "'")
    doubt = {**form, f"double-{console.people['nora']}": "unknown"}
    assert (await console.send(page, doubt, shown_at=page)).status_code == 303
