"""Which journeys does a lead enter, leave or wake up in when something happened?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import Facts, Progress
from leadloom.domain.journeys.entry import Enters, ends, enters, hears
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.progress import begin
from leadloom.domain.lead import Event, Verdict
from leadloom.domain.model import EnrolmentId, Value
from leadloom.domain.stages.scoring import score
from leadloom.domain.standing import CodeEntry, PublishedJourney, Standing
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
    entered_by: str
    """The event that let the lead in, or `campaign`."""
    prospect: bool
    progress: Progress


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


def follow(
    definition: Definition,
    journeys: Sequence[PublishedJourney],
    *,
    code_journeys: Sequence[CodeEntry],
    before: Standing,
    happened: Sequence[Happened],
    at: datetime,
) -> Runs:
    """Take the events in order: each first ends runs that were open before it, then lets the lead in, then wakes."""
    gate = _Gatekeeper(definition, before, at=at)
    for moment in happened:
        if moment.event.verdict is not Verdict.HUMAN:
            continue
        gate.end_runs(moment.event, journeys)
        for published in journeys:
            gate.let_in(published, moment)
        for entry in code_journeys:
            gate.let_in_by_code(entry, moment)
    return gate.runs([moment.event for moment in happened])


class _Gatekeeper:
    """Remembers who is in while the events of one transaction pass."""

    def __init__(self, definition: Definition, before: Standing, *, at: datetime) -> None:
        self._definition, self._before, self._at = definition, before, at
        self._open = {run.journey for run in before.runs}
        self._was_in = {journey for journey, _ in before.ended_runs}
        self._enrol: dict[str, Enrol] = {}
        self._exits: dict[EnrolmentId, ExitRun] = {}

    def end_runs(self, event: Event, journeys: Sequence[PublishedJourney]) -> None:
        for run in self._before.runs:
            outcome = ends(run.body, event) if run.body else None
            if outcome is not None and run.enrolment_id not in self._exits:
                self._exits[run.enrolment_id] = ExitRun(enrolment_id=run.enrolment_id, outcome=outcome)
                self._open.discard(run.journey)
                self._was_in.add(run.journey)
        for published in journeys:
            # Let in by an earlier event of this very transaction: whoever leaves in the same breath never came.
            if published.journey.name in self._enrol and ends(published.journey, event) is not None:
                del self._enrol[published.journey.name]
                self._open.discard(published.journey.name)

    def let_in(self, published: PublishedJourney, moment: Happened) -> None:
        journey, event = published.journey, moment.event
        if event.kind not in journey.enter.events:
            return  # `enters` would say so, too; most events let nobody in, and the facts cost more than the rest
        answer = enters(
            journey,
            event,
            facts_at_entry(self._definition, journey, moment.standing, self._at),
            open_run=journey.name in self._open,
            was_in=journey.name in self._was_in,
        )
        if isinstance(answer, Enters):
            self._note(
                Enrol(
                    journey=journey.name,
                    journey_hash=published.hash,
                    workflow=NURTURE,
                    key=answer.key,
                    entered_by=event.kind,
                    prospect=journey.audience == "prospect",
                    progress=begin(journey, self._at, event.no),
                )
            )

    def let_in_by_code(self, entry: CodeEntry, moment: Happened) -> None:
        event, standing = moment.event, moment.standing
        if event.kind not in entry.events or self._is_in(entry):
            return
        if entry.prospect and _in_conversation(self._definition, standing):
            return
        if entry.per == "account" and standing.lead.account_id is None:
            return
        if entry.per == "lead" and entry.name in self._was_in:
            return
        start = Progress(step=CODE_STARTS, arrived_at=self._at, arrived_no=event.no, visits={CODE_STARTS: 1})
        self._note(
            Enrol(
                journey=entry.name,
                journey_hash=None,
                workflow=entry.workflow,
                key=f"event/{event.no}",
                entered_by=event.kind,
                prospect=entry.prospect,
                progress=start,
            )
        )

    def runs(self, events: Sequence[Event]) -> Runs:
        listening = (*self._before.runs, *self._before.account_runs)
        return Runs(
            enrol=tuple(self._enrol.values()),
            exits=tuple(self._exits.values()),
            wakes=tuple(
                run.enrolment_id
                for run in listening
                if run.enrolment_id not in self._exits and hears(run.listens, events)
            ),
        )

    def _is_in(self, entry: CodeEntry) -> bool:
        colleagues = {run.journey for run in self._before.account_runs} if entry.per == "account" else set[str]()
        return entry.name in self._open | colleagues

    def _note(self, enrol: Enrol) -> None:
        self._enrol[enrol.journey] = enrol
        self._open.add(enrol.journey)


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
        last_reason=standing.last_reason,
    )
