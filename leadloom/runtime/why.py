"""Why does a lead stand where they stand, and why are they in a journey or not? From rows, decided by the domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.errors import NotFound
from leadloom.domain.facts import Score
from leadloom.domain.journeys.why_not_codes import Code
from leadloom.domain.model import Instant, Json, LeadId, Value
from leadloom.domain.stages.qualification import mql
from leadloom.domain.stages.scoring import Reason, country_of, explain, fit, score
from leadloom.runtime.why_not_in import in_journey
from leadloom.store import enrolments, events, lead_story, leads, why_not
from leadloom.store.enrolments import RunRow, Step
from leadloom.store.events import StageChangeRow
from leadloom.store.lead_story import Standing
from leadloom.store.published import Book
from leadloom.store.tx import Tx


class TrackWhy(Value):
    """Why the lead stands there in one track."""

    track: str
    stage: str
    since: Instant
    because: str
    evidence: dict[str, Json]
    not_yet: tuple[str, ...] = ()
    """What the MQL gate still lacks, for a lead in front of it."""


class LeadWhy(Value):
    """A lead's figures with what made them, under the definition in force."""

    lead_id: LeadId
    at: Instant
    definition_version: int
    score: Score
    fit: tuple[str, ...]
    engagement: tuple[Reason, ...]
    """Best first."""
    tracks: tuple[TrackWhy, ...]
    may_market: bool
    silent: tuple[str, ...]
    """Reasons for which nothing, or no marketing mail, goes to the address."""


class JourneyWhy(Value):
    """Whether a lead is in a journey, and why or why not."""

    lead_id: LeadId
    journey: str
    is_in: bool
    says: str
    values: dict[str, Json]
    run: RunRow | None = None
    """The latest run of this journey."""
    steps: tuple[Step, ...] = ()
    """What that run decided, with the values that made it."""
    campaign: str | None = None
    """Whose audience brought them in."""
    arms: dict[str, str] = Field(default_factory=dict)
    """Experiment → the arm the run drew."""
    code: Code | None = None
    """What stands against coming in, for who never was in it."""
    not_before: Instant | None = None
    """The earliest instant at which time alone may let them in."""


async def why_lead(tx: Tx, lead_id: LeadId, *, book: Book, at: datetime) -> LeadWhy:
    """Score, stages and what stands against mail, each with its reasons. Raises NotFound."""
    standing = await lead_story.read(tx, await leads.get(tx, lead_id), book=book, at=at)
    judging = book.judging(country_of(standing.lead, standing.account))
    definition = judging.definition
    changes = await events.stage_changes(tx, lead_id)
    last = {change.track: change for change in changes}
    return LeadWhy(
        lead_id=lead_id,
        at=at,
        definition_version=judging.version,
        score=_score(standing, definition, at),
        fit=fit(definition, standing.lead, account=standing.account).why,
        engagement=explain(definition, standing.entries, at=at),
        tracks=tuple(_track(standing, change, definition, at) for change in last.values()),
        may_market=standing.may_market,
        silent=tuple(each.why for each in standing.suppressions),
    )


def _score(standing: Standing, definition: Definition, at: datetime) -> Score:
    return score(definition, standing.lead, account=standing.account, entries=standing.entries, at=at)


def _track(standing: Standing, last: StageChangeRow, definition: Definition, at: datetime) -> TrackWhy:
    not_yet: tuple[str, ...] = ()
    if definition.named(Part.READY) in definition.stage(last.to_stage).next:
        # Asking to talk passes at once; who still stands in front of the gate is judged by its other rule.
        decision = mql(
            definition, standing.lead, account=standing.account, score=_score(standing, definition, at),
            responses=standing.recent, asked=False, at=at,
        )  # fmt: skip
        not_yet = () if decision.passed else decision.why
    return TrackWhy(
        track=last.track,
        stage=last.to_stage,
        since=last.at,
        because=last.reason,
        evidence=last.evidence,
        not_yet=not_yet,
    )


async def why_journey(tx: Tx, lead_id: LeadId, name: str, *, book: Book, at: datetime) -> JourneyWhy:
    """Whether the lead is, was or could be in that journey. Raises NotFound for either."""
    await leads.get(tx, lead_id)
    known = {each.journey.name for each in book.journeys} | {entry.name for entry in book.code}
    if name not in known:
        raise NotFound("published journey", name)
    runs = [run for run in await enrolments.of_lead(tx, lead_id) if run.journey == name]
    if runs:
        steps = await enrolments.steps(tx, runs[0].enrolment_id)
        last = await why_not.last_run(tx, lead_id, name, enrolment_id=runs[0].enrolment_id)
        return JourneyWhy(
            lead_id=lead_id, journey=name, is_in=runs[0].status == "active", says=_of_run(runs[0]),
            values=steps[-1].why if steps else {}, run=runs[0], steps=steps, arms=_arms(steps),
            campaign=last.campaign if last else None,
        )  # fmt: skip
    against = await in_journey(tx, lead_id, name, book=book, at=at)
    return JourneyWhy(
        lead_id=lead_id, journey=name, is_in=False, says=against.why, values=against.values, code=against.code,
        not_before=against.earliest,
    )  # fmt: skip


def _arms(steps: Sequence[Step]) -> dict[str, str]:
    """Which arm the run drew of each experiment."""
    return {
        str(step.why["experiment"]): str(step.why["arm"]) for step in steps if {"experiment", "arm"} <= set(step.why)
    }


def _of_run(run: RunRow) -> str:
    came = f"came in by {run.entered_by.replace('_', ' ')} on {run.entered_at:%Y-%m-%d %H:%M}"
    if run.blocked_at is not None:
        return f"{came}; blocked since {run.blocked_at:%Y-%m-%d %H:%M}: {run.error}"
    if run.status != "active":
        ended = f" on {run.ended_at:%Y-%m-%d %H:%M}" if run.ended_at else ""
        return f"{came}; {run.status}{ended}: {run.outcome}"
    until = f" until {run.waits_until:%Y-%m-%d %H:%M}" if run.waits_until else ""
    return f"{came}; waits for {run.waiting_for}{until}"
