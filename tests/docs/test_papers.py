"""Do the papers say what is so? Links lead somewhere, excerpts are equal, lists are whole, commands exist."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer.main

from leadloom.cli._door import door
from leadloom.runtime.settings import Settings
from tests import repository
from tests.repository import ROOT

FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?P<to>[^)\s]+)\)")
NAMED_FILE = re.compile(r"`(?P<name>[\w./-]+\.(?:py|yaml|sql|md|toml|html|txt))`")
SHELL_WORD = re.compile(r"(?:python starter\.py|\./dev starter) (?P<words>[a-z][\w -]*)")


def papers() -> list[Path]:
    """Pages for those who work here. Articles of microsites are for readers: `microsites lint` holds their links."""
    return [
        path for path in repository.files() if path.suffix == ".md" and path.parts[0] not in ("tests", "templates")
    ] + [Path("templates/README.md")]


@pytest.mark.parametrize("paper", papers(), ids=str)
def test_every_link_leads_to_something_that_is_there(paper: Path) -> None:
    prose = FENCE.sub("", repository.text(paper))
    targets = [link["to"].split("#")[0] for link in LINK.finditer(prose) if "://" not in link["to"]]
    assert [to for to in targets if to and not (ROOT / paper.parent / to).exists()] == []


def test_every_file_that_architecture_names_exists() -> None:
    text = repository.text(Path("ARCHITECTURE.md"))
    named = [match["name"] for match in NAMED_FILE.finditer(text)]
    assert len(named) > 30
    files = [path.as_posix() for path in repository.files()]
    assert [name for name in named if not any(("/" + path).endswith("/" + name) for path in files)] == []


def test_every_table_that_architecture_names_is_in_the_schema() -> None:
    rows = re.findall(r"^\| (`[^|]+) \|", repository.text(Path("ARCHITECTURE.md")), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    tables = set(re.findall(r"^CREATE TABLE (\w+)", repository.text(Path("leadloom/store/schema.sql")), re.MULTILINE))
    assert "message" in named
    assert named - tables == set()


def test_the_readme_shows_the_journey_as_it_is() -> None:
    shown = [
        block["body"] for block in FENCE.finditer(repository.text(Path("README.md"))) if block["language"] == "yaml"
    ]
    assert shown == [repository.text(Path("workflows/journeys/welcome-four-degrees.yaml"))]


def test_the_picture_is_drawn_for_light_and_for_dark_and_says_itself_in_words() -> None:
    picture = ROOT / "docs/pictures/way-of-a-lead.svg"
    root = ElementTree.parse(picture).getroot()
    assert root.find("{http://www.w3.org/2000/svg}desc") is not None
    assert "prefers-color-scheme: dark" in picture.read_text(encoding="utf-8")


def test_every_decision_is_listed() -> None:
    folder = Path("docs/decisions")
    decisions = {path.name for path in repository.files() if path.parent == folder} - {"README.md", "0000-template.md"}
    assert decisions - set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", repository.text(folder / "README.md"))) == set()
    numbers = sorted(name[:4] for name in decisions)
    assert numbers == sorted(set(numbers)), "two decisions have one number"


def test_pages_made_from_code_are_in_step_with_it() -> None:
    """Mended by `./dev run docs/generate.py`."""
    made = runpy.run_path(str(ROOT / "docs/generate.py"))["pages"]()
    assert [str(path) for path, text in made.items() if (ROOT / path).read_text(encoding="utf-8") != text] == []


def test_every_field_of_a_journey_is_explained() -> None:
    made = runpy.run_path(str(ROOT / "docs/generate.py"))
    silent = [line for line in made["grammar"]().splitlines() if re.fullmatch(r"\| `.*\| +\|", line)]
    assert [line for line in silent if "see below" not in line and "a condition" not in line] == []


def test_every_word_of_the_glossary_is_said_once() -> None:
    words = [
        word
        for line in repository.text(Path("docs/glossary.md")).splitlines()
        if line.startswith("- **")
        for word in re.findall(r"\*\*([^*]+)\*\*", line.split(":")[0])
    ]
    assert len(words) > 50
    assert sorted({word for word in words if words.count(word) > 1}) == []


@pytest.mark.parametrize("paper", papers(), ids=str)
def test_every_make_target_that_is_told_exists(paper: Path) -> None:
    there = set(re.findall(r"^([a-z]+):", repository.text(Path("Makefile")), re.MULTILINE))
    told = set(re.findall(r"(?:^|`)make ([a-z]+)", repository.text(paper), re.MULTILINE))
    assert told - there == set()


@pytest.mark.parametrize("paper", papers(), ids=str)
def test_every_command_that_is_told_exists(paper: Path) -> None:
    told = {match["words"].strip() for match in SHELL_WORD.finditer(repository.text(paper))}
    assert [words for words in sorted(told) if not _is_command(words.split())] == []


def _is_command(words: list[str]) -> bool:
    command = typer.main.get_command(door())
    for word in words:
        following = dict(_verbs(command)).get(word)
        if following is None:
            return not dict(_verbs(command))  # what is left are arguments
        command = following
    return True


def _verbs(command: object) -> Iterator[tuple[str, object]]:
    yield from getattr(command, "commands", {}).items()


def test_every_setting_that_is_told_exists() -> None:
    there = {str(field.validation_alias or f"LEADLOOM_{name}").upper() for name, field in Settings.model_fields.items()}
    told = {
        name
        for paper in papers()
        for name in re.findall(r"`([A-Z]+_(?:URL|ADDRESS|STATE|SECRET))`", repository.text(paper))
    }
    assert {"DATABASE_URL", "TEMPORAL_ADDRESS", "SMTP_URL"} <= told
    assert told - there == set()
