"""Which companies do we know, which two are one, and who is where? Listed, declared, chosen, and taken back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer
from publicsuffixlist import PublicSuffixList

from leadloom.cli import _enrichment
from leadloom.cli._data import AsJson, By, Limit, ask, read_id, table, write
from leadloom.cli._door import talk
from leadloom.domain.model import AccountId, LeadId, Value
from leadloom.runtime.wiring import House
from leadloom.store import company_links, company_matching, company_names, company_pages, leads, published
from leadloom.store.company_links import Decided, Joining
from leadloom.store.company_matching import Looked, OpenChoice
from leadloom.store.company_names import Act, Alias, Nowhere
from leadloom.store.company_pages import CompanyFilter, CompanyPage
from leadloom.store.rows import Order
from leadloom.store.tx import Tx

app = typer.Typer(no_args_is_help=True, help="Companies: list, show, which two are one, who is where.")

Company = Annotated[str, typer.Argument(metavar="COMPANY", help="Domain, name, alias or id of a company.")]
Other = Annotated[str, typer.Argument(metavar="OTHER", help="The other one, likewise.")]
Why = Annotated[str, typer.Option("--why", help="Why, in words; kept.")]


@app.command("list")
def list_(
    words: Annotated[str | None, typer.Option("--words", help="Part of a name or a domain.")] = None,
    business: Annotated[bool, typer.Option("--business", help="Only with an open deal or hand-off.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Companies, the one with the most people first."""

    async def read(house: House) -> tuple[company_pages.CompanyRow, ...]:
        which = CompanyFilter(words=words, business=business)
        async with house.db.read() as tx:
            return (await company_pages.listed(tx, which, Order(sort="people", descending=True, limit=limit))).rows

    rows = ask(read)
    drawn = table(
        "company", "domain", "country", "people", "open deals", "open hand-offs", "owner",
        rows=((r.name, r.domain, r.country, r.people, r.open_deals, r.open_hand_offs, r.owner) for r in rows),
        empty="No company is here. The first lead with a work mail, or who names theirs, makes one.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@app.command()
def show(company: Company, as_json: AsJson = False) -> None:
    """One company: score, buying group, people, business, family, and how it came to be one."""

    async def read(house: House) -> CompanyPage:
        async with house.db.read() as tx:
            account_id = await company_links.find(tx, company)
            return await company_pages.whole(tx, account_id, book=await published.book(tx), at=house.now())

    found = ask(read)
    score = found.score
    group = f"covered {', '.join(score.covered) or 'nobody'}; missing {', '.join(score.missing) or 'nobody'}"
    facts = (
        ("id", found.account_id), ("domain", found.domain), ("country", found.country), ("industry", found.industry),
        ("sites", found.sites), ("owner", found.owner), ("named account", "yes" if found.is_named else "no"),
        ("also called", ", ".join(one.value for one in found.aliases)),
        ("was also", ", ".join(one.name for one in found.also_rows)),
        ("family", ", ".join(f"{one.name}{' (parent)' if one.is_parent else ''}" for one in found.family)),
        ("engagement", f"{score.points:.1f} ({score.digit}): {score.formula}"), ("buying group", group),
        ("open hand-offs", len(found.offers)), ("deals", len(found.deals)),
    )  # fmt: skip
    people = table(
        "person", "role", "title", "mail", rows=((p.person, p.role, p.title, p.email) for p in found.people),
        title=f"People ({score.known})", empty="Nobody we know is there.",
    )  # fmt: skip
    write(found, table("of", "is", rows=facts, title=found.name), people, as_json=as_json)


@app.command()
def matches(
    decided: Annotated[bool, typer.Option("--decided", help="What was joined, parted or kept apart.")] = False,
    nowhere: Annotated[bool, typer.Option("--nowhere", help="People at no company, with the reason.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Companies that may be one we know, with candidates and reasons: somebody chooses."""
    if decided:
        done = ask(lambda house: _decided(house, limit))
        drawn = table(
            "match", "company", "is", "state", "rule", "by", "at",
            rows=((d.match_id, d.name, d.other, d.state, d.rule, d.decided_by, d.decided_at) for d in done),
            empty="Nothing was decided yet.",
        )  # fmt: skip
        write(done, drawn, as_json=as_json)
    elif nowhere:
        lost = ask(lambda house: _nowhere(house, limit))
        drawn = table(
            "lead", "who", "mail", "because", rows=((n.lead_id, n.person, n.email, n.reason) for n in lost),
            empty="Everybody is at a company.",
        )  # fmt: skip
        write(lost, drawn, as_json=as_json)
    else:
        found = ask(lambda house: _choices(house, limit))
        drawn = table(
            "company", "domain", "people", "may be", "because", "against",
            rows=(
                (c.name, c.domain, c.people, one.name, "; ".join(one.reasons), "; ".join(one.against))
                for c in found
                for one in c.candidates
            ),
            empty="No company is in doubt.",
        )  # fmt: skip
        write(found, drawn, as_json=as_json)


@app.command()
def join(company: Company, other: Other, why: Why, by: By, as_json: AsJson = False) -> None:
    """COMPANY is OTHER: its people, deals and hand-offs go there, and who names it later is sent on."""

    async def work(house: House) -> Joined:
        async with house.db.transaction() as tx:
            here, there = await _pair(tx, company, other)
            what = Joining(account_id=here, other_id=there, rule="by hand", by=by, why=why)
            return Joined(match_id=await company_links.join(tx, what, at=house.now()), account_id=here, other_id=there)

    done = ask(work)
    write(done, f"{done.account_id} is {done.other_id} now.", as_json=as_json)
    talk.print(f"Undo: python starter.py companies undo {done.match_id} --why …", soft_wrap=True)


@app.command()
def apart(company: Company, other: Other, why: Why, by: By, as_json: AsJson = False) -> None:
    """Two companies: no rule joins them, and neither is offered as the other."""

    async def work(house: House) -> Pair:
        async with house.db.transaction() as tx:
            here, there = await _pair(tx, company, other)
            what = Joining(account_id=here, other_id=there, rule="by hand", by=by, why=why)
            await company_links.keep_apart(tx, what, at=house.now())
            return Pair(account_id=here, other_id=there)

    kept = ask(work)
    write(kept, f"{kept.account_id} and {kept.other_id} stay two.", as_json=as_json)


@app.command()
def undo(
    match: Annotated[str, typer.Argument(metavar="MATCH", help="The id `companies matches --decided` prints.")],
    why: Why,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Part two companies that were joined, by a rule or by hand. Each has what it had; they stay two."""
    match_id = read_id("match", match)

    async def work(house: House) -> Decided:
        async with house.db.transaction() as tx:
            return await company_links.undo(tx, match_id, by=by, why=why, at=house.now())

    done = ask(work)
    write(done, f"{done.name} and {done.other} are two again.", as_json=as_json)


@app.command()
def alias(
    company: Company,
    called: Annotated[str, typer.Argument(metavar="CALLED", help="A domain such as nordkap.example, or a name.")],
    why: Why,
    by: By,
    drop: Annotated[bool, typer.Option("--drop", help="It means the company no more.")] = False,
    as_json: AsJson = False,
) -> None:
    """A company is also called so: whoever comes by that domain, or names it, is there."""

    async def work(house: House) -> Alias:
        async with house.db.transaction() as tx:
            act, account_id = Act(by=by, why=why, at=house.now()), await company_links.find(tx, company)
            if not drop:
                definition = (await published.book(tx)).definition
                return await company_names.add_alias(tx, account_id, called, definition, act=act)
            known = {one.value: one for one in await company_names.aliases(tx, account_id)}
            await company_names.drop_alias(tx, account_id, called, act=act)
            return known[" ".join(called.split()).lower()]

    done = ask(work)
    write(done, f"{done.kind} {done.value}: {'means it no more' if drop else 'means it now'}.", as_json=as_json)


@app.command()
def parent(
    company: Company,
    above: Annotated[str, typer.Argument(metavar="PARENT", help="The company above it, or `none`.")],
    why: Why,
    by: By,
    as_json: AsJson = False,
) -> None:
    """COMPANY is a daughter of PARENT. People who name the daughter are there, whoever's domain they share."""

    async def work(house: House) -> Pair:
        async with house.db.transaction() as tx:
            here = await company_links.find(tx, company)
            there = None if above == "none" else await company_links.find(tx, above)
            await company_names.set_parent(tx, here, there, act=Act(by=by, why=why, at=house.now()))
            return Pair(account_id=here, other_id=there)

    done = ask(work)
    write(done, f"Parent of {done.account_id}: {done.other_id or 'none'}.", as_json=as_json)


@app.command()
def named(
    company: Company,
    why: Why,
    by: By,
    no: Annotated[bool, typer.Option("--no", help="We aren't after it any more.")] = False,
    as_json: AsJson = False,
) -> None:
    """A named account, a company we are after: it wins ties between companies of one name."""

    async def work(house: House) -> Pair:
        async with house.db.transaction() as tx:
            here = await company_links.find(tx, company)
            await company_names.set_named(tx, here, is_named=not no, act=Act(by=by, why=why, at=house.now()))
            return Pair(account_id=here, other_id=None)

    done = ask(work)
    write(done, f"{done.account_id}: {'no named account' if no else 'a named account'}.", as_json=as_json)


@app.command()
def put(
    lead: Annotated[str, typer.Argument(metavar="LEAD", help="Lead id, mail address or external id.")],
    there: Annotated[str, typer.Argument(metavar="COMPANY", help="Where they are, or `none`.")],
    why: Why,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Say at which company a lead is. It holds until they tell us of another."""

    async def work(house: House) -> Put:
        async with house.db.transaction() as tx:
            lead_id = await leads.find(tx, lead)
            account_id = None if there == "none" else await company_links.find(tx, there)
            act = Act(by=by, why=why, at=house.now())
            before = await company_names.put_lead(tx, lead_id, account_id, act=act)
            return Put(lead_id=lead_id, account_id=account_id, before=before)

    done = ask(work)
    write(done, f"{done.lead_id} is at {done.account_id or 'no company'}.", as_json=as_json)
    talk.print(f"Undo: python starter.py companies put {done.lead_id} {done.before or 'none'} --why …", soft_wrap=True)


@app.command()
def look(
    limit: Annotated[int, typer.Option("--limit", min=1, help="Companies, at most.")] = 1000, as_json: AsJson = False
) -> None:
    """Compare companies that are new, or called otherwise now, at once instead of at the next round."""

    async def work(house: House) -> Looked:
        registrable, total = PublicSuffixList().privatesuffix, Looked(companies=0, joined=0, to_choose=0, to_family=0)
        while total.companies < limit:
            async with house.db.transaction() as tx:
                done = await company_matching.look(tx, registrable=registrable, at=house.now())
            total = Looked.model_validate({k: v + getattr(total, k) for k, v in done.model_dump().items()})
            if not done.companies:
                break
        return total

    seen = ask(work)
    said = f"{seen.companies} compared: {seen.joined} joined, {seen.to_choose} to choose"
    write(seen, f"{said}, {seen.to_family} people moved within a family.", as_json=as_json)


app.command("enrich")(_enrichment.enrich)


class Pair(Value):
    """A company and another, or none."""

    account_id: AccountId
    other_id: AccountId | None


class Joined(Value):
    """Two companies that are one now."""

    match_id: UUID
    account_id: AccountId
    other_id: AccountId


class Put(Value):
    """Where a lead is, and where they were."""

    lead_id: LeadId
    account_id: AccountId | None
    before: AccountId | None


async def _choices(house: House, limit: int) -> tuple[OpenChoice, ...]:
    async with house.db.read() as tx:
        return await company_matching.choices(tx, limit=limit)


async def _decided(house: House, limit: int) -> tuple[Decided, ...]:
    async with house.db.read() as tx:
        return await company_links.decided(tx, limit=limit)


async def _nowhere(house: House, limit: int) -> tuple[Nowhere, ...]:
    async with house.db.read() as tx:
        return await company_names.nowhere(tx, limit=limit)


async def _pair(tx: Tx, one: str, other: str) -> tuple[AccountId, AccountId]:
    return await company_links.find(tx, one), await company_links.find(tx, other)
