"""Can an operator see the forms, what is wrong with them, and decide about a post that is held?"""

from __future__ import annotations

from pathlib import Path

import pytest

from leadloom.domain.intake.capture import Door
from leadloom.runtime import forms
from leadloom.store import form_posts
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.cli.conftest import Command
from tests.store.acts import TUESDAY


async def test_forms_are_listed_shown_and_found_sound(command: Command) -> None:
    assert "/f/guide" in (await command("forms", "list")).out
    shown = (await command("forms", "show", "guide")).out
    assert "Box for marketing, unticked, wording 2026-02: Yes, Kelvance" in shown
    assert (await command("forms", "lint")).code == 0
    assert (await command("forms", "show", "nothing")).code == 3


async def test_a_faulty_form_is_named_with_its_line_and_harms_no_other(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for path in forms.FOLDER.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    broken = (tmp_path / "demo.yaml").read_text(encoding="utf-8").replace("field: role", "field: rolle")
    (tmp_path / "demo.yaml").write_text(broken, encoding="utf-8")
    monkeypatch.setattr(forms.FormFolder.__init__, "__defaults__", (tmp_path,))
    ran = await command("forms", "lint")
    assert ran.code == 6
    assert "demo.yaml line 12 (asks.5.field)" in ran.err and "did you mean `role`?" in ran.err
    sound = (await command("forms", "lint", "--json")).json["forms"]
    assert sound == len(list(forms.FOLDER.glob("[a-z]*.yaml"))) - 1


async def test_a_held_post_is_taken_or_dropped_once_and_with_a_reason(command: Command, db: Db, book: Book) -> None:
    door = Door(name="guide", at=TUESDAY, event="guide_requested", source="microsite")
    ids: list[object] = []
    for email in ("ana@alder.example", "bot@spam.example"):
        async with db.transaction() as tx:
            fields = {"email": email, "company": "Alder", "country": "US"}
            ids.append(await form_posts.keep(tx, "guide", fields, door, code="bait", why="a trap", at=TUESDAY))
    assert "a trap" in (await command("forms", "held")).out
    taken = await command("forms", "take", ids[0], "--by", "priya-nair")
    assert (taken.code, "It is lead" in taken.out) == (0, True)
    assert (await command("forms", "drop", ids[1], "--by", "priya-nair", "--why", " ")).code == 2
    assert (await command("forms", "drop", ids[1], "--by", "priya-nair", "--why", "sells watches")).code == 0
    assert (await command("forms", "take", ids[1], "--by", "priya-nair")).code == 4
    assert (await command("forms", "bring-back", ids[1], "--by", "priya-nair")).code == 0
    assert (await command("forms", "bring-back", ids[1], "--by", "priya-nair")).code == 4
    assert (await command("forms", "drop", ids[1], "--by", "priya-nair", "--why", "sells watches")).code == 0
    assert (await command("forms", "held", "--json")).json == []
    decided = (await command("forms", "held", "--all", "--json")).json
    assert sorted((one["state"], one["fields"] == {}) for one in decided) == [("dropped", False), ("taken", True)]


async def test_what_nobody_looked_at_in_time_is_let_go_and_says_so(db: Db, book: Book) -> None:
    door = Door(name="guide", at=TUESDAY)
    async with db.transaction() as tx:
        await form_posts.keep(tx, "guide", {"email": "ana@alder.example"}, door, code="flood", why="many", at=TUESDAY)
        assert await form_posts.drop_old(tx, at=TUESDAY + form_posts.KEPT) == 0
        assert await form_posts.drop_old(tx, at=TUESDAY + form_posts.KEPT * 2) == 1
        (one,) = await form_posts.listed(tx, decided_too=True, limit=5)
    assert (one.state, one.decided_by, one.fields) == ("dropped", "system", {})
