"""Who is one person twice? A list compared with itself."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.cli._data import AsJson, table, write
from leadloom.cli._door import talk
from leadloom.cli._imports import Encoding, File, Separator
from leadloom.domain.people.pairs import SURE_ENOUGH
from leadloom.runtime.duplicates_in_list import FoundInList, duplicates_in
from leadloom.runtime.how_to_read import HowToRead
from leadloom.runtime.table_file import SEPARATORS

app = typer.Typer(no_args_is_help=True, help="Who is one person twice: find in a list.")

_SHOWN = 50


@app.command("find")
def find_(
    file: File,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="FIELD=COLUMN, or FIELD= for no column. As often as needed.")
    ] = None,
    least: Annotated[float, typer.Option("--least", help="Bits above even from which a pair is told.")] = SURE_ENOUGH,
    encoding: Encoding = None,
    separator: Separator = None,
    as_json: AsJson = False,
) -> None:
    """Pairs of rows of a CSV file that are one person, with the reasons. Asks no database and writes nothing."""
    sign = {name: sign for sign, name in SEPARATORS.items()}.get(separator or "", separator)
    how = HowToRead(encoding=encoding, separator=sign)
    found = asyncio.run(duplicates_in(file, how, asked=map_ or (), least=least))
    write(found, _drawn(found), as_json=as_json)
    compared = ", ".join(f"{field} ({column})" for field, column in found.columns.items())
    talk.print(f"Compared by {compared}.", soft_wrap=True)
    talk.print(f"{found.rows} rows, {found.people} people, {len(found.pairs)} pairs.", soft_wrap=True)
    if found.unread:
        talk.print(f"{len(found.unread)} rows couldn't be read: {', '.join(map(str, found.unread[:10]))}.")


def _drawn(found: FoundInList) -> RenderableType:
    shown = found.pairs[:_SHOWN]
    return table(
        "row", "id", "row", "id", "bits", "because",
        rows=((p.one.row, p.one.id, p.other.row, p.other.id, p.bits, ", ".join(p.reasons)) for p in shown),
        title="" if len(found.pairs) <= _SHOWN else f"The first {_SHOWN} pairs; all of them: --json.",
        empty="Nobody is in it twice.",
    )  # fmt: skip
