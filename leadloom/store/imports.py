"""What became of an imported file? Each row's outcome or faults, kept in the transaction that took it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID, uuid4

from leadloom.domain.model import AccountId, Instant, Json, LeadId, Value
from leadloom.store.tx import Asked, Tx

Noun = Literal["leads", "deals"]
Outcome = Literal["new", "changed", "unchanged"]


class UnderWay(Value):
    """An import that isn't finished."""

    import_id: UUID
    last_row: int
    """How far it came; 0 when no row was settled."""
    is_resumed: bool


class SettledRow(NamedTuple):
    """A row that was taken."""

    row_no: int
    lead_id: LeadId | None
    outcome: Outcome
    opted_out: bool = False


class FaultyRow(NamedTuple):
    """One fault of a row, with all its cells."""

    row_no: int
    kind: Literal["refused", "quarantined"]
    field: str
    why: str
    reason: str
    """The same without what is this row's own (`told_row.reason_of`)."""
    cells: Sequence[str]


class Counts(Value):
    """What became of the rows of an import."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    opted_out: int = 0
    refused: int = 0
    """Rows of which nothing was taken."""
    quarantined: int = 0
    """Rows that were taken but spoil no figure."""


class ToMend(Value):
    """A row that was refused or quarantined, with all that is wrong with it."""

    row: int
    fields: str
    why: str
    cells: tuple[str, ...]


class FaultCount(Value):
    """How many rows one thing is wrong with."""

    kind: Literal["refused", "quarantined"]
    field: str
    reason: str
    example: str
    """The same as it was said of one of them."""
    rows: int


class EarlierRead(Value):
    """How a file of the same header was read the last time."""

    file_name: str
    started_at: Instant
    options: dict[str, Json]


class ImportRow(Value):
    """One line of the list of imports."""

    import_id: UUID
    noun: Noun
    file_name: str
    file_hash: str
    started_at: Instant
    started_by: str
    finished_at: Instant | None
    taken: int
    refused: int


class ToldLead(Value):
    """Whose deal a row tells."""

    lead_id: LeadId
    account_id: AccountId | None
    created_at: Instant


class File(Value):
    """The file that is brought in, and how it is read."""

    noun: Noun
    name: str
    sha256: str
    options: dict[str, Json]
    header: tuple[str, ...] = ()
    """Its columns, without those of a file of faults."""


async def begin(tx: Tx, file: File, *, by: str, at: datetime) -> UnderWay:
    """Begin the import, or go on with one of the same file, read the same way, that never came to its end."""
    options: object = file.options
    header: object = file.header
    row = await tx.maybe("import_under_way", noun=file.noun, file_hash=file.sha256, options=options)
    if row is not None:
        last: int = await tx.value("last_row_of_import", import_id=row["import_id"]) or 0
        return UnderWay(import_id=row["import_id"], last_row=last, is_resumed=True)
    import_id = uuid4()
    await tx.run(
        "begin_import", import_id=import_id, noun=file.noun, file_name=file.name, file_hash=file.sha256,
        options=options, header=header, at=at, by=by,
    )  # fmt: skip
    return UnderWay(import_id=import_id, last_row=0, is_resumed=False)


async def hold(tx: Tx, import_id: UUID) -> int:
    """Hold the import until the transaction ends; the row it has come to, whoever brought it there."""
    await tx.run("hold_import", import_id=import_id)
    return await tx.value("last_row_of_import", import_id=import_id) or 0


async def settle(tx: Tx, import_id: UUID, rows: Sequence[SettledRow], faults: Sequence[FaultyRow]) -> None:
    """Keep what became of a page's rows; in the transaction that took them, so that a row is settled once.

    Its commit doesn't wait for the disk unless something leaves with it: what a crash of Postgres takes back, it takes
    back whole, and `hold` tells. The commit of `finish` waits for all of them.
    """
    asked: list[Asked] = []
    if rows:
        told = [
            {"row_no": no, "lead_id": None if whose is None else str(whose), "outcome": outcome, "opted_out": is_out}
            for no, whose, outcome, is_out in rows
        ]
        asked.append(("settle_import_rows", {"import_id": import_id, "rows": told}))
    if faults:
        asked.append(("fault_import_rows", {"import_id": import_id, "rows": [fault._asdict() for fault in faults]}))
    if not tx.wakes():
        asked.append(("commit_at_leisure", {}))
    await tx.together(*asked)


async def finish(tx: Tx, import_id: UUID, last_row: int, *, at: datetime) -> int | None:
    """The file was read to its end, its last row. Twice is once. The row to go on after when what became of later ones
    is lost (`settle`): then it isn't finished."""
    if (reached := await hold(tx, import_id)) < last_row:
        return reached
    await tx.run("finish_import", import_id=import_id, at=at)
    return None


