"""Can an owner answer a task from its notice alone or in the console, and does looking decide nothing?"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from leadloom.store import owners
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import tasks
from tests.store.acts import TUESDAY
from tests.web.site import Site, open_site


@pytest.fixture
async def site(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[Site]:
    """The pages, with a task that Marcus has just been given."""
    await tasks.asked(db, book)
    async with open_site(db, dsn, book, tmp_path) as opened:
        yield opened


async def path(site: Site, handle: str = "marcus-oyelaran") -> str:
    async with site.db.read() as tx:
        owner = await owners.named(tx, handle)
    task_id = (await tasks.the_task(site.db)).task_id
    return "/k/" + site.signer.task(task_id, owner_id=owner.owner_id, expires_at=TUESDAY + timedelta(days=14))


# -- the notice's page


async def test_the_page_says_what_about_whom_and_until_when_and_looking_decides_nothing(site: Site) -> None:
    link, before = await path(site), await site.row_counts()
    page = await site.client.get(f"{link}?answer=2")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    for said in ("Call about the audit", "Ana Torres", "Meridian Pharma", f'datetime="{tasks.DUE:%Y-%m-%dT%H:%M}'):
        assert said in page.text
    assert (await site.client.head(link)).status_code == 200
    assert await site.row_counts() == before


async def test_the_answer_of_the_link_stands_first_and_all_others_are_there(site: Site) -> None:
    link, outcomes = await path(site), (await tasks.the_task(site.db)).outcomes
    forward = (await site.client.get(f"{link}?answer=2")).text
    assert re.findall(r'<button class="main big" name="outcome" value="(\w+)"', forward) == [outcomes[1]]
    for query in ("", "?answer=2", "?answer=77", "?answer=-1"):
        page = (await site.client.get(link + query)).text
        assert set(re.findall(r'name="outcome" value="(\w+)"', page)) == set(outcomes)


async def test_one_post_answers_and_the_next_is_shown_who_was_first(site: Site) -> None:
    link = await path(site)
    first = await site.client.post(link, data={"outcome": "reached"})
    assert (first.status_code, first.headers["location"]) == (303, link)
    now = await tasks.the_task(site.db)
    assert (now.outcome, now.ended_by) == ("reached", "marcus-oyelaran")
    late = await site.client.post(await path(site, "jonas-brandt"), data={"outcome": "lost"})
    assert late.status_code == 409
    assert "Marcus Oyelaran answered it" in late.text
    assert "There is nothing left to do" in (await site.client.get(link)).text


async def test_a_button_that_is_not_there_does_nothing(site: Site) -> None:
    for outcome in ("", "maybe", "x" * 500):
        assert (await site.client.post(await path(site), data={"outcome": outcome})).status_code == 422
    assert (await tasks.the_task(site.db)).status == "open"


async def test_a_link_that_was_changed_or_made_for_something_else_opens_nothing(site: Site) -> None:
    link = await path(site)
    assert (await site.client.get(link[:-2] + "xx")).status_code == 403
    assert (await site.client.post(link.replace("/k/", "/v/"), data={"do": "skip"})).status_code == 403


# -- the console


async def send(site: Site, outcome: str, *, shown_at: str = "/tasks") -> int:
    page = (await site.client.get(shown_at)).text
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found is not None
    task_id = (await tasks.the_task(site.db)).task_id
    fields = {"token": unescape(found.group(1)), "outcome": outcome, "back": shown_at}
    answer = await site.client.post(f"/tasks/{task_id}", data=fields)
    if answer.status_code == 303:
        assert answer.headers["location"] == shown_at
    return answer.status_code


def sit(site: Site, handle: str) -> None:
    site.client.cookies.set("seat", handle, domain="kelvance.example")


async def test_the_list_shows_a_card_with_a_button_for_each_answer(site: Site) -> None:
    sit(site, "greta-lindqvist")
    page = (await site.client.get("/tasks?owner=marcus-oyelaran")).text
    for said in ("Ana Torres", "Meridian Pharma", "Call about the audit", "Marcus Oyelaran", 'value="reached"'):
        assert said in page
    assert "Nothing is asked of them" in (await site.client.get("/tasks?owner=jonas-brandt")).text


async def test_the_leads_own_page_says_who_is_asked_to_do_what(site: Site) -> None:
    page = (await site.client.get(f"/leads/{(await tasks.the_task(site.db)).lead_id}")).text
    assert "Task: Call about the audit" in page
    assert "With Marcus Oyelaran, due" in page


async def test_an_answer_is_kept_in_the_name_of_the_seat_and_the_card_goes(site: Site) -> None:
    sit(site, "greta-lindqvist")
    assert await send(site, "reached", shown_at="/tasks?owner=marcus-oyelaran") == 303
    assert (await tasks.the_task(site.db)).ended_by == "greta-lindqvist"
    assert "Nobody is asked to do anything" in (await site.client.get("/tasks")).text
    ended = (await site.client.get("/tasks?ended=true")).text
    assert "answered by Greta Lindqvist" in ended


async def test_who_is_late_in_the_console_is_shown_who_was_first(site: Site, book: Book) -> None:
    sit(site, "greta-lindqvist")
    page = (await site.client.get("/tasks")).text
    token = unescape(page.split('name="token" value="')[1].split('"')[0])
    await tasks.answers(site.db, book, "lost")
    task_id = (await tasks.the_task(site.db)).task_id
    late = await site.client.post(f"/tasks/{task_id}", data={"token": token, "outcome": "reached"})
    assert late.status_code == 409
    assert "Marcus Oyelaran answered it" in late.text


async def test_without_a_seat_the_page_offers_one_and_nobody_answers(site: Site) -> None:
    assert "Choose your seat to answer" in (await site.client.get("/tasks")).text
    sit(site, "greta-lindqvist")
    page = (await site.client.get("/tasks")).text
    token = unescape(page.split('name="token" value="')[1].split('"')[0])
    site.client.cookies.delete("seat", domain="kelvance.example")
    task_id = (await tasks.the_task(site.db)).task_id
    assert (await site.client.post(f"/tasks/{task_id}", data={"token": token, "outcome": "lost"})).status_code == 422
    assert (await site.client.post(f"/tasks/{task_id}", data={"outcome": "lost"})).status_code == 403
