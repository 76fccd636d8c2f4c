"""Who must answer for an offered lead now, and until when? What their answer means stands in `deciding`.

    offered ──accept──▶ accepted ──(first try, or its missed clock)──▶ done
       │ remind; overdue; up the ladder: deputy, manager, pool
       └──reject | recycle──▶ rejected | recycled          (an accepted one may be given back, too)

The pool is the last rung: it is offered again every working day until somebody takes it. An answer that can still be
taken back stops no clock and lets none act: it becomes final, or the clocks go on as if it had never been given.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import HandOffKind, Rung
from leadloom.domain.handoffs.answers import Answer
from leadloom.domain.handoffs.working_time import WorkCalendar
from leadloom.domain.model import Instant, Value


class HandOffState(Value):
    """Where a hand-off stands: its row."""

    kind: str
    """A key of the definition's `hand_offs`."""
    state: Literal["offered", "accepted", "rejected", "recycled"]
    owner: str | None
    """Handle of who is offered it, or has accepted it; None while it lies in the pool."""
    pool: str | None
    """Where it lies when it has no owner; with one, the pool that shared it, to which the ladder's last rung leads."""
    assignment_no: int
    level: int
    """0 the routed owner, then the rungs of the ladder from 1."""
    opened_at: Instant
    room_by: Instant | None = None
    """Until when it waits for somebody of its pool to have room; None when it never had to, and once offered."""
    offered_at: Instant | None = None
    """When the current assignment was offered; None before the first offer."""
    accept_by: Instant | None = None
    accept_in: timedelta | None = None
    """The working time of the offer, as promised when it was made: an edited calendar moves `accept_by` by it."""
    reminded_at: Instant | None = None
    decided_at: Instant | None = None
    first_try_by: Instant | None = None
    first_try_in: timedelta | None = None
    """The working time from `decided_at`, likewise."""
    first_try_at: Instant | None = None
    escalated_at: Instant | None = None
    """When it last went up: to the next rung, or to the manager because the first try was missed."""
    answer: Answer | None = None
    """What was answered and can still be taken back."""
    notice_in_doubt: bool = False
    """The current assignment's notice may not have arrived: its end is unknown, it was refused, or it came back."""


class Offer(Value):
    """Offer it to this owner or pool, as a new assignment with its own notice."""

    owner: str | None
    pool: str | None
    level: int
    accept_by: Instant
    accept_in: timedelta
    """Working time from now to `accept_by`."""
    why: str
    missed: bool
    """True when whoever had it let their time run out: a promise to the lead was broken."""


class Remind(Value):
    """Send the current owner the notice's second chance."""


class Reclock(Value):
    """A calendar was edited under the clock that runs: it ends then. What was promised, working time, stays."""

    accept_by: Instant | None
    first_try_by: Instant | None


class MissedFirstTry(Value):
    """Tell the manager, once: it was accepted and nobody has tried to reach the lead in time."""


class Wait(Value):
    """Nothing to do until then; `until` is always later than the instant that was asked about."""

    until: Instant
    waiting_for: str


class SeekRoom(Value):
    """Ask its pool again for somebody with room; while there is nobody, ask again at the latest at `by`."""

    by: Instant


class Conclude(Value):
    """The answer can't be taken back any more: let it have its consequences, as of when it was given."""


class Done(Value):
    """No clock of the hand-off runs any more."""


HandOffMove = Offer | Remind | Reclock | MissedFirstTry | SeekRoom | Conclude | Wait | Done


def next_hand_off_move(
    definition: Definition,
    state: HandOffState,
    calendar_of_owner: WorkCalendar | None,
    absent_handles: Collection[str],
    at: datetime,
) -> HandOffMove:
    """What is to be done at `at`. Once it is done (and the row says so), the same question answers Wait or Done.

    `calendar_of_owner` is the calendar of `state.owner`; None in the pool, whose clock is the manager's. Applying
    Remind sets `reminded_at`, MissedFirstTry sets `escalated_at`, Reclock its deadlines, Offer sets the assignment and
    clears `reminded_at`.
    """
    if state.state not in ("offered", "accepted"):
        return Done()
    if state.answer is not None:
        return _answered(definition, state.answer, at)
    if (reclocked := _reclocked(definition, state, calendar_of_owner)) is not None:
        return reclocked
    if state.state == "accepted":
        return _accepted(definition, state, at)
    offered = _Offered(definition, state, calendar_of_owner, absent_handles)
    return offered.first_offer(at) if state.offered_at is None else offered.next_move(state.offered_at, at)


