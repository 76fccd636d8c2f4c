"""Does somebody have a lead told by a provider, see whose word each field is, and ask again what failed?"""

from __future__ import annotations

from pathlib import Path

import pytest

from activities import people_directory
from tests.web.console import Console, words

SAMIRA = "samira-haddad"
AWAY = Path("/nowhere/people_directory.csv")


async def test_a_lead_is_told_by_a_provider_a_failure_waits_and_each_field_says_whose_word_it_is(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = console.lead("ana")
    await console.site.rows("UPDATE lead SET title = NULL, phone = NULL WHERE lead_id = $1", console.people["ana"])
    assert "Nothing waits" in words(await console.page("/enrichments"))
    assert "it is told their email, and nothing else" in words(await console.page(ana))
    console.sit(SAMIRA)
    with monkeypatch.context() as away:
        away.setattr(people_directory.ENRICHER, "_path", AWAY)
        failed = await console.send(f"{ana}/enrichment", {"provider": "people-directory"}, shown_at=ana)
    assert (failed.status_code, "couldn't answer: FileNotFoundError" in words(failed.text)) == (409, True)

    page = await console.page("/enrichments")
    assert "people-directory : 1 waits" in words(page)
    assert f'{ana}#told">Ana Torres</a>' in page
    which = {"enrichment": page.split('name="enrichment" value="')[1].split('"')[0]}
    every = {"do": "all", "provider": "people-directory"}
    assert "said=all" in (await console.send("/enrichments", every)).headers["location"]
    assert "said=retry" in (await console.send("/enrichments", {"do": "retry", **which})).headers["location"]
    again = await console.send("/enrichments", {"do": "retry", **which}, shown_at=ana)
    assert (again.status_code, "It waits no more" in words(again.text)) == (409, True)
    assert "phone, time zone, title" in words(await console.page("/enrichments"))

    page = words(await console.page(ana))
    assert "Head of Quality title from people-directory , 15 Jan 2026" in page
    assert "+12125550134 from people-directory , 15 Jan 2026" in page
    assert "A provider told something of them" in page
    assert "It was asked again since." in page


async def test_what_a_provider_told_of_a_lead_is_taken_back_and_a_question_let_go(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, company = console.lead("ana"), "/companies/00000000-0000-0000-0000-000000000000"
    await console.site.rows("UPDATE lead SET phone = NULL WHERE lead_id = $1", console.people["ana"])
    console.sit(SAMIRA)
    sent = {"provider": "people-directory"}
    assert (await console.send(f"{ana}/enrichment", sent, shown_at=ana)).headers["location"] == f"{ana}#told"
    undo = {"undo": (await console.page(ana)).split('name="undo" value="')[1].split('"')[0]}
    assert (await console.send(f"{company}/enrichment", undo, shown_at=ana)).status_code in (404, 409)
    assert (await console.send(f"{ana}/enrichment", undo, shown_at=ana)).status_code == 303
    page = words(await console.page(ana))
    assert "Taken back by Samira Haddad" in page
    assert "+12125550134 from" not in page
    assert (await console.send(f"{ana}/enrichment", {"provider": "nobody"}, shown_at=ana)).status_code == 422
    with monkeypatch.context() as away:
        away.setattr(people_directory.ENRICHER, "_path", AWAY)
        await console.send(f"{ana}/enrichment", sent, shown_at=ana)
    page = await console.page("/enrichments")
    which = page.split('name="enrichment" value="')[1].split('"')[0]
    gone = await console.send("/enrichments", {"do": "let-go", "enrichment": which})
    assert gone.headers["location"] == "/enrichments?said=let-go"
    assert "Nothing waits" in words(await console.page("/enrichments"))
    assert (await console.send("/enrichments", {"do": "burn"}, shown_at=ana)).status_code == 422
