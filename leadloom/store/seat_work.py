"""What waits for somebody who takes a seat, and what have they done since? Told by the logs of acts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadloom.domain.model import Value
from leadloom.store.tx import Tx


class Work(Value):
    """What on live data waits for them; None and nought where there is none."""

    offer_id: UUID | None
    """The offer to them whose clock runs out first."""
    accepted_id: UUID | None
    """A hand-off they took, the one without a try first."""
    own_lead_id: UUID | None
    free_lead_id: UUID | None
    """Somebody who answered us and is in no journey now."""
    let_in_lead_id: UUID | None
    """Somebody they let into a journey by hand, who is in it still."""
    letter_id: UUID | None
    """A letter somebody may still say something about."""
    draft_no: int | None
    offers: int
    late_offers: int
    """Of everybody."""


class Done(Value):
    """What they did."""

    accepted: bool
    answered: bool
    """A hand-off, in any way."""
    tried: bool
    raised: bool
    asked: bool
    """A question of a checklist."""
    let_in: bool
    took_out: bool
    letter: bool
    signed: bool
    """A draft, or rejected it."""
    previewed: bool
    steered: bool
    """Moved somebody's offer, or entered time off."""
    decided: bool
    """A decision of the governors was kept."""
    pack: bool
    charter: bool


async def work_of(tx: Tx, handle: str, *, answered_stage: str, countries: Sequence[str] | None, at: datetime) -> Work:
    """What waits for them; `countries` narrow whom they may let in, None doesn't."""
    row = await tx.one("seat_work", handle=handle, answered_stage=answered_stage, countries=countries, at=at)
    return Work.model_validate(dict(row))


async def done_by(tx: Tx, handle: str, *, since: datetime) -> Done:
    """What they have done since then."""
    return Done.model_validate(dict(await tx.one("seat_done", handle=handle, since=since)))
