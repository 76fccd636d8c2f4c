"""Is each row of a stranger's file somewhere, once, whatever stands in it? Taken or refused, never gone."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadloom.domain.errors import BadInput, Transient
from leadloom.domain.intake.told_row import Fault
from leadloom.domain.lead import LeadDraft
from leadloom.runtime.how_to_read import opened
from leadloom.runtime.import_leads import LeadList, LeadWork
from leadloom.runtime.imported import Imported, Tally
from leadloom.runtime.importing import PAGE, Import, Taken
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.store.tx import Tx
from tests import world
from tests.store.acts import rows

HEADER = ("Email", "Lead ID", "First Name", "Company", "Created Date", "Email Opt Out", "Phone", "Note")
FUZZ = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

_odd = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def _mostly(*usual: str) -> st.SearchStrategy[str]:
    """A cell as such columns have it; now and then anything else."""
    return st.one_of(*[st.sampled_from(usual)] * 5, st.sampled_from(('"', "=1+1", "a\nb", ";", "x" * 33_000)), _odd)


_row = st.tuples(
    _mostly("ana@alder.example", "ANA@alder.example", "ben@birch.example", "ana+x@alder.example", "", "ana@"),
    _mostly("", "", "7", "8"),
    _mostly("Ana", "Ben", ""),
    _mostly("Alder", "Birch", "GTX Pro", "GTXPro", ""),
    _mostly("2026-01-05", "05/31/2025", "03/02/2026", "45292", ""),
    _mostly("No", "Yes", ""),
    _mostly("+1 212 555 0100", "+1 212 555 0101", "4.9E+12", "Select"),
    _mostly("Hall 7", "n/a", ""),
)


async def bring_in(db: Db, book: Book, path: Path) -> Imported:
    """The file as an operator brings it in."""
    table = await opened(path, LeadList(), lambda share, words: None)
    work = LeadWork(table, LeadList(), book, at=world.MONDAY)
    bringing = Import(db, table, work, now=lambda: world.MONDAY, told=lambda share, words: None)
    return await bringing.bring_in({"file": str(path)}, by="test", faults_file=path.with_suffix(".faults"))


async def held(dsn: str, ended: Imported) -> dict[str, Any]:
    """Which rows the database knows the fate of, and how many leads there are."""
    taken = await rows(dsn, "SELECT row_no FROM import_row WHERE import_id = $1", ended.import_id)
    refused = await rows(
        dsn, "SELECT DISTINCT row_no FROM import_fault WHERE kind = 'refused' AND import_id = $1", ended.import_id
    )
    people = "SELECT count(*) AS n, count(DISTINCT email) + count(*) FILTER (WHERE email IS NULL) AS each FROM lead"
    (leads,) = await rows(dsn, people)
    numbers = sorted(row["row_no"] for row in (*taken, *refused))
    return {"rows": numbers, "leads": leads["n"], "people": leads["each"]}


async def no_row_is_lost(db: Db, book: Book, dsn: str, path: Path) -> int | None:
    """Bring it in twice and look for every row; how many there are, or None for what is no table."""
    (before,) = await rows(dsn, "SELECT count(*) AS n FROM lead")
    try:
        first = await bring_in(db, book, path)
    except BadInput:
        return None
    assert first.new + first.changed + first.unchanged + first.refused == first.rows
    found = await held(dsn, first)
    assert found["rows"] == list(range(1, first.rows + 1)), "each row once"
    assert found["leads"] - before["n"] == first.new
    assert found["leads"] == found["people"], "no address twice"
    again = await bring_in(db, book, path)
    assert (again.new, again.changed) == (0, 0)
    assert (again.unchanged, again.refused) == (first.new + first.changed + first.unchanged, first.refused)
    return first.rows


class _Crashing(LeadWork):
    """On its third page Postgres crashes and forgets the page before, whose commit hadn't come to its disk."""

    dsn: str
    took: int = 0

    async def take(self, tx: Tx, drafts: Sequence[LeadDraft], tally: Tally, *, at: datetime) -> list[Taken | Fault]:
        self.took += 1
        if self.took == 3:
            await rows(self.dsn, f"DELETE FROM import_row WHERE row_no > {PAGE}")
            raise Transient("The server closed the connection.")
        return await super().take(tx, drafts, tally, at=at)


async def test_pages_that_a_crash_of_postgres_took_back_are_brought_in_again(
    db: Db, book: Book, dsn: str, tmp_path: Path
) -> None:
    path, count = tmp_path / "list.csv", 2 * PAGE + 10
    path.write_text("Email\n" + "".join(f"p{no}@alder.example\n" for no in range(count)))
    table = await opened(path, LeadList(), lambda share, words: None)
    work = _Crashing(table, LeadList(), book, at=world.MONDAY)
    work.dsn = dsn
    bringing = Import(db, table, work, now=lambda: world.MONDAY, told=lambda share, words: None)
    ended = await bringing.bring_in({}, by="test", faults_file=tmp_path / "faults")
    assert await held(dsn, ended) == {"rows": list(range(1, count + 1)), "leads": count, "people": count}
    assert (ended.rows, ended.refused, work.took) == (count, 0, 5)
    (done,) = await rows(dsn, "SELECT finished_at FROM import WHERE import_id = $1", ended.import_id)
    assert done["finished_at"] is not None


def _is_blank(row: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in row)


@FUZZ
@given(table=st.lists(_row, min_size=1, max_size=12))
async def test_no_row_of_a_written_csv_is_lost(
    db: Db, book: Book, dsn: str, tmp_path: Path, table: list[tuple[str, ...]]
) -> None:
    out = io.StringIO()
    csv.writer(out).writerows((HEADER, *table))
    path = tmp_path / "list.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    told = sum(not _is_blank(row) for row in table)
    assert await no_row_is_lost(db, book, dsn, path) in ((told, None) if told == 0 else (told,))


@FUZZ
@given(lines=st.lists(st.text(st.sampled_from('ab@.,;"\n\r\t 1é'), max_size=30), min_size=1, max_size=12))
async def test_no_row_of_a_torn_file_is_lost(db: Db, book: Book, dsn: str, tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "torn.csv"
    path.write_text("\n".join(("Email,Company", *lines)), encoding="utf-8", newline="")
    await no_row_is_lost(db, book, dsn, path)


@settings(FUZZ, max_examples=10)
@given(table=st.lists(_row, min_size=1, max_size=8))
async def test_no_row_of_a_workbook_is_lost(
    db: Db, book: Book, dsn: str, tmp_path: Path, table: list[tuple[str, ...]]
) -> None:
    def written(cell: str) -> str | int | None:
        plain = "".join(sign for sign in cell if sign >= " " and sign not in "\ufffe\uffff")
        return int(plain) if plain.isascii() and plain.isdecimal() else plain.lstrip("=") or None

    workbook, path = openpyxl.Workbook(), tmp_path / "list.xlsx"
    sheet = workbook.active
    assert sheet is not None
    for line in (HEADER, *table):
        sheet.append([written(cell) for cell in line])
    await asyncio.to_thread(workbook.save, path)
    told = sum(any(str(written(cell) or "").strip() for cell in row) for row in table)
    assert await no_row_is_lost(db, book, dsn, path) in ((told, None) if told == 0 else (told,))
