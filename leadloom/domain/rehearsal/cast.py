"""What does the rehearsal of an audience begin with? Leads as they stand, what is in force, what will happen."""

from __future__ import annotations

from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import MessageStatus, PauseClock, Progress, TaskFact
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import EnrolmentId, Instant, LeadId, MessageId, Value
from leadloom.domain.rehearsal.engagement import Engagement
from leadloom.domain.rehearsal.happenings import Answers, Happens, Tells
from leadloom.domain.standing import PublishedJourney, Standing


class MailAtStart(Value):
    """A mail to the lead that stands, went, or is planned when the rehearsal begins."""

    message_id: MessageId
    enrolment_id: EnrolmentId | None
    """None when its run is over, or another noun sent it: it only takes room."""
    journey: str | None
    step: str
    visit: int
    mail: str
    mail_class: str
    topic: str | None
    priority: int
    asked_at: Instant
    not_before: Instant
    deadline: Instant
    jitter_s: int
    slot_at: Instant
    slot_why: tuple[str, ...]
    status: MessageStatus
    sent_at: Instant | None


class RunAtStart(Value):
    """A run of a journey as data that is under way when the rehearsal begins."""

    enrolment_id: EnrolmentId
    body: Journey
    """The very version it runs by."""
    key: str
    place: str
    entered_at: Instant
    progress: Progress
    waiting_for: str | None
    waits_until: Instant | None
    """None for a run somebody must unblock: it stays where it is."""
    listens: tuple[str, ...]
    arm: str | None = None
    """Which arm the campaign that began it drew for the lead."""
    tasks: tuple[TaskFact, ...] = ()


class LeadAtStart(Value):
    """A lead as they stand when the rehearsal begins."""

    standing: Standing
    runs: tuple[RunAtStart, ...] = ()
    mails: tuple[MailAtStart, ...] = ()
    """In the order they were asked for; back to the longest span of a cap."""
    silenced: bool = False
    """Nothing at all may go to the address."""
    silenced_for_marketing: bool = False
    topics_off: frozenset[str] = frozenset()
    """What they hear no marketing about."""
    in_conversation: bool = False
    """Sales is in conversation with the lead or their company, by a hand-off."""
    account_owner: str | None = None
    """Handle of the owner of their company."""


class Decides(Value):
    """Whoever is offered the lead answers."""

    at: Instant
    kind: Literal["accept", "reject", "recycle"]
    reason: str | None = None
    """A key of the definition's reject reasons."""
    until: Instant | None = None


class LetsIn(Value):
    """A person or a campaign lets a lead into a journey."""

    at: Instant
    journey: str
    by: str = "hand"
    occasion: str = "rehearsal"
    """Names the act: runs of journeys one may enter again are called after it."""
    asks: bool = True
    """Whether anything may stand against it; a search for the worst lets in whom nothing but an event would."""


class Cue(Value):
    """Something that a script says will happen to a lead."""

    lead_id: LeadId
    what: Happens | Tells | Answers | Decides | LetsIn


class Stands(Value):
    """A time in which nothing of a journey goes."""

    journey: str
    since: Instant
    until: Instant
    clock: PauseClock | None = None
    """None takes the journey's own."""


class Setting(Value):
    """What is in force, and how long it plays; the same for all leads."""

    definition: Definition
    journeys: tuple[PublishedJourney, ...]
    """Those leads may come into while it plays."""
    begins_at: Instant
    ends_at: Instant
    seed: int = 0
    engagement: Engagement | None = None
    """Who answers which mail by chance; None: only what the script says happens."""
    pauses: tuple[Stands, ...] = ()
    away: tuple[str, ...] = ()
    """Handles of owners who are away all the time."""
