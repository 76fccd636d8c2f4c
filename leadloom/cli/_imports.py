"""What do `leads import` and `deals import` ask for, and how is what became of a file told?"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar

import typer
from rich.console import RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from leadloom.cli._data import table, write
from leadloom.cli._door import talk
from leadloom.domain.errors import BadInput, Faulty
from leadloom.domain.intake.cells import DayOrder
from leadloom.domain.intake.import_deal import ToldDeal
from leadloom.domain.lead import LeadDraft
from leadloom.domain.model import Value
from leadloom.runtime.how_to_read import HowToRead, Told, as_before, header_of, opened
from leadloom.runtime.import_deals import DealList, DealWork
from leadloom.runtime.import_leads import LeadList, LeadWork
from leadloom.runtime.imported import Imported
from leadloom.runtime.importing import Import, Work
from leadloom.runtime.table import Table
from leadloom.runtime.table_file import SEPARATORS
from leadloom.runtime.wiring import House
from leadloom.runtime.wiring import opened as opened_house
from leadloom.store import imports, published
from leadloom.store.imports import ImportRow, Noun
from leadloom.store.published import Book

File = Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file or an Excel workbook (.xlsx), with a header.")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", help="FIELD=COLUMN, FIELD='{Column} and text', or FIELD= for no column. As often as needed."),
]
Values = Annotated[
    list[str] | None, typer.Option("--value", help="FIELD:THEIRS=OURS,…: what a cell says, and what it means.")
]
Encoding = Annotated[str | None, typer.Option("--encoding", help="Default: found (UTF-8, UTF-16, else cp1252).")]
Separator = Annotated[
    str | None, typer.Option("--separator", help="comma, semicolon, tab, pipe or the character. Default: found.")
]
Afresh = Annotated[bool, typer.Option("--afresh", help="Don't read it as the last file with this header was.")]
Sheet = Annotated[str | None, typer.Option("--sheet", help="Of a workbook. Default: the only one it shows.")]
DatesAre = Annotated[DayOrder | None, typer.Option("--dates", help="dmy or mdy, for dates such as 03/02/2026.")]
Zone = Annotated[str, typer.Option("--zone", help="Time zone of times that have none.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Decide everything, show it, write nothing.")]
Faults = Annotated[
    Path | None, typer.Option("--faults", help="Where refused rows go. Default: FILE's name with .faults.csv, here.")
]
BroughtBy = Annotated[str, typer.Option("--by", envvar="LEADLOOM_BY", help="Your handle; kept with the import.")]

_REASONS = 10
"""Reasons that are counted; the rest is in the file of faults and in the console."""
SHOWN_COLUMNS = 12
"""Columns without a field that are listed by name."""

T = TypeVar("T", bound=Value)
H = TypeVar("H", bound=HowToRead)

Begin: TypeAlias = Callable[[H, Table, Book, House], Work[T]]
"""Makes of what an operator said and the opened file what reads and takes its rows."""


def separator_of(text: str | None) -> str | None:
    """The character somebody means by its name."""
    return next((sign for sign, name in SEPARATORS.items() if text == name), text)


def bring_in(  # noqa: PLR0913  what every import's command asks for
    file: Path, how: H, begin: Begin[H, T], *, noun: Noun, afresh: bool, by: str, dry_run: bool, faults: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Import a file or rehearse it, and tell what became of it. Raises what the import raises, Faulty for no row."""
    faults_file = faults or Path(f"{file.stem}.faults.csv")
    if faults_file.resolve() == file.resolve():
        raise BadInput("faults", str(faults_file), "That is the file itself. Name another.")
    if not os.access(faults_file.parent, os.W_OK):
        raise BadInput("faults", str(faults_file), "Nothing can be written there. Name another place.")

    async def within(told: Told) -> Imported:
        async with opened_house() as house:
            opened_table = await opened(file, how, told)
            async with house.db.read() as tx:
                book = await published.book(tx)
                earlier = None if afresh else await imports.read_before(tx, noun, header_of(opened_table))
            read, before = as_before(how, earlier)
            work = begin(read, opened_table, book, house)
            bringing = Import(house.db, opened_table, work, now=house.now, told=told)
            if dry_run:
                ended = await bringing.rehearse()
            else:
                ended = await bringing.bring_in(read.model_dump(mode="json"), by=by, faults_file=faults_file)
            return ended.model_copy(update={"read_as": before})

    with progress_bar() as bar:
        task = bar.add_task("reading", total=1.0)
        ended = asyncio.run(within(lambda share, words: bar.update(task, completed=share, description=words)))
    write(ended, *_draw(ended), as_json=as_json)
    if ended.refused and ended.refused == ended.rows:
        raise Faulty(file.name, [f"row {one.row}, {one.field}: {one.why}" for one in ended.refusals])


def lead_work(*, rehearsal: bool) -> Begin[LeadList, LeadDraft]:
    """What reads and takes leads."""
    return lambda how, found, book, house: LeadWork(found, how, book, at=house.now(), rehearsal=rehearsal)


def deal_work() -> Begin[DealList, ToldDeal]:
    """What reads and takes deals."""
    return lambda how, found, book, _: DealWork(found, how, book)


