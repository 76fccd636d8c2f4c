"""How does a command reach the house, and how do its answers come out? As a table to read, or as JSON to pipe."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from leadloom.domain.errors import BadInput
from leadloom.domain.journeys.spans import parse_span
from leadloom.domain.model import Json, Value
from leadloom.runtime.wiring import House, opened

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
By = Annotated[str, typer.Option("--by", envvar="LEADLOOM_BY", help="Your handle; kept with what you did.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many.")]

PIPED_WIDTH = 200
"""Columns when nobody watches: a table must not be folded for a terminal that isn't there."""

T = TypeVar("T")


def ask(work: Callable[[House], Awaitable[T]]) -> T:
    """Open the house, let `work` do its one thing in it, and close it again."""

    async def within() -> T:
        async with opened() as house:
            return await work(house)

    return asyncio.run(within())


def read_span(field: str, text: str) -> timedelta:
    """A length of time such as `90d`. Raises BadInput."""
    span = parse_span(text)
    if not isinstance(span, timedelta):
        raise BadInput(field, text, "Write a length of time such as 90d, 12w or 36h.")
    return span


def read_amount(field: str, text: str) -> Decimal:
    """Money such as `1840.50`. Raises BadInput."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise BadInput(field, text, "Write a number such as 24000 or 1840.50.")
    return amount


def read_id(noun: str, text: str) -> UUID:
    """An id as it was printed. Raises BadInput."""
    try:
        return UUID(text)
    except ValueError:
        raise BadInput(noun, text, f"Give the id of a {noun}, as the list prints it.") from None


def write(answer: Value | Sequence[Value], *drawn: RenderableType, as_json: bool) -> None:
    """Data to stdout: the whole answer as JSON, or what was drawn of it."""
    if as_json:
        values = answer.model_dump(mode="json") if isinstance(answer, Value) else [_json(value) for value in answer]
        write_json(values)
    else:
        console().print(*drawn, sep="\n", highlight=False)


def write_json(value: Json | Mapping[str, Json] | Sequence[Json]) -> None:
    """One JSON value to stdout, as people write it."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def console() -> Console:
    """Standard output: in colour and as wide as the window on a terminal, plain and wide in a pipe."""
    return Console() if sys.stdout.isatty() else Console(width=PIPED_WIDTH)


def table(*heads: str, rows: Iterable[Sequence[object]], title: str = "", empty: str = "Nothing.") -> RenderableType:
    """Rows under heads; the words of `empty` when there are none."""
    drawn = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for head in heads:
        drawn.add_column(head, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell(value)) for value in row))
    return drawn if drawn.row_count else Text(empty)


def cell(value: object) -> str:
    """A value as a table says it: instants in UTC to the minute, nothing as a dash."""
    match value:
        case None | "":
            return "–"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case _:
            return str(value)


def _json(value: Value) -> Json:
    dumped: Json = value.model_dump(mode="json")
    return dumped
