"""Which runs are stuck at a failed step, and how do they go on?"""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, Limit, ask, read_id, table, write
from leadloom.domain.model import EnrolmentId, Value
from leadloom.runtime.wiring import House
from leadloom.store import enrolments, rows
from leadloom.store.rows import Order, RunFilter, RunRow

app = typer.Typer(no_args_is_help=True, help="Runs (one lead in one journey), and the retry of blocked ones.")


class Retried(Value):
    """A run that tries again."""

    enrolment_id: EnrolmentId
    retried: bool = True


@app.command("list")
def list_(
    blocked: Annotated[bool, typer.Option("--blocked", help="Only those whose step failed three times.")] = False,
    journey: Annotated[str | None, typer.Option("--journey", help="Only those of this journey.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Open runs, by when they look again; what each waits for, or why it is blocked."""

    async def read(house: House) -> tuple[RunRow, ...]:
        which = RunFilter(journey=journey, status="active", blocked=blocked)
        async with house.db.read() as tx:
            return (await rows.runs(tx, which, Order(sort="until", limit=limit))).rows

    found = ask(read)
    drawn = table(
        "run", "journey", "step", "lead", "waits for", "until", "error",
        rows=(
            (run.enrolment_id, run.journey, run.step, run.lead_id, run.waiting_for, run.waits_until, run.error)
            for run in found
        ),
        empty="No blocked runs." if blocked else "No open runs.",
    )  # fmt: skip
    write(found, drawn, as_json=as_json)


@app.command()
def retry(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Its id, as `runs list --blocked` prints it.")],
    as_json: AsJson = False,
) -> None:
    """Let a blocked run try its step again at once."""
    about = EnrolmentId(read_id("run", run))

    async def again(house: House) -> Retried:
        async with house.db.transaction() as tx:
            await enrolments.unblock(tx, about, at=house.now())
        return Retried(enrolment_id=about)

    write(ask(again), f"Run {about} tries again.", as_json=as_json)
