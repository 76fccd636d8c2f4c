"""Do the journeys that are about to be published keep their promises? Asked by every command that publishes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from leadloom.cli._data import ask
from leadloom.cli._door import talk
from leadloom.domain.journeys.journey import Journey
from leadloom.runtime.promise_search import Searched, keep_promises, said
from leadloom.runtime.publishing import read_drafts
from leadloom.runtime.wiring import House

Despite = Annotated[
    str | None, typer.Option("--despite-promise", help="Publish though a story breaks a promise, and why; it is kept.")
]


def promises_kept(journeys: Sequence[Journey], despite: str | None, by: str) -> None:
    """Search for stories that break the journeys' promises; tells the size. Raises as `keep_promises` does."""

    async def search(house: House) -> list[Searched]:
        definition = read_drafts().definition
        return await keep_promises(house.db, definition, journeys, despite=despite, at=house.now(), by=by)

    if any(one.promises is not None for one in journeys):
        for line in said(ask(search)):
            talk.print(line, highlight=False, soft_wrap=True)
