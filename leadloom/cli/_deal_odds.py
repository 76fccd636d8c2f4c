"""How likely are the open deals to be won? `deals odds`, and what somebody knows better: `deals set-odds`."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, Limit, ask, table, write
from leadloom.domain.model import Value
from leadloom.domain.reports.odds import Odds
from leadloom.runtime.wiring import House
from leadloom.store import odds, published, rows
from leadloom.store.rows import DealFilter, Order

Name = Annotated[str, typer.Argument(metavar="DEAL", help="The other system's id, as `deals list` prints it.")]
Why = Annotated[str, typer.Option("--why", help="What you know that the deals before don't say.")]


class Foretold(Value):
    """An open deal with its odds."""

    deal: str
    name: str
    company: str | None
    odds: Odds


class Said(Value):
    """What was said of a deal."""

    deal: str
    share: float | None


def odds_(limit: Limit = 50, as_json: AsJson = False) -> None:
    """Open deals with how likely a win is, by what became of those before, and what tells most."""

    async def read(house: House) -> tuple[Foretold, ...]:
        async with house.db.read() as tx:
            rules, at = (await published.book(tx)).definition.win_odds, house.now()
            newest = Order(sort="created", descending=True, limit=limit)
            found = await rows.deals(tx, DealFilter(stage="open"), newest, at=at)
            told = await odds.of_deals(tx, [row.deal_id for row in found.rows], rules, at=at)
        return tuple(
            Foretold(deal=row.external_id, name=row.name, company=row.company, odds=told[row.deal_id])
            for row in found.rows
        )

    found = ask(read)
    drawn = table(
        "deal", "name", "company", "odds", "said by", "because",
        rows=((one.deal, one.name, one.company or "", _share(one.odds.share), one.odds.manual.by if one.odds.manual
               else "", because(one.odds)) for one in found),
        empty="No deal is open.",
    )  # fmt: skip
    write(found, drawn, as_json=as_json)


def set_odds(
    deal: Name,
    share: Annotated[float, typer.Argument(help="From 0 to 1, such as 0.35.")],
    by: By,
    why: Why,
    as_json: AsJson = False,
) -> None:
    """Say the odds of an open deal yourself: they stand until `deals auto-odds`."""
    _say(deal, share, by, why, as_json=as_json)


def auto_odds(deal: Name, by: By, why: Why = "", as_json: AsJson = False) -> None:
    """Let the odds of a deal follow the deals before it again."""
    _say(deal, None, by, why, as_json=as_json)


def because(told: Odds) -> str:
    """What tells most, in words."""
    if told.manual is not None:
        return told.manual.why
    if told.share is None:
        return f"{told.of} deals were decided: too few to say"
    each = (f"{one.variable} {one.value} ×{one.factor:.1f}" for one in told.because[:3])
    return ", ".join(each) or "nothing tells it from the others"


def _say(deal: str, share: float | None, by: str, why: str, *, as_json: bool) -> None:
    async def work(house: House) -> Said:
        async with house.db.transaction() as tx:
            await odds.say(tx, deal, share, by=by, why=why, at=house.now())
        return Said(deal=deal, share=share)

    said = ask(work)
    words = f"The odds of {deal} are {_share(share)} until deals auto-odds." if share is not None else (
        f"The odds of {deal} follow the deals before it.")  # fmt: skip
    write(said, words, as_json=as_json)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
