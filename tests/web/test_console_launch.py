"""Does a campaign's page show what stands against a launch, and do its buttons check, approve, launch and go on?"""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from leadloom.domain.campaigns.arms import Arm
from leadloom.domain.definitions.campaign_policy import ApprovalPolicy
from leadloom.domain.model import CampaignId
from leadloom.store import campaign_steps, published
from tests import world
from tests.store.acts import TUESDAY
from tests.web.console import Console, links, words
from tests.web.console_campaign import MEMBERS, SHY, launched


async def planned(console: Console, **said: object) -> str:
    """The path of a campaign that nobody has launched."""
    console.sit("priya-nair")
    return f"/campaigns/{(await launched(console, pages=0, **said)).campaign_id}"


async def needs_approval(console: Console) -> None:
    changed = console.site.book.definition.campaigns.model_copy(update={"approval": ApprovalPolicy(above=0)})
    async with console.site.db.transaction() as tx:
        definition = world.definition().model_copy(update={"campaigns": changed})
        await published.publish_definition(tx, definition, at=TUESDAY, by="samira-haddad")


async def test_before_anybody_looked_the_page_says_what_a_check_does(console: Console) -> None:
    page = await console.page(await planned(console))
    assert "Nobody has looked yet" in words(page)
    assert "Check it as Priya Nair" in words(page)


async def test_a_check_is_shown_and_each_of_its_numbers_opens_as_many_rows(console: Console) -> None:
    path = await planned(console)
    assert (await console.send(path, {"do": "check"})).status_code == 303
    page = await console.page(path)
    assert "nothing stands against it" in words(page)
    found = re.findall(r'<a class="tap" href="(/rows/[^"]+)">[^<]+: ([\d,]+)<', page)
    assert len(found) >= 2
    for href, number in found:
        listed = await console.page(href.replace("&amp;", "&"))
        total = re.search(r"data-total>([\d,]+)<", listed)
        assert (href, total.group(1) if total else "0") == (href, number)
    shy = next(href for href in links(page, "^/rows/exclusions") if "no_basis" in href)
    assert "has not allowed such mail by a check" in words(await console.page(shy))


async def test_a_launch_that_is_refused_says_so_and_shows_what_stands_against_it(console: Console) -> None:
    path = await planned(console, expected=MEMBERS - 1)
    refused = await console.send(path, {"do": "launch"})
    assert refused.status_code == 409
    said = words(refused.text)
    assert "Nothing was launched: 1 of what is listed below" in said
    assert "1 more than the 23 expected" in said
    launched_now = await console.send(path, {"do": "launch", "despite": "a busy fair"})
    assert launched_now.status_code == 303
    said = words(await console.page(path))
    assert "Running" in said and "because a busy fair" in said


async def test_two_seats_bring_a_large_campaign_to_its_launch(console: Console) -> None:
    path = await planned(console)
    await needs_approval(console)
    assert "Approval: needed, by head-of-marketing" in words(await console.page(path))
    assert (await console.send(path, {"do": "submit"})).status_code == 303
    mine = await console.send(path, {"do": "approve"})
    assert (mine.status_code, "ask samira-haddad" in words(mine.text)) == (409, True)
    console.sit("tom-achterberg")
    assert (await console.send(path, {"do": "approve"})).status_code == 303
    assert "Approval: given by Tom Achterberg" in words(await console.page(path))
    assert (await console.send(path, {"do": "take-back"})).status_code == 303
    assert (await console.send(path, {"do": "launch"})).status_code == 409
    await console.send(path, {"do": "submit"})
    await console.send(path, {"do": "approve"})
    assert (await console.send(path, {"do": "launch"})).status_code == 303


async def test_stages_and_arms_are_counted_and_a_button_goes_on(console: Console) -> None:
    path = await planned(console, arms=(Arm(name="short", share=50), Arm(name="long", share=50)))
    wrong = await console.send(path, {"do": "launch", "stages": "half"})
    assert (wrong.status_code, "rising percentages" in words(wrong.text)) == (422, True)
    assert (await console.send(path, {"do": "launch", "stages": "25%,rest"})).status_code == 303
    said = words(await console.page(path))
    assert "Stage 1 of 2 opened by Priya Nair, still coming in 6" in said
    assert "Go on to stage 2" not in said
    await comes_in(console, path)
    assert "Go on to stage 2 as Priya Nair" in words(await console.page(path))
    assert (await console.send(path, {"do": "go-on"})).status_code == 303
    said = words(await console.page(path))
    assert "Stage 2 of 2 opened by Priya Nair, still coming in 18" in said
    assert "short 50 %, welcome-four-degrees" in said and "holdout gets nothing" in said
    page = await console.page(path)
    counted = re.findall(r'data-head="[a-z]+"><a class="tap" href="(/rows/members[^"]+)">([\d,]+)<', page)
    assert len(counted) == 10
    for href, number in counted:
        listed = await console.page(href.replace("&amp;", "&"))
        total = re.search(r"data-total>([\d,]+)<", listed)
        assert (href, total.group(1) if total else "0") == (href, number)
    assert "No member is here" in words(await console.page("/rows/members?stage=first"))


async def comes_in(console: Console, path: str) -> None:
    """Everybody of the stages that are open."""
    site, key = console.site, CampaignId(UUID(path.rsplit("/", 1)[1]))
    at = site.house.now() + timedelta(seconds=1)
    async with site.db.transaction() as tx:
        book = await published.book(tx)
        while await campaign_steps.page(tx, key, limit=50, book=book, at=at):
            pass
        await campaign_steps.rest(tx, key, book=book, at=at)


async def test_who_would_be_left_out_is_listed_by_reason(console: Console) -> None:
    path = await planned(console)
    assert "Before a launch this list is written by a check" in words(await console.page("/rows/exclusions"))
    await console.send(path, {"do": "check"})
    page = await console.page("/rows/exclusions?why=no_basis")
    assert len(re.findall(r"by a check", words(page))) <= SHY
    assert "Nobody is left out here" in words(await console.page("/rows/exclusions?why=suppressed"))