def calendar_of(definition: Definition, handle: str | None) -> WorkCalendar:
    """The calendar of an owner; that of pools, else the manager's, for a pool and somebody no longer named."""
    calendars = {entry.handle: entry.calendar for entry in definition.owners}
    pools = definition.routing.pool_calendar or calendars[definition.routing.manager]
    name = calendars.get(handle or "") or pools
    return WorkCalendar(definition.calendars[name])


def name_of(definition: Definition, handle: str) -> str:
    """The owner's name; the handle for somebody the definition no longer names."""
    return {entry.handle: entry.name for entry in definition.owners}.get(handle, handle)


def _answered(definition: Definition, answer: Answer, at: datetime) -> HandOffMove:
    if at < answer.final_at:
        who = name_of(definition, answer.decision.by)
        return Wait(until=answer.final_at, waiting_for=f"{who}'s answer to be final")
    return Conclude()


def _reclocked(definition: Definition, state: HandOffState, calendar: WorkCalendar | None) -> Reclock | None:
    """When the clock that runs ends by the calendar as it is now, if that moved. A missed first try stays missed."""
    here = calendar if calendar and state.owner else calendar_of(definition, state.owner)
    if state.state == "offered" and state.offered_at and state.accept_in is not None:
        accept_by = here.add(state.offered_at, state.accept_in)
        if accept_by != state.accept_by:
            return Reclock(accept_by=accept_by, first_try_by=state.first_try_by)
    if state.state == "accepted" and state.first_try_at is None and state.decided_at and state.first_try_in is not None:
        first_try_by = here.add(state.decided_at, state.first_try_in)
        told = state.escalated_at is not None and state.escalated_at > state.decided_at
        if first_try_by != state.first_try_by and not told:
            return Reclock(accept_by=state.accept_by, first_try_by=first_try_by)
    return None


def _accepted(definition: Definition, state: HandOffState, at: datetime) -> HandOffMove:
    if state.first_try_at is not None or state.first_try_by is None:
        return Done()
    if at < state.first_try_by:
        who = name_of(definition, state.owner) if state.owner else "the owner"
        return Wait(until=state.first_try_by, waiting_for=f"{who} to try to reach the lead")
    if state.escalated_at is None or state.escalated_at < state.first_try_by:
        return MissedFirstTry()
    # The stage has its own promise from here on, so nothing is forgotten when this clock ends.
    return Done()


