"""What do providers know of a company? Asked on demand, listed with source and date, taken back."""

from __future__ import annotations

from typing import Annotated

import typer

from activities import enriching
from leadloom.cli._data import AsJson, By, Limit, ask, read_id, table, write
from leadloom.cli._door import talk
from leadloom.domain.companies.enriching import Change
from leadloom.domain.errors import BadInput
from leadloom.domain.model import AccountId, Value
from leadloom.runtime.wiring import House
from leadloom.store import company_links, enrichments, leads, published
from leadloom.store.enrichments import Run

Company = Annotated[str, typer.Argument(metavar="COMPANY", help="Domain, name, alias or id of a company.")]
Provider = Annotated[str | None, typer.Option("--provider", help="Only this one; left out: each the definition names.")]


class TakenBack(Value):
    """The company of an enrichment that was undone."""

    account_id: AccountId


def enrich(company: Company, by: By, provider: Provider = None, as_json: AsJson = False) -> None:
    """Ask providers what they know of a company, and take what the definition's rules take."""

    async def work(house: House) -> list[Change]:
        async with house.db.read() as tx:
            account_id = await company_links.find(tx, company)
        return await _ask(house, account_id, provider, by)

    _say(ask(work), as_json=as_json)


def enrich_lead(
    lead: Annotated[str, typer.Argument(metavar="LEAD", help="Lead id, mail address or external id.")],
    by: By,
    provider: Provider = None,
    as_json: AsJson = False,
) -> None:
    """Ask providers about the company a lead is at. Nothing of the person is told to anybody."""

    async def work(house: House) -> list[Change]:
        async with house.db.read() as tx:
            account_id = (await leads.get(tx, await leads.find(tx, lead))).account_id
        if account_id is None:
            raise BadInput("lead", lead, "They are at no company we know: say where with `companies put`.")
        return await _ask(house, account_id, provider, by)

    _say(ask(work), as_json=as_json)


def enrichments_(
    company: Annotated[str | None, typer.Option("--company", help="Only about this one.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only where the last question failed.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Questions to providers, the latest first: what was sent, what came of it, and what failed why."""

    async def read(house: House) -> tuple[Run, ...]:
        async with house.db.read() as tx:
            account_id = None if company is None else await company_links.find(tx, company)
            return await enrichments.log(tx, account_id, only_failed=failed, limit=limit)

    found = ask(read)
    drawn = table(
        "enrichment", "company", "provider", "by", "at", "sent", "end", "taken", "error", "again",
        rows=(
            (
                r.run_id, r.name, r.provider, r.asked_by, r.at, ", ".join(r.sent), r.state,
                ", ".join(f"{v.field} {v.value}" for v in r.values if v.is_taken), r.error,
                "when somebody asks" if r.waits_for_somebody else r.next_try_at,
            )
            for r in found
        ),
        empty="Nobody was asked about a company yet.",
    )  # fmt: skip
    write(found, drawn, as_json=as_json)


def undo_enrichment(
    enrichment: Annotated[str, typer.Argument(metavar="ENRICHMENT", help="The id `companies enrichments` prints.")],
    why: Annotated[str, typer.Option("--why", help="Why, in words; kept.")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Take back what one question brought, as far as it still stands so."""
    run_id = read_id("enrichment", enrichment)

    async def work(house: House) -> TakenBack:
        async with house.db.transaction() as tx:
            return TakenBack(account_id=await enrichments.undo(tx, run_id, by=by, why=why, at=house.now()))

    done = ask(work)
    write(done, f"{done.account_id} is as it was before.", as_json=as_json)


async def _ask(house: House, account_id: AccountId, provider: str | None, by: str) -> list[Change]:
    async with house.db.read() as tx:
        named = (await published.book(tx)).definition.enrichment.providers
    if not named:
        raise BadInput("provider", provider, "The definition names none under enrichment: providers.")
    found: list[Change] = []
    for one in [provider] if provider is not None else sorted(named):
        found += await enriching.enrich(house.db, account_id, one, by=by, now=house.now)
    return found


def _say(found: list[Change], *, as_json: bool) -> None:
    drawn = table(
        "field", "was", "told", "as of", "taken", "because",
        rows=((c.field, c.was, c.value, c.as_of, "yes" if c.is_taken else "no", c.because) for c in found),
        empty="They know nothing of this company.",
    )  # fmt: skip
    write(found, drawn, as_json=as_json)
    if any(change.is_taken for change in found):
        talk.print("Undo: companies enrichments, then companies undo-enrichment ENRICHMENT.", soft_wrap=True)
