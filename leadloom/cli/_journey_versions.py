"""What becomes of the runs under way when a journey changes? `journeys publish` and `journeys versions`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, get_args

import typer
from rich.console import RenderableType

from leadloom.cli import definitions
from leadloom.cli._data import AsJson, By, ask, table, write
from leadloom.cli._door import talk
from leadloom.cli._promises import Despite, promises_kept
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.journeys.versions import EXITED, Choice, Diff, Runs
from leadloom.domain.model import Instant, Value
from leadloom.runtime import live_edits
from leadloom.runtime.live_edits import Edited, Foreseen, Nothing
from leadloom.runtime.publishing import Governed, publish_all, read_drafts
from leadloom.runtime.wiring import House
from leadloom.store import journeys_now, publications
from leadloom.store.publications import AtStep, Balance, Publication

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="JOURNEY", help="Its name, as `journeys list` prints it.")]
Maybe = Annotated[str | None, typer.Argument(metavar="[JOURNEY]", help="Only this one, and what its runs do.")]

_FATES = {"migrated": "go on with the new version", "finishing": "finish on theirs", "exited": "end"}


class VersionLine(Value):
    """A version, and what its publication did with the runs under way."""

    version: int
    hash: str
    published_at: Instant
    published_by: str
    open: int
    """Runs that go by it now."""
    publication: Publication | None
    """None for a version that found nobody under way, or was published before fates were kept."""
    balance: Balance | None


class Kept(Value):
    """The draft is in force already."""

    version: int


@app.command()
def publish(  # noqa: PLR0913  a command's options are its parameters
    by: By,
    journey: Maybe = None,
    runs: Annotated[str, typer.Option("--runs", help="What runs under way do: finish, migrate or exit.")] = "finish",
    at: Annotated[
        list[str] | None, typer.Option("--at", help="STEP=FATE: other than the rest; again for more.")
    ] = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="OLD=NEW: where runs at a step go on.")] = None,
    outcome: Annotated[str, typer.Option("--outcome", help="What runs that end are remembered by.")] = EXITED,
    despite: Despite = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    as_json: AsJson = False,
) -> None:
    """Publish every draft that changed, or one journey and say what its runs under way do. Twice is once.

    Refuses, with nothing changed: unless each run under way gets exactly one fate (exit 4), and when a story breaks
    what a journey promises (exit 6).
    """
    choice = Choice(
        runs=_fate("runs", runs), at={step: _fate("at", fate) for step, fate in _pairs("at", at)},
        moves=dict(_pairs("map", map_)), outcome=outcome,
    )  # fmt: skip
    if journey is None:
        _publish_all(by, choice, despite, dry_run=dry_run, as_json=as_json)
        return
    edit = live_edits.draft_of(journey)
    promises_kept([edit.journey], despite, by)
    if dry_run:
        seen = ask(lambda house: live_edits.foresee(house.db, edit, choice, at=house.now(), by=by))
        write(seen, *_draw_foreseen(journey, seen), as_json=as_json)
        return
    done = ask(lambda house: live_edits.publish(house.db, edit, choice, at=house.now(), by=by, told=_tell))
    if isinstance(done, Nothing):
        words = f"Version {done.version} of {journey} says the same: it stays in force, and no run is touched."
        write(Kept(version=done.version), words, as_json=as_json)
        return
    write(done, *_draw_edited(done), as_json=as_json)
    if not done.balance.closes:
        raise typer.Exit(6)


@app.command()
def versions(journey: Name, as_json: AsJson = False) -> None:
    """Each version of a journey, who goes by it, and the fate of the runs that were under way at its publication."""
    lines = ask(lambda house: _lines(house, journey))
    drawn = table(
        "version", "published", "by", "open runs", "under way then", "migrated", "finishing", "ended", "to move",
        "proof", rows=(_row(line) for line in lines),
    )  # fmt: skip
    write(lines, drawn, as_json=as_json)


def _publish_all(by: str, choice: Choice, despite: str | None, *, dry_run: bool, as_json: bool) -> None:
    if dry_run or choice != Choice():
        raise BadInput("journey", None, "Name the journey: only one at a time says what its runs do.")
    promises_kept(read_drafts().journeys, despite, by)
    done = ask(lambda house: publish_all(house.db, at=house.now(), by=by, governed=Governed(None)))
    write(done, definitions.says(done), as_json=as_json)


async def _lines(house: House, journey: str) -> list[VersionLine]:
    async with house.db.read() as tx:
        found = await journeys_now.versions(tx, "journey", journey)
        if not found:
            raise NotFound("published journey as data", journey)
        runs = await journeys_now.at_steps(tx, journey)
        last = {one.version: one for one in reversed(await publications.of_journey(tx, journey))}
        balances = {version: await publications.balance(tx, one) for version, one in last.items()}
    open_runs = {
        hash_: sum(one.runs for one in runs if one.journey_hash == hash_) for hash_ in {one.hash for one in found}
    }
    seen: set[str] = set()
    lines: list[VersionLine] = []
    for one in found:
        # The same content published again is the same version to its runs: they count where it is newest.
        count = 0 if one.hash in seen else open_runs[one.hash]
        seen.add(one.hash)
        lines.append(
            VersionLine(
                **one.model_dump(), open=count, publication=last.get(one.version), balance=balances.get(one.version)
            )
        )
    return lines


def _row(line: VersionLine) -> tuple[object, ...]:
    head = (line.version, line.published_at, line.published_by, line.open)
    if line.balance is None:
        return (*head, None, None, None, None, None, None)
    sum_ = line.balance
    fates = (sum_.migrated, sum_.finishing, sum_.exited, sum_.undecided)
    return (*head, sum_.active_before + sum_.came_late, *fates, "closes" if sum_.closes else "DOES NOT CLOSE")


def _draw_foreseen(journey: str, seen: Foreseen) -> Iterator[RenderableType]:
    yield f"Version {seen.version} of {journey}: {_changes(seen.diff)}."
    if not seen.active_before:
        yield "No run is under way on another version."
        return
    yield f"{seen.active_before:,} runs are under way on earlier versions."
    yield ""
    yield _steps(seen.steps)
    yield ""
    if seen.released.released:
        asks = ", ".join(f"{mail} for {number:,}" for mail, number in sorted(seen.released.asks.items()))
        yield f"{seen.released.released:,} don't wait any more and go on at once" + (
            f"; mails: {asks}." if asks else "."
        )
    if seen.released.ended:
        yield f"{seen.released.ended:,} of them come to their end."
    for step, number in sorted(seen.released.misses.items()):
        yield f"{number:,} will never get the mail of {step}: the new version has it behind them."
    for mail in seen.on_the_way:
        stays = mail.step in {*seen.kept_steps, *seen.choice.moves} and seen.choice.runs != "exit"
        fate = "goes as planned" if stays else "doesn't go any more"
        at_relay = f" ({mail.at_relay:,} more are in the hands of a worker)" if mail.at_relay else ""
        yield f"On its way: the mail of {mail.step} to {mail.unclaimed:,}{at_relay}; it {fate}."
    yield "Nothing was changed: this was a preview."


def _draw_edited(done: Edited) -> Iterator[RenderableType]:
    publication, sum_ = done.publication, done.balance
    yield f"Version {publication.version} of {publication.journey} is in force."
    if not sum_.active_before + sum_.came_late:
        yield "No run was under way on another version."
        return
    yield _steps(done.steps)
    yield ""
    yield (
        f"{sum_.active_before:,} were under way = {sum_.migrated:,} migrated + {sum_.finishing:,} finishing + "
        f"{sum_.exited:,} ended."
        + (f" ({sum_.came_late:,} of these began in that very moment.)" if sum_.came_late else "")
    )
    if sum_.had_ended:
        yield f"{sum_.had_ended:,} of those finishing had come to their end before their turn."
    yield (
        "The balance closes, and no mail went twice."
        if sum_.closes
        else (f"The balance does NOT close: {sum_.strangers:,} runs without a fate, {sum_.twice:,} mails twice.")
    )


def _steps(steps: tuple[AtStep, ...]) -> RenderableType:
    return table(
        "version", "stands at", "runs", "they", "and go on at",
        rows=((one.version_before, one.step_before, one.runs, _FATES[one.fate], one.step_after) for one in steps),
    )  # fmt: skip


def _changes(changes: Diff) -> str:
    parts = (
        ("new steps", changes.added), ("steps that are gone", changes.removed), ("moved", changes.moved),
        ("changed", changes.changed), ("beside the steps", changes.rules),
    )  # fmt: skip
    said = "; ".join(f"{words} {', '.join(names)}" for words, names in parts if names)
    return said or "it says what the version in force says"


def _tell(moved: int) -> None:
    talk.print(f"{moved:,} runs have had their turn", highlight=False)


def _fate(option: str, said: str) -> Runs:
    for fate in get_args(Runs):
        if said == fate:
            return fate
    raise BadInput(option, said, "Say finish, migrate or exit.")


def _pairs(option: str, said: list[str] | None) -> Iterator[tuple[str, str]]:
    for pair in said or ():
        before, equals, after = pair.partition("=")
        if not (before.strip() and equals and after.strip()):
            raise BadInput(option, pair, f"Write it as {'OLD=NEW' if option == 'map' else 'STEP=FATE'}.")
        yield before.strip(), after.strip()