class _Offered:
    """The clocks of an offer that nobody has decided."""

    def __init__(
        self,
        definition: Definition,
        state: HandOffState,
        calendar: WorkCalendar | None,
        absent: Collection[str],
    ) -> None:
        self.definition = definition
        self.state = state
        self.kind: HandOffKind = definition.hand_offs[state.kind]
        self.absent = absent
        self.calendar = calendar if calendar and state.owner else calendar_of(definition, state.owner)

    def first_offer(self, at: datetime) -> Offer | SeekRoom:
        """To whom routing sent it; up the ladder at once when they are away."""
        owner = self.state.owner
        if owner is None and self.state.room_by is not None:
            if at < self.state.room_by:
                return SeekRoom(by=self.state.room_by)
            return self._to_pool(at, why="nobody had room in time", missed=True)
        if owner is None:
            return self._to_pool(at, why="no rule found somebody", missed=False)
        if owner in self.absent:
            return self._up(at, why=f"{self._holder()} is away", missed=False)
        return self._offer(owner, 0, self.kind.accept, at, why="routed", missed=False)

    def next_move(self, offered_at: datetime, at: datetime) -> HandOffMove:
        """Remind, go up, or wait for the next of these clocks."""
        goes_up_at = self._goes_up_at(offered_at)
        if at >= goes_up_at:
            return self._up(at, why=f"{self._holder()} didn't answer in time", missed=True)
        if self.state.owner in self.absent and not self._is_worked(offered_at):
            return self._up(at, why=f"{self._holder()} is away", missed=False)
        remind_at = self.calendar.add(offered_at, self.kind.remind)
        reminded = self.state.reminded_at is not None and self.state.reminded_at >= offered_at
        if not reminded and (self.state.notice_in_doubt or remind_at <= at):
            # Better seen twice than never: the second chance comes at once where the first may be lost.
            return Remind()
        accept_by = self.state.accept_by or goes_up_at
        overdue = " (overdue)" if accept_by <= at else ""
        clocks = (remind_at, accept_by, goes_up_at)
        return Wait(
            until=min(clock for clock in clocks if clock > at), waiting_for=f"{self._holder()} to answer{overdue}"
        )

    def _goes_up_at(self, offered_at: datetime) -> datetime:
        """When the current assignment is taken away. An offer that is being worked gets the time of a first try."""
        rung = self._rung_after(self.state.level)
        if self.state.owner is None:
            goes_up_at = self.calendar.add(offered_at, max(self.kind.accept, self.calendar.day))
        elif self.state.level == 0:
            missed_at = self.state.accept_by or self.calendar.add(offered_at, self.kind.accept)
            goes_up_at = self.calendar.add(missed_at, rung.after) if rung else missed_at
        else:
            goes_up_at = self.calendar.add(offered_at, rung.after if rung else self.kind.accept)
        if self._is_worked(offered_at) and self.state.first_try_at is not None:
            return max(goes_up_at, self.calendar.add(self.state.first_try_at, self.kind.first_try))
        return goes_up_at

    def _is_worked(self, offered_at: datetime) -> bool:
        return self.state.first_try_at is not None and self.state.first_try_at >= offered_at

    def _rung_after(self, level: int) -> Rung | None:
        return self.kind.ladder[level] if level < len(self.kind.ladder) else None

    def _up(self, at: datetime, *, why: str, missed: bool) -> Offer:
        """To the first rung above that leads to somebody who is there; the pool is always there."""
        known = {entry.handle: entry for entry in self.definition.owners}
        holder = known.get(self.state.owner or "")
        above = {"deputy": holder.deputy if holder else None, "manager": self.definition.routing.manager}
        for level, rung in enumerate(self.kind.ladder[self.state.level :], start=self.state.level + 1):
            handle = above.get(rung.to)
            if handle in known and handle != self.state.owner and handle not in self.absent:
                return self._to_owner(handle, level, at, why=f"{why}: {known[handle].name} is {rung.to}", missed=missed)
        return self._to_pool(at, why=why, missed=missed)

    def _to_owner(self, handle: str, level: int, at: datetime, *, why: str, missed: bool) -> Offer:
        rung = self._rung_after(level)
        return self._offer(handle, level, rung.after if rung else self.kind.accept, at, why=why, missed=missed)

    def _to_pool(self, at: datetime, *, why: str, missed: bool) -> Offer:
        pool = self.state.pool or self.definition.routing.default_pool
        return self._offer(None, len(self.kind.ladder), self.kind.accept, at, why=f"{why}: pool {pool}", missed=missed)

    def _offer(self, owner: str | None, level: int, span: timedelta, at: datetime, *, why: str, missed: bool) -> Offer:
        calendar = self.calendar if owner == self.state.owner else calendar_of(self.definition, owner)
        pool = self.state.pool or (None if owner else self.definition.routing.default_pool)
        return Offer(
            owner=owner, pool=pool, level=level, accept_by=calendar.add(at, span), accept_in=span, why=why,
            missed=missed,
        )  # fmt: skip

    def _holder(self) -> str:
        owner = self.state.owner
        return name_of(self.definition, owner) if owner else f"somebody of pool {self.state.pool}"
