"""What does an import through the one write path cost beside validating and COPYing the same file?"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from benchmarks import _leads
from benchmarks._measured import Cpu, Measured, Row, Size, Target, a_unit
from benchmarks._stand import Stand
from leadloom.domain.columns import LEAD_FIELDS, map_columns
from leadloom.domain.import_row import LeadChoices, LeadRows
from leadloom.domain.lead import BasisDraft, BasisKind, LeadDraft
from leadloom.runtime.table_file import Table, examine
from leadloom.runtime.wiring import House
from leadloom.store import leads, published

QUESTION = "(f) A list of new people through the one write path"
TARGETS = (Target("rate: import / validate and COPY", at_least=0.2),)

_NEVER = datetime(2026, 1, 1, tzinfo=UTC)
_PAGE = 500
_COLUMNS = (
    "email", "external_id", "first_name", "last_name", "company", "country", "role", "title", "phone", "source",
    "created_at", "opted_out",
)  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """One side, for all rows."""

    took_s: float
    cpu_s: Cpu


async def measure(stand: Stand, size: Size) -> Measured:
    """Floor, ours, floor: what the machine does meanwhile falls on both."""
    count = size.pick(quick=2000, full=10_000)
    path = written(stand.folder / "list.csv", count)
    warm = written(stand.folder / "warm.csv", 200, first=count)
    async with stand.database() as url, stand.house(url, temporal=None, sink=None) as house:
        reader = await reader_of(house, path)
        await copied(stand, house, warm, reader)
        await imported(stand, house, warm, reader)
        first = await copied(stand, house, path, reader)
        ours = await imported(stand, house, path, reader)
        second = await copied(stand, house, path, reader)
        async with house.db.read() as tx:
            there = await leads.find(tx, _leads.draft(count - 1, house.now()).email or "")
    floor_s = (first.took_s + second.took_s) / 2
    floor_cpu = {name: (first.cpu_s[name] + second.cpu_s[name]) / 2 for name in first.cpu_s}
    row = Row(
        what=f"{count} people at {count // _leads.PER_COMPANY} companies, with a stated basis, in pages of {_PAGE}",
        unit="row",
        ours_per_s=count / ours.took_s,
        floor="the same file, read and validated the same way, COPYed into one plain table",
        floor_per_s=count / floor_s,
        ours_cpu_ms=a_unit(ours.cpu_s, count),
        floor_cpu_ms=a_unit(floor_cpu, count),
    )
    figures = {"rate: import / validate and COPY": floor_s / ours.took_s}
    return Measured(rows=(row,), figures=figures, notes=(f"the last row is lead {there}",))


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


async def reader_of(house: House, path: Path) -> LeadRows:
    """How the list is read, on both sides."""
    async with house.db.read() as tx:
        definition = (await published.book(tx)).definition
    basis = BasisDraft(kind=BasisKind.SOFT_OPT_IN, source="import", at=house.now() - timedelta(days=1))
    table = Table(path, examine(path))
    return LeadRows(definition, map_columns(table.names, LEAD_FIELDS, ()), LeadChoices(basis=basis))


async def copied(stand: Stand, house: House, path: Path, reader: LeadRows) -> Taken:
    """The floor: every row read and validated, then COPYed; nobody is recognised, nothing follows."""
    connection = await asyncpg.connect(house.settings.database_url)
    texts = ", ".join(f"{name} text" for name in _COLUMNS[:-2])
    await connection.execute("DROP TABLE IF EXISTS plain")
    await connection.execute(f"CREATE TABLE plain ({texts}, created_at timestamptz, opted_out boolean)")
    before, began = stand.cpu(), time.monotonic()
    for page in pages(house, path, reader):
        rows = [tuple(getattr(draft, name) for name in _COLUMNS) for draft in page]
        await connection.copy_records_to_table("plain", records=rows, columns=_COLUMNS)
    taken = Taken(time.monotonic() - began, stand.cpu_since(before))
    await connection.close()
    return taken


async def imported(stand: Stand, house: House, path: Path, reader: LeadRows) -> Taken:
    """The same rows as leads: recognised, at their company, with their permission, event and stage."""
    before, began = stand.cpu(), time.monotonic()
    for page in pages(house, path, reader):
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            await leads.capture_all(tx, page, book=book, at=house.now(), actor="system", history=True)
    return Taken(time.monotonic() - began, stand.cpu_since(before))


def pages(house: House, path: Path, reader: LeadRows) -> Iterator[list[LeadDraft]]:
    """The file as drafts."""
    at, page = house.now(), list[LeadDraft]()
    for row in Table(path, examine(path)).rows():
        draft = reader.read(row.cells, import_id="benchmark", at=at)
        assert isinstance(draft, LeadDraft), draft
        page.append(draft)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page
