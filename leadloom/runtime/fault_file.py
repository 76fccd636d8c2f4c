"""Which rows of a list were refused, as a CSV that is mended and brought in again?"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from uuid import UUID

from leadloom.domain.intake.columns import NOT_DATA
from leadloom.store import imports
from leadloom.store.db import Db


async def fault_lines(db: Db, import_id: UUID, header: Sequence[str]) -> AsyncIterator[str]:
    """The lines of the file, its header first. Cells stand as they came, so that whoever mends one mends nothing else.

    Why comes before them, so that a row with too few or too many cells keeps them as they are.
    """
    yield _line((*NOT_DATA, *header))
    after = 0
    while True:
        async with db.read() as tx:
            rows = await imports.to_mend(tx, import_id, after=after)
        if not rows:
            return
        for row in rows:
            yield _line((row.fields, row.why, *row.cells))
        after = rows[-1].row


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
