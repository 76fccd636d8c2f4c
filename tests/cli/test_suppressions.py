"""Can an operator leave somebody alone, see it, undo it, and not undo what only the person may?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from leadloom.domain.model import MessageId
from leadloom.store import messages
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.store import acts
from tests.store.acts import TUESDAY

WHO = ("--why", "asked by phone", "--by", "priya-nair")


async def claimed(db: Db, book: Book, dsn: str) -> MessageId:
    """A mail of Ana's that a worker has claimed."""
    _, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    [row] = await acts.rows(dsn, "SELECT lane FROM message")
    [mail] = await acts.claim(db, book, row["lane"])
    return mail.message_id


async def against(db: Db, message_id: MessageId) -> list[str]:
    async with db.read() as tx:
        found = await messages.vetoes(tx, [message_id], at=TUESDAY)
    return [f"{veto.code}: {veto.detail}" for veto in found.get(message_id, ())]


async def test_a_suppression_of_a_person_an_address_or_a_domain_is_heard_after_the_claim_and_lifted(
    command: Command, db: Db, book: Book, dsn: str
) -> None:
    message_id = await claimed(db, book, dsn)
    ana = "ana.torres@meridian-pharma.example"
    for what, scope, value in (
        ((ana, "--person"), "person", None),
        ((ana.upper(),), "address", ana),
        (("@Meridian-Pharma.example",), "domain", "meridian-pharma.example"),
    ):
        added = (await command("suppressions", "add", *what, "--everything", *WHO, "--json")).json
        assert added["scope"] == scope
        assert value in (None, added["value"])
        assert await against(db, message_id) == ["suppressed: asked by phone"]
        told = (await command("suppressions", "list", "--lead", ana)).out
        assert "asked by phone" in told and "priya-nair" in told
        lifted = await command(
            "suppressions", "lift", added["suppression_id"], "--why", "a mix-up", "--by", "priya-nair"
        )
        assert lifted.code == 0
        assert await against(db, message_id) == []
    [row] = await acts.rows(
        dsn, "SELECT count(*) AS n FROM audit WHERE action IN ('suppressed', 'lifted a suppression')"
    )
    assert row["n"] == 6
    why = (await command("leads", "why", ana)).out
    assert "silent" not in why


async def test_what_the_person_said_themselves_no_operator_lifts_and_a_complaint_only_with_a_note(
    command: Command, db: Db, book: Book
) -> None:
    lead_id, _ = await acts.in_journey(db, book)
    for kind in ("unsubscribed", "complained"):
        await acts.happens(db, book, lead_id, world.happened(kind, TUESDAY + timedelta(hours=1)))
    standing = (await command("suppressions", "list", "--json")).json
    ids = {one["reason"]: one["suppression_id"] for one in standing}
    assert {one["reason"]: one["by"] for one in standing}["unsubscribed"] == "lead"
    theirs = await command("suppressions", "lift", ids["unsubscribed"], *WHO)
    assert (theirs.code, "only they lift it" in theirs.err) == (4, True)
    mute = await command("suppressions", "lift", ids["called our mail spam"], "--why", " ", "--by", "priya-nair")
    assert (mute.code, "Say why" in mute.err) == (2, True)
    assert (await command("suppressions", "lift", ids["called our mail spam"], *WHO)).code == 0


async def test_a_list_is_brought_in_its_faults_are_named_and_it_can_be_undone(
    command: Command, db: Db, book: Book, dsn: str, tmp_path: Path
) -> None:
    await acts.in_journey(db, book)
    await command("suppressions", "add", "old@birch.example", *WHO)
    file = tmp_path / "robinson.csv"
    file.write_text(
        "name;email\nAna;Ana.Torres@Meridian-Pharma.example\n;ben@@birch\nOld;old@birch.example\n\n;competitor.example\n",
        encoding="utf-8",
    )
    said = ("--why", "the Robinson list of May", "--by", "priya-nair")
    brought = await command("suppressions", "import", file, *said, "--json")
    assert brought.code == 6
    assert {name: brought.json[name] for name in ("new", "stood", "refused")} == {"new": 2, "stood": 1, "refused": 1}
    assert brought.json["faults"][0]["line"] == 3
    again = (await command("suppressions", "import", file, *said, "--json")).json
    assert (again["new"], again["stood"]) == (0, 3)
    live = "SELECT scope, value FROM suppression WHERE lifted_at IS NULL ORDER BY scope, value"
    assert [tuple(row) for row in await acts.rows(dsn, live)] == [
        ("address", "ana.torres@meridian-pharma.example"), ("address", "old@birch.example"),
        ("domain", "competitor.example"),
    ]  # fmt: skip
    undone = await command("suppressions", "undo", brought.json["list_id"], *WHO)
    assert undone.out.strip() == "2 lifted."
    assert [row["value"] for row in await acts.rows(dsn, live)] == ["old@birch.example"]


async def test_wrong_words_say_what_to_write(command: Command, db: Db, book: Book) -> None:
    await acts.in_journey(db, book)
    for words, code, said in (
        (("add", "no address", *WHO), 2, "domain"),
        (("add", "a@birch.example", "--topic", "golf", *WHO), 2, "cold-chain"),
        (("add", "a@birch.example", "--topic", "product", "--everything", *WHO), 2, "leave out --everything"),
        (("list", "--scope", "planet"), 2, "address, domain, person, hash"),
        (("import", "/nowhere.csv", *WHO), 3, "nowhere.csv"),
        (("undo", "00000000-0000-0000-0000-000000000001", *WHO), 3, "suppression list"),
    ):
        ran = await command("suppressions", *words)
        assert (ran.code, said in ran.err) == (code, True), (words, ran.err)
