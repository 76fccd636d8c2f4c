"""What may a run's next move look at? Reads a lead's rows as Facts, no further back than its journey asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.facts import BegunRun, CompanyEvent, CompanyStand, Facts, Progress, SentMail, TaskFact
from leadloom.domain.handoffs.working_days import days_of
from leadloom.domain.journeys.asks import Asks, asks_of
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.lead import Event
from leadloom.domain.mails.sending import may_market
from leadloom.domain.mails.windows import zone_of
from leadloom.domain.model import AccountId, EnrolmentId, Instant, Json, LeadId, Value
from leadloom.domain.stages.company import stands
from leadloom.domain.stages.scoring import country_of, score
from leadloom.domain.standing import ScoreEntry
from leadloom.store import colleagues, pauses, permissions, published, standing
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
    waits_until: Instant | None
    workflow: str
    outcome: str | None
    arm: str | None = None
    pauses: tuple[dict[str, Json], ...] | None = None
    """When its journey stood still since the run came in (store.pauses reads them); None for never."""


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
        self._asks = {each.run.enrolment_id: _asks_of(each) for each in self._readers}
        since = min(self._since(each) for each in self._readers)
        self._events = await self._by_lead("events_of_leads_since", lead_ids, since=since)
        self._stages = await self._by_lead("stages_of_leads", lead_ids)
        self._bases = await permissions.of_leads(self._tx, lead_ids)
        enrolment_ids = [each.run.enrolment_id for each in self._readers]
        self._mails = _by(await self._tx.all("mails_of_runs", enrolment_ids=enrolment_ids), "enrolment_id")
        self._entries = await self._by_lead("score_entries_of_leads", self._whose(lambda asks: asks.engagement))
        self._circumstances = await self._by_lead(
            "circumstances_of_leads", self._whose(lambda asks: asks.reason or asks.calendar)
        )
        self._people = await colleagues.of_companies(self._tx, self._companies())
        self._tags = await self._by_lead("tags_of_leads", self._whose(lambda asks: asks.tags))
        self._runs = await self._by_lead("other_runs_of_leads", self._whose(lambda asks: asks.journeys or asks.group))
        streaming = self._whose(lambda asks: asks.streams)
        self._pieces = await self._by_lead("read_pieces_of_leads", streaming)
        journeys = sorted({each.journey.name for each in self._readers})
        self._seen = await self._by_lead("seen_mails_of_leads", streaming, journeys=journeys)
        working = [each.run.enrolment_id for each in self._readers if self._asks[each.run.enrolment_id].tasks]
        self._tasks = _by(await self._tx.all("tasks_of_runs", enrolment_ids=working) if working else [], "enrolment_id")
        self._of_company = await self._company_events()
        self._groups = {
            row["journey_hash"]: (await published.journey(self._tx, row["journey_hash"])).exclusive
            for rows in self._runs.values()
            for row in rows
            if row["status"] == standing.ACTIVE and row["journey_hash"] is not None
        }

    async def _company_events(self) -> defaultdict[UUID, list[Record]]:
        asking = [each for each in self._readers if self._asks[each.run.enrolment_id].company]
        if not asking:
            return _by([], "lead_id")
        kinds = sorted({kind for each in asking for kind in self._asks[each.run.enrolment_id].company})
        since = min(each.run.entered_at for each in asking)
        lead_ids = [each.run.lead_id for each in asking]
        return _by(await self._tx.all("events_of_colleagues", lead_ids=lead_ids, kinds=kinds, since=since), "lead_id")

    def _whose(self, asked: Callable[[Asks], bool]) -> list[LeadId]:
        """Leads whose journey asks so."""
        return [each.run.lead_id for each in self._readers if asked(self._asks[each.run.enrolment_id])]

    def _companies(self) -> list[AccountId]:
        """Companies whose people count for a condition of some reader's journey."""
        asking = (each.whom[1] for each in self._readers if self._asks[each.run.enrolment_id].company_stand)
        return [account.account_id for account in asking if account is not None]

    def _since(self, reader: Reader) -> datetime:
        return min(reader.run.entered_at, reader.at - self._asks[reader.run.enrolment_id].look_back)

    async def _by_lead(
        self, name: str, lead_ids: Sequence[LeadId], **params: object
    ) -> defaultdict[UUID, list[Record]]:
        return _by(await self._tx.all(name, lead_ids=lead_ids, **params) if lead_ids else [], "lead_id")

    def of(self, reader: Reader, book: Book) -> Facts:
        run, journey, (lead, account), at = reader
        since, bases = self._since(reader), self._bases.get(run.lead_id, ())
        entries = [ScoreEntry.model_validate(_but(row, "lead_id")) for row in self._entries[run.lead_id]]
        stages = {row["track"]: row["stage"] for row in self._stages[run.lead_id]}
        judging = book.judging(country_of(lead, account)).definition
        return Facts(
            lead=lead,
            account=account,
            entered_at=run.entered_at,
            stage=stages.get(journey.track, book.definition.first_stage),
            score=score(judging, lead, account=account, entries=entries, at=at),
            events=tuple(Event.model_validate(dict(row)) for row in self._events[run.lead_id] if row["at"] >= since),
            company_events=tuple(CompanyEvent(**_but(row, "lead_id")) for row in self._of_company[run.lead_id]),
            bases=bases,
            may_market=may_market(book.definition, bases, country_of(lead, account), at),
            mails=tuple(SentMail(**_but(row, "enrolment_id")) for row in self._mails[run.enrolment_id]),
            last_reason=next((row["last_reason"] for row in self._circumstances[run.lead_id]), None),
            company=self._company(reader, book),
            zone=zone_of(lead, account, book.definition.company),
            calendar=self._calendar_of(reader, book),
            tags=tuple(row["tag"] for row in self._tags[run.lead_id]),
            tasks=tuple(TaskFact(**_but(row, "enrolment_id")) for row in self._tasks[run.enrolment_id]),
            seen_mails=tuple(row["mail"] for row in self._seen[run.lead_id] if row["journey"] == journey.name),
            read_pieces=tuple(row["piece"] for row in self._pieces[run.lead_id]),
            arm=run.arm,
            **self._other_runs(reader),
            **pauses.of_run(run.pauses, at),
        )

    def _calendar_of(self, reader: Reader, book: Book) -> Calendar | None:
        if not self._asks[reader.run.enrolment_id].calendar:
            return None
        owner = next((row["owner"] for row in self._circumstances[reader.run.lead_id]), None)
        return days_of(book.definition, owner)

    def _company(self, reader: Reader, book: Book) -> CompanyStand | None:
        """How the lead's company stands; not looked at where no condition of the journey asks."""
        account = reader.whom[1]
        people = None if account is None else self._people.get(account.account_id)
        return None if people is None else stands(book.definition, people, at=reader.at)

    def _other_runs(self, reader: Reader) -> dict[str, Any]:
        """Which journeys the lead is in or was in, which of them this run began, and which has its group."""
        run, journey = reader.run, reader.journey
        others = [row for row in self._runs[run.lead_id] if row["enrolment_id"] != run.enrolment_id]
        now = [row for row in others if row["status"] == standing.ACTIVE]
        began = f"run/{run.enrolment_id}/"
        return {
            "in_journeys": tuple(dict.fromkeys([journey.name, *(row["journey"] for row in now)])),
            "was_in": tuple(dict.fromkeys(row["journey"] for row in others if row["status"] != standing.ACTIVE)),
            "runs_begun": tuple(
                BegunRun(journey=row["journey"], key=row["key"], status=row["status"], outcome=row["outcome"])
                for row in others
                if row["key"].startswith(began)
            ),
            "busy_with": next((row["journey"] for row in now if self._came_first(row, reader)), None),
        }

    def _came_first(self, row: Record, reader: Reader) -> bool:
        """Whether that run came before this one into the same exclusive group; of two at once the smaller id did."""
        mine, other = reader.journey.exclusive, self._groups.get(row["journey_hash"])
        if row["journey"] == reader.journey.name:
            return False  # a group parts journeys, not the runs of one for each deal
        if mine is None or other is None or mine.group != other.group:
            return False
        return (row["entered_at"], row["enrolment_id"]) < (reader.run.entered_at, reader.run.enrolment_id)


def _by(rows: Iterable[Record], key: str) -> defaultdict[UUID, list[Record]]:
    found: defaultdict[UUID, list[Record]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


def _but(row: Record, column: str) -> dict[str, Any]:
    """The row without one column."""
    return {name: value for name, value in row.items() if name != column}


_asked: dict[str, Asks] = {}
"""By content hash of the journey: hundreds of looks ask about the same few versions."""


def _asks_of(reader: Reader) -> Asks:
    content_hash = reader.run.journey_hash
    if content_hash is None:
        return asks_of(reader.journey)
    if content_hash not in _asked:
        _asked[content_hash] = asks_of(reader.journey)
    return _asked[content_hash]
