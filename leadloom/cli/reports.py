"""What did it come to? Funnel, velocity, pipeline, service levels and scores, as tables to read or as JSON."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import sys
from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Annotated, TypeVar, get_args

import typer
from rich.console import RenderableType
from rich.table import Table

from leadloom.cli import _programmes, _quality
from leadloom.cli import _report_tables as tables
from leadloom.cli._data import console, read_span
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Instant, Value
from leadloom.domain.reports.calibration import CalibrationReport
from leadloom.domain.reports.cooling import ScoresReport
from leadloom.domain.reports.funnel import FunnelQuestion, FunnelReport
from leadloom.domain.reports.groups import By, Only, Told
from leadloom.domain.reports.mutual_promises import PromisesQuestion, PromisesReport
from leadloom.domain.reports.pipeline import DealsBy, PipelineQuestion, PipelineReport
from leadloom.domain.reports.velocity import VelocityQuestion, VelocityReport
from leadloom.runtime import reports
from leadloom.runtime.wiring import opened
from leadloom.store.db import Db

app = typer.Typer(no_args_is_help=True, help="Funnel, velocity, pipeline, service levels, scores and data quality.")
app.add_typer(_quality.app)
app.add_typer(_programmes.app)

UNLIMITED = "unlimited"
EVER = "ever"
TOLD: tuple[str, ...] = get_args(Told)
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Nothing later is looked at: 2024-03-15 (its first instant, UTC) or an ISO instant."),
]
AsJson = Annotated[bool, typer.Option("--json", help="The whole report as JSON, figures unrounded.")]
Track = Annotated[str, typer.Option("--track", help="new-business or expansion.")]
Start = Annotated[
    str | None, typer.Option("--from", help="The stage to start at; left out: the first answer.", show_default=False)
]
End = Annotated[
    str | None, typer.Option("--to", help="The stage to end at; left out: the won deal.", show_default=False)
]
GroupBy = Annotated[By | None, typer.Option("--by", help="A row for each, the largest first; blank is its own row.")]
OnlyThose = Annotated[
    list[str] | None,
    typer.Option("--only", help="Look only at those, such as source=webinar; country= takes what nobody told. Repeat."),
]

Report = TypeVar("Report", bound=Value)


@app.command()
def funnel(  # noqa: PLR0913  a command's options are its parameters
    as_of: AsOf = None,
    as_json: AsJson = False,
    track: Track = "new-business",
    start: Start = None,
    end: End = None,
    cohort: Annotated[list[str] | None, typer.Option(help="Only leads that came in this month: 2024-01.")] = None,
    within: Annotated[str | None, typer.Option(help="Count a stage only when reached this soon: 60d.")] = None,
    by: GroupBy = None,
    only: OnlyThose = None,
) -> None:
    """How many leads reached the next stage: by cohort, by period, in groups; and how many were recycled."""
    months = tuple(read_month(month) for month in cohort or ())
    limit = None if within is None else read_span("within", within)
    those = read_only(only)

    async def ask(db: Db, at: Instant) -> FunnelReport:
        question = FunnelQuestion(
            as_of=at, track=track, start=start, end=end, months=months, within=limit, by=by, only=those
        )
        return await reports.funnel(db, question)

    _answer(ask, tables.funnel, as_of=as_of, as_json=as_json)


@app.command()
def velocity(
    as_of: AsOf = None,
    as_json: AsJson = False,
    track: Track = "new-business",
    start: Start = None,
    end: End = None,
    by: GroupBy = None,
    only: OnlyThose = None,
) -> None:
    """How long leads take from stage to stage, how old open ones are, how fast qualified leads grow."""
    those = read_only(only)

    async def ask(db: Db, at: Instant) -> VelocityReport:
        question = VelocityQuestion(as_of=at, track=track, start=start, end=end, by=by, only=those)
        return await reports.velocity(db, question)

    _answer(ask, tables.velocity, as_of=as_of, as_json=as_json)


@app.command()
def pipeline(
    as_of: AsOf = None,
    as_json: AsJson = False,
    look_back: Annotated[
        str, typer.Option("--look-back", help=f"How long before a deal a touch may lie: 365d, or {UNLIMITED}.")
    ] = "365d",
    by: Annotated[
        DealsBy | None, typer.Option("--by", help="A part for each, most deals first; blank is its own part.")
    ] = None,
    only: OnlyThose = None,
) -> None:
    """Deals and leads by class (generated, enhanced, sales-only, partner-only), win rates and money."""
    span = None if look_back == UNLIMITED else read_span("look-back", look_back)
    those = read_only(only)

    async def ask(db: Db, at: Instant) -> PipelineReport:
        return await reports.pipeline(db, PipelineQuestion(as_of=at, look_back=span, by=by, only=those))

    _answer(ask, tables.pipeline, as_of=as_of, as_json=as_json)


@app.command()
def sla(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """How fast leads were answered, what became of hand-offs, and what marketing and sales promised each other."""
    _answer(reports.sla, tables.sla, as_of=as_of, as_json=as_json)


@app.command()
def promises(
    as_of: AsOf = None,
    as_json: AsJson = False,
    last: Annotated[
        str, typer.Option("--last", help=f"Hand-offs first offered within so long before: 30d, or {EVER}.")
    ] = "30d",
) -> None:
    """What marketing and sales promised each other, side by side with today's figures; --json names the hand-offs."""
    span = None if last == EVER else read_span("last", last)

    async def ask(db: Db, at: Instant) -> PromisesReport:
        return await reports.promises(db, PromisesQuestion(as_of=at, last=span))

    _answer(ask, tables.promises, as_of=as_of, as_json=as_json)


