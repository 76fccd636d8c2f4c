"""Which rows of a file are one person? Read whole and compared among themselves; nothing is written anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from leadloom.domain.model import Value
from leadloom.domain.people.list_columns import compared_columns, naming_columns
from leadloom.domain.people.pairs import SURE_ENOUGH, Pair, find
from leadloom.domain.people.person import Person, person_of
from leadloom.runtime.how_to_read import HowToRead, opened
from leadloom.runtime.table import Table, TableRow


class Row(Value):
    """Which row of the file."""

    row: int
    """From 1, the header and blank lines not counted."""
    id: str
    """By which the list names it; its number when it has no column for that."""


class FoundPair(Value):
    """Two rows that are one person."""

    one: Row
    other: Row
    bits: float
    """How likely above even; +10 is a thousand to one."""
    reasons: tuple[str, ...]


class FoundInList(Value):
    """What a list says of itself."""

    file: str
    rows: int
    unread: tuple[int, ...]
    """Rows whose cells can't be told apart: they were compared with nobody."""
    columns: dict[str, str]
    """Field → the column it was read from."""
    people: int
    """How many there are when each pair found is one."""
    pairs: tuple[FoundPair, ...]
    """By the first row, then the second."""


async def duplicates_in(
    path: Path, how: HowToRead, *, asked: Sequence[str] = (), least: float = SURE_ENOUGH
) -> FoundInList:
    """The rows of a file that are one person. Raises NotFound; BadInput when it is no table, or says who nobody is."""
    table = await opened(path, how, lambda share, words: None)
    return await asyncio.to_thread(_found, table, asked, least)


def _found(table: Table, asked: Sequence[str], least: float) -> FoundInList:
    places = compared_columns(table.names, asked)
    rows = list(table.rows())
    read = [row for row in rows if row.fault is None]
    ids = _ids(table, read)
    people = [_person(row, places) for row in read]
    pairs = find(people, least=least)
    return FoundInList(
        file=table.path.name,
        rows=len(rows),
        unread=tuple(row.no for row in rows if row.fault is not None),
        columns={field: table.names[place] for field, place in places.items()},
        people=len(people) - _joined(pairs),
        pairs=tuple(
            FoundPair.built(one=ids[pair.one], other=ids[pair.other], bits=pair.bits, reasons=pair.reasons)
            for pair in pairs
        ),
    )


def _person(row: TableRow, places: dict[str, int]) -> Person:
    return person_of(str(row.no), {field: row.cells[place] for field, place in places.items()})


def _ids(table: Table, rows: Sequence[TableRow]) -> list[Row]:
    for place in naming_columns(table.names):
        cells = [row.cells[place].strip() for row in rows]
        if all(cells) and len(set(cells)) == len(cells):
            return [Row.built(row=row.no, id=cell) for row, cell in zip(rows, cells, strict=True)]
    return [Row.built(row=row.no, id=str(row.no)) for row in rows]


def _joined(pairs: Sequence[Pair]) -> int:
    """Records that are one with an earlier one: pairs are whole groups, so each of them is the second of some pair."""
    return len({pair.other for pair in pairs})
