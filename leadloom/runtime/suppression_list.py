"""How does a list of addresses and domains that somebody else keeps become suppressions? Read, checked, undoable."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from leadloom.domain.errors import BadInput
from leadloom.domain.model import Value
from leadloom.runtime.table_file import examine
from leadloom.store import permissions, suppressions
from leadloom.store.db import Db
from leadloom.store.permissions import Scope, Silence

PAGE = 1000
"""Rows of one transaction."""
_MOST_FAULTS = 100
_SEPARATORS = ",;\t|"


class ListOrder(NamedTuple):
    """A list, and why."""

    file: Path
    purpose: str | None
    topic: str | None
    why: str
    by: str


class Fault(Value):
    """A line nothing was taken of."""

    line: int
    why: str


class Brought(Value):
    """What came of a list."""

    list_id: UUID
    """What undoes it."""
    new: int
    stood: int
    """Left alone already, or in the list twice."""
    faults: tuple[Fault, ...]
    """At most the first hundred."""
    refused: int


async def bring_in(db: Db, order: ListOrder, *, at: datetime) -> Brought:
    """Leave everybody in the file alone: one address or domain a line, in any column; a first line without one is taken
    for the header. Killed and run again, what stands stays once. Raises NotFound, BadInput for a file that is none, or
    without a why.
    """
    if not order.why.strip():
        raise BadInput("why", order.why, "Say whose list it is: it is shown on the page of each lead it stops.")
    faults = list[Fault]()
    rows = list(dict.fromkeys(_values(order.file, faults)))
    async with db.transaction() as tx:
        list_id = await suppressions.note_list(tx, file=order.file.name, why=order.why, by=order.by, at=at)
    new = 0
    for start in range(0, len(rows), PAGE):
        silences = [
            Silence(
                scope=scope, value=value, purpose=order.purpose, topic=order.topic, reason=order.why, by=order.by, at=at
            )
            for scope, value in rows[start : start + PAGE]
        ]
        async with db.transaction() as tx:
            new += await permissions.suppress(tx, silences)
    shown = tuple(faults[:_MOST_FAULTS])
    return Brought(list_id=list_id, new=new, stood=len(rows) - new, faults=shown, refused=len(faults))


def _values(path: Path, faults: list[Fault]) -> Iterator[tuple[Scope, str]]:
    encoding = examine(path).encoding
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline()
        file.seek(0)
        separator = next((mark for mark in _SEPARATORS if mark in first), ",")
        lines = csv.reader(file, delimiter=separator)
        for cells in lines:
            said = [cell.strip() for cell in cells if cell.strip()]
            if not said:
                continue
            value, why = _value(said)
            if value is not None:
                yield value
            elif lines.line_num > 1:
                faults.append(Fault(line=lines.line_num, why=why))


def _value(cells: list[str]) -> tuple[tuple[Scope, str] | None, str]:
    """The first cell that is an address, else the first that is a domain; or what is wrong with the likeliest."""
    likely = sorted(cells, key=lambda cell: "@" not in cell)
    why = ""
    for cell in likely:
        try:
            return suppressions.read_value(cell), ""
        except BadInput as error:
            why = why or str(error)
    return None, why
