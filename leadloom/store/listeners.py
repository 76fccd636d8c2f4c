"""Who looks again when something about a lead changed, and no event tells of it? Runs that hear everything."""

from __future__ import annotations

from collections.abc import Collection

from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.domain.wake import run_looks
from leadloom.store.tx import Tx


async def changed(tx: Tx, lead_ids: Collection[LeadId], *, but: EnrolmentId | None = None) -> None:
    """Fields, tags or permissions of these leads changed, under their locks: an exit or a wait may ask for them.

    `but` is the run that changed them: it looks anyway. Twice is once, and a look changes nothing by itself.
    """
    if not lead_ids:
        return
    for row in await tx.all("listeners_to_everything", lead_ids=sorted(lead_ids)):
        if row["enrolment_id"] != but:
            tx.look_again(run_looks(row["enrolment_id"], row["workflow"]))
