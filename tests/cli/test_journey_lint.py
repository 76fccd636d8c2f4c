"""Does `journeys lint` say what is wrong and what is unwise, with its place, its remedy and its exit code?"""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Command
from tests.cli.drafts import drafts as drafts

NAME = "hand-raise"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


LOST = """
  - {do: go, id: out, to: end}
  - {do: go, id: lost, to: end}
"""


async def test_our_own_drafts_have_nothing_to_mend(command: Command) -> None:
    ran = await command("journeys", "lint", "--json")
    assert (ran.code, ran.json) == (0, []), ran.out


async def test_a_missing_variable_is_found_in_its_file_and_line(command: Command, drafts: Path) -> None:
    change(drafts / "templates/journeys" / NAME / "two-slots/body.txt", "{{ greeting }}", "{{ lead.shoe_size }}")
    ran = await command("journeys", "lint", NAME, "--json")
    assert ran.code == 6
    [finding] = ran.json
    assert (finding["level"], finding["journey"]) == ("fault", NAME)
    assert finding["place"] == "templates/journeys/hand-raise/two-slots/body.txt:1"
    assert "there is no lead.shoe_size" in finding["words"]


async def test_a_step_nobody_comes_to_and_a_grammar_nobody_knows_are_faults_with_their_line(
    command: Command, drafts: Path
) -> None:
    path = drafts / "workflows/journeys" / f"{NAME}.yaml"
    path.write_text(path.read_text(encoding="utf-8") + LOST, encoding="utf-8")
    ran = await command("journeys", "lint", NAME)
    assert ran.code == 6
    assert f"workflows/journeys/{NAME}.yaml line" in ran.out
    change(path, "do: go, id: lost", "do: goo, id: lost")
    assert (await command("journeys", "lint", NAME)).code == 6


async def test_advice_is_exit_6_too_and_keeps_nothing_from_being_published(command: Command, drafts: Path) -> None:
    change(drafts / "workflows/journeys" / "welcome-four-degrees.yaml", "class: marketing\n", "")
    ran = await command("journeys", "lint", "welcome-four-degrees", "--json")
    assert ran.code == 6
    assert {finding["level"] for finding in ran.json} == {"advice"}
    assert "No class is said" in ran.json[0]["words"]
    assert (await command("journeys", "check", "welcome-four-degrees")).code == 0
    assert (await command("journeys", "lint", NAME)).code == 0, "the others are left in peace"


async def test_a_journey_that_is_not_there_is_exit_3(command: Command) -> None:
    assert (await command("journeys", "lint", "nowhere")).code == 3
