"""Which programs may tell us of leads, and what may each say? Keys: make, list, revoke."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, ask, table, write
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.model import Value
from leadloom.runtime import keys as making
from leadloom.runtime.wiring import House
from leadloom.store import intake_keys
from leadloom.store.intake_keys import IntakeKey, KeyOrder

app = typer.Typer(no_args_is_help=True, help="Keys of programs that tell us of leads: create, list, revoke.")


class NewKey(Value):
    """A key that was just made."""

    name: str
    key: str
    """Its words, shown this once."""


class Revoked(Value):
    """A key that opens nothing any more."""

    name: str


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for, such as website or billing.")],
    by: By,
    public: Annotated[
        bool,
        typer.Option("--public", help="For a page's source: it may only track what the definition lets it."),
    ] = False,
    scope: Annotated[
        list[Scope] | None, typer.Option("--scope", help="What it may do; track when none is said. May be repeated.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="A source of the definition, for touches.")] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="The only kinds of events it may claim. May be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and show it, this once: only a hash of it is kept."""
    order = KeyOrder(
        name=name,
        public=public,
        scopes=tuple(dict.fromkeys(scope or [Scope.TRACK])),
        source=source,
        kinds=tuple(kind) if kind else None,
        by=by,
    )

    async def make(house: House) -> str:
        return await making.create(house, order)

    words = ask(make)
    write(NewKey(name=name, key=words), f"{words}\n\nKeep it: it is shown this once.", as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """All keys: what they may do, and when each was used last. A key's last four characters say which it is."""

    async def read(house: House) -> tuple[IntakeKey, ...]:
        async with house.db.read() as tx:
            return await intake_keys.every(tx)

    rows = ask(read)
    drawn = table(
        "name", "key", "may", "events", "source", "used last", "made", "revoked",
        rows=(
            (
                row.name, f"…{row.hint}", ("public " if row.public else "") + ", ".join(row.scopes),
                "all" if row.kinds is None else ", ".join(row.kinds), row.source, row.last_used_at,
                f"{row.created_at:%Y-%m-%d} by {row.created_by}", row.revoked_at,
            )
            for row in rows
        ),
        empty="No program has a key. Make one: keys create website --public --source microsite",
    )  # fmt: skip
    write([row.but(hash="") for row in rows], drawn, as_json=as_json)


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="As the list has it.")],
    by: By,
    why: Annotated[str, typer.Option("--why", help="In words; kept with what you did.")],
    as_json: AsJson = False,
) -> None:
    """Let a key open nothing any more, within five seconds. It can't be given back: make a new one."""

    async def end(house: House) -> None:
        await making.revoke(house, name, by=by, why=why)

    ask(end)
    write(Revoked(name=name), f"The key {name} opens nothing any more.", as_json=as_json)
