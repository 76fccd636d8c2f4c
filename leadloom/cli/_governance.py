"""How do governors act from the command line? The sponsor's three moments, decisions, adoption and drift."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Literal

import typer
from rich.console import RenderableType

from leadloom.cli._data import AsJson, ask, read_id, table, write
from leadloom.cli._definition_drafts import As, Why
from leadloom.domain.definitions.drafting import Word
from leadloom.domain.definitions.variants import Variant, variants
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Value
from leadloom.runtime import governance as figures
from leadloom.runtime.wiring import House
from leadloom.store import governance, governing, published, regions
from leadloom.store.governance import Adoption, Drifted, Governed
from leadloom.store.published import Book
from leadloom.store.tx import Tx

app = typer.Typer()
Does = Callable[[Tx, Word, Book], Awaitable[None]]


@app.command("sign-charter")
def sign_charter(by: As, why: Why = "", as_json: AsJson = False) -> None:
    """The sponsor signs the charter, beside the figures it begins with."""

    async def does(tx: Tx, word: Word, book: Book) -> None:
        seen = await figures.figures(tx, book.definition, word.at)
        await governance.sign_charter(tx, word, book=book, figures=seen)

    _kept(does, by, why, as_json=as_json)


@app.command()
def pack(by: As, why: Why = "", as_json: AsJson = False) -> None:
    """Draw the quarter's one-page pack from data, and keep it."""

    async def does(tx: Tx, word: Word, book: Book) -> None:
        seen = await figures.figures(tx, book.definition, word.at)
        await governance.draw_pack(tx, word, book=book, figures=seen)

    _kept(does, by, why, as_json=as_json)


@app.command()
def decide(
    words: Annotated[str, typer.Argument(help="What is decided.")],
    by: As,
    owner: Annotated[str, typer.Option("--owner", help="Handle of who sees to it.")],
    due: Annotated[str, typer.Option("--due", help="By which day: 2026-12-01.")],
    as_json: AsJson = False,
) -> None:
    """Keep a decision of the governors, with who sees to it and by when."""
    try:
        due_on = date.fromisoformat(due)
    except ValueError:
        raise BadInput("due", due, "Write the day as 2026-12-01.") from None

    async def does(tx: Tx, word: Word, book: Book) -> None:
        await governance.decide(tx, words, word, owner=owner, due_on=due_on, book=book)

    _kept(does, by, "", as_json=as_json)


@app.command()
def done(decision: Annotated[str, typer.Argument(help="Its id.")], by: As, as_json: AsJson = False) -> None:
    """Say that a decision is done."""
    act_id = read_id("decision", decision)

    async def does(tx: Tx, word: Word, book: Book) -> None:
        await governance.finish(tx, act_id, word, book=book)

    _kept(does, by, "", as_json=as_json)


@app.command()
def decisions(as_json: AsJson = False) -> None:
    """What governors did: charter, packs, decisions; open ones past their day are overdue."""
    write(*_acts(), as_json=as_json)


@app.command("roll-out")
def roll_out(
    region: Annotated[str, typer.Argument(help="A key of the definition's regions.")],
    word: Annotated[Literal["go", "no-go"], typer.Argument(help="The sponsor's word.")],
    by: As,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """The sponsor's go or no-go for a region, kept beside how it lives with the definition now."""

    async def does(tx: Tx, said: Word, book: Book) -> None:
        adopted = await governance.adoption(tx, book.definition, said.at)
        seen = figures.of_region(adopted, region)
        await regions.decide(tx, region, word, said, book=book, figures=seen)

    _do(does, by, why)
    ask(lambda house: governing.apply(house.db))
    adoption(as_json=as_json)


@app.command()
def adoption(as_json: AsJson = False) -> None:
    """How each region lives with the definition: by which version, answers in time, reasons, clocks that ran out."""

    async def within(house: House) -> tuple[Book, tuple[Adoption, ...]]:
        async with house.db.read() as tx:
            book = await published.book(tx)
            return book, await governance.adoption(tx, book.definition, house.now())

    book, found = ask(within)
    drawn = table(
        "region", "version", "answered in time", "given back with a reason", "stage clocks run out",
        rows=((one.region or "elsewhere", book.version_in(one.region)[0], _share(one.in_time, one.due),
               _share(one.with_reason, one.given_back), _share(one.stale, one.in_clock)) for one in found),
    )  # fmt: skip
    write(found, drawn, as_json=as_json)


@app.command()
def drift(as_json: AsJson = False) -> None:
    """What regions say otherwise, and leads another system places elsewhere after our own last word."""

    async def within(house: House) -> Drift:
        async with house.db.read() as tx:
            definition = (await published.book(tx)).definition
            return Drift(regions=tuple(variants(definition)), leads=await governance.drift(tx, definition))

    found = ask(within)
    local = ((one.region, one.what, one.everywhere, one.there) for one in found.regions)
    rows = ((one.lead_id, one.stage, one.said, one.meant or "no map has it", one.at) for one in found.leads)
    write(
        found,
        table("region", "what", "everywhere", "there", rows=local, empty="Every region says what the core says."),
        "",
        table("lead", "with us", "said there", "means", "when", rows=rows,
              empty="No system has said after us that a lead stands elsewhere."),
        as_json=as_json,
    )  # fmt: skip


class Drift(Value):
    """Where somebody says otherwise than the core."""

    regions: tuple[Variant, ...]
    """As they declared it."""
    leads: tuple[Drifted, ...]


def _kept(does: Does, by: str, why: str, *, as_json: bool) -> None:
    _do(does, by, why)
    write(*_acts(), as_json=as_json)


def _do(does: Does, by: str, why: str) -> None:
    async def within(house: House) -> None:
        async with house.db.transaction() as tx:
            await does(tx, Word(by=by, at=house.now(), why=why), await published.book(tx))

    ask(within)


def _acts() -> tuple[tuple[Governed, ...], RenderableType]:
    async def within(house: House) -> tuple[tuple[Governed, ...], RenderableType]:
        async with house.db.read() as tx:
            found = await governance.acts(tx)
        rows = (
            (one.act_id, one.at, one.by, one.kind, one.words, one.owner, one.due_on, _state(one, house))
            for one in found
        )
        heads = ("id", "when (UTC)", "who", "did", "what", "sees to it", "by", "state")
        return found, table(*heads, rows=rows, empty="Governors have kept nothing yet.")

    return ask(within)


def _state(one: Governed, house: House) -> str:
    if one.done_at is not None:
        return "done"
    return "" if one.kind != "decision" else "OVERDUE" if one.is_overdue(house.now()) else "open"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % of {whole}" if whole else "–"
