"""How does one lead stand while an audience is rehearsed? The rows production would hold about them, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from leadloom.domain.consent.from_events import with_gained
from leadloom.domain.consequences import Consequences
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import (
    BegunRun,
    CompanyEvent,
    Facts,
    MessageStatus,
    Pause,
    Paused,
    Progress,
    Score,
    SentMail,
    TaskFact,
)
from leadloom.domain.handoffs.working_days import days_of
from leadloom.domain.journeys.asks import Asks
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import Wait
from leadloom.domain.lead import Basis, BasisKind, Event, Lead, Verdict
from leadloom.domain.mails.sending import may_market
from leadloom.domain.mails.windows import zone_of
from leadloom.domain.model import EnrolmentId, MessageId
from leadloom.domain.rehearsal.cast import LeadAtStart, Stands
from leadloom.domain.stages.clocks import COOLING, SetClock
from leadloom.domain.stages.company import stands
from leadloom.domain.stages.scoring import country_of, score
from leadloom.domain.stages.stage_moves import GIVEN_BACK
from leadloom.domain.standing import Clock, Colleague, EndedRun, OpenRun, Standing
from leadloom.domain.wake import NURTURE

SMOOTH_AT_LEAST = timedelta(days=7)
"""A resume is smoothed as long as the pause lasted, and at least so long (store.pauses)."""


@dataclass(slots=True, eq=False)
class RehearsedMail:
    """A mail to the lead, as its row would stand."""

    life: Life
    message_id: MessageId
    run: RehearsedRun | None
    """None for one whose run ended before the rehearsal."""
    journey: str
    step: str
    visit: int
    mail: str
    mail_class: str
    topic: str | None
    priority: int
    asked_at: datetime
    not_before: datetime
    deadline: datetime
    jitter: timedelta
    capped: bool
    windowed: bool
    slot_at: datetime
    status: MessageStatus = MessageStatus.RESERVED
    sent_at: datetime | None = None
    why: tuple[str, ...] = ()
    due_at: datetime | None = None
    """The slot the queue knows of: what it holds for another instant is out of date."""

    @property
    def at(self) -> datetime:
        """When it went, else when it is to go."""
        return self.sent_at or self.slot_at

    def as_fact(self) -> SentMail:
        """What its run sees of it."""
        return SentMail.built(
            message_id=self.message_id, step=self.step, visit=self.visit, status=self.status, slot_at=self.slot_at,
            sent_at=self.sent_at,
        )  # fmt: skip


@dataclass(slots=True, eq=False)
class RehearsedRun:
    """A run, as its row would stand."""

    life: Life
    enrolment_id: EnrolmentId
    journey: Journey
    asks: Asks
    key: str
    place: str
    entered_at: datetime
    progress: Progress
    status: str = "active"
    outcome: str | None = None
    ended_at: datetime | None = None
    wait: Wait | None = None
    waiting_for: str | None = None
    looks_at: datetime | None = None
    """When it looks next; what the queue holds for another instant is out of date."""
    mails: list[RehearsedMail] = field(default_factory=list["RehearsedMail"])
    tasks: tuple[TaskFact, ...] = ()
    arm: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it hasn't ended."""
        return self.status == "active"

    def as_open(self) -> OpenRun:
        """What the write path of events sees of it."""
        return OpenRun.built(
            enrolment_id=self.enrolment_id, journey=self.journey.name, key=self.key, place=self.place,
            listens=self.wait.listens if self.wait else (), prospect=self.journey.audience == "prospect",
            workflow=NURTURE, body=self.journey,
        )  # fmt: skip


