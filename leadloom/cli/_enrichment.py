"""What do providers know of a company, or of a lead? Asked on demand; what came of it is told by `enrichments`."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, ask, table, write
from leadloom.cli._door import talk
from leadloom.domain.enrichment.taking import Change
from leadloom.domain.errors import BadInput
from leadloom.runtime import enriching
from leadloom.runtime.wiring import House
from leadloom.store import company_links, leads, published
from leadloom.store.enrichments import About

Provider = Annotated[str | None, typer.Option("--provider", help="Only this one; left out: each the definition names.")]


def enrich(
    company: Annotated[str, typer.Argument(metavar="COMPANY", help="Domain, name, alias or id of a company.")],
    by: By,
    provider: Provider = None,
    as_json: AsJson = False,
) -> None:
    """Ask providers what they know of a company, and take what the definition's rules take."""

    async def work(house: House) -> list[Change]:
        async with house.db.read() as tx:
            about = About(account_id=await company_links.find(tx, company))
        return await _ask(house, [about], provider, by)

    say(ask(work), as_json=as_json)


def enrich_lead(
    lead: Annotated[str, typer.Argument(metavar="LEAD", help="Lead id, mail address or external id.")],
    by: By,
    provider: Provider = None,
    as_json: AsJson = False,
) -> None:
    """Ask providers about a lead, and about the company they are at. Of the person only what the definition lets go."""

    async def work(house: House) -> list[Change]:
        async with house.db.read() as tx:
            found = await leads.get(tx, await leads.find(tx, lead))
        about = [About(lead_id=found.lead_id)]
        if found.account_id is not None:
            about.append(About(account_id=found.account_id))
        return await _ask(house, about, provider, by)

    say(ask(work), as_json=as_json)


async def _ask(house: House, about: list[About], provider: str | None, by: str) -> list[Change]:
    async with house.db.read() as tx:
        policy = (await published.book(tx)).definition.enrichment
    named = [(one, name) for one in about for name in sorted(policy.providers if one.lead_id is None else policy.leads)]
    wanted = [(one, name) for one, name in named if provider in (None, name)]
    if not wanted:
        known = ", ".join(sorted({name for _, name in named}))
        remedy = f"Known: {known}." if known else "The definition names none: enrichment: providers, leads."
        raise BadInput("provider", provider, remedy)
    found: list[Change] = []
    for one, name in wanted:
        found += await enriching.ask_about(house.db, one, name, by=by, now=house.now)
    return found


def say(found: list[Change], *, as_json: bool) -> None:
    """What was told, taken or not."""
    drawn = table(
        "field", "was", "told", "as of", "taken", "because",
        rows=((c.field, c.was, c.value, c.as_of, "yes" if c.is_taken else "no", c.because) for c in found),
        empty="They know nothing of it.",
    )  # fmt: skip
    write(found, drawn, as_json=as_json)
    if any(change.is_taken for change in found):
        talk.print("Undo: enrichments list, then enrichments undo ENRICHMENT.", soft_wrap=True)
