"""What a decision about a lead may look at: rows as values, read once in the transaction that decides."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

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
    bases: tuple[Basis, ...] = ()
    may_market: bool = False
    """Whether a basis suffices for marketing mail under the definition in force."""
    mails: tuple[SentMail, ...] = ()
    """Of this run, in the order they were planned."""
    last_reason: str | None = None
    """The key of the reject reason of the lead's last decided hand-off."""


class Progress(Value):
    """Where a run stands. Stored on the enrolment row, never in Temporal."""

    step: str
    """The step the run stands at (not yet done), or `end`."""
    arrived_at: Instant
    arrived_no: int = 0
    """The lead's last event number when it arrived: later events count for `wait_for`."""
    visits: dict[str, int] = Field(default_factory=dict)
    """How often each step was arrived at, this time included."""


class Run(Value):
    """One lead in one journey."""

    enrolment_id: EnrolmentId
    journey: str
    journey_hash: str
    progress: Progress
