"""What did journeys ask people to do? The open tasks, and an owner's answer from the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, ask, read_id, table, write
from leadloom.domain.model import TaskId
from leadloom.runtime.wiring import House
from leadloom.store import published, tasks
from leadloom.store.tasks import Answer, Task

app = typer.Typer(no_args_is_help=True, help="What journeys ask owners to do, and what came of it.")

_VIA = "cli"


@app.command("list")
def list_(
    owner: Annotated[str | None, typer.Option("--owner", help="Only those of this owner (handle).")] = None,
    ended_too: Annotated[bool, typer.Option("--all", help="Answered ones and those taken back, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Open tasks, soonest due first."""

    async def read(house: House) -> tuple[Task, ...]:
        async with house.db.read() as tx:
            return await tasks.every(tx, owner=owner, ended_too=ended_too)

    rows = ask(read)
    drawn = table(
        "task", "due", "with", "lead", "company", "to do", "answers", "state", "by",
        rows=(
            (row.task_id, row.due_at, row.owner, row.person, row.company, row.words, ", ".join(row.outcomes),
             f"{row.status}: {row.outcome}" if row.outcome else row.status, row.ended_by)
            for row in rows
        ),
        empty="No tasks." if ended_too else "No open tasks.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@app.command()
def done(
    task: Annotated[str, typer.Argument(metavar="TASK", help="Its id, as `tasks list` prints it.")],
    outcome: Annotated[str, typer.Option("--outcome", help="How it went: one of its answers.")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Say what came of a task: its journey goes where that leads. Who answers second is told who was first (exit 4)."""
    about = TaskId(read_id("task", task))

    async def answer(house: House) -> Task:
        async with house.db.transaction() as tx:
            said = Answer(outcome=outcome, by=by, via=_VIA)
            return await tasks.answer(tx, about, said, book=await published.book(tx), at=house.now())

    now = ask(answer)
    write(now, f"{now.words}, {now.person}: {now.outcome}.", as_json=as_json)
