"""Of whom couldn't we find out whether they are somebody we know, and why? Listed, and looked at again when asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.model import Instant, LeadId, Value
from leadloom.store.tx import Tx

_LONGEST = 500


class MatchFault(Value):
    """A lead that couldn't be compared, or not be merged by rule."""

    lead_id: LeadId
    name: str
    error: str
    at: Instant
    tries: int


async def keep(tx: Tx, lead_id: LeadId, error: str, *, at: datetime) -> None:
    """List the lead with what went wrong. A lead that is gone is listed no more."""
    await tx.run("keep_match_fault", lead_id=lead_id, error=error.partition("\n")[0][:_LONGEST], at=at)


async def forget(tx: Tx, lead_ids: Sequence[LeadId]) -> None:
    """They could be looked at."""
    await tx.run("forget_match_faults_of", lead_ids=list(lead_ids))


async def listed(tx: Tx, *, limit: int = 100) -> tuple[MatchFault, ...]:
    """The newest first."""
    return tuple(MatchFault.model_validate(dict(row)) for row in await tx.all("match_faults", page_limit=limit))


async def count(tx: Tx) -> int:
    """How many there are."""
    return await tx.value("count_match_faults")


async def retry(tx: Tx) -> int:
    """Let the next round look at all of them again; how many. Who fails again is listed again. Twice is fine."""
    return await tx.run("match_again")
