"""What became of everybody at each step of a version of a journey? `journeys steps`."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli import _steps
from leadloom.cli._data import AsJson, Limit, ask, write
from leadloom.runtime.wiring import House
from leadloom.store import published, steps
from leadloom.store.steps import StepCounts, VisitRow, Whose

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="JOURNEY", help="Its name, as `journeys list` prints it.")]
Version = Annotated[int | None, typer.Option("--version", help="Another version than the one in force.")]


@app.command("steps")
def steps_(
    journey: Name,
    version: Version = None,
    step: _steps.Step = None,
    fate: _steps.Fate = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """What became of everybody at each step, and how late it was; with --step or --fate the rows of a figure."""

    async def read(house: House) -> tuple[Whose, tuple[StepCounts, ...] | tuple[VisitRow, ...]]:
        async with house.db.read() as tx:
            whose = await steps.of_journey(tx, journey, version, book=await published.book(tx))
            return whose, await _steps.read(tx, whose, step=step, fate=fate, limit=limit)

    whose, found = ask(read)
    write(found, *_steps.draw(whose, found), as_json=as_json)
