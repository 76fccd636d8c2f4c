"""What may a run's next move look at? Reads a lead's rows as Facts, no further back than its journey asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, assert_never

from leadloom.domain.conditions import everything_in
from leadloom.domain.facts import Facts, Progress
from leadloom.domain.journey import Branch, Condition, Journey, Send
from leadloom.domain.lead import Event
from leadloom.domain.model import EnrolmentId, Instant, LeadId, Value
from leadloom.domain.progress import Effect, PlanMail, RaiseHandOff, RecordEvent, Skip
from leadloom.domain.scoring import score
from leadloom.store import messages, standing
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
    now = (await standing.standings(tx, [run.lead_id], book=book, at=at))[run.lead_id]
    since = min(run.entered_at, at - longest_look_back(journey))
    rows = await tx.all("events_for_run", lead_id=run.lead_id, since=since)
    return Facts(
        lead=now.lead,
        account=now.account,
        entered_at=run.entered_at,
        stage=now.stages.get(journey.track, book.definition.first_stage),
        score=score(book.definition, now.lead, account=now.account, entries=now.entries, at=at),
        events=tuple(Event.model_validate(dict(row)) for row in rows),
        bases=now.bases,
        may_market=now.may_market,
        mails=await messages.of_run(tx, run.enrolment_id),
        last_reason=now.last_reason,
    )


async def after(
    tx: Tx, effect: Effect, facts: Facts, run: RunStanding, journey: Journey, *, book: Book, at: datetime
) -> Facts:
    """The facts once an effect was applied: only what it can have changed is read again."""
    match effect:
        case Skip():
            return facts
        case PlanMail():
            return facts.model_copy(update={"mails": await messages.of_run(tx, run.enrolment_id)})
        case RaiseHandOff() | RecordEvent():
            return await read(tx, run, journey, book=book, at=at)
        case _:
            assert_never(effect)


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
