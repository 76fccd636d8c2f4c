"""Which lists came by the browser, and how far are they? Their bytes are rows until a worker has brought them in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import BinaryIO, Literal, NamedTuple
from uuid import UUID

from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.model import Instant, Json, Value
from leadloom.domain.wake import list_looks
from leadloom.store.tx import Tx, new_id

State = Literal["new", "rehearsing", "rehearsed", "bringing_in", "brought_in", "failed", "cancelled"]

KEPT = timedelta(days=7)
"""A list that nobody brings in names people for nothing: after so long it is given up, and its bytes go."""
MOST_OPEN = 20
"""Lists that may wait to be brought in: whoever sends more brings those in first, or gives them up."""
PART = 1 << 20
"""Bytes of a piece."""

_REMEDIES = {"rehearsing": "It is being rehearsed.", "bringing_in": "It is being brought in."}


class Found(Value):
    """What a first look found in a list."""

    names: tuple[str, ...]
    """Its header, made unique."""
    sample: tuple[tuple[str, ...], ...] = ()
    """The cells of its first rows; gone when the list is."""
    encoding: str
    found_by: str
    separator: str
    sha256: str
    notes: tuple[str, ...] = ()
    read_as: str | None = None
    """The file with the same header that it is read like, unless somebody says otherwise."""


class Upload(Value):
    """A list that came by the browser."""

    upload_id: UUID
    file_name: str
    size: int
    found: Found
    options: dict[str, Json]
    """How it is to be read, as an import keeps it."""
    state: State
    uploaded_at: Instant
    uploaded_by: str
    share: float
    """How much of what is being done is done, 0 to 1."""
    words: str | None
    told: dict[str, Json] | None
    """What the rehearsal said, then what the import did."""
    error: str | None
    import_id: UUID | None

    @property
    def stopped_midway(self) -> bool:
        """Whether it failed while it was brought in: it can go on after the last row that was kept."""
        return self.state == "failed" and self.told is not None

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has it in hand, or is about to."""
        return self.state in ("rehearsing", "bringing_in")


class Come(NamedTuple):
    """A list as it came."""

    file_name: str
    size: int
    found: Found
    options: dict[str, Json]
    by: str
    at: datetime


async def keep(tx: Tx, come: Come, file: BinaryIO) -> UUID:
    """Keep a list with its bytes. Raises Conflict when too many wait already."""
    if len(await open_(tx)) >= MOST_OPEN:
        raise Conflict(f"{MOST_OPEN} lists wait to be brought in already. Bring one in or give one up, then send this.")
    upload_id = new_id()
    told = {**come._asdict(), "found": come.found.model_dump(mode="json")}
    await tx.run("keep_upload", upload_id=upload_id, **told)
    for no, part in enumerate(_parts(file), start=1):
        await tx.run("keep_upload_part", upload_id=upload_id, no=no, bytes=part)
    return upload_id


def _parts(file: BinaryIO) -> Iterator[bytes]:
    while part := file.read(PART):
        yield part


async def part(tx: Tx, upload_id: UUID, no: int) -> bytes | None:
    """A piece of its bytes, from 1; None behind the last."""
    return await tx.value("upload_part", upload_id=upload_id, no=no)


async def one(tx: Tx, upload_id: UUID) -> Upload:
    """That list. Raises NotFound."""
    row = await tx.maybe("upload", upload_id=upload_id)
    if row is None:
        raise NotFound("list", upload_id)
    return Upload.model_validate(dict(row))


async def open_(tx: Tx) -> tuple[Upload, ...]:
    """Those that are still to be brought in, newest first."""
    return tuple(Upload.model_validate(dict(row)) for row in await tx.all("open_uploads"))


async def rehearse(tx: Tx, upload_id: UUID, options: dict[str, Json]) -> None:
    """Have a worker decide all of it, read this way, and write nothing. Raises Conflict."""
    await _wish(tx, upload_id, "rehearsing", before=("new", "rehearsed", "failed"), options=options)


async def bring_in(tx: Tx, upload_id: UUID) -> None:
    """Have a worker bring it in as it was rehearsed, or go on where it failed. Raises Conflict."""
    await _wish(tx, upload_id, "bringing_in", before=("rehearsed", "failed"))


async def cancel(tx: Tx, upload_id: UUID) -> None:
    """Give it up: at once where it waits, after the page in hand where a worker is at it. Raises Conflict.

    What was taken until then stays: people may have answered meanwhile.
    """
    open_states: tuple[State, ...] = ("new", "rehearsing", "rehearsed", "bringing_in", "failed")
    await _wish(tx, upload_id, "cancelled", before=open_states)
    await _clear(tx, upload_id)


async def _wish(
    tx: Tx, upload_id: UUID, state: State, *, before: Sequence[State], options: dict[str, Json] | None = None
) -> None:
    told: object = options
    if await tx.run("wish_for_upload", upload_id=upload_id, state=state, before=list(before), options=told) == 0:
        now = (await one(tx, upload_id)).state
        raise Conflict(_REMEDIES.get(now, f"It is {now.replace('_', ' ')}: look at the page again."))
    tx.look_again(list_looks(upload_id))


async def tell(tx: Tx, upload_id: UUID, *, share: float, words: str) -> bool:
    """How far a worker is; False when somebody has cancelled it."""
    return await tx.run("tell_upload", upload_id=upload_id, share=share, words=words) > 0


async def end(
    tx: Tx,
    upload_id: UUID,
    state: State,
    *,
    told: dict[str, Json] | None = None,
    error: str | None = None,
    import_id: UUID | None = None,
) -> None:
    """What came of a worker's look. Twice is once."""
    kept: object = told
    await tx.run("end_upload", upload_id=upload_id, state=state, told=kept, error=error, import_id=import_id)
    if state == "brought_in":
        await _clear(tx, upload_id)


async def forget(tx: Tx, *, at: datetime) -> int:
    """Give up what nobody has brought in for a week; how many there were. Safe to repeat."""
    given_up = await tx.all("forget_uploads", before=at - KEPT)
    for row in given_up:
        await _clear(tx, row["upload_id"])
    return len(given_up)


async def wake_under_way(tx: Tx) -> int:
    """Let a worker look at those it should have in hand; how many. Safe to repeat: a look is harmless."""
    rows = await tx.all("uploads_under_way")
    for row in rows:
        tx.look_again(list_looks(row["upload_id"]))
    return len(rows)


async def _clear(tx: Tx, upload_id: UUID) -> None:
    await tx.run("drop_upload_parts", upload_id=upload_id)
    await tx.run("blind_upload", upload_id=upload_id)
