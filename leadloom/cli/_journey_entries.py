"""How does a person let leads into a journey, or take them out? `journeys enrol` and `journeys unenrol`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.cli._data import AsJson, By, ask, table, write
from leadloom.cli._door import talk
from leadloom.domain.campaigns.audience import Audience, read_condition
from leadloom.domain.campaigns.membership import WORDS
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Value
from leadloom.runtime import by_hand
from leadloom.runtime.by_hand import Bulk, Whom
from leadloom.store.entering import ByHand
from leadloom.store.tx import new_id

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="JOURNEY", help="Its name, as `journeys list` prints it.")]
Leads = Annotated[
    list[str] | None, typer.Option("--lead", help="Lead id, mail address or external id; again for another.")
]
File = Annotated[
    Path | None, typer.Option("--file", help="A CSV file whose first column names leads; a line of heads is skipped.")
]
Where = Annotated[
    str | None, typer.Option("--where", help="Everybody for whom a condition holds, such as '{tag: [expo]}'.")
]
Source = Annotated[list[str] | None, typer.Option("--source", help="Leads from this source; again for another.")]
Stage = Annotated[list[str] | None, typer.Option("--stage", help="Leads in this stage; again for another.")]
Country = Annotated[list[str] | None, typer.Option("--country", help="Leads in this country, such as DE.")]
Track = Annotated[str, typer.Option("--track", help="The track the stages are of.")]

_HEADS = frozenset({"lead_id", "lead", "id", "email", "mail", "external_id"})
_TOLD_EVERY = 1000


class Ended(Value):
    """Runs that were ended."""

    journey: str
    runs: int
    outcome: str


@app.command()
def enrol(  # noqa: PLR0913  a command's options are its parameters
    journey: Name,
    by: By,
    lead: Leads = None,
    file: File = None,
    where: Where = None,
    source: Source = None,
    stage: Stage = None,
    country: Country = None,
    track: Track = "new-business",
    per_minute: Annotated[int | None, typer.Option("--per-minute", help="Let so many begin a minute at most.")] = None,
    act: Annotated[
        str | None,
        typer.Option("--act", help="A name for this act: said again under it, it goes on and doubles nobody."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count, with who is left out and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let leads into a journey by hand. Everybody left out is listed with the first reason (--json has all ids)."""
    whom = read_whom(lead, file, where, source, stage, country, track)
    named = act or str(new_id())
    order = ByHand(journey=journey, by=by, occasion=named, per_minute=per_minute)
    if dry_run:
        seen = ask(lambda house: by_hand.foresee(house.db, whom, journey, at=house.now()))
        write(seen, *_draw(seen, "would come in"), "Nothing was written.", as_json=as_json)
        return

    def told(decided: int) -> None:
        if decided % _TOLD_EVERY == 0:
            talk.print(f"decided about {decided:,} leads", highlight=False)

    if act is None:
        talk.print(f"Interrupted, say it again with --act {named}", highlight=False)
    done = ask(lambda house: by_hand.enrol(house.db, whom, order, at=house.now(), told=told))
    write(done, *_draw(done, "came in"), as_json=as_json)


@app.command()
def unenrol(  # noqa: PLR0913  a command's options are its parameters
    journey: Name,
    by: By,
    outcome: Annotated[str, typer.Option("--outcome", help="What their runs are remembered by, in words.")],
    lead: Leads = None,
    file: File = None,
    where: Where = None,
    source: Source = None,
    stage: Stage = None,
    country: Country = None,
    track: Track = "new-business",
    as_json: AsJson = False,
) -> None:
    """Take leads out of a journey: their open runs end at once, and mail that is planned doesn't go."""
    whom = read_whom(lead, file, where, source, stage, country, track)
    order = ByHand(journey=journey, by=by, occasion=str(new_id()))
    ended = ask(lambda house: by_hand.unenrol(house.db, whom, order, outcome, at=house.now()))
    done = Ended(journey=journey, runs=ended, outcome=outcome)
    write(done, f"{ended} {'run' if ended == 1 else 'runs'} of {journey} ended: {outcome}.", as_json=as_json)


def read_whom(
    lead: list[str] | None,
    file: Path | None,
    where: str | None,
    source: list[str] | None,
    stage: list[str] | None,
    country: list[str] | None,
    track: str,
) -> Whom:
    """Raises BadInput when nobody is named, Faulty for a condition that doesn't read."""
    names = (*(lead or ()), *(_names(file) if file is not None else ()))
    audience = Audience(
        sources=tuple(source or ()), stages=tuple(stage or ()), countries=tuple(country or ()), track=track,
        where=read_condition("--where", where) if where else None,
    )  # fmt: skip
    if not names and not audience.asks:
        raise BadInput("leads", None, "Say whom: --lead, --file, --where, --source, --stage or --country.")
    return Whom(names=names, audience=audience if audience.asks else None)


def _names(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for no, line in enumerate(csv.reader(lines)):
                if line and not (no == 0 and line[0].strip().lower() in _HEADS):
                    yield line[0]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput("file", str(path), f"It can't be read as CSV: {error}.") from error


def _draw(done: Bulk, verb: str) -> Iterator[RenderableType]:
    yield f"{done.journey}: {done.enrolled:,} {verb}."
    if done.left_out:
        yield table(
            "left out", "leads", "such as",
            rows=((WORDS[code], f"{len(ids):,}", ", ".join(ids[:2])) for code, ids in done.left_out.items()),
        )  # fmt: skip
