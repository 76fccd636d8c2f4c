"""What came of a played world: the figures of `summary.json`, read from rows and from the trap."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.model import Instant, Value
from leadloom.domain.reports.classes import CreditClass
from leadloom.runtime import reports
from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.store import published, stuck, totals
from leadloom.store.db import Db


class HandOffFigures(Value):
    """How offers ended. An offer that was escalated also ended in one of the other ways, or is still open."""

    offered: int
    accepted: int
    rejected: int
    recycled: int
    escalated: int


class DealFigures(Value):
    """Deals by what marketing did for them; every deal is in exactly one class."""

    generated: int
    enhanced: int
    sales_only: int
    partner_only: int


class Summary(Value):
    """The figures of a played world."""

    leads: int
    virtual_days: int
    seconds: float
    """Wall time of the play, installs and start of the stack not included."""
    mails_sent: int
    mails_trapped: int
    duplicates: int
    uncertain: int
    suppressed: int
    qualified: int
    handoffs: HandOffFigures
    deals: DealFigures
    won: int
    stuck: int
    unowned: int


class Played(Value):
    """A summary with what a person wants to see beside it."""

    summary: Summary
    begins: Instant
    ends: Instant
    stages: dict[str, int]
    events: int
    runs: int


async def summarise(db: Db, trap: MailTrap, *, begins: datetime, ends: datetime, seconds: float) -> Played:
    """Count what happened between two instants. Everything is read; nothing was counted along the way."""
    everything = await reports.everything(db, as_of=ends)
    async with db.read() as tx:
        book = await published.book(tx)
        figures = await totals.read(tx)
        still = await stuck.stuck(tx, ends, book=book)
        unowned = await stuck.unowned(tx, book=book)
    classes = everything.pipeline.deals_by_class()
    summary = Summary(
        leads=figures.leads,
        virtual_days=(ends - begins).days,
        seconds=round(seconds, 1),
        mails_sent=figures.mails.get("sent", 0),
        mails_trapped=len(trap.mails),
        duplicates=sum(count - 1 for count in trap.duplicates().values()),
        uncertain=figures.mails.get("uncertain", 0),
        suppressed=figures.mails.get("suppressed", 0),
        qualified=figures.qualified,
        handoffs=HandOffFigures(**figures.hand_offs, escalated=everything.sla.escalated),
        deals=DealFigures(
            generated=classes[CreditClass.GENERATED],
            enhanced=classes[CreditClass.ENHANCED],
            sales_only=classes[CreditClass.SALES_ONLY],
            partner_only=classes[CreditClass.PARTNER_ONLY],
        ),
        won=figures.won,
        stuck=len(still),
        unowned=len(unowned),
    )
    return Played(
        summary=summary, begins=begins, ends=ends, stages=figures.stages, events=figures.events, runs=figures.runs
    )
