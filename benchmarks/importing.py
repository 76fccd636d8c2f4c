"""What does an import through the one write path cost beside validating and COPYing the same file?"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import asyncpg
from email_validator import validate_email

from benchmarks import _leads
from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Stand
from leadloom.domain.intake.cells import said
from leadloom.domain.lead import LeadDraft
from leadloom.runtime.how_to_read import opened
from leadloom.runtime.import_leads import LeadList, LeadWork
from leadloom.runtime.imported import Tally
from leadloom.runtime.importing import PAGE, Import
from leadloom.runtime.table_file import CsvTable, examine
from leadloom.runtime.wiring import House
from leadloom.store import published

QUESTION = "(f) A list of new people through the one write path"
RATE = "rate: import / validate and COPY"
TARGETS = (Target(RATE, at_least=0.2),)

_NEVER = datetime(2026, 1, 1, tzinfo=UTC)
_HOW = LeadList(basis="soft-opt-in", collected_on="2026-01-01", source="a fair")
_COLUMNS = (
    "email", "external_id", "first_name", "last_name", "company", "country", "role", "title", "phone", "source",
    "created_at", "opted_out",
)  # fmt: skip

Read = Callable[[Sequence[str]], LeadDraft]
"""What makes a draft of a row's cells."""


@dataclass(frozen=True)
class Taken:
    """One side, for all rows."""

    took_s: float
    cpu_s: Cpu
    note: str = ""


async def measure(stand: Stand, size: Size) -> Measured:
    """Floors, ours, floors: what the machine does meanwhile falls on all."""
    count = size.pick(quick=2000, full=10_000)
    path = written(stand.folder / "list.csv", count)
    warm = written(stand.folder / "warm.csv", 500, first=count)
    async with stand.database() as url, stand.house(url, temporal=None, sink=None) as house:
        await copied(stand, house, warm, plainly)
        await imported(stand, house, warm)
        reader = await reader_of(house, path)
        first, lean = await copied(stand, house, path, plainly), await copied(stand, house, path, reader)
        ours = await imported(stand, house, path)
        second, lean2 = await copied(stand, house, path, plainly), await copied(stand, house, path, reader)
    floor_s, lean_s = (first.took_s + second.took_s) / 2, (lean.took_s + lean2.took_s) / 2
    return Measured(
        rows=(
            Row(
                what=f"{count} people at {count // _leads.PER_COMPANY} companies, with a stated basis",
                unit="row",
                ours_per_s=count / ours.took_s,
                floor="each row validated by pydantic and email-validator, COPYed into one plain table",
                floor_per_s=count / floor_s,
                ours_cpu_ms=a_unit(ours.cpu_s, count),
                floor_cpu_ms=a_unit(first.cpu_s, count),
            ),
            Row(
                what="the same beside our own reader of rows, which judges plain addresses at a glance",
                unit="row",
                ours_per_s=count / ours.took_s,
                floor="each row read by the import's own reader, COPYed into one plain table",
                floor_per_s=count / lean_s,
                ours_cpu_ms=a_unit(ours.cpu_s, count),
                floor_cpu_ms=a_unit(lean.cpu_s, count),
            ),
        ),
        figures={RATE: floor_s / ours.took_s, "rate: import / our own reader and COPY": lean_s / ours.took_s},
        notes=(ours.note,),
    )


def written(path: Path, count: int, *, first: int = 0) -> Path:
    """A list as another system exports it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("Email", "First Name", "Last Name", "Company", "Country", "Job Title", "Phone", "Lead Source",
                       "Created Date", "Email Opt Out", "Lead Score"))  # fmt: skip
        for no in range(first, first + count):
            who = _leads.draft(no, _NEVER)
            rows.writerow((who.email, who.first_name, who.last_name, who.company, who.country, "Head of quality",
                           f"+1 212 555 {no % 10000:04}", "Organic Search", f"2026-01-{no % 28 + 1:02}",
                           "Yes" if no % 13 == 0 else "No", no % 100))  # fmt: skip
    return path


def plainly(cells: Sequence[str]) -> LeadDraft:
    """A row as anybody would validate it: typed fields, and the address by the library made for that."""
    email, first_name, last_name, company, country, title, phone, source, created, opted_out, score = cells
    found = validate_email(email, check_deliverability=False)
    return LeadDraft(
        email=found.normalized.lower(), first_name=first_name, last_name=last_name, company=company, country=country,
        title=title, phone=phone, source=source, created_at=datetime.fromisoformat(created).replace(tzinfo=UTC),
        opted_out=opted_out == "Yes", attributes={"Lead Score": score},
    )  # fmt: skip


async def reader_of(house: House, path: Path) -> Read:
    """How the import itself reads the list."""
    async with house.db.read() as tx:
        book = await published.book(tx)
    at = house.now()
    work, tally = LeadWork(CsvTable(path, examine(path)), _HOW, book, at=at), Tally()

    def read(cells: Sequence[str]) -> LeadDraft:
        told = work.read([said(cell) for cell in cells], tally, import_id="benchmark", at=at)
        assert isinstance(told, LeadDraft), told
        return told

    return read


async def copied(stand: Stand, house: House, path: Path, read: Read) -> Taken:
    """A floor: every row read and validated, then COPYed; nobody is recognised, nothing follows."""
    connection = await asyncpg.connect(house.settings.database_url)
    texts = ", ".join(f"{name} text" for name in _COLUMNS[:-2])
    await connection.execute("DROP TABLE IF EXISTS plain")
    await connection.execute(f"CREATE TABLE plain ({texts}, created_at timestamptz, opted_out boolean)")
    before, began = stand.cpu(), time.monotonic()
    rows = CsvTable(path, examine(path)).rows()
    while page := [read(row.cells) for row in islice(rows, PAGE)]:
        told = [tuple(getattr(draft, name) for name in _COLUMNS) for draft in page]
        await connection.copy_records_to_table("plain", records=told, columns=_COLUMNS)
    taken = Taken(time.monotonic() - began, stand.cpu_since(before))
    await connection.close()
    return taken


async def imported(stand: Stand, house: House, path: Path) -> Taken:
    """The import as an operator starts it: recognised, at their company, with permission, event, stage, checkpoint."""
    before, began = stand.cpu(), time.monotonic()
    async with house.db.read() as tx:
        book = await published.book(tx)
    table = await opened(path, _HOW, _quietly)
    work = LeadWork(table, _HOW, book, at=house.now())
    bringing = Import(house.db, table, work, now=house.now, told=_quietly)
    faults_file = path.with_suffix(".faults.csv")
    ended = await bringing.bring_in(_HOW.model_dump(mode="json"), by="benchmark", faults_file=faults_file)
    took_s = time.monotonic() - began
    return Taken(
        took_s,
        stand.cpu_since(before),
        f"the import said: {ended.new} new, {ended.opted_out} opted out, {ended.refused} refused",
    )


def _quietly(share: float, words: str) -> None:
    del share, words
