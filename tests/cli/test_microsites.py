"""Can an operator see the microsites, and is a faulty one named with its line while others stay up?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from leadloom.runtime import microsites
from tests.cli.conftest import Command


async def test_microsites_are_listed_and_found_sound(command: Command) -> None:
    listed = (await command("microsites", "list", "--json")).json
    dock = next(page for page in listed if page["address"] == "/m/four-degrees/nine-minutes")
    assert (dock["author"], dock["tracks"]) == ("Hana Sato", ["quality", "operations", "finance"])
    assert (await command("microsites", "lint")).code == 0


@pytest.mark.parametrize(
    ("file", "was", "becomes", "fault"),
    [
        ("site.yaml", "order: [nine-minutes,", "order: [nine-minute,", "There is no piece `nine-minute`"),
        ("nine-minutes.md", "author: hana", "author: hanna", "nine-minutes.md is by hanna"),
        ("nine-minutes.md", "summary:", "sumary:", "nine-minutes.md line 3 (sumary)"),
        ("nine-minutes.md", "](excursion.md)", "](excursions.md)", "leads to excursions, and there is no such piece"),
        ("nine-minutes.md", "figures/nine", "figures/none", "There is no figure figures/none-minutes.svg"),
        ("nine-minutes.md", "---\n", "", "Begin with what the piece says of itself"),
        ("warm-pallet.yaml", "is: hours * rate", "is: hour * rate", "There is no `hour` above this line"),
        ("figures/nine-minutes.svg", "<title>", "<script/><title>", "<script> may not stand in a figure"),
    ],
)
async def test_a_faulty_site_is_named_and_harms_no_other(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, was: str, becomes: str, fault: str
) -> None:
    for name in ("sound", "faulty"):
        shutil.copytree(microsites.FOLDER / "four-degrees", tmp_path / name)
    broken = tmp_path / "faulty" / file
    text = broken.read_text(encoding="utf-8")
    assert was in text
    broken.write_text(text.replace(was, becomes, 1), encoding="utf-8")
    monkeypatch.setattr(microsites.SiteFolder.__init__, "__defaults__", (tmp_path,))
    ran = await command("microsites", "lint")
    assert ran.code == 6
    assert fault in ran.err
    assert set(microsites.SiteFolder().sites().by_name) == {"sound"}
