"""Can a marketer list, read, check, begin and publish journeys without asking anybody?"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Conflict
from leadloom.runtime.draft_letters import lint_drafts
from leadloom.runtime.journey_lint import lint_journeys
from leadloom.runtime.new_journey import NewJourney, write_new
from leadloom.runtime.publishing import read_drafts
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.cli.drafts import drafts as drafts
from tests.store import acts

ROOT = Path(__file__).resolve().parents[2]
WIN_BACK = NewJourney(name="win-back", event="article_read", owner="priya-nair", sender="ines-carvalho")


def definition() -> Definition:
    return world.definition()


async def test_the_list_tells_how_each_draft_stands_to_what_is_in_force(
    command: Command, db: Db, book: Book, drafts: Path
) -> None:
    await acts.in_journey(db, book)
    before = {line["name"]: line for line in (await command("journeys", "list", "--json")).json}
    assert (before["small"]["draft"], before["small"]["open"]) == ("no file", 1)
    assert before["hand-raise"]["draft"] == "new"
    assert (await command("journeys", "publish", "--by", "priya-nair")).code == 0
    path = drafts / "workflows" / "journeys" / "hand-raise.yaml"
    path.write_text(path.read_text().replace("worth: 2d", "worth: 1d"))
    after = {line["name"]: line for line in (await command("journeys", "list", "--json")).json}
    assert (after["hand-raise"]["draft"], after["recycle-by-reason"]["draft"]) == ("changed", "in force")
    assert after["buying-circle"]["kind"] == "code"


async def test_the_list_shows_a_paused_journey_as_paused_with_its_review_and_the_runs_that_stand_still(
    command: Command, db: Db, book: Book
) -> None:
    await acts.in_journey(db, book)
    going = next(line for line in (await command("journeys", "list", "--json")).json if line["name"] == "small")
    assert (going["state"], going["open"], going["paused"], going["review_at"]) == ("in force", 1, 0, None)
    said = ("small", "--review", "2099-04-01", "--by", "priya-nair")
    assert (await command("journeys", "pause", *said)).code == 0
    still = next(line for line in (await command("journeys", "list", "--json")).json if line["name"] == "small")
    assert (still["state"], still["version"], still["open"], still["paused"]) == ("paused", 1, 1, 1)
    assert still["review_at"].startswith("2099-04-01")
    drawn = (await command("journeys", "list")).out
    assert "review 01 Apr 2099" in drawn and "not published" in drawn


async def test_a_field_set_to_what_it_cannot_hold_is_refused_with_file_line_and_remedy(
    command: Command, drafts: Path
) -> None:
    path = drafts / "workflows" / "journeys" / "hand-raise.yaml"
    lines = path.read_text().rstrip().splitlines()
    path.write_text("\n".join([*lines, "  - {do: set, id: named, field: title, value: 5}"]))
    ran = await command("journeys", "check", "hand-raise", "--json")
    assert ran.code == 6
    [fault] = [fault for fault in ran.json["faults"] if "title" in fault]
    assert f"hand-raise.yaml line {len(lines) + 1} (steps." in fault
    assert fault.endswith('title is a text, and 5 is none. Write it in quotes: "5".')


async def test_a_journey_reads_as_a_marketer_would_say_it(command: Command, book: Book) -> None:
    shown = await command("journeys", "show", "small")
    assert shown.code == 0
    assert "Wait 3 days" in shown.out and "Wait for link clicked or reply, at most 5 days" in shown.out
    assert (await command("journeys", "show", "nowhere")).code == 3
    assert (await command("journeys", "show", "hand-raise", "--draft", "--json")).json["version"] is None


async def test_our_own_drafts_pass_their_check(command: Command) -> None:
    ran = await command("journeys", "check", "--json")
    assert (ran.code, ran.json) == (0, {"faults": []})


async def test_a_faulty_draft_is_exit_6_with_its_place_and_only_its_own_faults_when_named(
    command: Command, drafts: Path
) -> None:
    path = drafts / "workflows" / "journeys" / "hand-raise.yaml"
    path.write_text(path.read_text().replace("mail: two-slots", "mail: three-slots"))
    ran = await command("journeys", "check", "hand-raise", "--json")
    other = await command("journeys", "check", "recycle-by-reason")
    assert ran.code == 6
    assert any("three-slots" in fault for fault in ran.json["faults"])
    assert other.code == 0
    assert (await command("journeys", "publish", "--by", "priya-nair")).code == 6


async def test_a_letter_that_shouts_is_found_by_the_check(command: Command, drafts: Path) -> None:
    for name in ("body.txt", "body.html"):
        path = drafts / "templates" / "journeys" / "hand-raise" / "two-slots" / name
        path.write_text(path.read_text().replace("That is fine.", "Act now!"))
    ran = await command("journeys", "check", "hand-raise", "--json")
    assert ran.code == 6
    assert all(fault.startswith("hand-raise/two-slots: ") for fault in ran.json["faults"])


async def test_a_definition_that_breaks_its_own_rules_is_exit_6(command: Command, drafts: Path) -> None:
    path = drafts / "definition.yaml"
    path.write_text(path.read_text().replace("first_stage: ", "first_stage: nowhere-"))
    ran = await command("definitions", "check", "--json")
    assert ran.code == 6 and ran.json["faults"]


async def test_a_new_journey_passes_its_check_its_copy_rules_and_its_own_test(drafts: Path) -> None:
    files = write_new(WIN_BACK, definition(), root=drafts)
    assert [path.relative_to(drafts).as_posix() for path in files][:2] == [
        "workflows/journeys/win-back.yaml",
        "tests/journeys/test_win_back.py",
    ]
    assert lint_drafts(read_drafts()) == []
    assert lint_journeys(WIN_BACK.name) == []
    for folder in ("leadloom", "activities", "workflows"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, drafts / folder, dirs_exist_ok=True, ignore=ignored)
    for name in ("__init__.py", "journeys/__init__.py"):
        shutil.copy(ROOT / "tests" / name, drafts / "tests" / name)
    code, said = await asyncio.to_thread(run_pytest, drafts, "tests/journeys/test_win_back.py")
    assert code == 0, said


def run_pytest(folder: Path, test: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("field", "value"), [("name", "Win Back"), ("event", "dreamt"), ("owner", "nobody"), ("sender", "nobody")]
)
def test_a_new_journey_with_a_name_nobody_knows_writes_nothing(drafts: Path, field: str, value: str) -> None:
    with pytest.raises(BadInput):
        write_new(WIN_BACK.model_copy(update={field: value}), definition(), root=drafts)
    assert not (drafts / "tests").exists()


def test_a_new_journey_never_writes_over_one_that_exists(drafts: Path) -> None:
    with pytest.raises(Conflict, match=r"hand-raise\.yaml exists already"):
        write_new(WIN_BACK.model_copy(update={"name": "hand-raise"}), definition(), root=drafts)


async def test_a_preview_is_a_page_with_every_mail_of_the_journey(
    command: Command, db: Db, book: Book, tmp_path: Path
) -> None:
    lead_id, _ = await acts.in_journey(db, book)
    page = tmp_path / "small.html"
    ran = await command("journeys", "preview", "small", "--lead", lead_id, "--out", page)
    assert (ran.code, ran.out.strip()) == (0, str(page))
    html = page.read_text(encoding="utf-8")
    assert html.count("<iframe sandbox") == 2
    assert "Hello Ana," in html and "<script" not in html
