"""How fast were leads answered? From the first offer of a hand-off to the first human attempt, and to the decision.

Counted in working time of the owner's calendar and in wall time. A lead nobody has answered is breached once its
deadline has passed: it is in the denominator and, having no time, not in the median (leads.md §1.7). The clock starts
at the first offer and never again: being handed to a deputy is no fresh start for the lead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.regions import localised
from leadloom.domain.handoffs.working_time import WorkCalendar
from leadloom.domain.model import HandOffId, Instant, Value
from leadloom.domain.reports.figures import Share, Spread, known_by, minutes, spread

Answered = Literal["in time", "late", "unanswered", "waiting", "released"]
"""`unanswered` is past its deadline; `waiting` is not yet; `released` was decided against before an attempt was due."""


class OfferedHandOff(Value):
    """What the log knows of a hand-off."""

    hand_off_id: HandOffId
    kind: str
    source: str | None = None
    """Where its lead came from."""
    calendar: str | None = None
    """Of its owner; None while a pool has it."""
    region: str | None = None
    """Of its lead, which may have hours of its own."""
    offered_at: Instant
    """When it was first offered to anybody."""
    state: Literal["offered", "accepted", "rejected", "recycled"] = "offered"
    decided_at: Instant | None = None
    first_try_at: Instant | None = None
    escalated_at: Instant | None = None
    reason: str | None = None
    """A key of the definition's reject reasons."""
    has_why: bool = True
    """Whether its notice said why."""
    is_complete: bool = True
    """Whether its lead had all that the definition needs of a qualified lead."""

    def seen(self, as_of: Instant) -> OfferedHandOff | None:
        """What was known of it at `as_of`; None when it had not been offered."""
        if self.offered_at > as_of:
            return None
        undecided = {"state": "offered", "decided_at": None, "reason": None}
        return self.model_copy(
            update={
                "first_try_at": known_by(self.first_try_at, as_of),
                "escalated_at": known_by(self.escalated_at, as_of),
                **({} if known_by(self.decided_at, as_of) else undecided),
            }
        )


class Answer(Value):
    """One hand-off against one clock. Names its team's calendar, not its owner: friction is shown, no person ranked."""

    hand_off_id: HandOffId
    kind: str
    team: str
    offered_at: Instant
    due_at: Instant
    answered_at: Instant | None
    business_minutes: float | None
    wall_minutes: float | None
    state: Answered


class ResponseTime(Value):
    """Answers against one clock."""

    name: str
    in_time: Share
    """Of all that were answered or should have been."""
    breached: int
    """Late or unanswered."""
    unanswered: int
    waiting: int
    released: int
    business_minutes: Spread
    wall_minutes: Spread


class Clock(Value):
    """Which of the two promises of a hand-off is measured."""

    name: Literal["first attempt", "decision"]

    def promise(self, definition: Definition, kind: str) -> timedelta:
        """The working time allowed for a hand-off of `kind`."""
        contract = definition.hand_offs[kind]
        return contract.first_try if self.name == "first attempt" else contract.accept

    def answered_at(self, hand_off: OfferedHandOff) -> Instant | None:
        """When the hand-off met this clock."""
        return hand_off.first_try_at if self.name == "first attempt" else hand_off.decided_at


FIRST_ATTEMPT = Clock(name="first attempt")
DECISION = Clock(name="decision")


def offered_by(hand_offs: Iterable[OfferedHandOff], as_of: Instant) -> list[OfferedHandOff]:
    """What was known at `as_of` of all hand-offs offered by then, oldest first."""
    known = [hand_off.seen(as_of) for hand_off in hand_offs]
    return sorted((h for h in known if h is not None), key=lambda h: h.offered_at)


def answers(
    definition: Definition, hand_offs: Iterable[OfferedHandOff], clock: Clock, *, as_of: Instant
) -> tuple[Answer, ...]:
    """Each hand-off offered by `as_of` against `clock`, oldest first.

    Hand-offs of a kind the definition no longer has carry no promise and are left out.
    """
    clocks = {key: Clocks(localised(definition, key)) for key in (None, *definition.regions)}
    return tuple(
        _answer(hand_off, clock, definition, clocks[hand_off.region], as_of)
        for hand_off in offered_by(hand_offs, as_of)
        if hand_off.kind in definition.hand_offs
    )


class Clocks:
    """The calendars of a region, and which of them counts for what nobody has."""

    def __init__(self, there: Definition) -> None:
        """`there` is the definition as it is in the region."""
        self.calendars = {name: WorkCalendar(calendar) for name, calendar in there.calendars.items()}
        self.pools = there.routing.pool_calendar or there.person(there.routing.manager).calendar


def response_time(name: str, measured: Sequence[Answer]) -> ResponseTime:
    """Sum `measured` up."""
    count = {state: sum(a.state == state for a in measured) for state in ("in time", "late", "unanswered")}
    return ResponseTime(
        name=name,
        in_time=Share(part=count["in time"], whole=sum(count.values())),
        breached=count["late"] + count["unanswered"],
        unanswered=count["unanswered"],
        waiting=sum(a.state == "waiting" for a in measured),
        released=sum(a.state == "released" for a in measured),
        business_minutes=spread([a.business_minutes for a in measured if a.business_minutes is not None]),
        wall_minutes=spread([a.wall_minutes for a in measured if a.wall_minutes is not None]),
    )


def _answer(
    hand_off: OfferedHandOff,
    clock: Clock,
    definition: Definition,
    clocks: Clocks,
    as_of: Instant,
) -> Answer:
    team = hand_off.calendar or clocks.pools
    calendar = clocks.calendars[team]
    due_at = calendar.add(hand_off.offered_at, clock.promise(definition, hand_off.kind))
    answered_at = clock.answered_at(hand_off)
    business = wall = None
    if answered_at is not None:
        business = minutes(calendar.between(hand_off.offered_at, answered_at))
        wall = minutes(answered_at - hand_off.offered_at)
    return Answer(
        hand_off_id=hand_off.hand_off_id,
        kind=hand_off.kind,
        team=team,
        offered_at=hand_off.offered_at,
        due_at=due_at,
        answered_at=answered_at,
        business_minutes=business,
        wall_minutes=wall,
        state=_state(hand_off, answered_at, due_at=due_at, as_of=as_of),
    )


def _state(hand_off: OfferedHandOff, answered_at: Instant | None, *, due_at: Instant, as_of: Instant) -> Answered:
    if answered_at is not None:
        return "in time" if answered_at <= due_at else "late"
    turned_down = hand_off.state in ("rejected", "recycled")
    if turned_down and hand_off.decided_at is not None and hand_off.decided_at <= due_at:
        return "released"
    return "waiting" if as_of <= due_at else "unanswered"
