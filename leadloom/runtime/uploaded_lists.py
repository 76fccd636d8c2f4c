"""What becomes of a list that somebody sends by the browser? It is looked at and kept; a worker does the rest."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from leadloom.domain.errors import BadInput, Permanent
from leadloom.domain.intake.columns import LEAD_FIELDS, map_columns
from leadloom.domain.model import Json
from leadloom.runtime.how_to_read import READING, as_before, header_of, opened
from leadloom.runtime.import_leads import LeadList, LeadWork
from leadloom.runtime.imported import Imported
from leadloom.runtime.importing import Import, Stopped
from leadloom.runtime.table import Table
from leadloom.runtime.table_file import SEPARATORS
from leadloom.store import imports, published, uploads
from leadloom.store.db import Db
from leadloom.store.uploads import Come, Found, Upload

LARGEST = 200 << 20
"""Bytes of a list that comes by the browser; a larger one comes by the command."""
_SHOWN_ROWS = 3
_LONGEST_CELL = 80
_LONGEST_NAME = 120
_EVERY_S = 1.0
"""How often a worker says how far it is, and hears that it is to stop."""


def safe_name(told: str) -> str:
    """A file's name as somebody's browser tells it, without folders and what no file should be called."""
    bare = re.sub(r"[^\w .()+&,@-]", "_", told.replace("\\", "/").rpartition("/")[2]).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    return f"{stem[:_LONGEST_NAME]}{dot}{ending[:8]}" if stem else (bare[:_LONGEST_NAME] or "list.csv")


async def receive(db: Db, path: Path, how: LeadList, *, by: str, at: datetime) -> UUID:
    """Look at a list and keep it. Raises BadInput for what is no table, Conflict when too many wait."""
    table = await opened(path, how, _quietly)
    async with db.transaction() as tx:
        earlier = await imports.read_before(tx, "leads", header_of(table))
        read, before = as_before(how, earlier)
        if before is not None and not _fits(table, read):
            read, before = how, None
        found, examined = _found(table, before.file if before else None), table.examined
        come = Come(path.name, examined.size, found, read.model_dump(mode="json"), by, at)
        with path.open("rb") as file:
            return await uploads.keep(tx, come, file)


def _fits(table: Table, how: LeadList) -> bool:
    """Whether what an earlier list was mapped by can be said of this one."""
    with suppress(BadInput):
        return bool(map_columns(table.names, LEAD_FIELDS, how.map))
    return False


def _found(table: Table, read_as: str | None) -> Found:
    examined = table.examined
    return Found(
        names=table.names,
        sample=tuple(tuple(cell[:_LONGEST_CELL] for cell in row) for row in table.sample[:_SHOWN_ROWS]),
        encoding=examined.encoding,
        found_by=examined.found_by,
        separator=SEPARATORS.get(table.separator, table.separator),
        sha256=examined.sha256,
        notes=tuple(table.notes),
        read_as=read_as,
    )


class ListTaker:
    """Does with a list what its row wishes."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def look(self, upload_id: UUID, *, at: datetime) -> str:
        """Rehearse it or bring it in; in words what came of it. What is wrong with the list stands in its row.

        Safe to repeat: rows that were taken are passed. Raises Transient.
        """
        async with self._db.read() as tx:
            upload = await uploads.one(tx, upload_id)
        if not upload.is_under_way:
            return upload.state
        progress = _Progress(self._db, upload_id)
        try:
            with TemporaryDirectory(prefix="leadloom-list-") as folder:
                path = Path(folder) / upload.file_name
                await self._copy(upload, path)
                async with progress:
                    ended = await self._taken(upload, path, progress, at=at)
        except Stopped:
            return "cancelled"
        except Permanent as error:
            async with self._db.transaction() as tx:
                await uploads.end(tx, upload_id, "failed", error=str(error))
            return "failed"
        state = "brought_in" if upload.state == "bringing_in" else "rehearsed"
        told: dict[str, Json] = ended.model_dump(mode="json", exclude={"faults_file"})
        async with self._db.transaction() as tx:
            await uploads.end(tx, upload_id, state, told=told, import_id=ended.import_id)
        return state

    async def _copy(self, upload: Upload, path: Path) -> None:
        size = 0
        with path.open("wb") as file:
            for no in count(1):
                async with self._db.at_once() as tx:
                    part = await uploads.part(tx, upload.upload_id, no)
                if part is None:
                    break
                size += await asyncio.to_thread(file.write, part)
        if size < upload.size:
            raise Stopped  # cancelled meanwhile, which takes its bytes away: half a list must not pass for a whole one

    async def _taken(self, upload: Upload, path: Path, progress: _Progress, *, at: datetime) -> Imported:
        how = LeadList.model_validate(upload.options)
        table = await opened(path, how, progress.told)
        async with self._db.read() as tx:
            book = await published.book(tx)
        rehearsal = upload.state == "rehearsing"
        work = LeadWork(table, how, book, at=at, rehearsal=rehearsal)
        bringing = Import(self._db, table, work, now=lambda: at, told=progress.told)
        if rehearsal:
            return await bringing.rehearse()
        faults = path.with_suffix(".faults.csv")  # the console gives them out of their rows
        return await bringing.bring_in(upload.options, by=upload.uploaded_by, faults_file=faults)


class _Progress:
    """Says every second how far a list is, and hears whether it is to go on."""

    def __init__(self, db: Db, upload_id: UUID) -> None:
        self._db, self._upload_id = db, upload_id
        self._share, self._words, self._stopped = 0.0, READING, False
        self._saying: asyncio.Task[None] | None = None

    def told(self, share: float, words: str) -> None:
        """How far it is. Raises Stopped when somebody has cancelled it."""
        # To be read through anew takes nothing from how far it is.
        self._share, self._words = 0.0 if words == READING else share, words
        if self._stopped:
            raise Stopped

    async def __aenter__(self) -> None:
        self._saying = asyncio.create_task(self._say())

    async def __aexit__(self, *_: object) -> None:
        if self._saying is not None:
            self._saying.cancel()
            with suppress(asyncio.CancelledError):
                await self._saying

    async def _say(self) -> None:
        while not self._stopped:
            async with self._db.at_once() as tx:
                goes_on = await uploads.tell(tx, self._upload_id, share=self._share, words=self._words)
            self._stopped = not goes_on
            await asyncio.sleep(_EVERY_S)


def _quietly(share: float, words: str) -> None:
    del share, words
