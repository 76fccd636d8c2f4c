"""What did clients and forms of other makers send that couldn't be taken? Look at it, take it later, or let it go."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, Limit, ask, read_id, table, write
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.tracked import Reason
from leadloom.domain.model import Value
from leadloom.runtime import dropped as taking
from leadloom.runtime import lead_forms
from leadloom.runtime.dropped import Retried
from leadloom.runtime.wiring import House
from leadloom.store import dropped
from leadloom.store.dropped import DroppedEvent, DroppedSort

app = typer.Typer(
    no_args_is_help=True,
    help="What clients and forms of other makers sent that couldn't be taken: list, retry, mend, drop.",
)

Name = Annotated[str | None, typer.Option("--name", help="Only events of this name.")]
Why = Annotated[str | None, typer.Option("--reason", help=f"Only for this reason: {', '.join(Reason)}.")]


class Mended(Value):
    """What became of a form whose address was written anew."""

    taken: bool


class LetGo(Value):
    """Events nobody needs."""

    events: int


@app.command("list")
def list_(
    each: Annotated[bool, typer.Option("--each", help="One by one, oldest first; --json shows what was sent.")] = False,
    name: Name = None,
    reason: Why = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """What couldn't be taken, with its reason: by name, or one by one. The clients were answered 200."""
    if each or name is not None or reason is not None:
        rows = ask(lambda house: _each(house, name, _reason(reason), limit))
        drawn = table(
            "came", "key", "type", "name", "reason", "what is wrong", "tries",
            rows=((row.heard_at, row.key_name, row.type, row.name, row.reason, row.why, row.tries) for row in rows),
            empty="No such event waits for anybody.",
        )  # fmt: skip
        write(rows, drawn, as_json=as_json)
        return
    sorts = ask(lambda house: _sorts(house, limit))
    drawn = table(
        "events", "key", "type", "name", "reason", "what is wrong", "first", "last",
        rows=(
            (row.events, row.key_name, row.type, row.name, row.reason, row.why, row.first_at, row.last_at)
            for row in sorts
        ),
        empty="Everything that was sent could be taken.",
    )  # fmt: skip
    write(sorts, drawn, as_json=as_json)


@app.command()
def retry(by: By, name: Name = None, reason: Why = None, as_json: AsJson = False) -> None:
    """Take dropped events again, such as after the definition learned their name. They happened when they happened."""

    async def take(house: House) -> Retried:
        return await taking.retry(house, name=name, reason=_reason(reason), by=by)

    done = ask(take)
    write(done, f"Taken: {done.taken}. Still not to be taken: {done.dropped_again}.", as_json=as_json)


@app.command()
def mend(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Its id, as `dropped list --each --json` prints it.")],
    email: Annotated[str, typer.Option("--email", help="The address in the place of the one that is none.")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Write the right address into a form of another maker whose address was none, and take it."""

    async def work(house: House) -> Mended:
        return Mended(taken=await lead_forms.mend(house, read_id("event", event), email, by=by))

    done = ask(work)
    write(done, "It is a lead now." if done.taken else "It still can't be taken: dropped list --each.", as_json=as_json)
    if not done.taken:
        raise typer.Exit(1)


@app.command()
def drop(
    by: By,
    why: Annotated[str, typer.Option("--why", help="In words; kept with what you did.")],
    name: Name = None,
    reason: Why = None,
    as_json: AsJson = False,
) -> None:
    """Let dropped events go for good: those of a name, of a reason, or of both."""
    if name is None and reason is None:
        raise BadInput("name", None, "Say which: --name, --reason, or both.")

    async def end(house: House) -> int:
        return await taking.let_go(house, name=name, reason=_reason(reason), by=by, why=why)

    gone = ask(end)
    write(LetGo(events=gone), f"Let go: {gone}.", as_json=as_json)


async def _each(house: House, name: str | None, reason: str | None, limit: int) -> tuple[DroppedEvent, ...]:
    async with house.db.read() as tx:
        return await dropped.listed(tx, name=name, reason=reason, limit=limit)


async def _sorts(house: House, limit: int) -> tuple[DroppedSort, ...]:
    async with house.db.read() as tx:
        return await dropped.sorts(tx, limit=limit)


def _reason(text: str | None) -> str | None:
    if text is not None and text not in list(Reason):
        raise BadInput("reason", text, f"Use one of: {', '.join(Reason)}.")
    return text
