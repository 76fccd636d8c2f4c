"""Which journeys does a lead enter, leave or wake up in when something happened?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import Facts, Progress
from leadloom.domain.journeys.doors import Doors
from leadloom.domain.journeys.entry import (
    Enters,
    Knock,
    RunBefore,
    StaysOut,
    ends,
    enters,
    hears,
    knocks,
    replaced_by,
)
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.progress import begin
from leadloom.domain.lead import Event, Verdict
from leadloom.domain.model import EnrolmentId, LeadId, Value
from leadloom.domain.stages.company import company_of
from leadloom.domain.stages.scoring import score
from leadloom.domain.standing import CodeEntry, EndedRun, OpenRun, PublishedJourney, Standing
from leadloom.domain.wake import NURTURE

CODE_STARTS = "start"
"""The step a journey as code stands at; its workflow knows the rest."""


class Enrol(Value):
    """Start a run."""

    journey: str
    journey_hash: str | None
    """None for a journey as code."""
    workflow: str
    key: str
    """Unique per lead and journey."""
    place: str = ""
    """One run of the lead in this journey is open per place (entry.Enters)."""
    entered_by: str
    """What let the lead in: an event, `campaign`, or what `Knock.by` says."""
    prospect: bool
    hears_company: bool = False
    """Whether colleagues may end it (Journey.heard_of_company)."""
    progress: Progress
    arm: str | None = None
    """Of the campaign that began it."""


class ExitRun(Value):
    """End a run at once."""

    enrolment_id: EnrolmentId
    outcome: str


class Happened(NamedTuple):
    """An event, and how the lead stood right after it."""

    event: Event
    standing: Standing


class Runs(NamedTuple):
    """What happens to a lead's runs."""

    enrol: tuple[Enrol, ...] = ()
    exits: tuple[ExitRun, ...] = ()
    wakes: tuple[EnrolmentId, ...] = ()


def run_id(lead_id: LeadId, journey: str, key: str) -> EnrolmentId:
    """The id of a run follows from what it is, so that every try to start it means the same run."""
    return EnrolmentId(uuid5(NAMESPACE_URL, f"leadloom:run/{lead_id}/{journey}/{key}"))


def follow(
    definition: Definition,
    journeys: Sequence[PublishedJourney] | Doors,
    *,
    code_journeys: Sequence[CodeEntry],
    before: Standing,
    happened: Sequence[Happened],
    at: datetime,
) -> Runs:
    """Take the events in order: each first ends runs that were open before it, then lets the lead in, then wakes."""
    if not (journeys or code_journeys or before.runs or before.account_runs):
        return Runs()  # nobody to let in, to end or to wake: each new lead of a list
    gate, doors = _Gatekeeper(definition, before, at=at), journeys if isinstance(journeys, Doors) else Doors(journeys)
    for moment in happened:
        if moment.event.verdict is not Verdict.HUMAN:
            continue
        gate.end_runs(moment.event)
        for published in doors.open_to(moment.event.kind):
            gate.let_in(published, moment)
        for entry in code_journeys:
            gate.let_in_by_code(entry, moment)
        gate.passed(moment)
    return gate.runs([moment.event for moment in happened])


class Admission(NamedTuple):
    """What comes of one knock at a journey's door: a run, or what stands against it."""

    enrol: Enrol | None = None
    exits: tuple[ExitRun, ...] = ()
    """Runs of other journeys of its group that it takes the lead from."""
    against: StaysOut | None = None


def admit(
    definition: Definition, published: PublishedJourney, knock: Knock, *, standing: Standing, at: datetime
) -> Admission:
    """Whether something other than an event lets the lead in now: a date, a condition, another journey."""
    gate = _Gatekeeper(definition, standing, at=at)
    answer = gate.knock(published, knock, standing)
    if isinstance(answer, StaysOut):
        return Admission(against=answer)
    done = gate.runs(())
    return Admission(enrol=done.enrol[0], exits=done.exits)


