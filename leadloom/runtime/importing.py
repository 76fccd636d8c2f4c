"""How does a stranger's file come in? Page by page, each in one transaction with what became of its rows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar
from uuid import UUID, uuid4  # noqa: TID251  a rehearsal's id is written nowhere

from leadloom.domain.errors import Conflict, Transient
from leadloom.domain.intake.cells import said
from leadloom.domain.intake.columns import ColumnMap, is_data
from leadloom.domain.intake.told_row import Fault, reason_of
from leadloom.domain.model import Json, LeadId, Value
from leadloom.runtime.fault_file import fault_lines
from leadloom.runtime.how_to_read import Told, header_of
from leadloom.runtime.imported import Alias, ColumnUse, Imported, Shown, Tally
from leadloom.runtime.table import Table, TableRow
from leadloom.runtime.table_file import SEPARATORS
from leadloom.store import imports
from leadloom.store.db import Db
from leadloom.store.imports import Counts, FaultCount, FaultyRow, Noun, Outcome, SettledRow, ToMend
from leadloom.store.tx import Tx

PAGE = 500
"""Rows a transaction takes: more gain little, and hold their people longer."""
_AT_A_TIME = 8
"""Rows read before the page that is being settled may go on: a third of a millisecond."""
SHOWN = 5
"""Examples of rows and faults an answer shows."""
_PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds between the tries of a page that a deadlock, or a Postgres that restarts, undid."""

T = TypeVar("T", bound=Value)


class Taken(NamedTuple):
    """What became of one row that could be kept."""

    outcome: Outcome
    lead_id: LeadId | None
    opted_out: bool = False
    quarantine: Fault | None = None
    """Why it stays out of the figures."""


class Work(Protocol[T]):
    """What differs between nouns: how a row is read, and what is done with a page of them."""

    noun: Noun
    columns: ColumnMap

    def read(self, cells: Sequence[str], tally: Tally, *, import_id: str, at: datetime) -> T | tuple[Fault, ...]:
        """What a row of cells tells that were `said`, or its faults. Pure but for the tally."""
        ...

    async def take(self, tx: Tx, drafts: Sequence[T], tally: Tally, *, at: datetime) -> list[Taken | Fault]:
        """Keep what a page tells, in its order; a fault for a row that can't be kept."""
        ...

    def example(self, draft: T) -> dict[str, Json]:
        """The row as it would be kept."""
        ...


class Ended(Value):
    """How an import ended, besides what its rows said."""

    import_id: UUID | None = None
    resumed_after: int = 0
    counts: Counts
    refusals: tuple[ToMend, ...]
    quarantine: tuple[ToMend, ...]
    reasons: tuple[FaultCount, ...] = ()
    examples: tuple[dict[str, Json], ...] = ()
    faults_file: str | None = None


class _Read(NamedTuple, Generic[T]):
    """A row, and what it tells or why it can't be taken."""

    row: TableRow
    told: T | tuple[Fault, ...]


class Stopped(Exception):
    """Somebody has stopped the import; what it had taken stays."""


class _Undone(Exception):
    """Rolls a rehearsed page back."""


class _Reasons:
    """What is wrong with the rows of a rehearsal, as `imports.fault_counts` tells it of an import."""

    def __init__(self) -> None:
        self._rows = Counter[tuple[Literal["refused", "quarantined"], str, str]]()
        self._example: dict[tuple[str, str, str], str] = {}

    def note(self, faults: Sequence[FaultyRow]) -> None:
        for fault in faults:
            key = fault.kind, fault.field, fault.reason
            self._rows[key] += 1
            self._example[key] = min(fault.why, self._example.get(key, fault.why))

    def counts(self) -> tuple[FaultCount, ...]:
        keys = sorted(self._rows, key=lambda key: (-self._rows[key], key))
        return tuple(
            FaultCount(kind=kind, field=field, reason=why, example=self._example[kind, field, why],
                       rows=self._rows[kind, field, why])
            for kind, field, why in keys
        )  # fmt: skip


