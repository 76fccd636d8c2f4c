"""Can a journey travel with its mails, arrive as a draft only, and never bring what isn't its own?"""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from leadloom.domain.errors import BadInput, Conflict, Faulty
from leadloom.runtime import catalog, journey_archive
from leadloom.runtime.journey_archive import export_journey, import_journey
from leadloom.runtime.publishing import read_drafts
from leadloom.store.db import Db
from tests import world
from tests.cli.conftest import Command
from tests.cli.drafts import drafts as drafts

NAME = "hand-raise"


def folder_of(drafts: Path, name: str = NAME) -> dict[str, bytes]:
    """A journey's file and mails, by their place in the checkout."""
    found = [drafts / "workflows" / "journeys" / f"{name}.yaml"]
    found += [path for path in (drafts / "templates" / "journeys" / name).rglob("*") if path.is_file()]
    return {str(path.relative_to(drafts)).replace(name, "JOURNEY"): path.read_bytes() for path in found}


def forget(drafts: Path, name: str = NAME) -> None:
    (drafts / "workflows" / "journeys" / f"{name}.yaml").unlink()
    shutil.rmtree(drafts / "templates" / "journeys" / name)


def a_zip(path: Path, **changed: str | None) -> Path:
    """What an export of the journey wrote, with some entries changed (None: without)."""
    export_journey(NAME, path)
    with zipfile.ZipFile(path) as archive:
        files = {info.filename: archive.read(info).decode() for info in archive.infolist()}
    files = {name: text for name, text in {**files, **changed}.items() if text is not None}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize("to", ["out", "out.zip"])
async def test_what_was_exported_is_imported_bit_for_bit(
    command: Command, drafts: Path, tmp_path: Path, to: str
) -> None:
    before = folder_of(drafts)
    exported = await command("journeys", "export", NAME, tmp_path / to, "--json")
    assert (exported.code, len(exported.json["files"])) == (0, len(before) + 1)
    forget(drafts)
    imported = await command("journeys", "import", tmp_path / to, "--json")
    assert imported.code == 0, imported.err
    assert folder_of(drafts) == before
    assert len(imported.json["files"]) == len(before)