def others_of_group(journey: Journey, runs: Sequence[OpenRun]) -> tuple[OpenRun, ...]:
    """The open runs of other journeys of the journey's exclusive group."""
    return tuple(run for run in runs if run.journey != journey.name and _is_group(journey, run.body))


class _Gatekeeper:
    """Remembers who is in while the events of one transaction pass."""

    def __init__(self, definition: Definition, before: Standing, *, at: datetime) -> None:
        self._definition, self._before, self._at = definition, before, at
        self._open = {run.enrolment_id: run for run in before.runs}
        self._ended = list(before.ended_runs)
        self._stages = before.stages
        self._enrol: dict[tuple[str, str], tuple[Enrol, Journey | None]] = {}
        self._exits: dict[EnrolmentId, ExitRun] = {}

    def end_runs(self, event: Event) -> None:
        for run in tuple(self._open.values()):
            outcome = ends(run.body, event) if run.body else None
            if outcome is not None:
                self._leave(run, outcome)
        for place, (_, journey) in tuple(self._enrol.items()):
            # Let in by an earlier event of this very transaction: whoever leaves in the same breath never came.
            if journey is not None and ends(journey, event) is not None:
                del self._enrol[place]

    def let_in(self, published: PublishedJourney, moment: Happened) -> None:
        enter, came_to = published.journey.enter, self._came_to(published.journey, moment)
        if moment.event.kind not in enter.events and came_to is None:
            return  # `knocks` would say so, too; most events let nobody in, and the facts cost more than the rest
        knock = knocks(published.journey, moment.event, came_to=came_to)
        if isinstance(knock, Knock):
            self.knock(published, knock, moment.standing)

    def knock(self, published: PublishedJourney, knock: Knock, standing: Standing) -> Enters | StaysOut:
        journey = published.journey

        def facts() -> Facts:
            now = facts_at_entry(self._definition, journey, standing, self._at)
            return now.but(in_journeys=tuple(sorted(self._names_open())), was_in=tuple(sorted(self._names_ended())))

        runs, busy_with = self._runs_in(journey.name), self._busy_with(journey)
        answer = enters(journey, knock, self._at, facts, runs=runs, busy_with=busy_with)
        if isinstance(answer, Enters):
            self._make_room(journey)
            order = Enrol.built(
                journey=journey.name,
                journey_hash=published.hash,
                workflow=NURTURE,
                key=answer.key,
                place=answer.place,
                entered_by=knock.by,
                prospect=journey.audience == "prospect",
                hears_company=bool(journey.heard_of_company),
                progress=begin(journey, self._at, knock.no),
            )
            self._enrol[order.journey, order.key] = order, journey
        return answer

    def let_in_by_code(self, entry: CodeEntry, moment: Happened) -> None:
        event, standing = moment.event, moment.standing
        if event.kind not in entry.events or self._is_in(entry):
            return
        if entry.prospect and _in_conversation(self._definition, standing):
            return
        if entry.per == "account" and standing.lead.account_id is None:
            return
        if entry.per == "lead" and entry.name in self._names_ended():
            return
        start = Progress.built(step=CODE_STARTS, arrived_at=self._at, arrived_no=event.no, visits={CODE_STARTS: 1})
        order = Enrol.built(
            journey=entry.name,
            journey_hash=None,
            workflow=entry.workflow,
            key=f"event/{event.no}",
            entered_by=event.kind,
            prospect=entry.prospect,
            progress=start,
        )
        self._enrol[order.journey, order.key] = order, None

    def _came_to(self, journey: Journey, moment: Happened) -> str | None:
        """The stage the event has just brought the lead to, if the journey takes them in there."""
        if not journey.enter.stages:
            return None
        now = moment.standing.stages.get(journey.track)
        return now if now in journey.enter.stages and now != self._stages.get(journey.track) else None

    def passed(self, moment: Happened) -> None:
        """The next event finds the lead where this one has left them."""
        self._stages = moment.standing.stages

    def runs(self, events: Sequence[Event]) -> Runs:
        asked = {run.enrolment_id: run.listens for run in self._before.runs}
        asked |= {run.enrolment_id: _heard_from_afar(run) for run in self._before.account_runs}
        return Runs(
            enrol=tuple(order for order, _ in self._enrol.values()),
            exits=tuple(self._exits.values()),
            wakes=tuple(each for each, listens in asked.items() if each not in self._exits and hears(listens, events)),
        )

    def _is_in(self, entry: CodeEntry) -> bool:
        colleagues = {run.journey for run in self._before.account_runs} if entry.per == "account" else set[str]()
        return entry.name in self._names_open() | colleagues

    def _leave(self, run: OpenRun, outcome: str) -> None:
        self._exits[run.enrolment_id] = ExitRun(enrolment_id=run.enrolment_id, outcome=outcome)
        del self._open[run.enrolment_id]
        self._ended.append(
            EndedRun(journey=run.journey, key=run.key, place=run.place, entered_at=run.entered_at, ended_at=self._at)
        )

    def _make_room(self, journey: Journey) -> None:
        """A journey that replaces the others of its group ends their runs; one that enters with it never came."""
        if journey.exclusive is None or journey.exclusive.when_busy != "replace":
            return
        for run in others_of_group(journey, tuple(self._open.values())):
            self._leave(run, replaced_by(journey))
        for place, (order, other) in tuple(self._enrol.items()):
            if order.journey != journey.name and _is_group(journey, other):
                del self._enrol[place]

    def _busy_with(self, journey: Journey) -> str | None:
        if journey.exclusive is None:
            return None
        now = [run.journey for run in others_of_group(journey, tuple(self._open.values()))]
        coming = [one.journey for one, body in self._enrol.values() if _is_group(journey, body)]
        return next((name for name in (*now, *coming) if name != journey.name), None)

    def _runs_in(self, name: str) -> list[RunBefore]:
        coming = [
            RunBefore(key=order.key, place=order.place) for order, _ in self._enrol.values() if order.journey == name
        ]
        now = [
            RunBefore(key=run.key, place=run.place, entered_at=run.entered_at)
            for run in self._open.values()
            if run.journey == name
        ]
        before = [
            RunBefore(key=run.key, place=run.place, entered_at=run.entered_at, ended_at=run.ended_at)
            for run in self._ended
            if run.journey == name
        ]
        return [*now, *coming, *before]

    def _names_open(self) -> set[str]:
        return {run.journey for run in self._open.values()} | {journey for journey, _ in self._enrol}

    def _names_ended(self) -> set[str]:
        return {run.journey for run in self._ended}