class Life:
    """One lead's rows."""

    def __init__(self, definition: Definition, start: LeadAtStart, pauses: Sequence[Stands]) -> None:
        self.definition, self.standing, self._pauses = definition, start.standing, pauses
        self.account_owner = start.account_owner
        self.silenced, self.silenced_for_marketing = start.silenced, start.silenced_for_marketing
        self.topics_off = start.topics_off
        self.around: Sequence[Life] = ()
        """Everybody of the company that is played, themselves among them."""
        self.is_asked_for_company = False
        """Whether a journey's door asks how the company stands."""
        self.runs: dict[EnrolmentId, RehearsedRun] = {}
        self.mails: dict[MessageId, RehearsedMail] = {}
        self._of_company: tuple[CompanyEvent, ...] = ()
        self.tells(start.standing.lead)

    @property
    def lead(self) -> Lead:
        """Who it is."""
        return self.standing.lead

    def tells(self, lead: Lead) -> None:
        """Something about them is another now; what hangs on it is worked out anew."""
        self.standing = self.standing.but(lead=lead)
        account = self.standing.account
        self.zone = zone_of(lead, account, self.definition.company)
        self._country = country_of(lead, account)
        never = datetime.max.replace(tzinfo=lead.created_at.tzinfo)
        self._calm: Score = score(self.definition, lead, account=account, entries=(), at=never)

    def open_runs(self) -> list[RehearsedRun]:
        """In the order they began."""
        return [run for run in self.runs.values() if run.is_open]

    def stands(self, at: datetime) -> Standing:
        """As the write path of events would read it."""
        return self.standing.but(
            runs=tuple(run.as_open() for run in self.runs.values() if run.is_open),
            may_market=self.may_market(at),
            colleagues=self.colleagues() if self.is_asked_for_company else None,
        )

    def colleagues(self) -> tuple[Colleague, ...]:
        """The other people of the company as they stand now: those who are played, and those who stay as they were."""
        played = {one.lead.lead_id: one for one in self.around if one is not self and self._is_mate(one)}
        others = [one for one in self.standing.colleagues or () if one.lead_id not in played]
        return (*others, *(one.as_colleague() for one in played.values()))

    def _is_mate(self, other: Life) -> bool:
        return other.lead.account_id is not None and other.lead.account_id == self.lead.account_id

    def as_colleague(self) -> Colleague:
        """What they add to their company."""
        lead = self.lead
        return Colleague.built(lead_id=lead.lead_id, person="", role=lead.role, entries=self.standing.entries)

    def may_market(self, at: datetime) -> bool:
        """Whether a basis suffices for marketing mail."""
        return may_market(self.definition, self.standing.bases, self._country, at)

    def ended(self, run: RehearsedRun) -> None:
        """A run is over: it decides who may come in again."""
        assert run.ended_at is not None  # whoever ends a run says when
        gone = EndedRun.built(journey=run.journey.name, key=run.key, place=run.place, ended_at=run.ended_at)
        self.standing = self.standing.but(ended_runs=(*self.standing.ended_runs, gone))

    def hears_of_company(self, told: Iterable[Event]) -> None:
        """What colleagues did, kept for the runs that ask."""
        heard = [CompanyEvent.built(kind=one.kind, at=one.at) for one in told if one.verdict is Verdict.HUMAN]
        self._of_company = tuple(sorted((*self._of_company, *heard), key=lambda one: one.at))

    def lives(self, then: Consequences) -> None:
        """What happened, and what it changed about the lead."""
        now, changes = self.standing, then.changes
        clocks = {clock.kind: clock for clock in now.clocks}
        for one in then.clocks:
            if isinstance(one, SetClock):
                clocks[one.kind] = Clock.built(kind=one.kind, due_at=one.due_at, data=one.data)
            else:
                clocks.pop(one.kind, None)
        given = [event.data.get("reason") for event in then.events if event.kind in GIVEN_BACK]
        reasons = [one for one in given if isinstance(one, str) and one in self.definition.reject_reasons]
        now = with_gained(self.definition, now, then.bases, then.events[-1].at if then.events else now.lead.created_at)
        self.standing = now.but(
            last_event_no=then.events[-1].no if then.events else now.last_event_no,
            recent=(*now.recent, *then.events),
            entries=(*now.entries, *then.entries),
            stages={**now.stages, **{change.track: change.to_stage for change in changes}},
            since={**now.since, **{change.track: change.at for change in changes}},
            last_change_no={**now.last_change_no, **{change.track: change.no for change in changes}},
            clocks=tuple(clocks.values()),
            is_warm=COOLING in clocks,
            last_reason=reasons[-1] if reasons else now.last_reason,
        )

    def falls_silent(self, at: datetime) -> None:
        """They want no marketing mail any more."""
        ended = tuple(
            basis if basis.purpose != "marketing" or basis.revoked_at is not None else basis.but(revoked_at=at)
            for basis in self.standing.bases
        )
        self.silenced_for_marketing = True
        no = Basis(lead_id=self.lead.lead_id, act="withdrawn", kind=BasisKind.NONE, source="a no", at=at)
        self.standing = self.standing.but(bases=(*ended, no))

    def facts(self, run: RehearsedRun, at: datetime) -> Facts:
        """What the run's next move may look at, as store.run_facts reads it."""
        now, asks, journey = self.standing, run.asks, run.journey
        since = min(run.entered_at, at - asks.look_back)
        how = self._calm
        if asks.engagement:
            how = score(self.definition, now.lead, account=now.account, entries=now.entries, at=at)
        facts = Facts.built(
            lead=now.lead,
            account=now.account,
            entered_at=run.entered_at,
            stage=now.stages.get(journey.track, self.definition.first_stage),
            score=how,
            events=tuple(event for event in now.recent if event.at >= since),
            bases=now.bases,
            may_market=self.may_market(at),
            mails=tuple(mail.as_fact() for mail in run.mails),
            last_reason=now.last_reason,
            zone=self.zone,
            tags=now.tags,
            tasks=run.tasks,
            arm=run.arm,
            in_journeys=(journey.name,),
        )
        if asks.calendar:
            facts = facts.but(calendar=days_of(self.definition, now.owner))
        if asks.company:
            told = tuple(one for one in self._of_company if one.kind in asks.company and one.at >= run.entered_at)
            facts = facts.but(company_events=told)
        if asks.company_stand and now.account is not None:
            facts = facts.but(company=stands(self.definition, (*self.colleagues(), self.as_colleague()), at=at))
        if asks.streams:
            facts = facts.but(seen_mails=self.seen(journey.name), read_pieces=self._read())
        if asks.journeys or asks.group:
            facts = facts.but(**self._other_runs(run))
        return facts.but(**self._paused(run, at)) if self._pauses else facts

    def seen(self, journey: str) -> tuple[str, ...]:
        """Mails of the journey that they got or will get, in any run."""
        lost = (MessageStatus.EXPIRED, MessageStatus.CANCELLED, MessageStatus.SUPPRESSED, MessageStatus.REFUSED)
        return tuple(mail.mail for mail in self.mails.values() if mail.journey == journey and mail.status not in lost)

    def _read(self) -> tuple[str, ...]:
        pieces = (event.data.get("piece") for event in self.standing.recent if event.kind == "article_read")
        return tuple(dict.fromkeys(piece for piece in pieces if isinstance(piece, str)))

    def _other_runs(self, run: RehearsedRun) -> dict[str, object]:
        others = [one for one in self.runs.values() if one is not run]
        now = [one for one in others if one.is_open]
        mine = run.journey.exclusive
        first = (
            one.journey.name
            for one in now
            if mine is not None
            and one.journey.name != run.journey.name
            and one.journey.exclusive is not None
            and one.journey.exclusive.group == mine.group
            and (one.entered_at, one.enrolment_id) < (run.entered_at, run.enrolment_id)
        )
        began = f"run/{run.enrolment_id}/"
        return {
            "in_journeys": tuple(dict.fromkeys([run.journey.name, *(one.journey.name for one in now)])),
            "was_in": tuple(dict.fromkeys([*_names(self.standing.ended_runs)])),
            "runs_begun": tuple(
                BegunRun.built(journey=one.journey.name, key=one.key, status=one.status, outcome=one.outcome)
                for one in others
                if one.key.startswith(began)
            ),
            "busy_with": next(first, None),
        }

    def _paused(self, run: RehearsedRun, at: datetime) -> dict[str, object]:
        mine = [one for one in self._pauses if one.journey == run.journey.name and one.since <= at]
        mine = [one for one in mine if one.until > run.entered_at]
        found = [
            Pause.built(since=one.since, until=one.until if one.until <= at else None, clock=clock_of(one, run.journey))
            for one in mine
        ]
        still = next((one for one in mine if one.until > at), None)
        smooth = (one.until + max(one.until - one.since, SMOOTH_AT_LEAST) for one in mine if one.until <= at)
        paused = still and Paused.built(since=still.since, until_review=still.until, clock=clock_of(still, run.journey))
        return {
            "pauses": tuple(found),
            "paused": paused,
            "smooth_until": max((instant for instant in smooth if instant > at), default=None),
        }


def settled(
    tasks: Sequence[TaskFact], step: str, status: Literal["done", "cancelled"], outcome: str | None
) -> tuple[TaskFact, ...]:
    """The tasks, with the open one of that step answered or taken back."""
    return tuple(
        task.but(status=status, outcome=outcome) if (task.step, task.status) == (step, "open") else task
        for task in tasks
    )


def clock_of(pause: Stands, journey: Journey) -> str:
    """By which clock the journey's waits count over the pause."""
    return pause.clock or journey.on_pause


def _names(ended: Iterable[EndedRun]) -> Iterable[str]:
    return (run.journey for run in ended)
