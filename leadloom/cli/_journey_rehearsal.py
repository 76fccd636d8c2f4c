"""What would happen if this audience came into these journeys? `journeys simulate`."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from leadloom.cli._data import AsJson, read_span, write
from leadloom.cli._door import talk
from leadloom.cli._imports import progress_bar
from leadloom.cli._journey_entries import Country, File, Leads, Source, Stage, Track, Where, read_whom
from leadloom.cli._rehearsal_tables import draw_rehearsed
from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.errors import BadInput
from leadloom.domain.rehearsal.rehearsed import sends_of, summed_up
from leadloom.domain.rehearsal.tally import Tally, Went
from leadloom.runtime.by_hand import Whom
from leadloom.runtime.rehearsal_cast import Cast, Order, of_house, of_strangers
from leadloom.runtime.rehearsing import LEFT_ASIDE, rehearse
from leadloom.runtime.wiring import opened, wall_now

app = typer.Typer()

Journeys = Annotated[list[str], typer.Argument(metavar="JOURNEY...", help="The audience comes into the first.")]

_READING = 0.2
"""The share of the progress bar for reading leads."""


@app.command()
def simulate(  # noqa: PLR0913  a command's options are its parameters
    journeys: Journeys,
    lead: Leads = None,
    file: File = None,
    where: Where = None,
    source: Source = None,
    stage: Stage = None,
    country: Country = None,
    track: Track = "new-business",
    everybody: Annotated[bool, typer.Option("--everybody", help="All leads there are.")] = False,
    leads: Annotated[
        int | None, typer.Option("--leads", help="So many invented leads, and the drafts: nothing needs to run.")
    ] = None,
    days: Annotated[float, typer.Option("--days", help="How many days to play.")] = 90,
    begins: Annotated[str | None, typer.Option("--begins", help="The first day or instant; default: now.")] = None,
    event: Annotated[
        str | None, typer.Option("--event", help="What everybody does at the beginning, instead of being let in.")
    ] = None,
    spread: Annotated[str, typer.Option("--spread", help="Spread the beginnings over so long, such as 10d.")] = "0m",
    engagement: Annotated[
        str | None,
        typer.Option("--engagement", help="Who answers: past, a share from 0 to 1, or the file of a script."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another number draws other answers.")] = 0,
    in_force: Annotated[bool, typer.Option("--in-force", help="What is published, not the drafts.")] = False,
    sends: Annotated[Path | None, typer.Option("--sends", help="Write each mail that goes to this CSV file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Rehearse an audience in virtual time: mails per day, ways taken, caps, dead branches, load. Writes nothing."""
    begins_at = wall_now() if begins is None else read_instant(begins)
    order = Order(
        journeys=tuple(journeys), begins_at=begins_at, days=days, seed=seed, answers=engagement, event=event,
        spread=read_span("spread", spread), in_force=in_force,
    )  # fmt: skip
    whom = None if leads is not None else _whom(lead, file, where, source, stage, country, track, everybody=everybody)
    cast, tally = _played(order, leads or 0, whom, is_dated=begins is not None)
    shown = summed_up(cast.setting, tally, answers=cast.answers, left_aside=LEFT_ASIDE)
    if sends is not None:
        _write_sends(sends, sends_of(tally))
    write(shown, *draw_rehearsed(shown, journeys), as_json=as_json)


def _played(order: Order, strangers: int, whom: Whom | None, *, is_dated: bool) -> tuple[Cast, Tally]:
    """With these leads; None: with so many strangers."""
    with progress_bar() as bar:
        task = bar.add_task("reading", total=1.0)

        def read(count: int) -> None:
            bar.update(task, completed=_READING / 2, description=f"read {count:,} leads")

        def told(share: float, words: str) -> None:
            bar.update(task, completed=_READING + (1 - _READING) * share, description=f"played {words}")

        if whom is None:
            cast = of_strangers(order, strangers)
        else:
            cast = asyncio.run(_gathered(order, whom, read, is_dated=is_dated))
        return cast, rehearse(cast.setting, cast.leads, cast.cues, told=told)


async def _gathered(order: Order, whom: Whom, read: Callable[[int], None], *, is_dated: bool) -> Cast:
    async with opened() as house:
        now = house.now()
        if is_dated and order.begins_at < now - timedelta(days=1):
            words = f"It lies behind us, and leads are read as they stand now ({now:%Y-%m-%d %H:%M} UTC)."
            raise BadInput("begins", f"{order.begins_at:%Y-%m-%d %H:%M}", words)
        begins_at = order.begins_at if is_dated else now
        return await of_house(house.db, order.but(begins_at=begins_at), whom, read)


def _whom(  # noqa: PLR0913  as the command
    lead: list[str] | None,
    file: Path | None,
    where: str | None,
    source: list[str] | None,
    stage: list[str] | None,
    country: list[str] | None,
    track: str,
    *,
    everybody: bool,
) -> Whom:
    if everybody:
        return Whom(audience=Audience(track=track, everybody=True))
    return read_whom(lead, file, where, source, stage, country, track)


def read_instant(text: str) -> datetime:
    """A day or an instant, of UTC unless it says its zone. Raises BadInput."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        words = "Write a day such as 2026-03-02, or an instant such as 2026-03-02T09:00Z."
        raise BadInput("begins", text, words) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _write_sends(path: Path, sends: Iterable[Went]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("at", "lead_id", "journey", "step", "visit", "mail"))
            for one in sends:
                rows.writerow((f"{one.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", *one[1:]))
    except OSError as error:
        raise BadInput("sends", str(path), f"It can't be written: {error}.") from error
    talk.print(f"Each mail is in {path}", highlight=False)
