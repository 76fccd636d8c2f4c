"""What became of the deals? Listed, added and closed by hand where no CRM tells them."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from pydantic import ValidationError
from rich.console import RenderableType

from leadloom.cli import _deal_odds, _deal_opening, _imports
from leadloom.cli._data import AsJson, Limit, ask, read_amount, table, write
from leadloom.cli.reports import read_instant
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import Instant
from leadloom.runtime.import_deals import DealList
from leadloom.runtime.wiring import House
from leadloom.store import deals, leads, owners, published, rows
from leadloom.store.deals import Deal, DealDraft
from leadloom.store.rows import DealFilter, DealRow, Order
from leadloom.store.tx import Tx

app = typer.Typer(no_args_is_help=True, help="Deals: list, add, convert, close, odds, import, imports.")
app.command()(_deal_opening.convert)
app.command("odds")(_deal_odds.odds_)
app.command("set-odds")(_deal_odds.set_odds)
app.command("auto-odds")(_deal_odds.auto_odds)

Name = Annotated[str, typer.Argument(metavar="DEAL", help="The other system's id, as `deals list` prints it.")]
At = Annotated[str | None, typer.Option("--at", help="When: 2026-03-02 or an instant. Default: now.")]


@app.command("list")
def list_(
    stage: Annotated[Literal["open", "won", "lost"] | None, typer.Option("--stage", help="Only those.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Deals, newest first."""
    found = ask(lambda house: _deals(house, DealFilter(stage=stage), limit))
    write(found, _draw(found), as_json=as_json)


@app.command()
def add(  # noqa: PLR0913  a command's options are its parameters
    deal: Name,
    lead: Annotated[str, typer.Option("--lead", help="Whose: lead id, mail address or external id.")],
    amount: Annotated[str | None, typer.Option("--amount", help="Such as 24000 or 1840.50. Default: not told.")] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="Of the amount, ISO 4217: USD, EUR …")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Default: its id.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Handle of the account executive.")] = None,
    product: Annotated[str | None, typer.Option("--product")] = None,
    track: Annotated[str, typer.Option("--track", help="new-business or expansion.")] = "new-business",
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Add an open deal. Said twice, it is one deal that says what was said last."""

    async def save(house: House) -> Deal:
        now = house.now()
        told: dict[str, object] = {
            "external_id": deal, "name": name or deal, "owner": owner, "product": product, "track": track,
            "amount": None if amount is None else read_amount("amount", amount), "currency": currency,
            "created_at": read_instant(at) if at else now,
        }  # fmt: skip
        async with house.db.transaction() as tx:
            told["lead_id"] = await leads.find(tx, lead)
            return await deals.save(tx, _draft(told), book=await published.book(tx), at=now)

    saved = ask(save)
    write(saved, f"Deal {saved.external_id} is open.", as_json=as_json)


@app.command()
def close(
    deal: Name,
    ended: Annotated[Literal["won", "lost"], typer.Argument(help="How.")],
    because: Annotated[
        str | None, typer.Option("--because", help="Of a lost one: a key of the definition's reject reasons.")
    ] = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Close a deal: its lead becomes a customer, or comes back when the reason says."""
    if ended == "won" and because is not None:
        raise BadInput("because", because, "Only a lost deal has a reason.")

    async def end(house: House) -> Deal:
        now = house.now()
        closed_at = read_instant(at) if at else now
        async with house.db.transaction() as tx:
            return await _close(tx, deal, ended, because, closed_at=closed_at, at=now)

    saved = ask(end)
    write(saved, f"Deal {saved.external_id} is {saved.stage}.", as_json=as_json)


@app.command("import")
def import_(  # noqa: PLR0913  a command's options are its parameters
    file: _imports.File,
    map_: _imports.Map = None,
    value: _imports.Values = None,
    stage: Annotated[
        Literal["won", "lost"] | None, typer.Option("--stage", help="How deals ended whose row only says when.")
    ] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="Of amounts without one: USD, EUR …")] = None,
    encoding: _imports.Encoding = None,
    separator: _imports.Separator = None,
    sheet: _imports.Sheet = None,
    afresh: _imports.Afresh = False,
    dates: _imports.DatesAre = None,
    zone: _imports.Zone = "UTC",
    dry_run: _imports.DryRun = False,
    faults: _imports.Faults = None,
    by: _imports.BroughtBy = "operator",
    as_json: AsJson = False,
) -> None:
    """Bring in deals from CSV or Excel, each under its lead, as history: no hand-off opens, no journey starts.

    A deal that closed before its lead was met is taken, and kept out of the velocity.
    """
    how = DealList(
        map=tuple(map_ or ()), value=tuple(value or ()), encoding=encoding, dates=dates, zone=zone,
        separator=_imports.separator_of(separator), sheet=sheet, stage=stage, currency=currency,
    )  # fmt: skip
    _imports.bring_in(
        file, how, _imports.deal_work(), noun="deals", afresh=afresh, by=by, dry_run=dry_run, faults=faults,
        as_json=as_json,
    )  # fmt: skip


@app.command("imports")
def imports_(limit: Limit = 20, as_json: AsJson = False) -> None:
    """Lists that were brought in, newest first. One without an end was cut short: import the file again."""
    found = ask(_imports.read_imports("deals", limit))
    write(found, _imports.draw_imports(found), as_json=as_json)


async def _close(
    tx: Tx, name: str, stage: Literal["won", "lost"], because: str | None, *, closed_at: Instant, at: Instant
) -> Deal:
    before = await _known(tx, name, at)
    if before.stage != "open":
        raise Conflict(
            f"Deal {name} is {before.stage} already, since {before.closed_at:%Y-%m-%d}. Nothing was changed."
        )
    owner = (await owners.get(tx, before.owner_id)).handle if before.owner_id else None
    told = before.model_dump(exclude={"deal_id", "owner_id"})
    draft = _draft({**told, "owner": owner, "stage": stage, "closed_at": closed_at, "lost_because": because})
    return await deals.save(tx, draft, book=await published.book(tx), at=at)


async def _known(tx: Tx, name: str, at: Instant) -> Deal:
    found = await rows.deals(tx, DealFilter(external_ids=(name,)), Order(sort="created"), at=at)
    if not found.rows or found.rows[0].lead_id is None:
        raise NotFound("deal of a lead", name)
    mine = await deals.of_lead(tx, found.rows[0].lead_id)
    return next(deal for deal in mine if deal.external_id == name)


async def _deals(house: House, which: DealFilter, limit: int) -> tuple[DealRow, ...]:
    async with house.db.read() as tx:
        order = Order(sort="created", descending=True, limit=limit)
        return (await rows.deals(tx, which, order, at=house.now())).rows


def _draft(told: dict[str, object]) -> DealDraft:
    try:
        return DealDraft.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "deal"
        raise BadInput(field, first["input"] if first["loc"] else told["external_id"], f"{first['msg']}.") from None


def _draw(found: tuple[DealRow, ...]) -> RenderableType:
    return table(
        "deal", "stage", "amount", "company", "lead", "owner", "created", "closed",
        rows=(
            (row.external_id, row.stage, row.money, row.company, row.person, row.owner,
             row.created_at, row.closed_at)
            for row in found
        ),
        empty="No deals.",
    )  # fmt: skip
