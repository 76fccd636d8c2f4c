"""Why does a lead stand where they stand, and why are they in a journey or not? From rows, decided by the domain."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.errors import NotFound
from leadloom.domain.facts import Facts, Score
from leadloom.domain.journeys.entry import WORDS, Enters, StaysOut, enters, knocks, ways_in
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.lead import Event, Verdict
from leadloom.domain.model import Instant, Json, LeadId, Value
from leadloom.domain.stages.qualification import mql
from leadloom.domain.stages.scoring import Reason, explain, fit, score
from leadloom.domain.stages.stage_moves import MQL
from leadloom.store import enrolments, events, lead_story, leads, watching
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


async def why_lead(tx: Tx, lead_id: LeadId, *, book: Book, at: datetime) -> LeadWhy:
    """Score, stages and what stands against mail, each with its reasons. Raises NotFound."""
    standing = await lead_story.read(tx, await leads.get(tx, lead_id), book=book, at=at)
    changes = await events.stage_changes(tx, lead_id)
    last = {change.track: change for change in changes}
    return LeadWhy(
        lead_id=lead_id,
        at=at,
        definition_version=book.definition_version,
        score=_score(standing, book, at),
        fit=fit(book.definition, standing.lead, account=standing.account).why,
        engagement=explain(book.definition, standing.entries, at=at),
        tracks=tuple(_track(standing, change, book, at) for change in last.values()),
        may_market=standing.may_market,
        silent=tuple(f"{each.purpose or 'all mail'}: {each.reason}" for each in standing.suppressions),
    )


def _score(standing: Standing, book: Book, at: datetime) -> Score:
    return score(book.definition, standing.lead, account=standing.account, entries=standing.entries, at=at)


def _track(standing: Standing, last: StageChangeRow, book: Book, at: datetime) -> TrackWhy:
    not_yet: tuple[str, ...] = ()
    if MQL in book.definition.stage(last.to_stage).next:
        # Asking to talk passes at once; who still stands in front of the gate is judged by its other rule.
        decision = mql(
            book.definition, standing.lead, account=standing.account, score=_score(standing, book, at),
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
    lead = await leads.get(tx, lead_id)
    known = {each.journey.name for each in book.journeys} | {entry.name for entry in book.code}
    if name not in known:
        raise NotFound("published journey", name)
    runs = [run for run in await enrolments.of_lead(tx, lead_id) if run.journey == name]
    if runs:
        steps = await enrolments.steps(tx, runs[0].enrolment_id)
        return JourneyWhy(
            lead_id=lead_id, journey=name, is_in=runs[0].status == "active", says=_of_run(runs[0]),
            values=steps[-1].why if steps else {}, run=runs[0], steps=steps,
        )  # fmt: skip
    standing = await lead_story.read(tx, lead, book=book, at=at)
    says, values = await _why_not(tx, standing, name, book, at)
    return JourneyWhy(lead_id=lead_id, journey=name, is_in=False, says=says, values=values)


def _of_run(run: RunRow) -> str:
    came = f"came in by {run.entered_by.replace('_', ' ')} on {run.entered_at:%Y-%m-%d %H:%M}"
    if run.blocked_at is not None:
        return f"{came}; blocked since {run.blocked_at:%Y-%m-%d %H:%M}: {run.error}"
    if run.status != "active":
        ended = f" on {run.ended_at:%Y-%m-%d %H:%M}" if run.ended_at else ""
        return f"{came}; {run.status}{ended}: {run.outcome}"
    until = f" until {run.waits_until:%Y-%m-%d %H:%M}" if run.waits_until else ""
    return f"{came}; waits for {run.waiting_for}{until}"


async def _why_not(tx: Tx, standing: Standing, name: str, book: Book, at: datetime) -> tuple[str, dict[str, Json]]:
    """For somebody who never was in it: the last event that could have let them in, and what stood against it."""
    found = next((each.journey for each in book.journeys if each.journey.name == name), None)
    doors = found.enter.events if found else next(entry.events for entry in book.code if entry.name == name)
    if found is not None and (told := await watching.stayed_out(tx, standing.lead.lead_id, name)) is not None:
        return WORDS[told.code], {"since": told.since.isoformat()}
    happened = await events.of_lead(tx, standing.lead.lead_id)
    doings = [event for event in happened if event.kind in doors]
    if not doings:
        ways = ways_in(found) if found else tuple(kind.replace("_", " ") for kind in doors)
        return f"never did what lets a lead in: {' or '.join(ways)}", {}
    if found is None:
        human = [event for event in doings if event.verdict is Verdict.HUMAN]
        if not human:
            return "only machines did what lets a lead in", {}
        return "kept out: sales is in conversation with the company, a colleague is in it, or no company is known", {}
    knock = knocks(found, doings[0])
    if isinstance(knock, StaysOut):
        return knock.why, knock.values
    answer = enters(found, knock, _facts(standing, found, happened, book, at))
    if isinstance(answer, Enters):
        return f"would be let in now by {knock.why}; at the time it wasn't so", answer.values
    return answer.why, answer.values


def _facts(standing: Standing, journey: Journey, happened: tuple[Event, ...], book: Book, at: datetime) -> Facts:
    stages = {stage.track: stage.stage for stage in standing.stages}
    return Facts(
        lead=standing.lead,
        account=standing.account,
        entered_at=at,
        stage=stages.get(journey.track, book.definition.first_stage),
        score=_score(standing, book, at),
        events=tuple(reversed(happened)),
        bases=standing.bases,
        may_market=standing.may_market,
        last_reason=standing.last_reason,
    )
