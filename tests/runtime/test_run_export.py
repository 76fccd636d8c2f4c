"""Does one run of production become, in one command, a test of nobody that fails on somebody's machine?"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from leadloom.runtime import catalog
from leadloom.runtime.run_export import without_ids
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.testing.found import found, refused
from tests import world
from tests.cli.conftest import Command
from tests.cli.conftest import command as command
from tests.replay.record import HISTORIES
from tests.store import acts
from tests.store.acts import TUESDAY

PERSON = {"first_name": "Anastasia", "last_name": "Quillfeather", "phone": "+1 212 555 0190", "company": "Zyzzx Ltd"}


async def a_run(db: Db, book: Book) -> str:
    """A lead who read the first letter, then was silent until the second, then said no."""
    lead_id, run = await acts.in_journey(db, book, **PERSON)
    for days in (0, 3, 8):
        await acts.advance(db, book, run, TUESDAY + timedelta(days=days))
    await acts.happens(db, book, lead_id, world.happened("unsubscribed", TUESDAY + timedelta(days=9)))
    return str(run)


def read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def run_pytest(test: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        cwd=catalog.ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout


async def test_it_fails_at_the_decision_that_was_wrong_and_at_no_other(
    command: Command, db: Db, book: Book, tmp_path: Path
) -> None:
    exported = await command("runs", "export", await a_run(db, book), "--to", tmp_path / "found", "--json")
    assert exported.code == 0, exported.err
    test, data = exported.json["files"]
    assert exported.json["differs"] == ""
    code, said = await asyncio.to_thread(run_pytest, test)
    assert (code, "1 failed, 1 passed" in said) == (1, True), said
    assert f"decision {exported.json['wrong']}, at step" in said
    assert found(Path(data)).recorded.looks


async def test_nobody_is_in_it(command: Command, db: Db, book: Book, tmp_path: Path) -> None:
    run = await a_run(db, book)
    exported = await command("runs", "export", run, "--to", tmp_path / "found", "--json")
    said = "".join(read(path) for path in exported.json["files"]).lower()
    planted = ["anastasia", "quillfeather", "212 555", "zyzzx", "ana.torres", "@ana", run]
    assert [word for word in planted if word in said] == []


async def test_the_same_person_is_the_same_nobody_in_two_exports(
    command: Command, db: Db, book: Book, tmp_path: Path
) -> None:
    run = await a_run(db, book)
    told = []
    for folder in ("one", "two"):
        exported = await command("runs", "export", run, "--to", tmp_path / folder, "--json")
        told.append(read(exported.json["files"][1]))
    assert told[0] == told[1]


@pytest.mark.parametrize(("wrong", "code"), [(1, 0), (99, 2)])
async def test_any_decision_may_be_the_wrong_one_but_it_must_have_been_made(
    command: Command, db: Db, book: Book, tmp_path: Path, wrong: int, code: int
) -> None:
    run = await a_run(db, book)
    assert (await command("runs", "export", run, "--to", tmp_path / "found", "--wrong", wrong)).code == code


async def test_what_is_not_there_or_there_already_has_its_exit_code(
    command: Command, db: Db, book: Book, tmp_path: Path
) -> None:
    run = await a_run(db, book)
    assert (await command("runs", "export", run, "--to", tmp_path)).code == 0
    assert (await command("runs", "export", run, "--to", tmp_path)).code == 4
    assert (await command("runs", "export", "00000000-0000-0000-0000-000000000001", "--to", tmp_path)).code == 3
    assert (await command("runs", "export", "nothing", "--to", tmp_path)).code == 2


def a_history(name: str = "circle-met") -> dict[str, Any]:
    [path] = HISTORIES.glob(f"BuyingCircle/*/{name}.json")
    return json.loads(path.read_text(encoding="utf-8"))


async def test_a_run_of_a_journey_as_code_replays_offline_under_other_ids(tmp_path: Path) -> None:
    history = a_history()
    told = without_ids(history, b"a key")
    assert history["workflowId"].removeprefix("run/") not in json.dumps(told)
    (tmp_path / "test_run.json").write_text(json.dumps(told), encoding="utf-8")
    assert await refused(tmp_path / "test_run.json") == ""


async def test_code_that_takes_another_way_is_told_so_with_the_first_event_that_differs(tmp_path: Path) -> None:
    other = json.dumps(without_ids(a_history(), b"a key")).replace('"BuyingCircle"', '"HandOff"')
    (tmp_path / "test_run.json").write_text(other, encoding="utf-8")
    assert await refused(tmp_path / "test_run.json") != ""
