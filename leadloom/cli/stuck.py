"""Is anything stuck? One row for each thing that nothing will move by itself; empty is healthy."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, ask, table, write
from leadloom.runtime.wiring import House
from leadloom.store import campaigns, published, stuck
from leadloom.store.stuck import Stuck

SINGLE = True
app = typer.Typer()

Campaign = Annotated[str | None, typer.Option("--campaign", help="Only of this campaign, its name or id.")]


@app.command("stuck")
def stuck_(campaign: Campaign = None, as_json: AsJson = False) -> None:
    """What nothing will move by itself: runs, hand-offs, promises, mails, campaigns, pauses. Exit 6 when any is."""

    async def read(house: House) -> tuple[Stuck, ...]:
        at = house.now()
        async with house.db.read() as tx:
            name = None if campaign is None else (await campaigns.find(tx, campaign)).name
            return await stuck.stuck(tx, at, book=await published.book(tx), campaign=name)

    found = ask(read)
    drawn = table(
        "what", "which", "why", "waits for", "due", "campaign", "id",
        rows=((one.noun, one.what, one.why, one.waiting_for, one.waits_until, one.campaign, one.id) for one in found),
        empty=f"Nothing is stuck. {stuck.DECLARED}",
    )  # fmt: skip
    write(found, drawn, as_json=as_json)
    if found:
        raise typer.Exit(6)
