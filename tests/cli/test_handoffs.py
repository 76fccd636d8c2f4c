"""Can a rep answer from the command line, and does the second answer learn who was first?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.store import acts
from tests.store.acts import TUESDAY


@pytest.fixture
async def offered(command: Command, db: Db, book: Book) -> str:
    """The id of an offer of a lead who asked for a demo."""
    await acts.capture(db, book, world.draft("ana.torres", world.happened("demo_requested", TUESDAY)))
    [row] = (await command("handoffs", "list", "--json")).json
    return row["hand_off_id"]


async def test_the_list_says_with_whom_it_lies_why_and_until_when(command: Command, offered: str) -> None:
    [row] = (await command("handoffs", "list", "--json")).json
    assert row["state"] == "offered" and row["owner"] and row["accept_by"] and row["why"]
    assert (await command("handoffs", "list", "--owner", "nobody-here", "--json")).json == []


async def test_who_accepts_second_is_told_who_was_first(command: Command, offered: str) -> None:
    first = await command("handoffs", "accept", offered, "--by", "marcus-oyelaran", "--json")
    second = await command("handoffs", "accept", offered, "--by", "jonas-brandt")
    assert (first.code, first.json["state"], first.json["owner"]) == (0, "accepted", "marcus-oyelaran")
    assert second.code == 4
    assert "Marcus Oyelaran" in second.err and "via cli" in second.err


async def test_an_answer_to_an_offer_that_moved_on_changes_nothing(command: Command, offered: str) -> None:
    ran = await command("handoffs", "accept", offered, "--by", "marcus-oyelaran", "--offer", 7)
    assert ran.code == 4
    assert (await command("handoffs", "list", "--json")).json[0]["state"] == "offered"


async def test_a_rejection_needs_a_reason_of_the_definition(command: Command, offered: str) -> None:
    wrong = await command("handoffs", "reject", offered, "--by", "marcus-oyelaran", "--reason", "dull")
    right = await command("handoffs", "reject", offered, "--by", "marcus-oyelaran", "--reason", "junk", "--json")
    assert wrong.code == 2
    assert (right.code, right.json["state"], right.json["reason"]) == (0, "rejected", "junk")


async def test_a_recycled_lead_comes_back_on_its_date(command: Command, offered: str) -> None:
    ran = await command("handoffs", "recycle", offered, "--by", "marcus-oyelaran", "--until", "2026-06-15")
    assert ran.code == 0
    assert "2026-06-15" in ran.out


async def test_an_accepted_lead_is_only_given_back_by_who_says_so(command: Command, offered: str) -> None:
    answer = ("handoffs", "recycle", offered, "--by", "marcus-oyelaran", "--until", "2026-06-15")
    await command("handoffs", "accept", offered, "--by", "marcus-oyelaran")
    assert (await command(*answer)).code == 4
    assert (await command(*answer, "--give-back")).code == 0


async def test_a_first_try_stops_its_clock(command: Command, offered: str) -> None:
    await command("handoffs", "accept", offered, "--by", "marcus-oyelaran")
    tried = await command("handoffs", "try", offered, "--by", "marcus-oyelaran", "--json")
    assert tried.json["first_try_at"] is not None
    assert (await command("handoffs", "list", "--json")).json == []


async def test_an_answer_can_be_taken_back_and_a_card_hidden_until_later(command: Command, offered: str) -> None:
    by = ("--by", "marcus-oyelaran")
    await command("handoffs", "accept", offered, *by, "--undoable")
    assert (await command("handoffs", "list", "--json")).json[0]["answer"]["decision"]["kind"] == "accept"
    assert (await command("handoffs", "undo", offered, "--by", "jonas-brandt")).code == 4
    assert "It is with marcus-oyelaran" in (await command("handoffs", "undo", offered, *by)).out
    late = await command("handoffs", "snooze", offered, *by, "--until", "2031-01-01")
    assert late.code == 2 and "recycle it with a date" in late.err
    by_then = (await command("handoffs", "list", "--json")).json[0]["accept_by"]
    soon = (datetime.fromisoformat(by_then) - timedelta(minutes=1)).isoformat()
    assert "hidden until" in (await command("handoffs", "snooze", offered, *by, "--until", soon)).out
    assert (await command("handoffs", "wake", offered, "--json")).json["snoozed_until"] is None


async def test_what_support_raised_and_marketing_appealed_ends_and_each_step_is_in_its_log(
    command: Command, offered: str
) -> None:
    raised = ("handoffs", "raise", "--about", "ana.torres@meridian-pharma.example", "--said", "A second depot")
    for _ in range(2):
        made = (await command(*raised, "--by", "ben-okafor", "--once", "call-7", "--json")).json
    assert (made["hand_off_id"], made["state"]) == (offered, "offered")
    await command("handoffs", "reject", offered, "--by", "marcus-oyelaran", "--reason", "no-budget")
    [row] = (await command("handoffs", "raised", "--by", "ben-okafor", "--json")).json
    assert (row["state"], row["reason"]) == ("recycled", "no-budget")
    appealed = ("handoffs", "appeal", offered, "--by", "priya-nair", "--words", "They have the money")
    assert "samira-haddad decides until" in (await command(*appealed)).out
    assert (await command(*appealed)).code == 4
    ruled = ("handoffs", "rule", offered, "--by", "samira-haddad", "--words", "Call them", "--uphold")
    assert "upheld; the offer is" in (await command(*ruled)).out
    assert (await command("handoffs", "appeals", "--json")).json[0]["appeal"]["answer"] == "Call them"
    steps = [step["what"] for step in (await command("handoffs", "show", offered, "--json")).json["steps"]]
    assert steps[:2] == ["opened", "offered to marcus-oyelaran"]
    assert {"recycled a hand-off", "appealed a rejection", "upheld an appeal"} <= set(steps)
    assert "mail raised-ended to ben-okafor" in steps


async def test_an_answer_without_a_name_is_refused(command: Command, offered: str) -> None:
    ran = await command("handoffs", "accept", offered)
    assert ran.code == 2
    assert "--by" in ran.err
