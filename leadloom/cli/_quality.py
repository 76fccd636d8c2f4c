"""What is missing or wrong about our leads? The data-quality board, and the leads behind each of its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import typer

from leadloom.cli._data import AsJson, Limit, ask, table, write
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.runtime.wiring import House
from leadloom.store import published, quality
from leadloom.store.quality import LACKS, QualityFilter, QualityLead, QualityRow
from leadloom.store.rows import Order

app = typer.Typer()
By = Literal["source", "region"]


@app.command("quality")
def board(
    by: Annotated[By, typer.Option("--by", help="A row for each source, or for each region.")] = "source",
    lacks: Annotated[str | None, typer.Option("--lacks", help="The leads behind a number: no_phone, double …")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Of those, one source.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="Of those, one region.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Completeness, invalid mail, duplicates, unowned and unsourced leads; --lacks opens the rows of a number."""
    if lacks is not None:
        _leads(QualityFilter(lacks=lacks, source=source, region=region), limit, as_json=as_json)
        return

    async def within(house: House) -> tuple[Definition, tuple[QualityRow, ...]]:
        async with house.db.read() as tx:
            definition = (await published.book(tx)).definition
            return definition, await quality.board(tx, definition)

    definition, rows = ask(within)
    lines = list(grouped(definition, rows, by))
    heads = ("leads", "complete", *(name.replace("_", " ") for name in LACKS))
    drawn = table(
        by, *heads,
        rows=((name, row.leads, _percent(row), *(getattr(row, one) for one in LACKS)) for name, row in lines),
        empty="There are no leads yet.",
    )  # fmt: skip
    write([row for _, row in lines], drawn, as_json=as_json)


def grouped(definition: Definition, rows: tuple[QualityRow, ...], by: By) -> Iterable[tuple[str, QualityRow]]:
    """All leads first, then a row for each source or region, most leads first; with their names."""
    if not rows:
        return
    yield "all", quality.summed(rows)
    keys = dict.fromkeys(getattr(row, by) for row in rows)
    sums = [
        quality.summed(
            tuple(row for row in rows if getattr(row, by) == key),
            source=key if by == "source" else None,
            region=key if by == "region" else "",
        )
        for key in keys
    ]
    for row in sorted(sums, key=lambda one: -one.leads):
        yield name_of(definition, row, by), row


def name_of(definition: Definition, row: QualityRow, by: By) -> str:
    """What a row is called."""
    if by == "source":
        known = definition.sources.get(row.source or "")
        return known.label if known else "no source we know"
    return definition.regions[row.region].label if row.region in definition.regions else "elsewhere, or nobody knows"


def _leads(which: QualityFilter, limit: int, *, as_json: bool) -> None:
    if which.lacks not in LACKS:
        raise BadInput("lacks", which.lacks, f"Name one of: {', '.join(LACKS)}.")

    async def within(house: House) -> tuple[QualityLead, ...]:
        async with house.db.read() as tx:
            definition = (await published.book(tx)).definition
            found = await quality.leads(tx, which, Order(sort="", limit=limit), definition=definition)
            return found.rows

    found = ask(within)
    rows = ((one.lead_id, one.person, one.company, one.source, one.region, ", ".join(one.lacks())) for one in found)
    empty = "No lead lacks that."
    write(found, table("lead", "who", "company", "source", "region", "lacks", rows=rows, empty=empty), as_json=as_json)


def _percent(row: QualityRow) -> str:
    share = row.share_complete()
    return "–" if share is None else f"{100 * share:.0f} %"
