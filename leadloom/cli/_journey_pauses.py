"""How does a marketer let a journey stand still, and go on without a flood? `journeys pause` and `journeys resume`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Annotated, get_args

import typer
from rich.console import RenderableType

from leadloom.cli._data import AsJson, By, ask, table, write
from leadloom.cli._door import talk
from leadloom.domain.errors import BadInput
from leadloom.domain.facts import PauseClock
from leadloom.runtime import journey_pauses
from leadloom.runtime.journey_pauses import Resumption
from leadloom.store.pauses import JourneyPause, PauseOrder

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="JOURNEY", help="Its name, as `journeys list` prints it.")]

_CLOCKS = {
    "keep counting": "waits count on meanwhile",
    "restart": "the wait a run stands in begins anew when it goes on",
    "active only": "paused time doesn't count",
}
_MOST_LISTED = 20


@app.command()
def pause(
    journey: Name,
    review: Annotated[str, typer.Option("--review", help="The day somebody looks at the pause, such as 2026-04-01.")],
    by: By,
    clock: Annotated[
        str | None, typer.Option("--clock", help="keep counting, restart or active only; default: the journey's own.")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="In words, for whoever looks at it later.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let a journey stand still: none of its mail to leads goes from now on. Said again, it moves the review."""
    order = PauseOrder(journey=journey, clock=_clock(clock), review_at=_day(review), why=why)
    done = ask(lambda house: journey_pauses.pause(house.db, order, at=house.now(), by=by))
    talk.print(f"Next: python starter.py journeys resume {journey} --dry-run --by {by}", highlight=False)
    write(done, _paused(done), as_json=as_json)


@app.command()
def resume(
    journey: Name,
    by: By,
    per_day: Annotated[
        int | None, typer.Option("--at-most-per-day", help="Mails of its paused runs on one day at most.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what each lead would get when.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let a journey go on: a lead gets at most one mail a day until it has caught up. Exit 4 when it isn't paused."""
    if dry_run:
        seen = ask(lambda house: journey_pauses.foresee(house.db, journey, per_day=per_day, at=house.now()))
        write(seen, *_draw(seen, is_preview=True), as_json=as_json)
        return

    def tell(woken: int) -> None:
        talk.print(f"{woken:,} runs have been woken", highlight=False)

    done = ask(
        lambda house: journey_pauses.resume(house.db, journey, per_day=per_day, at=house.now(), by=by, told=tell)
    )
    write(done, *_draw(done, is_preview=False), as_json=as_json)


def _paused(done: JourneyPause) -> str:
    return (
        f"{done.journey} stands still since {done.paused_at:%Y-%m-%d %H:%M} UTC, by {done.paused_by}: "
        f"{_CLOCKS[done.clock]} ({done.clock}). Review: {done.review_at:%Y-%m-%d}."
    )


def _draw(seen: Resumption, *, is_preview: bool) -> Iterator[RenderableType]:
    would = "would go on" if is_preview else "go on"
    yield (
        f"{seen.runs:,} runs of {seen.pause.journey} {would} ({seen.pause.clock}), {seen.later:,} of them on a later "
        f"day; {seen.mails:,} mails in the next {seen.smooth_days:.0f} days, at most one a day to a lead."
    )
    yield ""
    yield table("day (UTC)", "mails", rows=seen.days.items(), empty="No mail falls due in these days.")
    if seen.expires:
        said = ", ".join(f"{mail} to {number:,}" for mail, number in sorted(seen.expires.items()))
        yield f"Not sent any more, too late or not allowed: {said}."
    if not is_preview:
        return
    yield ""
    first = [turn for turn in seen.turns if turn.gets][:_MOST_LISTED]
    yield table(
        "lead", "goes on", "gets",
        rows=((turn.lead_id, turn.turn_at, ", ".join(_get(get.mail, get.at) for get in turn.gets)) for turn in first),
        title="The first of them" if len(first) == _MOST_LISTED else "", empty="Nobody gets anything at once.",
    )  # fmt: skip
    yield "Nothing was changed: this was a preview. `--json` has every lead."


def _get(mail: str, at: datetime | None) -> str:
    return f"{mail} (no more)" if at is None else f"{mail} {at:%d %b %H:%M}"


def _clock(said: str | None) -> PauseClock | None:
    if said is None:
        return None
    for clock in get_args(PauseClock):
        if said == clock:
            return clock
    raise BadInput("clock", said, f"Say one of: {', '.join(_CLOCKS)}.")


def _day(said: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(said), time(8), tzinfo=UTC)
    except ValueError:
        raise BadInput("review", said, "Write a day such as 2026-04-01.") from None
