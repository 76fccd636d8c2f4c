"""What does an operator do for a person who wants to be forgotten? Part of `leads`."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, ask, table, write
from leadloom.cli._door import talk
from leadloom.domain.model import LeadId, Value
from leadloom.runtime.wiring import House
from leadloom.store import erasure, held, leads, published
from leadloom.store.erasure import Erasure

Who = Annotated[str, typer.Argument(metavar="LEAD", help="Lead id, mail address or external id.")]


class Forgotten(Value):
    """Who, and how many rows named them."""

    lead_id: LeadId
    erased: bool
    """False: it was only looked at."""
    rows: dict[str, int]
    """By the table they are in."""


def erase(
    lead: Who,
    by: By,
    why: Annotated[str, typer.Option("--why", help="Why, without naming them: it is kept.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this it only says what there is.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget a person for good: everything that says who it was, in every table. Figures stay. Nothing brings it back.

    Open runs end, planned mail is taken back, and a mark of the address keeps later lists from bringing them back into
    marketing.
    """

    async def work(house: House) -> Forgotten:
        at = house.now()
        async with house.db.transaction() as tx:
            lead_id = await leads.find(tx, lead)
            rows = Counter(row.noun for row in await held.of_lead(tx, lead_id))
            if yes:
                what = Erasure(lead_id=lead_id, by=by, why=why)
                await erasure.erase(tx, what, book=await published.book(tx), at=at)
            return Forgotten(lead_id=lead_id, erased=yes, rows=dict(rows))

    found = ask(work)
    drawn = table("rows of", "how many", rows=found.rows.items())
    write(found, drawn, as_json=as_json)
    if found.erased:
        talk.print(f"Erased: {found.lead_id}. Its rows stay without a name, so that figures stay what they were.")
    else:
        talk.print("Nothing was erased. It can't be undone: add --yes to do it.")
