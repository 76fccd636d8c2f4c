"""What follows when runs end? What they asked owners for is taken back, and whoever waits for their end looks again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.model import EnrolmentId
from leadloom.domain.wake import run_looks
from leadloom.store.tx import Tx


async def tell(tx: Tx, enrolment_ids: Sequence[EnrolmentId], *, at: datetime) -> None:
    """These runs have just ended. Twice is once: closed tasks stay closed, and a look changes nothing by itself."""
    if not enrolment_ids:
        return
    await tx.run("close_tasks_of_runs", enrolment_ids=list(enrolment_ids), at=at)
    for row in await tx.all("listeners_to_ends", enrolment_ids=list(enrolment_ids)):
        tx.look_again(run_looks(row["enrolment_id"], row["workflow"]))
