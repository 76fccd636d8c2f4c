"""Who came to a webinar or a fair, and was it a success? `reports programme`."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, ask, table, write
from leadloom.runtime.wiring import House
from leadloom.store import programmes, published
from leadloom.store.programmes import ProgrammeBoard

app = typer.Typer()


@app.command("programme")
def board(
    name: Annotated[str | None, typer.Argument(metavar="[PROGRAMME]", help="Only this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """How many stand in each status of a webinar, a fair or a course, and for how many it was a success."""

    async def read(house: House) -> tuple[ProgrammeBoard, ...]:
        async with house.db.read() as tx:
            definition = (await published.book(tx)).definition
            if name is not None:
                return (await programmes.board(tx, definition, name, as_of=house.now()),)
            return await programmes.boards(tx, definition, as_of=house.now())

    boards = ask(read)
    drawn = table(
        "programme", "status", "comes with", "stand there", "people", "success",
        rows=(
            (one.name, line.status + (" ✓" if line.success else ""), line.event, line.members, one.members,
             f"{one.succeeded} ({one.succeeded / one.members:.0%})" if one.members else "")
            for one in boards
            for line in one.statuses
        ),
        empty="The definition names no programme.",
    )  # fmt: skip
    write(boards, drawn, as_json=as_json)
