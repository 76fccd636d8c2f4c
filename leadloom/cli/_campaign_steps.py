"""What became of everybody at each step of a campaign? `campaigns steps`."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli import _steps
from leadloom.cli._data import AsJson, Limit, ask, write
from leadloom.domain.campaigns.campaign import Campaign
from leadloom.runtime.wiring import House
from leadloom.store import campaigns, published, steps
from leadloom.store.published import Book
from leadloom.store.steps import StepCounts, VisitRow, Whose

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its name or id, as `campaigns list` prints it.")]


@app.command("steps")
def steps_(
    campaign: Name, step: _steps.Step = None, fate: _steps.Fate = None, limit: Limit = 50, as_json: AsJson = False
) -> None:
    """What became of everybody at each step, and how late it was; with --step or --fate the rows of a figure."""

    async def read(house: House) -> tuple[Whose, tuple[StepCounts, ...] | tuple[VisitRow, ...]]:
        async with house.db.read() as tx:
            whose = whose_of(await campaigns.find(tx, campaign), await published.book(tx))
            return whose, await _steps.read(tx, whose, step=step, fate=fate, limit=limit)

    whose, found = ask(read)
    write(found, *_steps.draw(whose, found), as_json=as_json)


def whose_of(campaign: Campaign, book: Book) -> Whose:
    """Its runs, in the order of its journey in force."""
    return steps.of_campaign(campaign.campaign_id, campaign.name, campaign.journey, book=book)