def read_imports(noun: Noun, limit: int) -> Callable[[House], Awaitable[tuple[ImportRow, ...]]]:
    """Asks the house for what was brought in, newest first."""

    async def read(house: House) -> tuple[ImportRow, ...]:
        async with house.db.read() as tx:
            return await imports.recent(tx, noun, limit=limit)

    return read


def draw_imports(found: tuple[ImportRow, ...]) -> RenderableType:
    """The list of imports."""
    return table(
        "import", "file", "began", "by", "ended", "taken", "refused",
        rows=(
            (row.import_id, row.file_name, row.started_at, row.started_by, row.finished_at, row.taken, row.refused)
            for row in found
        ),
        empty="Nothing was imported.",
    )  # fmt: skip


def progress_bar() -> Progress:
    """Shown on a terminal only, and gone when all is done."""
    return Progress(
        TextColumn("{task.description:<46}"), BarColumn(bar_width=30), TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(), console=talk, transient=True, disable=not talk.is_terminal,
    )  # fmt: skip


def _draw(ended: Imported) -> Iterator[RenderableType]:
    found = {"mark": "by its mark", "told": "as told", "reading": "", "guess": "guessed, because it is no UTF-8"}
    how = " ".join(part for part in (ended.encoding, found[ended.encoding_found_by]) if part)
    yield f"{ended.file}: {ended.rows:,} rows, {how}, {ended.separator}."
    if ended.resumed_after:
        yield f"Going on after row {ended.resumed_after:,}, where an earlier import of it stopped."
    if ended.dry_run:
        yield "A rehearsal: nothing was written."
        yield ""
        yield table(
            "column", "field", rows=((use.column, use.field or "(attribute, by its own name)") for use in ended.columns)
        )
        yield ""
    yield (
        f"{ended.new:,} new, {ended.changed:,} changed, {ended.unchanged:,} unchanged, {ended.refused:,} refused"
        + (f", {ended.quarantined:,} quarantined." if ended.quarantined else ".")
    )
    yield from _told(ended)
    if ended.examples:
        yield ""
        for example in ended.examples:
            told = {name: value for name, value in example.items() if name != "attributes"}
            yield "  " + ", ".join(f"{name}: {value}" for name, value in told.items())


def _told(ended: Imported) -> Iterator[str]:
    yield from _known(ended)
    if not ended.dry_run:
        used = ", ".join(f"{use.field} from {use.column}" for use in ended.columns if use.field)
        kept = sum(use.field is None for use in ended.columns)
        yield f"Read: {used}. {kept} more columns are kept as attributes."
    yield from (
        f"Column {each.column!r} looks like {each.field}: --map '{each.field}={each.column}' would read it so."
        for each in ended.suggestions
    )
    if ended.placeholders:
        yield (
            f"{sum(ended.placeholders.values()):,} cells hold a placeholder such as Select and were read as blank: "
            + _listed(ended.placeholders)
        )
    if ended.dry_run and ended.blanks:
        yield f"{sum(ended.blanks.values()):,} cells are empty: {_listed(ended.blanks)}"
    if ended.sources:
        yield f"Sources the definition doesn't know, kept as they are: {_listed(ended.sources)}"
    for alias in ended.aliases:
        yield f"{alias.told!r} was read as {alias.known!r} in {alias.rows:,} rows: they differ by spaces and case only."
    yield from ended.notes
    if ended.noun == "leads":
        yield from _permission(ended)
    yield from _faults(ended)
    if ended.faults_file:
        yield f"What was refused is in {ended.faults_file} ({ended.refused:,}): mend it there and import that file."


def _known(ended: Imported) -> Iterator[str]:
    if ended.read_as:
        before = ended.read_as
        yield f"Read as {before.file} was on {before.at:%Y-%m-%d}: {' '.join(before.options)} (not so: --afresh)."
    if ended.changed_fields:
        yield f"Changed of known leads: {_listed(ended.changed_fields)}"


def _faults(ended: Imported) -> Iterator[str]:
    for what, rows in (("Refused", ended.refusals), ("Quarantined", ended.quarantine)):
        yield from (f"{what}: row {row.row:,}, {row.field}: {row.why}" for row in rows)
    if sum(each.rows for each in ended.reasons) > len(ended.refusals) + len(ended.quarantine):
        yield from (f"{each.rows:,} rows {each.kind}, {each.field}: {each.reason}" for each in ended.reasons[:_REASONS])


def _permission(ended: Imported) -> Iterator[str]:
    if ended.opted_out:
        yield f"{ended.opted_out:,} said no to marketing mail: it is marked, and they are never mailed."
    if ended.mailable:
        yield f"{ended.mailable:,} may get marketing mail by the permission you stated."
    else:
        yield (
            "Nobody of this list may get marketing mail by it. Say what they allowed, when and where: --basis "
            "express --collected-on 2026-03-02 --source 'form on our site'; and give them an address."
        )


def _listed(counts: dict[str, int]) -> str:
    shown = [f"{name} {count:,}" for name, count in list(counts.items())[:SHOWN_COLUMNS]]
    more = len(counts) - len(shown)
    return ", ".join(shown) + (f" and {more} more." if more else ".")
