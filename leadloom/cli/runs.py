"""Which runs are stuck at a failed step, how do they go on, and how does one become a test?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, Limit, ask, read_id, table, write
from leadloom.cli._door import talk
from leadloom.domain.model import EnrolmentId, Value
from leadloom.runtime.run_export import export_run
from leadloom.runtime.wiring import House
from leadloom.store import enrolments, hurrying, published, rows
from leadloom.store.hurrying import Wish
from leadloom.store.rows import Order, RunFilter, RunRow

app = typer.Typer(no_args_is_help=True, help="Runs (one lead in one journey), and the retry of blocked ones.")


class Retried(Value):
    """A run that tries again."""

    enrolment_id: EnrolmentId
    retried: bool = True


class Hurried(Value):
    """A run that goes on before its wait was over."""

    enrolment_id: EnrolmentId
    step: str
    """Where it came to."""


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


@app.command()
def hurry(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Its id, as `runs list` and the lead's page say it.")],
    by: By,
    why: Annotated[str, typer.Option("--why", help="In words; kept with what you did.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let a run go on at once instead of waiting to the end. Caps and windows of its next mail stay as they are."""
    about = EnrolmentId(read_id("run", run))

    async def go(house: House) -> Hurried:
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            wish = Wish(by=by, via="cli", why=why)
            came_to = await hurrying.hurry(tx, about, wish, book=book, at=house.now())
        return Hurried(enrolment_id=about, step=came_to)

    done = ask(go)
    write(done, f"Run {about} goes on, with the step {done.step}.", as_json=as_json)


@app.command()
def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Its id, as `runs list` and the lead's page say it.")],
    to: Annotated[Path, typer.Option("--to", help="The folder the test is written into.")] = Path("tests/found"),
    wrong: Annotated[
        int | None, typer.Option("--wrong", help="Number of the decision that should be another; default: the last.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write one run, without its person, as a test that fails until its wrong decision is another one."""
    about = EnrolmentId(read_id("run", run))
    exported = ask(lambda house: export_run(house, about, to, wrong=wrong))
    if exported.differs:
        talk.print(f"Today's code differs already:\n{exported.differs}", highlight=False, soft_wrap=True)
    talk.print(f"Next: python -m pytest {exported.files[0]}", highlight=False, soft_wrap=True)
    write(exported, *exported.files, as_json=as_json)
