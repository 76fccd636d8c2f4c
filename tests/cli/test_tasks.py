"""Can an owner see what they are asked and answer from the command line, and does the second learn who was first?"""

from __future__ import annotations

import pytest

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import tasks
from tests.cli.conftest import Command


@pytest.fixture
async def task(db: Db, book: Book) -> str:
    """The id of an open task of Marcus's."""
    _, _, task = await tasks.asked(db, book)
    return str(task.task_id)


async def test_the_list_says_who_what_and_until_when(command: Command, task: str) -> None:
    [row] = (await command("tasks", "list", "--json")).json
    assert (row["task_id"], row["owner"], row["words"]) == (task, "marcus-oyelaran", "Call about the audit")
    drawn = (await command("tasks", "list", "--owner", "marcus-oyelaran")).out
    for word in ("Ana Torres", "Meridian Pharma", "reached", "2026-03-05 15:00"):
        assert word in drawn
    assert (await command("tasks", "list", "--owner", "jonas-brandt")).out == "No open tasks.\n"


async def test_who_answers_second_is_told_who_was_first(command: Command, task: str) -> None:
    first = await command("tasks", "done", task, "--outcome", "reached", "--by", "marcus-oyelaran", "--json")
    second = await command("tasks", "done", task, "--outcome", "lost", "--by", "jonas-brandt")
    assert (first.code, first.json["status"], first.json["outcome"]) == (0, "done", "reached")
    assert second.code == 4 and "Marcus Oyelaran" in second.err
    assert (await command("tasks", "list", "--json")).json == []
    [row] = (await command("tasks", "list", "--all", "--json")).json
    assert row["ended_by"] == "marcus-oyelaran"


async def test_a_wrong_answer_names_the_right_ones(command: Command, task: str) -> None:
    ran = await command("tasks", "done", task, "--outcome", "maybe", "--by", "marcus-oyelaran")
    assert ran.code == 2
    assert "reached" in ran.err and "lost" in ran.err


async def test_a_task_nobody_knows_is_not_found(command: Command, task: str) -> None:
    ran = await command("tasks", "done", task[:-4] + "0000", "--outcome", "lost", "--by", "marcus-oyelaran")
    assert ran.code == 3
