"""How many are where right now? The counts of the first page; the lists of `rows` hold what each of them counted."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.facts import MessageStatus
from leadloom.domain.model import Instant, Value
from leadloom.store.tx import Tx


class StageCount(Value):
    """Leads at one stage of one track."""

    track: str
    stage: str
    leads: int


class HandOffCount(Value):
    """Open work of one kind."""

    kind: str
    to_answer: int
    answers_overdue: int
    to_try: int
    tries_overdue: int


class MailCount(Value):
    """Mails that went the same way."""

    status: MessageStatus
    to_owner: bool
    mails: int


class RunCount(Value):
    """Open runs of one journey that wait for the same."""

    journey: str
    blocked: bool
    waiting_for: str | None
    runs: int
    next_at: Instant | None
    """The nearest deadline among them."""


class Today(Value):
    """All counts of one moment."""

    stages: tuple[StageCount, ...]
    hand_offs: tuple[HandOffCount, ...]
    mails: tuple[MailCount, ...]
    runs: tuple[RunCount, ...]


async def today(tx: Tx, *, at: datetime) -> Today:
    """Everything that stands somewhere at `at`. Kinds, stages and statuses nobody is at are missing."""
    return Today(
        stages=tuple(StageCount.model_validate(dict(row)) for row in await tx.all("count_leads")),
        hand_offs=tuple(HandOffCount.model_validate(dict(row)) for row in await tx.all("count_hand_offs", at=at)),
        mails=tuple(MailCount.model_validate(dict(row)) for row in await tx.all("count_mails")),
        runs=tuple(RunCount.model_validate(dict(row)) for row in await tx.all("count_runs")),
    )