class Import(Generic[T]):
    """One file being brought in."""

    def __init__(
        self, db: Db, table: Table, work: Work[T], *, now: Callable[[], datetime], told: Told, most: int | None = None
    ) -> None:
        """`now` is business time; `told` hears how far it is, and may raise Stopped; `most` rows are taken."""
        self._db, self._table, self._work, self._now, self._told, self._most = db, table, work, now, told, most
        self._tally = Tally()
        self._began = monotonic()

    async def bring_in(self, options: dict[str, Json], *, by: str, faults_file: Path) -> Imported:
        """Take every row that can be taken; go on where an earlier process stopped. Safe to repeat.

        Each page is one transaction that also says what became of its rows, so a row is taken once, whenever the
        process dies. Raises Unreachable when Postgres stays away, Conflict when another process is faster.
        """
        file = imports.File(
            noun=self._work.noun,
            name=self._table.path.name,
            sha256=self._table.examined.sha256,
            options=options,
            header=header_of(self._table),
        )
        async with self._db.transaction() as tx:
            begun = await imports.begin(tx, file, by=by, at=self._now())
        reached: int | None = begun.last_row
        while reached is not None:
            last = await self._bring_pages(begun.import_id, after=reached)
            async with self._db.transaction() as tx:
                reached = await imports.finish(tx, begun.import_id, last, at=self._now())
        async with self._db.read() as tx:
            ended = Ended(
                import_id=begun.import_id,
                resumed_after=begun.last_row,
                counts=await imports.counts(tx, begun.import_id),
                refusals=await imports.to_mend(tx, begun.import_id, limit=SHOWN),
                quarantine=await imports.to_mend(tx, begun.import_id, kind="quarantined", limit=SHOWN),
                reasons=await imports.fault_counts(tx, begun.import_id),
            )
        if ended.counts.refused:
            await self._write_faults(begun.import_id, faults_file)
            ended = ended.model_copy(update={"faults_file": str(faults_file)})
        return self._imported(ended)

    async def _bring_pages(self, import_id: UUID, *, after: int) -> int:
        """Take the rows after that one; the row it came to. Ends early where a Postgres that crashed lost a page."""
        self._tally = Tally()  # of the whole file, however often it is read
        async with aclosing(self._pages(import_id, after=after)) as pages:
            async for page in pages:
                if not await self._settle(import_id, page, after):
                    break
                after = page[-1].row.no
                self._tell("bringing in", page[-1].row)
        return after

    async def rehearse(self) -> Imported:
        """Decide everything as `bring_in` would and write nothing: each page is rolled back."""
        import_id, counts = uuid4(), Counter[str]()
        refusals, quarantine, examples = list[ToMend](), list[ToMend](), list[dict[str, Json]]()
        reasons = _Reasons()
        async for page in self._pages(import_id, after=0):
            settled, faults = await self._rehearsed(page)
            counts.update(row.outcome for row in settled)
            reasons.note(faults)
            counts["opted_out"] += sum(row.opted_out for row in settled)
            for kind, shown in (("refused", refusals), ("quarantined", quarantine)):
                mine = [fault for fault in faults if fault.kind == kind]
                counts[kind] += len({fault.row_no for fault in mine})
                shown += [_to_mend(fault) for fault in mine[: SHOWN - len(shown)]]
            for each in page[: SHOWN - len(examples)]:
                if not isinstance(each.told, tuple):
                    examples.append({"row": each.row.no, **self._work.example(each.told)})
            self._tell("rehearsing", page[-1].row)
        ended = Ended(
            counts=Counts.model_validate(counts),
            refusals=tuple(refusals),
            quarantine=tuple(quarantine),
            reasons=reasons.counts(),
            examples=tuple(examples),
        )
        return self._imported(ended)

    async def _pages(self, import_id: UUID, *, after: int) -> AsyncGenerator[list[_Read[T]]]:
        """Pages of rows that were read, from the row after that one on; the next is read while one is settled."""
        rows = islice(self._table.rows(), self._most)
        page = await self._page(rows, str(import_id), after)
        while page:
            following = asyncio.create_task(self._page(rows, str(import_id), after))
            try:
                yield page
            finally:
                page = await following

    async def _page(self, rows: Iterator[TableRow], import_id: str, after: int) -> list[_Read[T]]:
        """The next page, a few rows at a time: in between, the page before goes on as soon as Postgres has answered.

        Not in a thread: two that compute at once take turns by the clock, and Postgres waits for the wrong one.
        """
        page: list[_Read[T]] = []
        while len(page) < PAGE:
            some = list(islice(rows, min(_AT_A_TIME, PAGE - len(page))))
            if not some:
                break
            for row in some:
                told = self._read(row, import_id)  # rows before are read, too: the tally is the whole file's
                if row.no > after:
                    page.append(_Read(row, told))
                elif row.no % PAGE == 0:
                    self._tell("passing rows taken before", row)
            await asyncio.sleep(0)
        return page

    def _read(self, row: TableRow, import_id: str) -> T | tuple[Fault, ...]:
        self._tally.rows += 1
        if row.fault is not None:
            return (Fault(field="row", why=f"Line {row.line}: {row.fault}."),)
        cells = [said(cell) for cell in row.cells]
        if not all(cells):
            self._note_blanks(row.cells, cells)
        return self._work.read(cells, self._tally, import_id=import_id, at=self._now())

    def _note_blanks(self, told: Sequence[str], cells: Sequence[str]) -> None:
        for column, cell, text in zip(self._table.names, told, cells, strict=True):
            if not text:
                where = self._tally.placeholders if cell.strip() else self._tally.blanks
                where[column] += 1

    async def _settle(self, import_id: UUID, page: Sequence[_Read[T]], last_row: int) -> bool:
        """One page in one transaction, again when something passing undid it; False when the one before it is lost."""
        for pause in _PAUSES:
            with suppress(Transient):
                return await self._try_to_settle(import_id, page, last_row)
            await asyncio.sleep(pause)
        return await self._try_to_settle(import_id, page, last_row)

    async def _try_to_settle(self, import_id: UUID, page: Sequence[_Read[T]], last_row: int) -> bool:
        async with self._db.transaction() as tx:
            reached = await imports.hold(tx, import_id)
            if reached == page[-1].row.no:
                return True  # The commit came through although its answer didn't.
            if reached > last_row:
                raise Conflict(f"Another process brings in this file: it is at row {reached:,}. Let it end.")
            if reached == last_row:
                await imports.settle(tx, import_id, *await self._take(tx, page))
            return reached == last_row

    async def _rehearsed(self, page: Sequence[_Read[T]]) -> tuple[list[SettledRow], list[FaultyRow]]:
        taken: tuple[list[SettledRow], list[FaultyRow]] = ([], [])
        with suppress(_Undone):
            async with self._db.transaction() as tx:
                taken = await self._take(tx, page)
                raise _Undone
        return taken

    async def _take(self, tx: Tx, page: Sequence[_Read[T]]) -> tuple[list[SettledRow], list[FaultyRow]]:
        good = [(each.row, each.told) for each in page if not isinstance(each.told, tuple)]
        settled: list[SettledRow] = []
        faults = [
            self._faulty(each.row, "refused", fault)
            for each in page
            if isinstance(each.told, tuple)
            for fault in each.told
        ]
        taken = await self._work.take(tx, [told for _, told in good], self._tally, at=self._now()) if good else []
        for (row, _), result in zip(good, taken, strict=True):
            if isinstance(result, Fault):
                faults.append(self._faulty(row, "refused", result))
                continue
            settled.append(SettledRow(row.no, result.lead_id, result.outcome, result.opted_out))
            if result.quarantine:
                faults.append(self._faulty(row, "quarantined", result.quarantine))
        return settled, faults

    def _faulty(self, row: TableRow, kind: Literal["refused", "quarantined"], fault: Fault) -> FaultyRow:
        """The fault with the row's cells; of a mended file of faults without what it says of itself."""
        names, cells = self._table.names, row.cells
        if len(cells) == len(names):
            cells = tuple(cell for name, cell in zip(names, cells, strict=True) if is_data(name))
        return FaultyRow(row.no, kind, fault.field, fault.why, reason_of(fault.why), cells)

    async def _write_faults(self, import_id: UUID, path: Path) -> None:
        """All refused rows with their cells, to be mended and brought in again."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            async for line in fault_lines(self._db, import_id, header_of(self._table)):
                file.write(line)

    def _tell(self, words: str, row: TableRow) -> None:
        self._told(min(row.byte / self._table.examined.size, 1.0), f"{words} · row {row.no:,}")

    def _imported(self, ended: Ended) -> Imported:
        tally, examined, columns = self._tally, self._table.examined, self._work.columns
        uses = [ColumnUse(column=each.name, field=each.field) for each in columns.columns if not each.dropped]
        uses += [ColumnUse(column=each.template, field=each.field) for each in columns.computed]
        return Imported(
            import_id=ended.import_id,
            noun=self._work.noun,
            file=self._table.path.name,
            sha256=examined.sha256,
            dry_run=ended.import_id is None,
            resumed_after=ended.resumed_after,
            encoding=examined.encoding,
            encoding_found_by=examined.found_by,
            separator=SEPARATORS.get(self._table.separator, self._table.separator),
            columns=tuple(uses),
            suggestions=columns.suggestions,
            reasons=ended.reasons,
            changed_fields=dict(tally.changed_fields.most_common()),
            rows=tally.rows,
            **ended.counts.model_dump(),
            mailable=tally.mailable,
            placeholders=dict(tally.placeholders.most_common()),
            blanks=dict(tally.blanks.most_common()),
            sources=dict(tally.sources.most_common()),
            aliases=tuple(
                Alias(told=told, known=known, rows=rows) for (told, known), rows in tally.aliases.most_common()
            ),
            notes=(
                *self._table.notes,
                *(words.format(n=f"{rows:,}") for words, rows in tally.notes.items() if rows),
            ),
            refusals=tuple(Shown(row=row.row, field=row.fields, why=row.why) for row in ended.refusals),
            quarantine=tuple(Shown(row=row.row, field=row.fields, why=row.why) for row in ended.quarantine),
            examples=ended.examples,
            faults_file=ended.faults_file,
            seconds=round(monotonic() - self._began, 2),
        )


def _to_mend(fault: FaultyRow) -> ToMend:
    return ToMend(row=fault.row_no, fields=fault.field, why=fault.why, cells=tuple(fault.cells))
