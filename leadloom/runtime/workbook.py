"""What does a sheet of a stranger's Excel workbook hold? Its rows as texts, streamed; what can't be trusted is said."""

from __future__ import annotations

import hashlib
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import repeat
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.cells import Unreadable
from leadloom.domain.intake.columns import unique_names
from leadloom.runtime.table import LOOKED_AT, MOST_COLUMNS, Examined, TableRow, Told, fitting, must_be_table
from leadloom.runtime.workbook_parts import look

EXACT_DIGITS = 15
"""Digits Excel keeps of a number: of a longer id or phone the last ones are gone."""
_CHUNK = 1 << 20
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ZEROS = re.compile(r"0+")
_TALL = 1000
"""Lines from which a merged cell is looked up as a range."""
_UNREADABLE = (
    ElementTree.ParseError, zipfile.BadZipFile, zlib.error, ArithmeticError, LookupError, ValueError, TypeError,
    AttributeError, SyntaxError, OSError,
)  # fmt: skip
"""What openpyxl raises on parts that are not what they should be."""
_BLANK = "#N/A"
"""What a look-up that found nothing shows: nobody told. Other errors are faults."""

Cell = Any
"""One of openpyxl's two kinds of read-only cell, which its stubs don't tell apart from the others."""


class WorkbookTable:
    """One sheet as header and rows, as people see it: dates as dates, zeros that the format shows, no formulas."""

    def __init__(self, path: Path, *, sheet: str | None = None, told: Told = lambda read: None) -> None:
        """Looks through the whole file once. Raises BadInput when no sheet of it can be read as a table."""
        self.path = path
        self._look = look(path, sheet)
        self.examined = _examined(path, told)
        self.separator = f"sheet {self._look.title!r}"
        self._values, self._formulas = self._opened(values=True), None
        if self._look.has_formulas:
            self._formulas = self._opened(values=False)
        self._merged = _Merged(self._look.merged)
        self._header, self.names = self._read_header()
        first = next(self.rows(), None)
        self.sample = tuple(row.cells for _, row in zip(range(LOOKED_AT), self.rows(), strict=False) if not row.fault)
        must_be_table(path.name, self.names, any_row=first is not None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What somebody who looks at the sheet doesn't see."""
        hidden = ((self._look.hidden_rows, "rows"), (self._look.hidden_columns, "columns"))
        words = "{n:,} {what} of the sheet are hidden. They are read like all others."
        return tuple(words.format(n=count, what=what) for count, what in hidden if count)

    def rows(self) -> Iterator[TableRow]:
        """Every row below the header, from the first. Blank ones are no rows."""
        width, no = len(self.names), 0
        for line, cells, fault in self._lines():
            if line <= self._header or (fault is None and not any(cells)):
                continue
            no += 1
            fits = fitting((*cells, *repeat("", width - len(cells))), width)
            if fault is None and fits is None:
                fault = f"has {len(cells)} cells, the header has {width}"
            yield TableRow(
                no,
                line,
                cells if fits is None else fits,
                fault,
                self.examined.size * line // max(self._look.rows, line),
            )

    def _opened(self, *, values: bool) -> Any:
        """The sheet; `values` for what was shown when it was saved, else the formulas themselves."""
        try:
            with warnings.catch_warnings(action="ignore"):  # of styles and extensions, which say nothing of leads
                book = openpyxl.load_workbook(self.path, read_only=True, data_only=values, keep_links=False)
            opened: Any = book[self._look.title]
        except _UNREADABLE as error:
            raise self._broken(error) from error
        opened.reset_dimensions()  # what it says of its size is a claim; a row beyond it would be lost in silence
        return opened

    def _broken(self, error: Exception) -> BadInput:
        return BadInput(
            "file", self.path.name, f"It is broken: {type(error).__name__}. Open it in Excel and save it anew."
        )

    def _lines(self) -> Iterator[tuple[int, tuple[str, ...], str | None]]:
        """Number of the line in the sheet, its texts, and why it can't be taken."""
        try:
            yield from self._read_lines()
        except _UNREADABLE as error:
            raise self._broken(error) from error

    def _read_lines(self) -> Iterator[tuple[int, tuple[str, ...], str | None]]:
        values = self._values.iter_rows(max_col=MOST_COLUMNS + 1)
        formulas: Iterable[Sequence[Cell]] = repeat(())
        if self._formulas is not None:
            formulas = self._formulas.iter_rows(max_col=MOST_COLUMNS + 1)
        for line, (shown, behind) in enumerate(zip(values, formulas, strict=False), start=1):
            cells, fault = _texts(shown)
            fault = fault or _not_calculated(shown, behind)
            yield line, cells, fault or self._merged.fault(line)

    def _read_header(self) -> tuple[int, tuple[str, ...]]:
        for line, cells, fault in self._lines():
            if fault is not None and any(cells):
                raise BadInput(
                    "file",
                    self.path.name,
                    f"Its header in line {line} can't be read: {fault}. A title above it? Delete it.",
                )
            if any(cells):
                return line, unique_names(cells)
        raise BadInput("sheet", self._look.title, "It has no cell with text in it.")


def _examined(path: Path, told: Told) -> Examined:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            told(size)
    return Examined(sha256=digest.hexdigest(), encoding="Excel workbook", found_by="reading", size=size)


def _texts(cells: Sequence[Cell]) -> tuple[tuple[str, ...], str | None]:
    """The row's texts without the empty cells at its end, and the first that can't be read."""
    texts: list[str] = []
    fault: str | None = None
    for cell in cells:
        try:
            texts.append(_text(cell))
        except Unreadable as error:
            texts.append(str(cell.value))
            fault = fault or f"{cell.coordinate} {error}"
    while texts and not texts[-1].strip():
        texts.pop()
    return tuple(texts), fault


def _text(cell: Cell) -> str:
    """What the cell shows, in the words a CSV would have. Raises Unreadable."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        if cell.data_type == "e":
            if value == _BLANK:
                return ""
            raise Unreadable(f"holds the error {value}. Mend it in the sheet")
        return _ESCAPED.sub(_unescaped, value) if "_x" in value else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    return _moment(value)


def _unescaped(found: re.Match[str]) -> str:
    """`_x000D_` is how a workbook writes a sign that XML can't."""
    return chr(int(found[1], 16))


def _number(value: float, shown_as: str) -> str:
    """Without a point when it is whole, so that a phone stays one; with the zeros its format shows (`00000`)."""
    if value != value or value in (float("inf"), float("-inf")):
        raise Unreadable("holds no number")
    if value != int(value):
        return f"{Decimal(repr(value)).normalize():f}"
    digits = str(abs(int(value)))
    if len(digits) > EXACT_DIGITS:
        raise Unreadable(
            f"is a number of {len(digits)} digits, of which Excel keeps {EXACT_DIGITS}: the last are gone. "
            "Make the column text and fill it in again"
        )
    pattern = shown_as.partition(";")[0]
    if _ZEROS.fullmatch(pattern):
        digits = digits.zfill(len(pattern))
    return f"-{digits}" if value < 0 else digits


def _moment(value: object) -> str:
    """A day, a time or an instant; a day alone is no midnight."""
    match value:
        case datetime():
            return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return str(value)


def _not_calculated(shown: Sequence[Cell], behind: Sequence[Cell]) -> str | None:
    """A formula whose result was never saved shows nothing to us, and something to whoever opens the sheet."""
    for value, formula in zip(shown, behind, strict=False):
        if formula.data_type == "f" and value.value is None:
            return f"{formula.coordinate} is a formula without its result. Open the sheet in Excel and save it"
    return None


class _Merged:
    """Lines in which a cell is blank to us though people see a value there."""

    def __init__(self, ranges: Iterable[tuple[int, int, int, int]]) -> None:
        spans = [(top if right > left else top + 1, bottom) for left, top, right, bottom in ranges]
        self._tall = [(first, last) for first, last in spans if last - first > _TALL]
        self._lines = {line for first, last in spans if last - first <= _TALL for line in range(first, last + 1)}

    def fault(self, line: int) -> str | None:
        """Why the line can't be taken."""
        if line not in self._lines and not any(first <= line <= last for first, last in self._tall):
            return None
        return "has merged cells, of which only the first holds a value. Take them apart and fill each"
