"""Does a journey's page say who stands where, and its preview what one lead would get?"""

from __future__ import annotations

import re
from html import unescape

from tests.web.console import Console, words


async def test_the_list_says_what_each_journey_is_for_and_how_it_goes(console: Console) -> None:
    said = words(await console.page("/journeys"))
    assert "welcome-four-degrees Turn a reader of the guide into somebody who has asked to talk" in said
    assert "1 asked us to stop" in said
    assert "buying-circle A journey as code" in said


async def test_steps_stand_in_order_with_their_days_and_who_is_there(console: Console) -> None:
    page = await console.page("/journeys/welcome-four-degrees")
    assert re.findall(r'id="step-([a-z0-9-]+)"', page)[:5] == [
        "deliver-guide", "until-day-3", "may-we-write", "nine-minutes", "until-day-8",
    ]  # fmt: skip
    said = words(page)
    assert "day 8 to 14 Wait until day 21 until-day-21 1 here now" in said
    assert "if may get marketing mail → nine-minutes otherwise → the end" in said


async def test_a_journey_as_code_says_its_doors(console: Console) -> None:
    said = words(await console.page("/journeys/buying-circle"))
    assert "One run at a time per company" in said


async def test_a_journey_nobody_published_is_not_found(console: Console) -> None:
    await console.page("/journeys/no-such-journey", status=404)
    await console.page("/journeys/no-such-journey/preview?lead=ana.torres@meridian-pharma.example", status=404)


async def test_a_journey_tells_all_its_doors_how_often_and_what_ends_it(console: Console) -> None:
    said = words(await console.page("/journeys/renewal-and-second-site"))
    assert "Lets in second site live 120 days before renewal date" in said
    assert "How often again after it ended for each site anew" in said
    assert "the end of the contract is not known any more" in said


async def test_a_preview_shows_every_mail_and_branch_for_one_lead_and_writes_nothing(console: Console) -> None:
    before = await console.site.row_counts()
    page = await console.page("/journeys/welcome-four-degrees/preview?lead=ana.torres@meridian-pharma.example")
    said = words(page)
    assert page.count("<iframe") == 7
    assert said.count("Hello Ana,") == 7
    assert "✓ if may get marketing mail → nine-minutes as things are today" in said
    assert "at the earliest Tue 10 Mar, 08:30" in said
    assert await console.site.row_counts() == before


async def test_a_preview_says_which_mails_would_not_go_and_why(console: Console) -> None:
    said = words(await console.page("/journeys/welcome-four-degrees/preview?lead=hugo.marin@clinique-du-lac.example"))
    assert "Marketing mail is not allowed today" in said
    assert said.count("It would not go today: the lead has not allowed marketing mail.") == 6
    assert "✓ otherwise → the end as things are today" in said


async def test_each_mail_of_a_preview_has_its_frame_with_its_own_rules(console: Console) -> None:
    path = f"/journeys/welcome-four-degrees/preview/calculator/html?lead={console.people['ana']}"
    answer = await console.client.get(path)
    assert "Hello Ana," in answer.text
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


async def test_a_preview_for_nobody_asks_for_somebody(console: Console) -> None:
    said = words(await console.page("/journeys/hand-raise/preview?lead=nobody@nowhere.example"))
    assert "There is no lead nobody@nowhere.example." in said


async def test_figures_by_step_open_as_many_rows_and_name_what_was_late(console: Console) -> None:
    page = await console.page("/journeys/welcome-four-degrees/steps")
    assert "Journey welcome-four-degrees, version 1" in words(page)
    figures = re.findall(r'<a class="figure[^"]*" href="(/rows/visits[^"]+)">([\d,]+)<', page)
    assert sum(number != "0" for _, number in figures) > 5
    for href, number in figures[:40]:
        listed = await console.page(unescape(href))
        total = re.search(r"data-total>([\d,]+)<", listed)
        assert (href, total.group(1) if total else "0") == (href, number)
    assert "Came late" in page and "Sent late" in page


async def test_a_version_nobody_published_has_no_steps(console: Console) -> None:
    await console.page("/journeys/welcome-four-degrees/steps?version=99", 404)
    await console.page("/rows/visits?journey=welcome-four-degrees&version=99")
