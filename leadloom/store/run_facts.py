"""What may a run's next move look at? Reads a lead's rows as Facts, no further back than its journey asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from leadloom.domain.conditions import everything_in
from leadloom.domain.facts import Facts, Progress
from leadloom.domain.journey import Branch, Condition, Journey, Send
from leadloom.domain.lead import Event
from leadloom.domain.model import EnrolmentId, Instant, LeadId, Value
from leadloom.domain.scoring import country_of, score
from leadloom.domain.sending import may_market
from leadloom.domain.standing import ScoreEntry
from leadloom.store import leads, messages, permissions
from leadloom.store.published import Book
from leadloom.store.tx import Tx


class RunStanding(Value):
    """A run under the lead-row lock."""

    enrolment_id: EnrolmentId
    lead_id: LeadId
    journey: str
    journey_hash: str | None
    entered_at: Instant
    status: Literal["active", "finished", "exited"]
    progress: Progress
    waiting_for: str | None
    workflow: str
    outcome: str | None


async def read(tx: Tx, run: RunStanding, journey: Journey, *, book: Book, at: datetime) -> Facts:
    """The facts as of `at`, under the lead-row lock."""
    lead_id = run.lead_id
    lead = await leads.get(tx, lead_id)
    account = await leads.account_of(tx, lead)
    entries = [ScoreEntry.model_validate(dict(row)) for row in await tx.all("entries_for_score", lead_id=lead_id)]
    bases = await permissions.of_lead(tx, lead_id)
    since = min(run.entered_at, at - longest_look_back(journey))
    rows = await tx.all("events_for_run", lead_id=lead_id, since=since)
    stage = await tx.value("stage_of_lead", lead_id=lead_id, track=journey.track)
    return Facts(
        lead=lead,
        account=account,
        entered_at=run.entered_at,
        stage=stage or book.definition.first_stage,
        score=score(book.definition, lead, account=account, entries=entries, at=at),
        events=tuple(Event.model_validate(dict(row)) for row in rows),
        bases=bases,
        may_market=may_market(book.definition, bases, country_of(lead, account), at),
        mails=await messages.of_run(tx, run.enrolment_id),
        last_reason=await tx.value("last_reason_of_lead", lead_id=lead_id),
    )


def longest_look_back(journey: Journey) -> timedelta:
    """How far before now some condition of the journey looks; conditions without a span look since entry."""
    spans = (inner.within for condition in _conditions(journey) for inner in everything_in(condition))
    return max((span for span in spans if span is not None), default=timedelta())


def _conditions(journey: Journey) -> Iterator[Condition]:
    for step in journey.steps:
        if isinstance(step, Branch):
            yield from (case.when for case in step.cases)
        elif isinstance(step, Send) and step.unless is not None:
            yield step.unless
