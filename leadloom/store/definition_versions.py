"""Which versions of the definition were there, and how many leads stand where under the one in force?"""

from __future__ import annotations

from leadloom.domain.model import Instant, Value
from leadloom.store.tx import Tx


class VersionRow(Value):
    """One version of the definition."""

    version: int
    hash: str
    published_at: Instant
    published_by: str
    approved_by: str | None
    draft_no: int | None
    """None for one that was published from a file."""


class StoodAt(Value):
    """Leads at a stage of a track."""

    stage: str
    track: str
    leads: int


async def stood(tx: Tx) -> tuple[StoodAt, ...]:
    """How many leads stand at each stage."""
    return tuple(StoodAt.model_validate(dict(row)) for row in await tx.all("stages_stood_in"))


async def versions(tx: Tx, name: str) -> tuple[VersionRow, ...]:
    """The versions of the definition, newest first."""
    return tuple(VersionRow.model_validate(dict(row)) for row in await tx.all("definition_versions", name=name))
