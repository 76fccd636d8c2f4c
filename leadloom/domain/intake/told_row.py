"""What does one row of a stranger's table say of each field, and what of it can't be used?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar, cast

from leadloom.domain.errors import BadInput
from leadloom.domain.intake import told
from leadloom.domain.intake.cells import DayOrder, Unreadable, When, one_line, some_lines, translated, when
from leadloom.domain.intake.columns import ColumnMap
from leadloom.domain.model import Json, Value

T = TypeVar("T")

Translations = Mapping[str, Mapping[str, str]]
"""Field → what a cell says (lower case) → what is meant."""

_OF_ONE_ROW = re.compile(r"(?<!\w)'[^']*'(?!\w)|(?<!\w)\"[^\"]*\"(?!\w)|\b[A-Z]{1,3}\d+\b|\d+(?:[-:.,/]\d+)*")
_MOST_MEMORIES = 10_000


class Fault(Value):
    """Why a row, or a field of it, can't be taken."""

    field: str
    why: str
    """With the remedy."""


def reason_of(why: str) -> str:
    """What is wrong in as many words for all rows it is wrong with: their own texts and numbers left out."""
    return _OF_ONE_ROW.sub("…", why)


class Dates(Value):
    """How a list writes its days and times."""

    order: DayOrder | None = None
    zone: str = "UTC"
    """Of times without one."""

    def read(self, text: str) -> When:
        """The day or instant of a cell. Raises Unreadable."""
        return when(text, order=self.order, zone=self.zone)

    def past(self, text: str, at: datetime, *, read: Callable[[str], When] | None = None) -> When:
        """The same, Unreadable for what lies ahead of `at` too: a list tells what was. `read` may remember texts."""
        found = (read or self.read)(text)
        if found.at > at:
            raise Unreadable(
                f"{text[:40]!r} lies ahead of now ({at:%Y-%m-%d}); what is to come is no fact. Write the day it was."
            )
        return found


def remembered(read: Callable[[str], T]) -> Callable[[str], T]:
    """The same reading with a memory of its own: a list says few countries and days, and many times."""
    known: dict[str, T] = {}

    def look(text: str) -> T:
        if (found := known.get(text)) is not None or text in known:
            return cast("T", found)
        if len(known) >= _MOST_MEMORIES:
            known.clear()
        known[text] = found = read(text)
        return found

    return look


class RowReader:
    """Takes rows apart by the map of their columns; a row has as many cells as the header."""

    def __init__(self, columns: ColumnMap, values: Translations) -> None:
        """`values` are an operator's translations."""
        self._columns, self._values = columns, values
        self._fields = {column.field: column.place for column in columns.columns if column.field is not None}
        self._others = [
            (column.name, column.place) for column in columns.columns if not column.field and not column.dropped
        ]

    def read(self, cells: Sequence[str]) -> ToldRow:
        """What the row says, with what has no field of ours kept by its header. `cells` are as `cells.said` reads
        them: outer spaces gone, placeholders blank."""
        texts = {field: cells[place] for field, place in self._fields.items()}
        for each in self._columns.computed:
            pieces = [part if isinstance(part, str) else cells[part] for part in each.parts]
            texts[each.field] = "".join(pieces).strip() if all(pieces) else ""
        for field, table in self._values.items():
            if text := texts.get(field):
                texts[field] = translated(text, table)
        row = ToldRow({field: text for field, text in texts.items() if text}, self._columns)
        for name, place in self._others:
            if text := cells[place]:
                row.keep(name, text)
        return row


class ToldRow:
    """One row being read: what it says of our fields, what else it says, and what is wrong with it."""

    def __init__(self, texts: dict[str, str], columns: ColumnMap) -> None:
        """Use `RowReader.read`."""
        self.texts = texts
        self.attributes: dict[str, Json] = {}
        self.faults: list[Fault] = []
        self._columns = columns

    def must(self, field: str, read: Callable[[str], T]) -> T | None:
        """The field's value; a text that can't be read is a fault of the row."""
        if (text := self.texts.get(field)) is None:
            return None
        try:
            return read(text)
        except Unreadable as error:
            self.fault(field, str(error))
        except BadInput as error:
            self.fault(field, f"{text[:80]!r} can't be used. {error.remedy}")
        return None

    def may(self, field: str, read: Callable[[str], T | None]) -> T | None:
        """The field's value; a text that can't be read is kept as it is, under its header."""
        if (text := self.texts.get(field)) is None:
            return None
        found = read(text)
        if found is None:
            self.keep(self._columns.name_of(field), one_line(text))
        return found

    def keep(self, name: str, text: str) -> None:
        """Keep a text as an attribute; one without end is a fault of the row."""
        try:
            self.attributes[name] = some_lines(text)
        except Unreadable as error:
            self.fault(name, str(error))

    def fault(self, field: str, why: str) -> None:
        """Note what is wrong; of one field the first fault is the cause of the others."""
        if all(fault.field != field for fault in self.faults):
            self.faults.append(Fault(field=field, why=why))


def short(field: str) -> Callable[[str], str | None]:
    """Reads a text that fits the lead's field; a longer one is none."""
    longest = told.LONGEST[field]

    def read(text: str) -> str | None:
        bare = one_line(text)
        return bare if len(bare) <= longest else None

    return read
