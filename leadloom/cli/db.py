"""Does the database suit this code, and how is it made to? Migrations go forward only."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from leadloom.cli._data import AsJson, write
from leadloom.cli._door import talk
from leadloom.domain.errors import Unreachable
from leadloom.domain.model import Value
from leadloom.runtime.wiring import settings_of_running_stack
from leadloom.store import migrate as migrations

app = typer.Typer(no_args_is_help=True, help="Migrate the database, or check that it suits this code.")


class Migrated(Value):
    """What a migration did."""

    applied: list[str]


class Schema(Value):
    """How the database stands."""

    due: list[str]
    """Migrations to apply, in order; `post` ones may wait until no older code runs."""


@app.command()
def migrate(
    before_deploy: Annotated[
        bool, typer.Option("--before-deploy", help="Only what the code that runs now can live with.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Apply the migrations that are due. Twice is fine; two at once wait for each other."""
    dsn = _dsn()
    applied = asyncio.run(migrations.migrate(dsn, only="pre" if before_deploy else None))
    talk.print(f"{len(applied)} migration(s) applied." if applied else "Nothing was due.", highlight=False)
    write(Migrated(applied=applied), *applied, as_json=as_json)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Say which migrations are due; exit 6 when this code can't work before they are applied."""
    dsn = _dsn()
    due = asyncio.run(migrations.due(dsn))
    write(Schema(due=due), *due, as_json=as_json)
    if any("_pre_" in name for name in due):
        talk.print("Run: python starter.py db migrate", highlight=False)
        raise typer.Exit(6)


def _dsn() -> str:
    dsn = settings_of_running_stack().database_url
    if dsn is None:
        raise Unreachable("Postgres", "DATABASE_URL", "it is not set, and no local stack runs; start one: make up")
    return dsn
