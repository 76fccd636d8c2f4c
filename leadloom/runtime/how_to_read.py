"""How is a stranger's file read? As an operator says, and else as the last file with the same header was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar, cast

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.cells import DayOrder
from leadloom.domain.intake.columns import is_data
from leadloom.domain.intake.told_row import Translations
from leadloom.domain.mails.windows import is_zone
from leadloom.domain.model import Json, Value
from leadloom.runtime.table import Table
from leadloom.runtime.table_file import CsvTable, examine
from leadloom.runtime.workbook import WorkbookTable
from leadloom.runtime.workbook_parts import is_workbook
from leadloom.store.imports import EarlierRead

Told = Callable[[float, str], None]
"""Hears (share done, words)."""
READING = "reading"
"""What it hears while a file is read through for its encoding, before its first row."""


class HowToRead(Value):
    """What an operator says about a file; part of what makes two imports of one file the same."""

    map: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    """Of a workbook; needed when it shows several."""
    dates: DayOrder | None = None
    zone: str = "UTC"


H = TypeVar("H", bound=HowToRead)


class ReadAsBefore(Value):
    """What was taken over from the import of another file with the same header."""

    file: str
    at: datetime
    options: tuple[str, ...]
    """As they would be written on the command line."""


async def opened(path: Path, how: HowToRead, told: Told) -> Table:
    """The file's table, after a first pass over all of it. Raises NotFound, BadInput."""
    if how.separator is not None and len(how.separator) != 1:
        raise BadInput("separator", how.separator, "Write one character, such as ';'.")
    if not is_zone(how.zone):
        raise BadInput("zone", how.zone, "Write a time zone such as Europe/Berlin.")

    def hear(done: int) -> None:
        told(done / max(path.stat().st_size, 1), READING)

    return await asyncio.to_thread(_table, path, how, hear)


def _table(path: Path, how: HowToRead, told: Callable[[int], None]) -> Table:
    if is_workbook(path):
        for option in ("encoding", "separator"):
            if (asked := getattr(how, option)) is not None:
                raise BadInput(option, asked, "A workbook needs none. Leave it out.")
        return WorkbookTable(path, sheet=how.sheet, told=told)
    if how.sheet is not None:
        raise BadInput("sheet", how.sheet, "A text file has no sheets. Leave it out.")
    return CsvTable(path, examine(path, encoding=how.encoding, told=told), separator=how.separator)


def translations(asked: Sequence[str], fields: Sequence[str]) -> Translations:
    """What `--value 'stage:1=won,0=inquiry'` means. Raises BadInput."""
    tables: dict[str, dict[str, str]] = {}
    for text in asked:
        name, colon, pairs = text.partition(":")
        if not colon or name.strip() not in fields:
            raise BadInput("value", text, f"Write FIELD:THEIRS=OURS with a field of {', '.join(fields)}.")
        for pair in pairs.split(","):
            theirs, equals, ours = pair.rpartition("=")
            if not equals or not theirs.strip():
                raise BadInput("value", text, "Write FIELD:THEIRS=OURS, such as stage:1=won,0=inquiry.")
            tables.setdefault(name.strip(), {})[theirs.strip().casefold()] = ours.strip()
    return tables


def header_of(table: Table) -> tuple[str, ...]:
    """The columns by which a file is known again: those of a file of faults are its own, without what it says first."""
    return tuple(name for name in table.names if is_data(name))


def as_before(how: H, earlier: EarlierRead | None) -> tuple[H, ReadAsBefore | None]:
    """The reading with what was said of an earlier file of this header, and what that adds; what is said now counts.

    Of an earlier import only how cells are read is taken over: never a permission, a stage, or what a row is.
    """
    if earlier is None:
        return how, None
    said = earlier.options
    maps, values = _more(how.map, _texts(said.get("map")), "="), _more(how.value, _texts(said.get("value")), ":")
    dates = how.dates or cast("DayOrder | None", said.get("dates"))
    zone = str(said.get("zone") or _UTC) if how.zone == _UTC else how.zone
    taken = how.model_copy(
        update={"map": (*how.map, *maps), "value": (*how.value, *values), "dates": dates, "zone": zone}
    )
    options = [f"--map {one!r}" for one in maps] + [f"--value {one!r}" for one in values]
    options += [f"--dates {dates}"] if dates != how.dates else []
    options += [f"--zone {zone}"] if zone != how.zone else []
    if not options:
        return how, None
    return taken, ReadAsBefore(file=earlier.file_name, at=earlier.started_at, options=tuple(options))


_UTC = "UTC"


def _more(now: Sequence[str], before: Iterable[str], sign: str) -> list[str]:
    """What was said before of fields that nothing is said of now."""
    decided = {text.partition(sign)[0].strip() for text in now}
    return [text for text in before if text.partition(sign)[0].strip() not in decided]


def _texts(said: Json) -> list[str]:
    return [str(each) for each in said] if isinstance(said, list) else []
