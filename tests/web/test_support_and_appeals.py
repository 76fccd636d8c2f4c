"""Can support raise a lead from two fields, and can both sides of an appeal be heard, by hand and by program?"""

from __future__ import annotations

import re
from html import unescape

import pytest

from leadloom.store import inbox
from tests.web.console import Console, words


async def raised(console: Console, fields: dict[str, str]) -> int:
    """Send the form of the page, with the id it was shown with."""
    page = await console.page("/support")
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', page))
    data = {**{name: unescape(value) for name, value in hidden.items()}, **fields}
    for _ in range(2):
        answer = await console.client.post("/support", data=data)
    return answer.status_code


async def test_support_raises_from_two_fields_and_reads_what_became_of_it(console: Console) -> None:
    console.sit("ben-okafor")
    assert "Nothing yet." in words(await console.page("/support"))
    told = {"about": "lena@alpenkuehl.example", "said": "They want loggers for a second depot"}
    assert await raised(console, told) == 303
    page = words(await console.page("/support"))
    assert page.count("second depot") == 1, "pressed twice is once"
    assert "Waits for an answer" in page
    assert await raised(console, {"about": "lena@", "said": "x"}) == 422
    async with console.site.db.read() as tx:
        [row] = [one for one in await inbox.list_open(tx) if one.kind == "support-to-sales"]
    no = {"kind": "reject", "by": "greta-lindqvist", "reason": "no-budget"}
    assert (await console.client.post(f"/v1/hand-offs/{row.hand_off_id}/answer", json=no)).status_code == 200
    page = words(await console.page("/support"))
    assert "Greta Lindqvist: No budget" in page and "It comes back on" in page


@pytest.mark.parametrize("handle", ["marcus-oyelaran", "priya-nair"])
async def test_who_is_not_of_support_is_told_whom_to_ask(console: Console, handle: str) -> None:
    console.sit(handle)
    await console.page("/support", status=403)


async def test_marketing_appeals_and_the_owner_of_the_definition_decides_with_both_sides_in_view(
    console: Console,
) -> None:
    card = await console.card("clara")
    no = {"kind": "reject", "by": "ines-carvalho", "reason": "other", "text": "Sounded like a student"}
    answered = await console.client.post(f"/v1/hand-offs/{card.removeprefix('/inbox/')}/answer", json=no)
    assert answered.status_code == 200
    console.sit("ines-carvalho")
    case = card.replace("/inbox/", "/appeals/")
    assert "Sounded like a student" in words(await console.page("/appeals"))
    console.sit("priya-nair")
    assert (await console.send(case, {"words": " "})).status_code == 422
    assert (await console.send(case, {"words": "She runs quality at six sites"})).status_code == 303
    assert (await console.client.post(f"{case}/decision", data={"do": "uphold"})).status_code == 403
    console.sit("samira-haddad")
    page = words(await console.page(case))
    assert "Sounded like a student" in page and "six sites" in page and "Samira Haddad is asked" in page
    ruled = {"do": "uphold", "words": "Call her", "to": "jonas-brandt"}
    assert (await console.send(f"{case}/decision", ruled, shown_at=case)).status_code == 303
    again = await console.client.post(f"{case}/decision", data={"do": "uphold"})
    assert again.status_code == 403
    page = await console.page(case)
    anew = re.search(r'href="(/inbox/[^"]+)">The offer it is now', page)
    assert anew is not None
    assert "Jonas Brandt" in words(await console.page(anew.group(1)))
    assert "Upheld" in words(page)


async def test_a_program_raises_once_and_appeals_in_our_words(console: Console) -> None:
    client = console.client
    told = {"about": "lena@alpenkuehl.example", "said": "A second depot", "by": "ben-okafor"}
    made = [
        (await client.post("/v1/support-requests", json=told, headers={"Idempotency-Key": "call-7"})).json()
        for _ in "12"
    ]
    assert made[0] == made[1] and made[0]["stands"] == "waits"
    at = f"/v1/hand-offs/{made[0]['hand_off']}"
    no = {"kind": "reject", "by": "greta-lindqvist", "reason": "no-budget"}
    assert (await client.post(f"{at}/answer", json=no)).json()["state"] == "recycled"
    [listed] = (await client.get("/v1/support-requests?by=ben-okafor")).json()["data"]
    assert (listed["stands"], listed["reason"]) == ("given back", "no-budget")
    raised = await client.post(f"{at}/appeal", json={"by": "priya-nair", "words": "They have the money"})
    assert (raised.status_code, raised.json()["asked"]) == (200, "samira-haddad")
    ruled = {"by": "samira-haddad", "uphold": False, "words": "Not this year"}
    assert (await client.post(f"{at}/appeal/decision", json=ruled)).json()["state"] == "dismissed"
    assert (await client.post(f"{at}/appeal/decision", json=ruled)).status_code == 409