async def counts(tx: Tx, import_id: UUID) -> Counts:
    """What became of all rows so far."""
    return Counts.model_validate(dict(await tx.one("counts_of_import", import_id=import_id)))


async def to_mend(
    tx: Tx, import_id: UUID, *, kind: Literal["refused", "quarantined"] = "refused", after: int = 0, limit: int = 1000
) -> tuple[ToMend, ...]:
    """Rows with faults in order of the file; the next page is `after` = the last one's row."""
    found = await tx.all("faulty_rows_of_import", import_id=import_id, kind=kind, after=after, page_limit=limit)
    return tuple(
        ToMend(row=row["row_no"], fields=row["fields"], why=row["whys"], cells=tuple(row["cells"])) for row in found
    )


async def fault_counts(tx: Tx, import_id: UUID) -> tuple[FaultCount, ...]:
    """What is wrong, most rows first."""
    rows = await tx.all("fault_counts_of_import", import_id=import_id)
    return tuple(FaultCount.model_validate(dict(row)) for row in rows)


async def read_before(tx: Tx, noun: Noun, header: Sequence[str]) -> EarlierRead | None:
    """How the newest import of a file with these very columns was read; None when there was none."""
    told: object = tuple(header)
    row = await tx.maybe("import_of_header", noun=noun, header=told)
    return None if row is None else EarlierRead.model_validate(dict(row))


async def recent(tx: Tx, noun: Noun, *, limit: int) -> tuple[ImportRow, ...]:
    """Imports, newest first."""
    return tuple(ImportRow.model_validate(dict(row)) for row in await tx.all("imports", noun=noun, page_limit=limit))


async def companies_alike(tx: Tx, names: Sequence[str]) -> dict[str, tuple[str, AccountId]]:
    """Told name → the known company that is called so but for spaces and case."""
    found = await tx.all("accounts_alike", names=names) if names else []
    return {row["told"]: (row["name"], AccountId(row["account_id"])) for row in found}


async def products_alike(tx: Tx, names: Sequence[str]) -> dict[str, str]:
    """Told name → the product of known deals that is called so but for spaces and case."""
    found = await tx.all("products_alike", names=names) if names else []
    return {row["told"]: row["name"] for row in found}


async def leads_told(tx: Tx, names: Sequence[str]) -> dict[str, ToldLead]:
    """External id or mail address → the lead. Unknown ones are missing."""
    found = await tx.all("leads_told", names=names) if names else []
    return {
        row["told"]: ToldLead(lead_id=row["lead_id"], account_id=row["account_id"], created_at=row["created_at"])
        for row in found
    }


class Guest(Value):
    """Somebody who came in with a list."""

    lead_id: LeadId
    email: str | None
    external_id: str | None
    opted_out: bool


async def leads_of(tx: Tx, import_id: UUID) -> tuple[Guest, ...]:
    """Who came in with a list, each once, in the order of its rows."""
    return tuple(Guest.model_validate(dict(row)) for row in await tx.all("leads_of_import", import_id=import_id))
