"""Is anybody forgotten? What waits for nothing, or past its deadline (stuck), and whom nobody owns (unowned); law 7."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.store.published import Book
from leadloom.store.tx import Tx

GRACE = timedelta(minutes=15)
"""How long after a deadline something counts as stuck: timers fire late, services are away for moments."""


class Stuck(Value):
    """One thing that nothing will move on its own."""

    noun: Literal["run", "hand-off", "stage", "clock", "mail", "campaign", "pause"]
    id: str
    lead_id: LeadId | None
    what: str
    """The journey, kind of hand-off, stage, clock, mail or campaign; of a pause its journey."""
    waiting_for: str | None
    waits_until: Instant | None
    why: str
    campaign: str | None = None
    """Whose run or mail it is."""


DECLARED = (
    f"Stuck is what nothing will move by itself: past due by more than {GRACE.total_seconds() / 60:g} minutes, waiting "
    "for nothing that has a name and a deadline, blocked by an error, or paused past the day of its review."
)
"""What counts, in words."""


class Unowned(Value):
    """A lead that sales should have, and nobody has."""

    lead_id: LeadId
    track: str
    stage: str
    since: Instant


async def stuck(tx: Tx, at: datetime, *, book: Book, campaign: str | None = None) -> tuple[Stuck, ...]:
    """Everything stuck at `at`, noun by noun, each oldest first; of one campaign, by its name. Empty is healthy."""
    overdue_since = at - GRACE
    promised = [stage.name for stage in book.definition.stages if stage.kind == "sla"]
    rows = [
        *await tx.all("stuck_runs", overdue_since=overdue_since),
        *await tx.all("stuck_hand_offs", overdue_since=overdue_since),
        *await tx.all("stuck_stages", overdue_since=overdue_since, sla_stages=promised),
        *await tx.all("stuck_clocks", overdue_since=overdue_since),
        *await tx.all("stuck_messages", overdue_since=overdue_since),
        *await tx.all("stuck_campaigns", overdue_since=overdue_since),
        *await tx.all("stuck_pauses", at=at),
    ]
    found = tuple(Stuck(**row) for row in rows)
    if campaign is None:
        return found
    journey: str | None = await tx.value("journey_of_campaign", name=campaign)
    # A pause of its journey holds it as well.
    return tuple(one for one in found if one.campaign == campaign or (one.noun, one.what) == ("pause", journey))


async def unowned(tx: Tx, *, book: Book) -> tuple[Unowned, ...]:
    """Leads past the gate with neither an owner nor an open hand-off, longest first. Empty is healthy."""
    rows = await tx.all("unowned_leads", owned_stages=owned_stages(book.definition))
    return tuple(Unowned(**row) for row in rows)


def owned_stages(definition: Definition) -> list[str]:
    """Stages in which a lead must be somebody's: those with a promise, and the gates that lead to one."""
    promised = {stage.name for stage in definition.stages if stage.kind == "sla"}
    gates = {stage.name for stage in definition.stages if stage.kind == "gate" and promised & set(stage.next)}
    return [stage.name for stage in definition.stages if stage.name in promised | gates]
