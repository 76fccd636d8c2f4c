"""Does an operator see companies, choose which two are one, declare what they are, and take it back?"""

from __future__ import annotations

from datetime import timedelta

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.store import acts
from tests.store.acts import TUESDAY

BY = ("--by", "samira-haddad", "--why", "they said so")
AT = TUESDAY - timedelta(hours=1)


async def test_companies_are_compared_chosen_declared_and_parted_again(command: Command, db: Db, book: Book) -> None:
    for name, email, company, country in (
        ("ana", "ana@nordkap.de", "Nordkap GmbH", "DE"),
        ("fin", "fin@gmail.com", "Nordkap", "FI"),
        ("lost", "lost@gmx.net", None, None),
        ("lind", "x@lind.se", "Lind AB", "SE"),
    ):
        await acts.capture(db, book, world.draft(name, email=email, company=company, country=country), AT)
    looked = (await command("companies", "look", "--json")).json
    assert (looked["companies"], looked["joined"], looked["to_choose"]) == (3, 0, 1)
    waits = await command("companies", "matches")
    assert "one is in" in waits.out
    (choice,) = (await command("companies", "matches", "--json")).json
    one, other = choice["account_id"], choice["candidates"][0]["account_id"]
    assert (await command("companies", "show", "nordkap")).code == 0
    done = await command("companies", "join", one, other, *BY, "--json")
    assert "companies undo" in done.err
    assert (await command("companies", "matches")).out.strip() == "No company is in doubt."
    shown = (await command("companies", "show", "nordkap.de", "--json")).json
    assert (shown["score"]["known"], len(shown["also_rows"])) == (2, 1)
    assert "two again" in (await command("companies", "undo", done.json["match_id"], *BY)).out
    assert (await command("companies", "undo", done.json["match_id"], *BY)).code == 4
    (decided,) = (await command("companies", "matches", "--decided", "--json")).json
    assert (decided["state"], decided["undone_by"]) == ("undone", "samira-haddad")
    assert (await command("companies", "apart", one, one, *BY)).code == 2


async def test_an_alias_a_parent_and_a_persons_place_are_declared(command: Command, db: Db, book: Book) -> None:
    for name, email, company in (("ana", "ana@kap.de", "Kap Holding AG"), ("x", "x@lind.se", "Lind AB")):
        await acts.capture(db, book, world.draft(name, email=email, company=company), AT)
    lost = await acts.capture(db, book, world.draft("lost", email="lost@gmx.net", company=None), AT)
    assert (await command("companies", "alias", "kap.de", "kap.com", *BY)).code == 0
    assert (await command("companies", "alias", "lind.se", "kap.com", *BY)).code == 4
    assert (await command("companies", "alias", "lind.se", "gmx.net", *BY)).code == 2
    assert (await command("companies", "parent", "lind.se", "kap.com", *BY)).code == 0
    assert (await command("companies", "parent", "kap.de", "lind.se", *BY)).code == 2
    assert (await command("companies", "named", "kap.com", *BY)).code == 0
    shown = (await command("companies", "show", "Kap Holding AG")).out
    assert all(part in shown for part in ("kap.com", "Lind AB", "named account"))
    nowhere = (await command("companies", "matches", "--nowhere", "--json")).json
    assert [one["lead_id"] for one in nowhere] == [str(lost)]
    put = await command("companies", "put", lost, "kap.com", *BY)
    assert f"companies put {lost} none" in put.err
    assert (await command("companies", "alias", "kap.de", "kap.com", "--drop", *BY)).code == 0
    assert (await command("companies", "show", "kap.com")).code == 3
    (row, _) = (await command("companies", "list", "--json")).json
    assert (row["name"], row["people"]) == ("Kap Holding AG", 2)
