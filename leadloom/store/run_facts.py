"""What may a run's next move look at? Reads a lead's rows as Facts, no further back than its journey asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from leadloom.domain.facts import Facts, Progress, SentMail
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import everything_in
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_paths import asked_in_runs
from leadloom.domain.lead import Event
from leadloom.domain.mails.sending import may_market
from leadloom.domain.model import EnrolmentId, Instant, LeadId, Value
from leadloom.domain.stages.scoring import country_of, score
from leadloom.domain.standing import ScoreEntry
from leadloom.store import permissions
from leadloom.store.calendars import Whom
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx


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


class Reader(NamedTuple):
    """Who is to look at facts: a run under the lock of its lead, as of an instant."""

    run: RunStanding
    journey: Journey
    whom: Whom
    at: datetime


async def read_all(tx: Tx, readers: Sequence[Reader], *, book: Book) -> dict[EnrolmentId, Facts]:
    """The facts of runs of different leads, each as of its own instant, under their leads' locks.

    What no condition of a reader's journey can ask is left unread: points of engagement, and the last reject reason.
    """
    if not readers:
        return {}
    rest = _Rest(tx, readers)
    await rest.read()
    return {each.run.enrolment_id: rest.of(each, book) for each in readers}


class _Rest:
    """All that hangs on the leads, a query per noun whatever their number."""

    def __init__(self, tx: Tx, readers: Sequence[Reader]) -> None:
        self._tx, self._readers = tx, readers

    async def read(self) -> None:
        lead_ids = [each.run.lead_id for each in self._readers]
        since = min(_since(each) for each in self._readers)
        self._events = await self._by_lead("events_of_leads_since", lead_ids, since=since)
        self._stages = await self._by_lead("stages_of_leads", lead_ids)
        self._bases = await permissions.of_leads(self._tx, lead_ids)
        enrolment_ids = [each.run.enrolment_id for each in self._readers]
        self._mails = _by(await self._tx.all("mails_of_runs", enrolment_ids=enrolment_ids), "enrolment_id")
        self._entries = await self._by_lead("score_entries_of_leads", self._whose(_of_engagement))
        self._circumstances = await self._by_lead("circumstances_of_leads", self._whose(_of_reason))

    def _whose(self, asks: Callable[[Condition], bool]) -> list[LeadId]:
        """Leads in whose journey some condition asks so."""
        return [each.run.lead_id for each in self._readers if _asks(each.journey, asks)]

    async def _by_lead(
        self, name: str, lead_ids: Sequence[LeadId], **params: object
    ) -> defaultdict[UUID, list[Record]]:
        return _by(await self._tx.all(name, lead_ids=lead_ids, **params) if lead_ids else [], "lead_id")

    def of(self, reader: Reader, book: Book) -> Facts:
        run, journey, (lead, account), at = reader
        since, bases = _since(reader), self._bases.get(run.lead_id, ())
        entries = [ScoreEntry.model_validate(_but(row, "lead_id")) for row in self._entries[run.lead_id]]
        stages = {row["track"]: row["stage"] for row in self._stages[run.lead_id]}
        return Facts(
            lead=lead,
            account=account,
            entered_at=run.entered_at,
            stage=stages.get(journey.track, book.definition.first_stage),
            score=score(book.definition, lead, account=account, entries=entries, at=at),
            events=tuple(Event.model_validate(dict(row)) for row in self._events[run.lead_id] if row["at"] >= since),
            bases=bases,
            may_market=may_market(book.definition, bases, country_of(lead, account), at),
            mails=tuple(SentMail(**_but(row, "enrolment_id")) for row in self._mails[run.enrolment_id]),
            last_reason=next((row["last_reason"] for row in self._circumstances[run.lead_id]), None),
        )


def _by(rows: Iterable[Record], key: str) -> defaultdict[UUID, list[Record]]:
    found: defaultdict[UUID, list[Record]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


def _but(row: Record, column: str) -> dict[str, Any]:
    """The row without one column."""
    return {name: value for name, value in row.items() if name != column}


def _since(reader: Reader) -> datetime:
    return min(reader.run.entered_at, reader.at - longest_look_back(reader.journey))


def _asks(journey: Journey, of: Callable[[Condition], bool]) -> bool:
    return any(of(inner) for _, condition in asked_in_runs(journey) for inner in everything_in(condition))


def _of_engagement(condition: Condition) -> bool:
    return condition.engagement is not None


def _of_reason(condition: Condition) -> bool:
    return condition.recycled_for is not None


def longest_look_back(journey: Journey) -> timedelta:
    """How far before now some condition of the journey looks; conditions without a span look since entry."""
    spans = (inner.within for _, condition in asked_in_runs(journey) for inner in everything_in(condition))
    return max((span for span in spans if span is not None), default=timedelta())
