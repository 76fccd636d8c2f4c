"""How did one run go, and what did each of its looks see? Read again from the rows, as of the instant of each look.

Append-only rows tell what was so at any instant. A lead's own fields and tags are kept as they are now only, so a
decision that hung on one that changed since is told as different.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.facts import BegunRun, CompanyEvent, Facts, MessageStatus, Progress, SentMail, TaskFact
from leadloom.domain.handoffs.working_days import days_of
from leadloom.domain.journeys.asks import asks_of
from leadloom.domain.journeys.hurrying import BY_HAND, TO
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.progress import begin
from leadloom.domain.lead import Basis, Event
from leadloom.domain.mails.sending import may_market
from leadloom.domain.mails.windows import zone_of
from leadloom.domain.model import EnrolmentId, Json
from leadloom.domain.rehearsal.recorded import Decided, Look, RecordedRun
from leadloom.domain.stages.company import stands
from leadloom.domain.stages.scoring import country_of, score
from leadloom.domain.standing import Colleague, ScoreEntry
from leadloom.store import calendars, colleagues, enrolments, pauses, permissions, published
from leadloom.store.calendars import Whom
from leadloom.store.enrolments import Step
from leadloom.store.published import Book
from leadloom.store.run_facts import RunStanding
from leadloom.store.tx import Record, Tx

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_MOVED = "publication"
"""Names, among the reasons of a decision, the publication that moved the run to another version."""
_NEVER_WENT = {
    MessageStatus.EXPIRED, MessageStatus.CANCELLED, MessageStatus.SUPPRESSED, MessageStatus.REFUSED,
}  # fmt: skip


async def workflow_of(tx: Tx, enrolment_id: EnrolmentId) -> tuple[str, bool]:
    """The name of the journey a run is in, and whether that one is code. Raises NotFound."""
    row = await tx.maybe("recorded_run", enrolment_id=enrolment_id)
    if row is None:
        raise NotFound("run", enrolment_id)
    return row["journey"], row["journey_hash"] is None


async def recorded(tx: Tx, enrolment_id: EnrolmentId, *, book: Book) -> RecordedRun:
    """The run as it went since it came to the version it runs by. Raises NotFound, Conflict for a journey as code.

    In a transaction: it holds the lead for as long as it reads.
    """
    row = await tx.maybe("recorded_run", enrolment_id=enrolment_id)
    if row is None:
        raise NotFound("run", enrolment_id)
    if row["journey_hash"] is None:
        raise Conflict(f"Run {enrolment_id} of {row['journey']} is a journey as code: its history is Temporal's.")
    journey = await published.journey(tx, row["journey_hash"])
    life = await _Life.read(tx, row, journey, book.definition)
    log = await enrolments.steps(tx, enrolment_id)
    moved = max((index for index, step in enumerate(log) if _jumped(step)), default=None)
    begins = life.begins() if moved is None else _moved_to(log, moved)
    since = log if moved is None else log[moved + 1 :]
    looks = [
        Look(at=at, facts=life.facts(at), decided=tuple(_decided(step) for step in steps))
        for at, steps in groupby(since, key=lambda step: step.at)
    ]
    if row["blocked_at"] is not None:
        blocked_at = row["blocked_at"]
        looks.append(Look(at=blocked_at, facts=life.facts(blocked_at), decided=(), error=row["error"] or "unknown"))
    return RecordedRun(journey=journey, begins=begins, looks=tuple(looks), mails=life.planned(), ended=row["outcome"])


def _decided(step: Step) -> Decided:
    return Decided(no=step.no, step=step.step, visit=step.visit, did=step.did, why=step.why)


def _jumped(step: Step) -> bool:
    """Whether something else than the interpreter moved the run: a publication, or a person who ended its wait."""
    return _MOVED in step.why or BY_HAND in step.why


def _moved_to(log: Sequence[Step], moved: int) -> Progress:
    """Where a run stood that was moved: its log says the step, and how often it came to each."""
    before, here = log[: moved + 1], log[moved]
    visits: dict[str, int] = {}
    for step in before:
        visits[step.step] = max(visits.get(step.step, 0), step.visit)
    came_to = here.why.get(TO) if BY_HAND in here.why else None
    if isinstance(came_to, str):
        visits[came_to] = visits.get(came_to, 0) + 1
        return Progress(step=came_to, arrived_at=here.at, visits=visits)
    return Progress(step=here.step, arrived_at=here.at, visits=visits)


class _Life:
    """All rows about the lead that a look of this run may have seen."""

    def __init__(self, row: Record, journey: Journey, definition: Definition, run: RunStanding, whom: Whom) -> None:
        self._row, self._journey, self._definition = row, journey, definition
        self._run, (self._lead, self._account) = run, whom

    @classmethod
    async def read(cls, tx: Tx, row: Record, journey: Journey, definition: Definition) -> _Life:
        run_id, lead_id = row["enrolment_id"], row["lead_id"]
        whom = await calendars.locked(tx, lead_id)
        [standing] = await tx.all("run_standings", enrolment_ids=[run_id])
        life = cls(row, journey, definition, RunStanding(**standing), whom)
        events = await tx.all("events_of_leads_since", lead_ids=[lead_id], since=_EVER)
        life._events = [Event.model_validate(dict(each)) for each in events]
        life._people = await life._colleagues(tx)
        life._entries = await tx.all("score_entries_of_leads", lead_ids=[lead_id])
        life._bases = (await permissions.of_leads(tx, [lead_id])).get(lead_id, ())
        life._mails = await tx.all("recorded_mails", lead_id=lead_id, journey=journey.name)
        life._stages = await tx.all("recorded_stages", lead_id=lead_id, track=journey.track)
        life._tasks = await tx.all("recorded_tasks", enrolment_id=run_id)
        life._reasons = await tx.all("recorded_reasons", lead_id=lead_id)
        life._tags = await tx.all("recorded_tags", lead_id=lead_id)
        life._runs = await tx.all("recorded_runs", lead_id=lead_id, enrolment_id=run_id)
        [placed] = await tx.all("circumstances_of_leads", lead_ids=[lead_id])
        life._calendar = days_of(definition, placed["owner"])
        kinds = sorted(journey.heard_of_company)
        life._of_company = await tx.all("events_of_colleagues", lead_ids=[lead_id], kinds=kinds, since=_EVER)
        return life

    _calendar: Calendar
    _of_company: Sequence[Record]
    _people: Sequence[Colleague] | None
    """Of the lead's company; None where there is none, and where the journey doesn't ask."""
    _events: Sequence[Event]
    _bases: tuple[Basis, ...]
    _entries: Sequence[Record]
    _mails: Sequence[Record]
    _stages: Sequence[Record]
    _tasks: Sequence[Record]
    _reasons: Sequence[Record]
    _tags: Sequence[Record]
    _runs: Sequence[Record]

    async def _colleagues(self, tx: Tx) -> Sequence[Colleague] | None:
        if self._account is None or not asks_of(self._journey).company_stand:
            return None
        account_id = self._account.account_id
        return (await colleagues.of_companies(tx, [account_id]))[account_id]

    def begins(self) -> Progress:
        """Where the run stood when it came in."""
        entered_at = self._run.entered_at
        last = max((event.no for event in self._events if event.at <= entered_at), default=0)
        return begin(self._journey, entered_at, last)

    def planned(self) -> tuple[SentMail, ...]:
        """What this run asked for, as it stands now."""
        return tuple(_mail(row, row["status"], row["sent_at"]) for row in self._own_mails())

    def facts(self, at: datetime) -> Facts:
        """What a look at that instant saw, before it did anything."""
        entries = [
            ScoreEntry.model_validate({name: row[name] for name in ScoreEntry.model_fields}) for row in self._entries
        ]
        stages = [row["to_stage"] for row in self._stages if row["at"] <= at]
        reasons = [row["reason"] for row in self._reasons if row["at"] <= at]
        lead, account = self._lead, self._account
        return Facts(
            lead=lead,
            account=account,
            entered_at=self._run.entered_at,
            stage=stages[-1] if stages else self._definition.first_stage,
            score=score(self._definition, lead, account=account, entries=entries, at=at),
            events=tuple(event for event in self._events if event.at <= at),
            company_events=tuple(
                CompanyEvent(kind=row["kind"], at=row["at"])
                for row in self._of_company
                if self._run.entered_at <= row["at"] <= at
            ),
            calendar=self._calendar,
            bases=self._bases,
            may_market=may_market(self._definition, self._bases, country_of(lead, account), at),
            mails=tuple(_as_of(row, at) for row in self._own_mails() if row["asked_at"] < at),
            last_reason=reasons[-1] if reasons else None,
            company=None if self._people is None else stands(self._definition, self._people, at=at),
            zone=zone_of(lead, account, self._definition.company),
            tags=tuple(row["tag"] for row in self._tags if row["at"] < at),
            tasks=tuple(_task(row, at) for row in self._tasks if row["opened_at"] < at),
            seen_mails=tuple(row["mail"] for row in self._mails if row["asked_at"] < at and _was_seen(row, at)),
            read_pieces=self._pieces(at),
            arm=self._run.arm,
            **self._other_runs(at),
            **pauses.of_run([row for row in self._run.pauses or () if _began(row) <= at], at),
        )

    def _own_mails(self) -> list[Record]:
        return [row for row in self._mails if row["enrolment_id"] == self._run.enrolment_id]

    def _pieces(self, at: datetime) -> tuple[str, ...]:
        read = [event.data.get("piece") for event in self._events if event.kind == "article_read" and event.at <= at]
        return tuple(dict.fromkeys(str(piece) for piece in read if piece is not None))

    def _other_runs(self, at: datetime) -> dict[str, Any]:
        known = [row for row in self._runs if row["entered_at"] < at]
        now = [row["journey"] for row in known if row["ended_at"] is None or row["ended_at"] > at]
        was = [row["journey"] for row in known if row["ended_at"] is not None and row["ended_at"] <= at]
        began = f"run/{self._run.enrolment_id}/"
        return {
            "in_journeys": tuple(dict.fromkeys([self._journey.name, *now])),
            "was_in": tuple(dict.fromkeys(was)),
            "runs_begun": tuple(_begun(row, at) for row in known if row["key"].startswith(began)),
        }


def _mail(row: Record, status: MessageStatus, sent_at: datetime | None) -> SentMail:
    return SentMail(
        message_id=row["message_id"], step=row["step"], visit=row["visit"], status=status, slot_at=row["slot_at"],
        sent_at=sent_at,
    )  # fmt: skip


def _as_of(row: Record, at: datetime) -> SentMail:
    if row["sent_at"] is not None and row["sent_at"] <= at:
        return _mail(row, MessageStatus.SENT, row["sent_at"])
    if row["settled_at"] is not None and row["settled_at"] <= at:
        return _mail(row, row["status"], None)
    return _mail(row, MessageStatus.RESERVED, None)


def _was_seen(row: Record, at: datetime) -> bool:
    return _as_of(row, at).status not in _NEVER_WENT


def _began(pause: Mapping[str, Json]) -> datetime:
    return datetime.fromisoformat(str(pause["since"]))


def _task(row: Record, at: datetime) -> TaskFact:
    ended = row["ended_at"] is not None and row["ended_at"] <= at
    return TaskFact(
        step=row["step"], visit=row["visit"], status=row["status"] if ended else "open",
        outcome=row["outcome"] if ended else None, due_at=row["due_at"],
    )  # fmt: skip


def _begun(row: Record, at: datetime) -> BegunRun:
    ended = row["ended_at"] is not None and row["ended_at"] <= at
    return BegunRun(
        journey=row["journey"], key=row["key"], status=row["status"] if ended else "active",
        outcome=row["outcome"] if ended else None,
    )  # fmt: skip