@app.command()
def calibration(as_of: AsOf = None, as_json: AsJson = False, track: Track = "new-business") -> None:
    """Whether better bands do better: accepted and won by the score leads had when they were called ready."""

    async def ask(db: Db, at: Instant) -> CalibrationReport:
        return await reports.calibration(db, at, track=track)

    _answer(ask, tables.calibration, as_of=as_of, as_json=as_json)


@app.command()
def scores(
    as_of: AsOf = None,
    as_json: AsJson = False,
    threshold: Annotated[
        float | None, typer.Option(min=0.01, help="The engagement to cool to; the definition's own when not given.")
    ] = None,
) -> None:
    """How warm each lead is, and the day it will have cooled."""

    async def ask(db: Db, at: Instant) -> ScoresReport:
        return await reports.scores(db, at, threshold=threshold)

    _answer(ask, tables.scores, as_of=as_of, as_json=as_json)


def read_instant(text: str) -> Instant:
    """An ISO date (its first instant) or instant, UTC unless it says otherwise. Raises BadInput."""
    try:
        at = datetime.combine(date.fromisoformat(text), time()) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            "as-of", text, "Write a date such as 2024-03-15 or an instant such as 2024-03-15T09:00Z."
        ) from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def read_only(texts: Iterable[str] | None) -> tuple[Only, ...]:
    """What is looked at, such as `source=webinar`. Raises BadInput."""
    told: list[Only] = []
    for text in texts or ():
        by, equals, value = text.partition("=")
        if by.strip() not in TOLD or not equals:
            raise BadInput("only", text, f"Write one of {', '.join(TOLD)}, then = and what was told.")
        told.append(Only.model_validate({"by": by.strip(), "value": value.strip() or None}))
    return tuple(told)


def read_month(text: str) -> str:
    """A month such as `2024-01`. Raises BadInput."""
    if not MONTH.fullmatch(text):
        raise BadInput("cohort", text, "Write a month such as 2024-01.")
    return text


def _answer(
    ask: Callable[[Db, Instant], Awaitable[Report]],
    draw: Callable[[Report], Iterable[RenderableType]],
    *,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Read the report of the instant asked for and write it to stdout."""
    given = None if as_of is None else read_instant(as_of)

    async def read() -> Report:
        async with opened() as house:
            return await ask(house.db, given or house.now())

    with _uncollected():
        report = asyncio.run(read())
    if as_json:
        sys.stdout.write(json.dumps(report.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n")
    else:
        _print(list(draw(report)))


@contextmanager
def _uncollected() -> Generator[None, None, None]:
    """Nothing a report reads is garbage before it ends: looking for some among 200,000 values is 40 % of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _print(drawn: Sequence[RenderableType]) -> None:
    """As wide as the widest table needs: a line that the window folds is ugly, a figure that is cut off is wrong."""
    out = console()
    widest = max((out.measure(one).maximum for one in drawn if isinstance(one, Table)), default=0)
    out.width = max(out.width, widest)
    out.print(*drawn, sep="\n", highlight=False)
