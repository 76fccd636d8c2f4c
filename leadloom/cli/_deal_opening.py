"""How does somebody open a deal with a lead from the command line? `deals convert`: look first, then all or nothing."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import RenderableType

from leadloom.cli._data import AsJson, By, ask, read_amount, read_id, table, write
from leadloom.domain.errors import BadInput
from leadloom.domain.model import LeadId, Value
from leadloom.runtime.wiring import House
from leadloom.store import conversions, leads, published
from leadloom.store.conversions import BeforeDeal, Converted, Double, OpenDeal
from leadloom.store.tx import new_id

Which = Annotated[str, typer.Argument(metavar="LEAD", help="Lead id, mail address or external id.")]
Called = Annotated[str | None, typer.Option("--name", help="Of the deal. Left out: only show what it would touch.")]
Company = Annotated[str | None, typer.Option("--company", help="For a lead without one: id, domain or name.")]
Same = Annotated[list[str] | None, typer.Option("--same", help="Id of a possible double that is this person.")]
Other = Annotated[list[str] | None, typer.Option("--other", help="Id of a possible double who is somebody else.")]
Unknown = Annotated[list[str] | None, typer.Option("--unknown", help="Id of a possible double you can't tell.")]
Owner = Annotated[str | None, typer.Option("--owner", help="Handle of the account executive.")]
Track = Annotated[str, typer.Option("--track", help="new-business or expansion.")]
Amount = Annotated[str | None, typer.Option("--amount", help="Such as 24000 or 1840.50. Default: not told.")]
Currency = Annotated[str | None, typer.Option("--currency", help="Of the amount, ISO 4217: USD, EUR …")]
Another = Annotated[bool, typer.Option("--another", help="Although one of the company is open on the track.")]
Key = Annotated[str | None, typer.Option("--key", help="The same key again is the same deal. Default: a new one.")]
Why = Annotated[str, typer.Option("--why", help="In words; kept with what you did.")]


class DoubleBefore(Value):
    """Somebody who may be the same person."""

    lead_id: LeadId
    name: str
    email: str | None
    company: str | None
    reasons: tuple[str, ...]


class Before(Value):
    """What opening a deal would touch."""

    lead_id: LeadId
    company: str | None
    open_deals: tuple[str, ...]
    doubles: tuple[DoubleBefore, ...]
    enough: bool
    """Whether what is known by asking is enough for a deal, by the definition."""
    why: tuple[str, ...]


def convert(  # noqa: PLR0913  a command's options are its parameters
    lead: Which, by: By, name: Called = None, company: Company = None, same: Same = None, other: Other = None,
    unknown: Unknown = None, owner: Owner = None, product: Annotated[str | None, typer.Option("--product")] = None,
    track: Track = "new-business", amount: Amount = None, currency: Currency = None, another: Another = False,
    key: Key = None, why: Why = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Open a deal with a lead: company, possible doubles and deal in one transaction, or nothing."""
    if name is None:
        _look(lead, as_json=as_json)
        return
    doubles = {**_ids("same", same), **_ids("other", other), **_ids("unknown", unknown)}
    told: dict[str, object] = {
        "key": key or str(new_id()), "by": by, "via": "cli", "name": name, "owner": owner, "product": product,
        "track": track, "amount": None if amount is None else read_amount("amount", amount), "currency": currency,
        "company": company, "another": another, "why": why, "doubles": doubles,
    }  # fmt: skip
    order = _order(told)

    async def work(house: House) -> Converted:
        async with house.db.transaction() as tx:
            book, lead_id = await published.book(tx), await leads.find(tx, lead)
            return await conversions.open_deal(tx, lead_id, order, book=book, at=house.now())

    done = ask(work)
    merged = f" {len(done.merged)} merged into them." if done.merged else ""
    write(done, f"Deal {done.external_id} is open with lead {done.lead_id}.{merged}", as_json=as_json)


def _look(lead: str, *, as_json: bool) -> None:
    async def read(house: House) -> BeforeDeal:
        async with house.db.read() as tx:
            return await conversions.preview(tx, await leads.find(tx, lead), book=await published.book(tx))

    found = ask(read)
    before = Before(
        lead_id=found.lead.lead_id,
        company=found.account.name if found.account else None,
        open_deals=tuple(deal.name for deal in found.open_deals),
        doubles=tuple(DoubleBefore.model_validate(one.model_dump(include=_SHOWN)) for one in found.doubles),
        enough=found.qualification.gate.passed,
        why=tuple(found.qualification.gate.why),
    )
    write(before, _drawn(before), as_json=as_json)


_SHOWN = set(DoubleBefore.model_fields)


def _drawn(before: Before) -> RenderableType:
    return table(
        "what it touches", "",
        rows=(
            ("company", before.company or "none yet: name one with --company"),
            ("open deals", ", ".join(before.open_deals) or "none"),
            ("known by asking", ("enough" if before.enough else "not enough") + f": {'. '.join(before.why)}"),
            *((f"possible double {one.lead_id}", f"{one.name}, {'; '.join(one.reasons)}") for one in before.doubles),
        ),
        empty="",
    )  # fmt: skip


def _ids(word: Double, told: list[str] | None) -> dict[LeadId, Double]:
    return {LeadId(read_id(word, one)): word for one in told or ()}


def _order(told: dict[str, object]) -> OpenDeal:
    if told["amount"] is not None and told["currency"] is None:
        raise BadInput("currency", "", "An amount has a currency: EUR, USD …")
    try:
        return OpenDeal.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadInput(str(first["loc"][0]), first["input"], f"{first['msg']}.") from None
