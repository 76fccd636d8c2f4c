"""Does the command line say whom we may write to and why, as of any day, and keep a no that came by phone?"""

from __future__ import annotations

from leadloom.domain.lead import BasisKind
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.store import acts
from tests.store.acts import TUESDAY


async def test_one_person_s_consent_is_told_withdrawn_and_reported(db: Db, book: Book, command: Command) -> None:
    yes = world.permission(BasisKind.DOUBLE_OPT_IN, at=TUESDAY)
    await acts.capture(db, book, world.draft("ana.torres", country="DE", bases=(yes,)), TUESDAY)
    ana = "ana.torres@meridian-pharma.example"
    shown = await command("consent", "show", ana)
    assert "mail: yes, double-opt-in of 2026-03-03" in shown.out and "Yes, write to me." in shown.out
    assert (await command("consent", "show", ana, "--on", "2026-03-01", "--json")).json["reach"][0]["may"] is False
    assert (await command("consent", "show", ana, "--on", "soon")).code == 2
    report = (await command("consent", "report", "--json")).json
    assert report["countries"] == [{"country": "DE", "people": 1, "by_state": {"double-opt-in": 1}}]
    no = await command("consent", "withdraw", ana, "--why", "told Inês by phone", "--by", "ines-carvalho")
    assert "mail: no, no basis that suffices in DE: has none, needs double-opt-in" in no.out
    told = (await command("consent", "show", ana, "--json")).json
    assert [entry["act"] for entry in told["log"]] == ["given", "withdrawn"]
    assert "you ended it" in told["statement"][1]
    fax = await command("consent", "withdraw", ana, "--channel", "fax", "--why", "x", "--by", "ines-carvalho")
    assert fax.code == 2
    assert "DE" in (await command("consent", "report")).out
