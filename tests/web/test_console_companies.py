"""Does somebody find a company, see what is going on there, and choose which two are one, from a browser alone?"""

from __future__ import annotations

from publicsuffixlist import PublicSuffixList

from leadloom.domain.lead import LeadDraft
from leadloom.store import company_matching, leads
from tests.store.acts import TUESDAY
from tests.web.console import Console, links, words

SAMIRA = "samira-haddad"


async def bring(console: Console, **told: object) -> None:
    async with console.site.db.transaction() as tx:
        draft = LeadDraft.model_validate(told)
        await leads.capture(tx, draft, book=console.site.book, at=TUESDAY, actor="lead")


async def compared(console: Console) -> None:
    registrable = PublicSuffixList().privatesuffix
    while True:
        async with console.site.db.transaction() as tx:
            if not (await company_matching.look(tx, registrable=registrable, at=TUESDAY)).companies:
                return


async def meridian(console: Console) -> str:
    """The way to Ana's company."""
    found = links(await console.page("/companies?words=meridian-pharma"), r"^/companies/[0-9a-f-]+$")
    return found[0]


async def test_a_company_shows_its_people_its_group_its_business_and_what_it_is_called(console: Console) -> None:
    page = words(await console.page(await meridian(console)))
    assert "Ana Torres" in page
    assert "roles engaged" in page
    assert "quality" in page
    assert "Nothing was joined to it." in page
    every = words(await console.page("/companies"))
    assert "Meridian Pharma" in every
    named = words(await console.page("/companies?only=named"))
    assert "No company is here." in named


async def test_what_is_declared_on_the_page_is_heard_and_taken_back(console: Console) -> None:
    path = await meridian(console)
    assert "Choose your seat to declare" in words(await console.page(path))
    console.sit(SAMIRA)
    assert (
        await console.send(path, {"do": "alias", "said": "merpharm.example", "why": "their card"})
    ).status_code == 303
    await bring(console, email="new@merpharm.example")
    page = await console.page(path)
    assert "merpharm.example declared by Samira Haddad" in words(page)
    assert "new@merpharm.example" in page
    refused = await console.send(path, {"do": "alias", "said": "gmail.com", "why": "no"})
    assert (refused.status_code, "Anybody gets a mailbox there" in refused.text) == (422, True)
    assert (await console.send(path, {"do": "parent", "said": "merpharm.example"})).status_code == 422
    assert (await console.send(path, {"do": "drop", "said": "merpharm.example"})).status_code == 303
    assert "merpharm.example declared" not in words(await console.page(path))
    assert (await console.send(path, {"do": "named", "said": ""})).status_code == 303
    assert "named account" in words(await console.page(path))


async def test_a_doubtful_company_is_chosen_undone_and_a_lost_person_put(console: Console) -> None:
    assert "No company is in doubt" in words(await console.page("/company-matches"))
    await bring(console, email="jo@gmail.com", company="Meridian Pharma", country="SG", first_name="Jo")
    await bring(console, email="lost@gmx.net", first_name="Lost")
    await compared(console)
    before = await console.site.row_counts()
    page = await console.page("/company-matches")
    assert "one is in" in words(page)
    assert await console.site.row_counts() == before, "looking changes nothing"
    (one, second) = links(page, r"^/companies/[0-9a-f-]+$")[:2]
    ids = {"one": one.rpartition("/")[2], "second": second.rpartition("/")[2]}
    console.sit(SAMIRA)
    assert (await console.send("/company-matches", {"do": "join", **ids})).status_code == 303
    assert (await console.send("/company-matches?show=nowhere", {"do": "join", **ids})).status_code == 409
    moved = await console.client.get(one)
    assert (moved.status_code, moved.headers["location"]) == (307, second)
    assert "was found to be this company" in words(await console.page(second))
    decided = await console.page("/company-matches?show=decided")
    match = decided.split('name="match" value="')[1].split('"')[0]
    there = "/company-matches?show=decided"
    assert (await console.send("/company-matches", {"do": "undo", "match": match}, shown_at=there)).status_code == 303
    assert "undone by Samira Haddad" in words(await console.page(there))
    nowhere = "/company-matches?show=nowhere"
    assert "free mail, and no company named" in words(await console.page(nowhere)).lower()
    put = {"do": "put", "lead": "lost@gmx.net", "there": "meridian-pharma.example"}
    assert (await console.send("/company-matches", put, shown_at=nowhere)).status_code == 303
    assert "Lost" in words(await console.page(await meridian(console)))


async def test_a_provider_is_asked_by_a_button_and_taken_back_by_another(console: Console) -> None:
    path = await meridian(console)
    assert "It is told the domain of the company, and nothing of its people." in words(await console.page(path))
    console.sit(SAMIRA)
    await console.site.rows("UPDATE account SET sites = NULL WHERE domain = 'meridian-pharma.example'")
    asked = await console.send(f"{path}/enrichment", {"provider": "company-directory"}, shown_at=path)
    assert asked.status_code == 303
    page = await console.page(path)
    assert "Sites 7 from company-directory, 15 Jan 2026" in words(page)
    assert "not taken: it is known so already" in words(page)
    assert '">' not in words(page), "no markup of an instant breaks out of an attribute"
    run = page.split('name="undo" value="')[1].split('"')[0]
    assert (await console.send(f"{path}/enrichment", {"undo": run}, shown_at=path)).status_code == 303
    after = words(await console.page(path))
    assert "Taken back by Samira Haddad" in after
    assert "Sites 7 from" not in after
    assert (await console.send(f"{path}/enrichment", {"provider": "nobody"}, shown_at=path)).status_code == 422
