"""What is a stranger's table, whatever kind of file it came in? A header, and rows that are streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from leadloom.domain.errors import BadInput
from leadloom.domain.model import Value

MOST_COLUMNS = 1000
LOOKED_AT = 100
"""Rows by which a separator is found and columns that look like an id are told."""


class Examined(Value):
    """What a first pass over the whole file says."""

    sha256: str
    encoding: str
    """`Excel workbook` for one."""
    found_by: str
    """`mark` (it says so itself), `reading` (all of it is UTF-8), `guess` (it isn't, so Western Windows), `told`."""
    size: int
    """Bytes."""


class TableRow(NamedTuple):
    """One row as it stands in the file."""

    no: int
    """From 1, the header and blank lines not counted."""
    line: int
    """The line of the file it begins in, from 1."""
    cells: tuple[str, ...]
    fault: str | None
    """Why its cells can't be told apart, or one of them can't be read; None when there are as many as in the header."""
    byte: int
    """About how much of the file is read."""


class Head(Protocol):
    """What is seen of a file before its rows are read."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its header, made unique."""
        ...

    @property
    def sample(self) -> tuple[tuple[str, ...], ...]:
        """The cells of the first rows that can be read."""
        ...


class Table(Head, Protocol):
    """An examined file as header and rows."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    @property
    def examined(self) -> Examined:
        """What it is."""
        ...

    @property
    def separator(self) -> str:
        """What parts its cells; of a workbook, its sheet in words."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the file, in sentences."""
        ...

    def rows(self) -> Iterator[TableRow]:
        """Every row below the header, from the first."""
        ...


Told = Callable[[int], None]
"""Hears how many bytes are read."""


def fitting(cells: Sequence[str], width: int) -> tuple[str, ...] | None:
    """The cells when they are as many as the header's, empty ones at the end not counted; else None."""
    if len(cells) == width:
        return tuple(cells)
    extra = cells[width:]
    return tuple(cells[:width]) if len(cells) > width and not any(cell.strip() for cell in extra) else None


def must_be_table(file_name: str, names: Sequence[str], *, any_row: bool) -> None:
    """Raises BadInput for more columns than anybody has, and for a header with nothing below it."""
    if len(names) > MOST_COLUMNS:
        raise BadInput("file", file_name, f"It has {len(names)} columns; the most is {MOST_COLUMNS}.")
    if not any_row:
        raise BadInput("file", file_name, "It has a header and no rows.")
