"""Do pages of campaigns say how far each has come, open the rows of every number, and let nobody act by accident?"""

from __future__ import annotations

import re

import pytest

from leadloom.domain.campaigns.campaign import Act
from tests.web.console import Console, links, words
from tests.web.console_campaign import MEMBERS, does, launched


async def status(console: Console) -> str:
    [row] = await console.site.rows("SELECT status FROM campaign")
    return row["status"]


async def test_without_campaigns_the_page_says_how_to_plan_one(console: Console) -> None:
    assert "campaigns plan NAME" in words(await console.page("/campaigns"))


async def test_the_list_says_what_each_is_for_and_what_comes_next(console: Console) -> None:
    await launched(console)
    said = words(await console.page("/campaigns"))
    for one in (
        "Autumn audit letters",
        "running",
        "Twelve audits",
        "Priya Nair answers",
        "the next members are enrolled",
    ):
        assert one in said


async def test_every_number_of_a_campaign_opens_as_many_rows(console: Console) -> None:
    campaign = await launched(console)
    page = await console.page(f"/campaigns/{campaign.campaign_id}")
    figures = re.findall(r'<a (?:class="figure[^"]*" )?href="(/rows/[^"]+)">(?:<span class="number">)?([\d,]+)<', page)
    assert len(figures) > 8
    for href, number in figures:
        listed = await console.page(href.replace("&amp;", "&"))
        total = re.search(r"data-total>([\d,]+)<", listed)
        assert (href, total.group(1) if total else "0") == (href, number)


async def test_the_page_says_who_was_left_out_for_what_and_what_it_cost(console: Console) -> None:
    campaign = await launched(console, pages=2)
    said = words(await console.page(f"/campaigns/{campaign.campaign_id}"))
    assert "has not allowed such mail" in said
    assert "5,000.00 EUR" in said
    assert f"{MEMBERS} in the audience" in said
    assert "leads whose source is expo, in US" in said


async def test_a_marketer_pauses_and_resumes_and_a_rep_only_pauses(console: Console) -> None:
    path = f"/campaigns/{(await launched(console)).campaign_id}"
    console.sit("ines-carvalho")
    assert (await console.send(path, {"do": "pause"})).status_code == 303
    refused = await console.send(path, {"do": "resume"}, shown_at="/seat")
    assert (refused.status_code, "The right is called launch-sends" in words(refused.text)) == (403, True)
    console.sit("priya-nair")
    assert (await console.send(path, {"do": "resume"})).status_code == 303
    assert await status(console) == "running"


async def test_a_stop_says_first_what_it_ends_and_then_leaves_nothing_to_press(console: Console) -> None:
    path = f"/campaigns/{(await launched(console)).campaign_id}"
    console.sit("priya-nair")
    assert "members are not reached" in words(await console.page(path))
    assert (await console.send(path, {"do": "stop"})).status_code == 303
    page = await console.page(path)
    assert "<button" not in page
    assert "Its open runs are being ended".lower() in words(page).lower()


async def test_a_button_pressed_too_late_says_since_when(console: Console) -> None:
    path = f"/campaigns/{(await launched(console)).campaign_id}"
    console.sit("priya-nair")
    await does(console, Act.PAUSE)
    late = await console.send(path, {"do": "pause"})
    assert (late.status_code, "is paused, since" in words(late.text)) == (409, True)


@pytest.mark.parametrize(("fields", "code"), [({"do": "explode"}, 422), ({"do": "pause", "token": "forged"}, 403)])
async def test_what_no_button_says_changes_nothing(console: Console, fields: dict[str, str], code: int) -> None:
    path = f"/campaigns/{(await launched(console)).campaign_id}"
    console.sit("priya-nair")
    assert (await console.send(path, fields)).status_code == code
    assert await status(console) == "running"


async def test_without_a_seat_nobody_acts(console: Console) -> None:
    path = f"/campaigns/{(await launched(console)).campaign_id}"
    page = await console.page(path)
    assert "Choose your seat to act" in page
    assert links(page, "^/seat")


async def test_members_are_listed_by_what_became_of_them(console: Console) -> None:
    await launched(console, pages=2)
    said = words(await console.page("/rows/members?fate=no_basis"))
    assert "has not allowed such mail left out" in said
    assert "Autumn audit letters" in said
    assert "A campaign's audience is frozen" in words(await console.page("/rows/members?campaign=winter"))


async def test_a_campaign_nobody_knows_is_not_found(console: Console) -> None:
    await console.page("/campaigns/00000000-0000-0000-0000-000000000001", status=404)


async def visits(console: Console) -> None:
    """What a reader, a gateway and somebody of a moment ago did to a mail of the campaign."""
    query = (
        "INSERT INTO visit (visit_id, message_id, lead_id, kind, link, at, method, prefetch, agent, network, verdict,"
        " why, rules, judged_at) SELECT gen_random_uuid(), m.message_id, m.lead_id, 'click', 1, $1, 'GET', false,"
        " 'Firefox', 'n', v.verdict, v.why, v.rules, CASE WHEN v.rules IS NOT NULL THEN $1::timestamptz END"
        " FROM (SELECT m.* FROM message m JOIN enrolment e USING (enrolment_id) WHERE e.campaign_id IS NOT NULL"
        " LIMIT 1) m, (VALUES ('human', 'no sign of a machine', 2), ('machine', 'HEAD', 2), ('machine', 'HEAD', 2),"
        " (NULL, NULL, NULL)) AS v (verdict, why, rules)"
    )
    await console.site.rows(query, console.site.house.now())


async def test_clicks_of_people_stand_beside_all_of_them_and_each_opens_its_rows(console: Console) -> None:
    campaign = await launched(console)
    path = f"/campaigns/{campaign.campaign_id}"
    assert "Nobody has followed a link of its mails yet." in words(await console.page(path))
    await visits(console)
    page = await console.page(path)
    figures = re.findall(r'<a class="figure[^"]*" href="(/rows/clicks[^"]+)">([\d,]+)<', page)
    assert [number for _, number in figures] == ["4", "1", "0", "2", "0", "1"]
    for href, number in figures:
        listed = await console.page(href.replace("&amp;", "&"))
        total = re.search(r"data-total>([\d,]+)<", listed)
        assert (href, total.group(1) if total else "0") == (href, number)
    machines = words(await console.page("/rows/clicks?verdict=machine"))
    assert "a machine HEAD" in machines
