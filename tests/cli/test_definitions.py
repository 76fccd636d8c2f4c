"""Can the definition be governed from the command line alone, with a clear word for whoever may not?"""

from __future__ import annotations

from pathlib import Path

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.repository import ROOT
from tests.store.acts import TUESDAY, capture


def draft(folder: Path, before: str, after: str) -> Path:
    text = (ROOT / "definition.yaml").read_text(encoding="utf-8")
    assert text.count(before) == 1
    path = folder / "draft.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    return path


LOOSER = ("engagement_digits: {1: 60, 2: 40, 3: 15}", "engagement_digits: {1: 60, 2: 5, 3: 4}")


async def test_a_definition_is_proposed_looked_at_signed_and_in_force(
    command: Command, db: Db, book: Book, tmp_path: Path
) -> None:
    told = [world.happened(kind, TUESDAY) for kind in ("guide_requested", "link_clicked")]
    lead_id = await capture(db, book, world.draft("ana.torres", *told))
    proposed = await command(
        "definitions", "propose", "--as", "samira-haddad", "--why", "more room", "--file", draft(tmp_path, *LOOSER)
    )
    assert (proposed.code, "Draft 1 by samira-haddad is in review" in proposed.out) == (0, True)
    assert "engagement_digits › 2" in proposed.out
    found = (await command("definitions", "preview", 1, "--json")).json
    assert [(one["lead_id"], one["to_stage"]) for one in found["affected"]] == [(str(lead_id), "mql")]
    past = await command("definitions", "look-back", 1, "--json")
    assert [(one["lead_id"], one["case"]) for one in past.json["told"]] == [(str(lead_id), "only after")]
    assert "MQLs: 0 become 1" in (await command("definitions", "look-back", 1)).out
    assert (await command("definitions", "look-back", 1, "--until", "soon")).code == 2
    refused = await command("definitions", "approve", 1, "--as", "tom-achterberg")
    assert (refused.code, "signature is not asked for on draft 1" in refused.err) == (4, True)
    assert (await command("definitions", "approve", 1, "--as", "samira-haddad")).code == 0
    approved = await command("definitions", "approve", 1, "--as", "greta-lindqvist", "--json")
    assert (approved.json["draft"]["state"], approved.json["draft"]["version"]) == ("in force", 2)
    shown = (await command("leads", "show", lead_id, "--json")).out
    assert '"mql"' in shown
    audit = (await command("definitions", "audit", "--json")).json
    assert [one["by"] for one in audit if one["act"] == "signed"] == ["samira-haddad", "greta-lindqvist"]
    assert [one["version"] for one in (await command("definitions", "versions", "--json")).json] == [2, 1]
    assert "Every lead is judged" in (await command("definitions", "apply")).out


async def test_a_draft_can_be_kept_back_submitted_rejected_and_withdrawn(
    command: Command, book: Book, tmp_path: Path
) -> None:
    file = draft(tmp_path, *LOOSER)
    said = ("--as", "samira-haddad", "--why", "more room", "--file", file)
    assert (await command("definitions", "propose", *said, "--hold", "--json")).json["draft"]["state"] == "draft"
    assert (await command("definitions", "submit", 1, "--as", "samira-haddad")).code == 0
    assert (await command("definitions", "reject", 1, "--as", "greta-lindqvist", "--why", "no room")).code == 0
    await command("definitions", "propose", *said)
    assert "is withdrawn" in (await command("definitions", "withdraw", 2, "--as", "samira-haddad")).out
    states = [one["state"] for one in (await command("definitions", "drafts", "--json")).json]
    assert states == ["withdrawn", "rejected"]
    assert (await command("definitions", "diff", 7)).code == 3
    late = await command("definitions", "propose", *said, "--effective", "1999-01-01")
    assert (late.code, "Name a day ahead" in late.err) == (2, True)


async def test_the_sponsor_acts_at_three_moments_and_an_overdue_decision_is_shown(
    command: Command, book: Book, tmp_path: Path
) -> None:
    refused = await command("definitions", "sign-charter", "--as", "tom-achterberg")
    assert (refused.code, "that is Ruth Adeyemi" in refused.err) == (4, True)
    signed = (await command("definitions", "sign-charter", "--as", "ruth-adeyemi", "--json")).json
    assert "leads complete for the gate" in signed[0]["figures"]
    file = draft(tmp_path, *LOOSER)
    await command(
        "definitions", "propose", "--as", "samira-haddad", "--why", "try", "--file", file, "--region", "americas"
    )
    for handle in ("samira-haddad", "greta-lindqvist"):
        await command("definitions", "approve", 1, "--as", handle)
    adopted = await command("definitions", "roll-out", "europe", "no-go", "--as", "ruth-adeyemi", "--why", "stale")
    assert (adopted.code, adopted.out.split("europe")[1].split()[0]) == (0, "1")
    assert (await command("definitions", "roll-out", "europe", "go", "--as", "ruth-adeyemi")).code == 0
    assert (await command("definitions", "adoption")).out.split("europe")[1].split()[0] == "2"
    await command("definitions", "pack", "--as", "samira-haddad")
    late = ("Mend the expo list", "--as", "greta-lindqvist", "--owner", "priya-nair", "--due", "2026-03-01")
    kept = (await command("definitions", "decide", *late, "--json")).json
    assert "OVERDUE" in (await command("definitions", "decisions")).out
    assert (await command("definitions", "done", kept[0]["act_id"], "--as", "priya-nair")).code == 0
    assert (await command("definitions", "done", kept[0]["act_id"], "--as", "priya-nair")).code == 4
    assert [one["kind"] for one in kept] == ["decision", "pack", "charter signed"]


async def test_drift_names_whom_another_system_places_elsewhere(command: Command, db: Db, book: Book) -> None:
    asked = await capture(db, book, world.draft("ana.torres", world.happened("guide_requested", TUESDAY)))
    told = world.happened("imported", TUESDAY.replace(hour=18), data={"stage": "Working"})
    await capture(db, book, world.draft("ana.torres", told, title="Head of quality"), TUESDAY.replace(hour=18))
    [one] = (await command("definitions", "drift", "--json")).json["leads"]
    assert (one["lead_id"], one["stage"], one["said"], one["meant"]) == (str(asked), "inquiry", "Working", "sal")


async def test_the_quality_board_counts_and_opens_its_rows(command: Command, db: Db, book: Book) -> None:
    await capture(db, book, world.draft("ana.torres", role=None, source="a fair"))
    await capture(db, book, world.draft("ben.okoro", phone="+1 212 555 0100"))
    await capture(db, book, world.draft("cy.okoro", phone="(212) 555-0100 ext", email="cy@gmail.com"))
    whole, *rest = (await command("reports", "quality", "--json")).json
    assert (whole["leads"], whole["no_role"], whole["free_mail"], whole["unsourced"]) == (3, 1, 1, 1)
    assert sum(one["leads"] for one in rest) == 3
    rows = (await command("reports", "quality", "--lacks", "no_role", "--json")).json
    assert [one["first_name"] for one in rows] == ["Ana"]
    assert (await command("reports", "quality", "--lacks", "nonsense")).code == 2
