"""Does the team's command show what lies where, move offers together, and enter time off with what it does?"""

from __future__ import annotations

import pytest

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.store import acts
from tests.store.acts import TUESDAY

BY = ("--by", "greta-lindqvist")


@pytest.fixture
async def offered(command: Command, db: Db, book: Book) -> str:
    """The id of an offer to Marcus of a lead who asked for a demo."""
    await acts.capture(db, book, world.draft("ana.torres", world.happened("demo_requested", TUESDAY)))
    [row] = (await command("handoffs", "list", "--json")).json
    return row["hand_off_id"]


async def test_people_stand_by_name_with_what_they_have(command: Command, offered: str) -> None:
    shown = (await command("team", "show", "--json")).json
    names = [one["name"] for one in shown["now"]["people"]]
    assert names == sorted(names)
    has = {one["handle"]: one["desk"]["offered"] for one in shown["now"]["people"]}
    assert (has["marcus-oyelaran"], sum(has.values())) == (1, 1)
    assert "1 to answer" in (await command("team", "show")).out


async def test_a_look_moves_nothing_and_the_move_says_where_each_went(command: Command, offered: str) -> None:
    ask = ("team", "move", offered, "--to", "ines-carvalho", *BY, "--why", "Marcus is at the fair", "--json")
    [would] = (await command(*ask, "--look")).json
    assert would["refused"] == "" and would["accept_by"]
    assert (await command("handoffs", "list", "--json")).json[0]["owner"] == "marcus-oyelaran"
    [moved] = (await command(*ask)).json
    assert (moved["before"], moved["after"], moved["problem"]) == ("marcus-oyelaran", "ines-carvalho", "")


async def test_time_off_says_what_becomes_of_offers_and_is_taken_back(command: Command, offered: str) -> None:
    days = ("marcus-oyelaran", f"{TUESDAY:%Y-%m-%d}", "2099-03-06")
    looked = await command("team", "away", *days, *BY, "--look")
    assert "Dana Whitlock covers" in looked.out and "to Dana Whitlock" in looked.out
    assert (await command("team", "back", *days[:2], *BY)).code == 3
    assert (await command("team", "away", *days, *BY)).code == 0
    assert (await command("team", "back", *days[:2], *BY)).code == 0