def test_the_same_journey_is_the_same_zip(drafts: Path, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        export_journey(NAME, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


async def test_it_arrives_as_a_draft_that_only_publishing_puts_in_force(
    command: Command, db: Db, drafts: Path, tmp_path: Path
) -> None:
    export_journey(NAME, tmp_path / "it.zip")
    forget(drafts)
    assert (await command("journeys", "publish", "--by", "priya-nair")).code == 0
    assert (await command("journeys", "import", tmp_path / "it.zip")).code == 0
    lines = {line["name"]: line for line in (await command("journeys", "list", "--json")).json}
    assert (lines[NAME]["draft"], lines[NAME]["version"]) == ("new", None)
    assert (await command("journeys", "publish", "--by", "priya-nair")).code == 0
    lines = {line["name"]: line for line in (await command("journeys", "list", "--json")).json}
    assert (lines[NAME]["draft"], lines[NAME]["version"]) == ("in force", 1)


def test_one_of_that_name_is_never_written_over_unasked(drafts: Path, tmp_path: Path) -> None:
    export_journey(NAME, tmp_path / "it")
    before = folder_of(drafts)
    with pytest.raises(Conflict, match=r"hand-raise\.yaml exists already"):
        import_journey(tmp_path / "it", world.definition())
    assert folder_of(drafts) == before
    import_journey(tmp_path / "it", world.definition(), replace=True)
    assert folder_of(drafts) == before


def test_replacing_takes_mails_away_that_the_new_one_has_not(drafts: Path, tmp_path: Path) -> None:
    export_journey(NAME, tmp_path / "it")
    (drafts / "templates" / "journeys" / NAME / "forgotten").mkdir()
    import_journey(tmp_path / "it", world.definition(), replace=True)
    assert not (drafts / "templates" / "journeys" / NAME / "forgotten").exists()


def test_it_may_be_called_otherwise_and_then_both_pass_the_check(drafts: Path, tmp_path: Path) -> None:
    export_journey(NAME, tmp_path / "it.zip")
    arrived = import_journey(tmp_path / "it.zip", world.definition(), name="hand-raise-north")
    assert arrived.journey == "hand-raise-north"
    assert {NAME, "hand-raise-north"} <= {journey.name for journey in read_drafts().journeys}


async def test_what_show_says_as_json_is_imported_as_the_same_journey(
    command: Command, drafts: Path, tmp_path: Path
) -> None:
    before = next(journey for journey in read_drafts().journeys if journey.name == NAME)
    shown = await command("journeys", "show", NAME, "--draft", "--json")
    (tmp_path / "it.json").write_text(shown.out)
    assert (await command("journeys", "import", tmp_path / "it.json", "--replace")).code == 0
    assert next(journey for journey in read_drafts().journeys if journey.name == NAME) == before


@pytest.mark.parametrize(
    "name",
    [
        "../../../evil.yaml", "/etc/cron.d/evil", "mails/../../evil.txt", "mails/hello/../../../body.txt",
        "mails\\hello\\body.txt", "mails/hello/run.py", "tests/test_it.py", "mails/Hello/body.txt",
    ],
)  # fmt: skip
def test_an_entry_that_is_no_part_of_a_journey_is_refused_and_nothing_is_written(
    drafts: Path, tmp_path: Path, name: str
) -> None:
    source = a_zip(tmp_path / "it.zip", **{name: "x"})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BadInput, match=r"may hold journey\.yaml"):
        import_journey(source, world.definition(), name="other")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_in_a_zip_is_its_text_and_no_link(drafts: Path, tmp_path: Path) -> None:
    source = a_zip(tmp_path / "it.zip")
    link = zipfile.ZipInfo("mails/two-slots/preheader.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(source) as archive:
        kept = {info: archive.read(info) for info in archive.infolist() if info.filename != link.filename}
    with zipfile.ZipFile(source, "w") as archive:
        for info, content in kept.items():
            archive.writestr(info, content)
        archive.writestr(link, "/etc/passwd")
    import_journey(source, world.definition(), name="other")
    written = drafts / "templates" / "journeys" / "other" / "two-slots" / "preheader.txt"
    assert (written.is_symlink(), written.read_text()) == (False, "/etc/passwd")


def test_a_link_in_a_folder_is_refused(drafts: Path, tmp_path: Path) -> None:
    export_journey(NAME, tmp_path / "it")
    path = tmp_path / "it" / "mails" / "two-slots" / "preheader.txt"
    path.unlink(missing_ok=True)
    path.symlink_to("/etc/passwd")
    with pytest.raises(BadInput, match="It is a link"):
        import_journey(tmp_path / "it", world.definition(), name="other")


def test_what_unpacks_larger_than_a_journey_is_refused(
    drafts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = a_zip(tmp_path / "bomb.zip", **{"mails/big/body.txt": "x" * (journey_archive.LARGEST_FILE + 1)})
    assert bomb.stat().st_size < 50_000
    many = a_zip(tmp_path / "many.zip", **{f"mails/m{no}/body.txt": "x" for no in range(journey_archive.MOST_FILES)})
    for source in (bomb, many):
        with pytest.raises(BadInput, match="more than a journey has"):
            import_journey(source, world.definition(), name="other")
    monkeypatch.setattr(journey_archive, "LARGEST", 1000)
    with pytest.raises(BadInput, match="more than a journey has"):
        import_journey(a_zip(tmp_path / "all.zip"), world.definition(), name="other")


BOMB = "a: &a [1, 1]\nb: &b [*a, *a]\n"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"journey.yaml": None}, "no journey.yaml"),
        ({"archive.json": '{"format": 9}'}, "format we don't read"),
        ({"archive.json": "no"}, "no JSON"),
        ({"journey.yaml": BOMB}, "by an alias"),
        ({"journey.yaml": "a: " + "[" * 100_000}, "nests deeper"),
    ],
)
def test_what_is_no_archive_is_refused_with_its_reason(
    drafts: Path, tmp_path: Path, changed: dict[str, str | None], words: str
) -> None:
    with pytest.raises((BadInput, Faulty), match=words):
        import_journey(a_zip(tmp_path / "it.zip", **changed), world.definition())


async def test_a_file_that_is_no_zip_and_one_that_is_not_there_have_their_exit_codes(
    command: Command, tmp_path: Path, drafts: Path
) -> None:
    (tmp_path / "it.zip").write_text("no zip")
    assert (await command("journeys", "import", tmp_path / "it.zip")).code == 2
    assert (await command("journeys", "import", tmp_path / "none.zip")).code == 3
    assert (await command("journeys", "export", "nowhere", tmp_path / "x.zip")).code == 3
    assert (await command("journeys", "export", NAME, tmp_path / "it.zip")).code == 4


async def test_a_journey_that_knows_people_we_do_not_is_refused_with_every_fault(
    command: Command, drafts: Path, tmp_path: Path
) -> None:
    text = (catalog.JOURNEYS / f"{NAME}.yaml").read_text().replace("owner: ", "owner: not-", 1)
    source = a_zip(tmp_path / "it.zip", **{"journey.yaml": text, "mails/two-slots/body.txt": "{{ lead.shoe_size }}"})
    forget(drafts)
    ran = await command("journeys", "import", source)
    assert ran.code == 6
    assert "not-" in ran.err and "lead.shoe_size" in ran.err
    assert not (drafts / "templates" / "journeys" / NAME).exists()