def _heard_from_afar(run: OpenRun) -> Collection[str]:
    """What a colleague's run hears of this lead: as code, what it listens to; as data, what its exits name."""
    return run.listens if run.body is None else run.body.heard_of_company


def _is_group(journey: Journey, other: Journey | None) -> bool:
    mine, theirs = journey.exclusive, None if other is None else other.exclusive
    return mine is not None and theirs is not None and mine.group == theirs.group


def _in_conversation(definition: Definition, standing: Standing) -> bool:
    return standing.open_deal or any(definition.stage(stage).kind == "sla" for stage in standing.stages.values())


def facts_at_entry(definition: Definition, journey: Journey, standing: Standing, at: datetime) -> Facts:
    """What a journey's condition of entry looks at, for a lead that would come in at `at`."""
    return Facts.built(
        lead=standing.lead,
        account=standing.account,
        entered_at=at,
        stage=standing.stages.get(journey.track, definition.first_stage),
        score=score(definition, standing.lead, account=standing.account, entries=standing.entries, at=at),
        events=standing.recent,
        bases=standing.bases,
        may_market=standing.may_market,
        company=company_of(definition, standing, at=at),
        last_reason=standing.last_reason,
        tags=standing.tags,
        in_journeys=tuple(dict.fromkeys(run.journey for run in standing.runs)),
        was_in=tuple(dict.fromkeys(run.journey for run in standing.ended_runs)),
    )
