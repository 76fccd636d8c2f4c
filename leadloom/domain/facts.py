"""What a decision about a lead may look at: rows as values, read once in the transaction that decides."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.lead import Account, Basis, Event, Lead
from leadloom.domain.model import EnrolmentId, Instant, MessageId, Value


class MessageStatus(StrEnum):
    """Where a send stands (design law 6)."""

    RESERVED = "reserved"
    CLAIMED = "claimed"
    AT_DOT = "at_dot"
    SENT = "sent"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    HELD = "held"


class SentMail(Value):
    """A mail of this run: enough to count waits from."""

    message_id: MessageId
    step: str
    visit: int
    status: MessageStatus
    slot_at: Instant
    sent_at: Instant | None = None


class Score(Value):
    """Fit and engagement at an instant; never summed."""

    fit: int
    """0–100."""
    letter: str
    """A–D."""
    engagement: float
    digit: int
    """1–4."""
    categories: dict[str, int] = Field(default_factory=dict)
    """Category of points → the digit of the engagement in it alone."""


class CompanyStand(Value):
    """A company as a whole: what conditions may ask of it."""

    points: float
    digit: int
    """1–4."""
    covered: tuple[str, ...]
    """Roles of the buying group in which somebody is engaged, in the definition's order."""


class TaskFact(Value):
    """A task this run gave an owner."""

    step: str
    visit: int
    status: Literal["open", "done", "cancelled"]
    outcome: str | None = None
    """What the owner answered, once it is done."""
    due_at: Instant


class BegunRun(Value):
    """A run of another journey that this run began."""

    journey: str
    key: str
    """`run/<enrolment id of this run>/<key of its StartRun>`."""
    status: Literal["active", "finished", "exited"]
    outcome: str | None = None


PauseClock = Literal["keep counting", "restart", "active only"]
"""What the waits of a paused journey do: go on, begin anew at the resume, or count only the time it wasn't paused."""


class Paused(Value):
    """The run's journey is paused: nothing happens before it is resumed."""

    since: Instant
    until_review: Instant
    """When somebody looks whether the pause shall last."""
    clock: PauseClock = "keep counting"
    waiting_for: str = "the journey to be resumed"
    """In words; after the resume a run may have to wait for its own turn."""


class Pause(Value):
    """A time in which the run's journey stood still; how waits count over it says `domain.journeys.pauses`."""

    since: Instant
    until: Instant | None
    """When this run went on; None while it stands still."""
    clock: PauseClock


class CompanyEvent(Value):
    """Something a person did at the lead's company: what and when, not who."""

    kind: str
    at: Instant


class Facts(Value):
    """What `next_move` may look at. Events are in order of their number."""

    lead: Lead
    account: Account | None = None
    entered_at: Instant
    stage: str
    """In the journey's track."""
    score: Score
    events: tuple[Event, ...] = ()
    """Of the kinds the journey reads, oldest first."""
    company_events: tuple[CompanyEvent, ...] = ()
    """What happened to colleagues since the run began, of the kinds its exits name `of: company`, oldest first."""
    bases: tuple[Basis, ...] = ()
    may_market: bool = False
    """Whether a basis suffices for marketing mail under the definition in force."""
    mails: tuple[SentMail, ...] = ()
    """Of this run, in the order they were planned."""
    last_reason: str | None = None
    """The key of the reject reason of the lead's last decided hand-off."""
    company: CompanyStand | None = None
    """Of all people of the lead's company; None where they have none, and where no condition of the journey asks."""
    zone: str = ""
    """The time zone the lead lives in, by `zone_of`; empty when nobody looked: then its own, else UTC."""
    calendar: Calendar | None = None
    """Of whoever has the lead, else of the manager; read when a wait of the journey counts working days."""
    tags: tuple[str, ...] = ()
    in_journeys: tuple[str, ...] = ()
    """Names of the journeys the lead is in now."""
    was_in: tuple[str, ...] = ()
    """Names of the journeys of which a run of the lead has ended."""
    tasks: tuple[TaskFact, ...] = ()
    """Of this run."""
    runs_begun: tuple[BegunRun, ...] = ()
    """By this run."""
    seen_mails: tuple[str, ...] = ()
    """Mails of this journey the lead got, or will get, in any run; not those that never went."""
    read_pieces: tuple[str, ...] = ()
    """What the lead has read by itself: `data.piece` of its `article_read`, ever."""
    busy_with: str | None = None
    """The journey of another open run of the lead that came first into this journey's exclusive group."""
    arm: str | None = None
    """Which arm the campaign that began this run drew for the lead; None for a run without one."""
    paused: Paused | None = None
    smooth_until: Instant | None = None
    """The journey was resumed after a pause: until then a run gets at most one mail a day."""
    pauses: tuple[Pause, ...] = ()
    """When the journey stood still while this run was in it, oldest first: a look goes through several steps, and each
    wait counts from an instant of its own."""


class Progress(Value):
    """Where a run stands. Stored on the enrolment row, never in Temporal."""

    step: str
    """The step the run stands at (not yet done), or `end`."""
    arrived_at: Instant
    arrived_no: int = 0
    """The lead's last event number when it arrived: later events count for `wait_for`."""
    visits: dict[str, int] = Field(default_factory=dict)
    """How often each step was arrived at, this time included."""
    due_at: Instant | None = None
    """When it should have arrived: the end of the wait before. None when it came on time."""
    begun: bool = False
    """The step's own effect is done (a task is open, a sub-journey runs): it waits for what comes of it."""
    day_0: Instant | None = None
    """From when the days of the journey count; None is the entry. Later for a run that had to wait for its turn."""
    awaits_turn: bool = False
    """It has found its exclusive group taken, and stands before its first step."""
    passed: tuple[str, ...] = ()
    """Steps it has played that a new version moved ahead of it: each is passed over once (versions.fate)."""

    @property
    def due(self) -> datetime:
        """When the run should have arrived at its step; never after it did."""
        return self.due_at or self.arrived_at


class Run(Value):
    """One lead in one journey."""

    enrolment_id: EnrolmentId
    journey: str
    journey_hash: str
    progress: Progress
