"""Do all commands keep the contract of scripts: data on stdout, talk on stderr, and an exit code for each end?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import typer

from leadloom.cli._door import door
from leadloom.store.published import Book
from tests.cli.conftest import Command

ROOT = Path(__file__).resolve().parents[2]
NO_JSON = {"journeys schema", "leads export", "demo", "mail receive"}
"""An export is JSON already; the demo ends in a page for people; a port that takes mail ends in nothing."""


def commands(found: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its whole name."""
    if not hasattr(found, "commands"):
        yield above, found
        return
    if above and found.invoke_without_command:
        yield above, found  # a noun that says something by itself
    for name, command in found.commands.items():
        yield from commands(command, f"{above} {name}".strip())


EVERY = dict(commands(typer.main.get_command(door())))


@pytest.mark.parametrize("name", sorted(EVERY))
def test_every_command_stands_in_the_reference(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")


def test_the_reference_names_no_command_that_is_gone() -> None:
    lines = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8").splitlines()
    named = [line.split("`")[1] for line in lines if line.startswith("| `")]
    commands_named = [name for name in named if not name.startswith("-") and not name.isupper() and not name.isdigit()]
    assert set(commands_named) - set(EVERY) == set()


@pytest.mark.parametrize("noun", sorted({name.split()[0] for name in EVERY}))
def test_a_noun_asked_for_alone_has_all_its_commands_and_no_other(noun: str) -> None:
    alone = dict(commands(typer.main.get_command(door(noun))))
    assert set(alone) == {name for name in EVERY if name.split()[0] == noun}


async def test_a_noun_that_is_none_is_exit_2_and_the_help_still_names_all(command: Command) -> None:
    ran = await command("nonsense")
    assert (ran.code, "No such command 'nonsense'" in ran.err) == (2, True)
    said = (await command("--help")).out
    assert all(noun in said for noun in ("leads", "journeys", "demo", "doctor"))


@pytest.mark.parametrize("name", sorted(EVERY.keys() - NO_JSON))
def test_every_command_speaks_json(name: str) -> None:
    assert "--json" in {option for parameter in EVERY[name].params for option in parameter.opts}


@pytest.mark.parametrize("name", sorted(EVERY))
def test_every_command_says_in_a_sentence_what_it_does(name: str) -> None:
    assert (EVERY[name].help or "").split("\n")[0].rstrip().endswith((".", "2"))


async def test_a_thing_that_is_not_there_is_exit_3_and_one_sentence(command: Command, book: Book) -> None:
    ran = await command("leads", "show", "nobody@nowhere.example")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.strip() == "✗ There is no lead nobody@nowhere.example."


async def test_a_conflict_is_exit_4(command: Command, book: Book) -> None:
    ran = await command("runs", "retry", uuid4())
    assert ran.code == 4
    assert "nothing to retry" in ran.err


@pytest.mark.parametrize("words", [("leads", "shov"), ("handoffs", "accept", "not-an-id", "--by", "x")])
async def test_a_wrong_use_is_exit_2(command: Command, words: tuple[str, ...]) -> None:
    ran = await command(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


async def test_a_database_that_is_away_is_exit_5_with_the_address_and_without_the_password(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://leadloom:hush@127.0.0.1:1/leadloom")
    ran = await command("leads", "list")
    assert (ran.code, ran.out) == (5, "")
    assert "127.0.0.1:1/leadloom" in ran.err and "hush" not in ran.err


async def test_without_any_database_the_way_out_is_said(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    ran = await command("leads", "list")
    assert ran.code == 5
    assert "make up" in ran.err


async def test_nothing_is_coloured_and_no_column_is_folded_in_a_pipe(command: Command, book: Book) -> None:
    ran = await command("journeys", "list")
    assert ran.code == 0
    assert "\x1b[" not in ran.out + ran.err
    columns = ["journey", "kind", "version", "state", "draft", "open", "runs", "paused", "ended"]
    assert ran.out.splitlines()[0].split() == columns
