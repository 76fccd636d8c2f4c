"""Do companies that are one become one behind the captures, does the rest wait for a word, and is all of it undone?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from publicsuffixlist import PublicSuffixList

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.model import AccountId
from leadloom.store import company_links, company_matching, company_names, company_pages, leads
from leadloom.store.company_links import Joining
from leadloom.store.company_matching import Looked, OpenChoice
from leadloom.store.company_names import Act
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

LATER = TUESDAY + timedelta(hours=1)
SUFFIXES = PublicSuffixList().privatesuffix
ACT = Act(by="samira-haddad", why="they said so", at=LATER)


async def look(db: Db) -> Looked:
    """Rounds until nothing is left to compare, as one sum."""
    total = Looked(companies=0, joined=0, to_choose=0, to_family=0)
    while True:
        async with db.transaction() as tx:
            done = await company_matching.look(tx, registrable=SUFFIXES, at=LATER)
        total = Looked.model_validate({name: value + getattr(total, name) for name, value in done.model_dump().items()})
        if not done.companies:
            return total


async def at(db: Db, lead_id: object) -> AccountId | None:
    async with db.read() as tx:
        return (await leads.get(tx, lead_id)).account_id  # type: ignore[arg-type]  ids of acts


async def comes(db: Db, book: Book, email: str, company: str | None = None, country: str | None = "DE") -> object:
    draft = world.draft(email.partition("@")[0], email=email, company=company, country=country)
    return await acts.capture(db, book, draft, LATER)


async def choices(db: Db) -> tuple[OpenChoice, ...]:
    async with db.read() as tx:
        return await company_matching.choices(tx)


async def test_a_part_of_a_domain_is_found_and_sent_on_and_undone(db: Db, book: Book) -> None:
    ana = await comes(db, book, "ana@nordkap.de", "Nordkap GmbH")
    ben = await comes(db, book, "ben@mail.nordkap.de")
    cleo = await comes(db, book, "cleo@gmail.com", "NORDKAP")
    assert len({await at(db, one) for one in (ana, ben, cleo)}) == 3
    assert (await look(db)).joined == 2
    home = await at(db, ana)
    assert {await at(db, one) for one in (ben, cleo)} == {home}
    # Who comes by that domain, or names it so, is sent on at once; those who stay tell of the company they are at.
    dov = await comes(db, book, "dov@mail.nordkap.de", "Nordkap GmbH")
    eva = await comes(db, book, "eva@gmail.com", "nordkap")
    assert {await at(db, dov), await at(db, eva)} == {home}
    await acts.capture(db, book, world.draft("ben", email="ben@mail.nordkap.de", company=None, sites=7), LATER)
    async with db.read() as tx:
        page = await company_pages.whole(tx, home, book=book, at=LATER)  # type: ignore[arg-type]  somewhere by now
    assert (page.sites, page.score.known, len(page.also_rows)) == (7, 5, 2)
    assert (await look(db)).joined == 0
    of_ben = next(one for one in page.matches if one.domain == "mail.nordkap.de")
    assert (of_ben.rule, of_ben.decided_by) == ("part of a domain", "system")
    async with db.transaction() as tx:
        await company_links.undo(tx, of_ben.match_id, by="samira-haddad", why="two firms", at=LATER)
    parted = await at(db, ben)
    assert parted != home
    assert await at(db, dov) == parted
    assert await at(db, cleo) == home
    assert (await look(db)).joined == 0
    with pytest.raises(Conflict, match="two already"):
        async with db.transaction() as tx:
            await company_links.undo(tx, of_ben.match_id, by="samira-haddad", why="again", at=LATER)


async def test_what_no_rule_settles_waits_for_a_word_once_for_each_pair(db: Db, book: Book) -> None:
    ana = await comes(db, book, "ana@nordkap.de", "Nordkap GmbH")
    fin = await comes(db, book, "fin@gmail.com", "Nordkap", "FI")
    assert await at(db, ana) != await at(db, fin)
    assert (await look(db)).to_choose == 1
    (choice,) = await choices(db)
    assert "one is in" in "; ".join(choice.candidates[0].against)
    other = choice.candidates[0].account_id
    what = Joining(account_id=choice.account_id, other_id=other, rule="by hand", by="samira-haddad", why="asked them")
    async with db.transaction() as tx:
        match_id = await company_links.join(tx, what, at=LATER)
    assert await at(db, ana) == await at(db, fin)
    assert await choices(db) == ()
    async with db.transaction() as tx:
        await company_links.undo(tx, match_id, by="samira-haddad", why="asked again", at=LATER)
    await look(db)
    assert (await choices(db), await at(db, ana) == await at(db, fin)) == ((), False)


async def test_who_was_kept_apart_is_neither_joined_nor_asked_about_again(db: Db, book: Book) -> None:
    await comes(db, book, "ana@nordkap.de", "Nordkap GmbH")
    await comes(db, book, "fin@gmail.com", "Nordkap", "FI")
    await look(db)
    (choice,) = await choices(db)
    other = choice.candidates[0].account_id
    what = Joining(account_id=choice.account_id, other_id=other, rule="by hand", by="samira-haddad", why="two")
    async with db.transaction() as tx:
        await company_links.keep_apart(tx, what, at=LATER)
    assert (await look(db)).to_choose == 0
    assert await choices(db) == ()


async def test_a_company_that_gains_a_domain_is_compared_again(db: Db, book: Book) -> None:
    ben = await comes(db, book, "ben@mail.kap-log.de")
    ana = await comes(db, book, "ana@gmail.com", "Kap Log")
    assert (await look(db)).joined == 0
    # A colleague's work mail tells the company's own domain, of which the other is a part.
    await comes(db, book, "ida@kap-log.de", "Kap Log")
    assert (await look(db)).joined == 1
    assert await at(db, ana) == await at(db, ben)


async def test_a_declared_alias_is_heard_at_the_door_and_free_mail_never_is_one(db: Db, book: Book) -> None:
    ana = await comes(db, book, "ana@nordkap.de", "Nordkap GmbH")
    home = await at(db, ana)
    assert home is not None
    async with db.transaction() as tx:
        await company_names.add_alias(tx, home, "NK-Logistics.com", book.definition, act=ACT)
        await company_names.add_alias(tx, home, "NK  Logistics", book.definition, act=ACT)
        with pytest.raises(BadInput, match="Anybody gets a mailbox"):
            await company_names.add_alias(tx, home, "yahoo.co.uk", book.definition, act=ACT)
    assert await at(db, await comes(db, book, "ben@nk-logistics.com", "Whatever", "US")) == home
    assert await at(db, await comes(db, book, "cleo@gmail.com", "nk logistics")) == home
    other = await at(db, await comes(db, book, "dov@lind.se", "Lind AB"))
    assert other is not None
    async with db.transaction() as tx:
        with pytest.raises(Conflict, match="another company already"):
            await company_names.add_alias(tx, other, "nk-logistics.com", book.definition, act=ACT)
        assert await company_links.find(tx, "nk-logistics.com") == home


async def test_who_names_a_daughter_by_the_holdings_domain_is_at_the_daughter(db: Db, book: Book) -> None:
    ana = await comes(db, book, "ana@kap.de", "Kap Holding AG")
    ben = await comes(db, book, "ben@kap.de", "Kap Logistics")
    cleo = await comes(db, book, "cleo@gmail.com", "Kap Logistics GmbH")
    holding, daughter = await at(db, ana), await at(db, cleo)
    assert await at(db, ben) == holding
    assert holding is not None
    assert daughter is not None
    async with db.transaction() as tx:
        await company_names.set_parent(tx, daughter, holding, act=ACT)
        with pytest.raises(BadInput, match="above itself"):
            await company_names.set_parent(tx, holding, daughter, act=ACT)
    assert (await look(db)).to_family == 1
    async with db.read() as tx:
        known = [(await company_pages.whole(tx, one, book=book, at=LATER)).score.known for one in (holding, daughter)]
    assert known == [3, 2], "a daughter's people count for the holding, too"
    assert [await at(db, one) for one in (ana, ben, cleo)] == [holding, daughter, daughter]


async def test_a_lead_at_no_company_is_listed_with_the_reason_and_put_where_somebody_says(db: Db, book: Book) -> None:
    lost = await comes(db, book, "lost@yahoo.co.uk")
    ana = await comes(db, book, "ana@nordkap.de", "Nordkap GmbH")
    async with db.transaction() as tx:
        (nowhere,) = await company_names.nowhere(tx)
        assert (nowhere.lead_id, nowhere.reason) == (lost, "free mail, and no company named")
        there = (await leads.get(tx, ana)).account_id  # type: ignore[arg-type]  ids of acts
        assert await company_names.put_lead(tx, nowhere.lead_id, there, act=ACT) is None
        assert await company_names.nowhere(tx) == ()
    assert await at(db, lost) == there
