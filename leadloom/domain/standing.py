"""What is known about a lead when something happens to them: rows as values, read under the lead-row lock."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadloom.domain.journeys.journey import Journey
from leadloom.domain.lead import Account, Basis, Event, Lead
from leadloom.domain.model import EnrolmentId, Instant, Json, LeadId, Value


class ScoreEntry(Value):
    """One row of the ledger: engagement points an event brought or took, after every cap."""

    event_no: int
    kind: str
    """What the points are for. A row that takes points back has the kind of those, and its own event's number."""
    points: float
    at: Instant
    """From when they halve."""
    part: int = 1
    """An event that corrects the score has a row for each category and each expiry."""
    category: str | None = None
    """A key of the definition's `scoring.categories` they also count for."""
    expires_at: Instant | None = None
    """From then on nothing is left of them."""
    known_at: Instant | None = None
    """When we heard of it, where that was after it happened: before, the score didn't know."""


class Colleague(Value):
    """One person of a company, with their ledger."""

    lead_id: LeadId
    person: str
    role: str | None
    entries: tuple[ScoreEntry, ...]


class PublishedJourney(Value):
    """The version of a journey that new runs take."""

    hash: str
    journey: Journey


class CodeEntry(Value):
    """How a lead comes into a journey as code: the door only, the way is its workflow's."""

    name: str
    workflow: str
    """The workflow class that runs it."""
    events: tuple[str, ...]
    prospect: bool = True
    """Starts, and mails, only while sales isn't in conversation with the company."""
    per: Literal["account", "lead"] = "lead"
    """Whether one run at a time is for the person or for the whole company."""


class OpenRun(Value):
    """A run that hasn't ended."""

    enrolment_id: EnrolmentId
    journey: str
    key: str
    listens: tuple[str, ...]
    """Event kinds that wake it."""
    prospect: bool
    workflow: str
    body: Journey | None
    """The very version it runs, for its exit rules and its group; None for a journey as code."""
    place: str = ""
    """One run of the lead in this journey is open per place (entry.Enters)."""
    entered_at: Instant | None = None
    """Read for the lead's own runs; colleagues' tell none."""


class EndedRun(Value):
    """A run that has ended."""

    journey: str
    key: str
    place: str = ""
    entered_at: Instant | None = None
    """None for one that began in this very transaction."""
    ended_at: Instant


class Clock(Value):
    """One thing a lead's lifecycle waits for. Kinds: see `leadloom.domain.stages.clocks`."""

    kind: str
    due_at: Instant
    data: dict[str, Json] = Field(default_factory=dict)


class Standing(Value):
    """A lead as the write path finds them."""

    lead: Lead
    account: Account | None = None
    owner: str | None = None
    """Handle of the owner who has the lead, whose calendar counts for promises."""
    stages: dict[str, str] = Field(default_factory=dict)
    """Track → stage now; a track the lead never entered is missing."""
    since: dict[str, Instant] = Field(default_factory=dict)
    """Track → when the lead came to that stage."""
    last_change_no: dict[str, int] = Field(default_factory=dict)
    """Track → number of the last stage change."""
    last_event_no: int = 0
    entries: tuple[ScoreEntry, ...] = ()
    """In order of their event."""
    is_warm: bool = False
    """Whether engagement crossed the threshold and has not come down again: who is warm holds a cooling clock."""
    recent: tuple[Event, ...] = ()
    """The last events in order of their number, without holes: back to `inactive_after` before now at least,
    and for a customer back to the last won deal."""
    known_keys: frozenset[str] = frozenset()
    """Of the keys the drafts carry, those an event has already."""
    runs: tuple[OpenRun, ...] = ()
    account_runs: tuple[OpenRun, ...] = ()
    """Open runs of colleagues that hear of this lead: journeys as code, and those with an exit `of: company`."""
    colleagues: tuple[Colleague, ...] | None = None
    """The other people of the lead's company and of its daughters; None where nobody asks how the company stands."""
    ended_runs: tuple[EndedRun, ...] = ()
    """Oldest entry first."""
    tags: tuple[str, ...] = ()
    """Read only when the entry of a journey in force asks for them."""
    open_deal: bool = False
    """Whether the lead or its company has an open deal."""
    clocks: tuple[Clock, ...] = ()
    bases: tuple[Basis, ...] = ()
    may_market: bool = False
    """Whether a basis suffices for marketing mail now (entry conditions may ask)."""
    answered_yes: tuple[str, ...] = ()
    """Questions of qualification whose last answer is yes: `bant/need`."""
    last_reason: str | None = None
    """Key of the reject reason of the lead's last decided hand-off."""
