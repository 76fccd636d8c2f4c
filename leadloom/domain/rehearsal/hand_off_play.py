"""Who is offered a company's leads in a rehearsal, and when do those clocks ring? As store.hand_offs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import LeadloomError
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.handoffs.deciding import Decided, decide
from leadloom.domain.handoffs.hand_off import (
    Conclude,
    Done,
    HandOffState,
    MissedFirstTry,
    Offer,
    Reclock,
    Remind,
    SeekRoom,
    Wait,
    calendar_of,
    next_hand_off_move,
)
from leadloom.domain.handoffs.loops import GivenBack, looped, passed_over
from leadloom.domain.handoffs.pool_members import members_by_lot
from leadloom.domain.handoffs.routing import OwnerFacts, Situation, UnknownPool, route
from leadloom.domain.handoffs.sharing import MemberNow
from leadloom.domain.lead import EventDraft
from leadloom.domain.rehearsal.engagement import draw
from leadloom.domain.rehearsal.life import Life
from leadloom.domain.stages.stage_walk import OpenHandOff

SELLING = ("sdr", "ae")
"""Roles in whose hands a company is in conversation with sales."""


@dataclass(slots=True, eq=False)
class RehearsedHandOff:
    """A hand-off, as its row would stand."""

    life: Life
    track: str
    state: HandOffState
    no: int
    """Of the lead's hand-offs, from 1."""
    is_closed: bool = False
    looks_at: datetime | None = None
    members: list[Life] = field(default_factory=list[Life])
    """Whoever joined it."""
    has_missed: bool = False
    given_back: GivenBack | None = None
    """When it was given back to come again."""

    @property
    def is_open(self) -> bool:
        """Whether it is offered, or in the hands of whoever accepted it."""
        return self.state.state == "offered" or (self.state.state == "accepted" and not self.is_closed)


class Offered:
    """Somebody has been offered a lead."""

    def __init__(self, owner: str, at: datetime) -> None:
        self.owner, self.at = owner, at


class HandOffs:
    """The hand-offs of one company's leads."""

    def __init__(self, definition: Definition, away: tuple[str, ...], seed: int = 0) -> None:
        self._definition, self._away = definition, frozenset(away)
        self._owners = {
            entry.handle: OwnerFacts(handle=entry.handle, absent=entry.handle in self._away)
            for entry in definition.owners
        }
        self._seed = seed
        self.all: list[RehearsedHandOff] = []

    @property
    def in_conversation(self) -> bool:
        """Whether marketing mail of prospect journeys is held for the company."""
        return any(one.is_open for one in self.all)

    def open(self, life: Life, order: OpenHandOff, at: datetime) -> RehearsedHandOff | None:
        """Offer the lead; None when they join what their company has open."""
        contract = self._definition.hand_offs[order.kind]
        joins = [order.kind]
        if contract.to == "sdr":
            joins = [name for name, one in self._definition.hand_offs.items() if one.to in SELLING]
        for other in self.all:
            if other.is_open and other.track == order.track and other.state.kind in joins:
                if other.life is not life and life not in other.members:
                    other.members.append(life)
                return None
        if life.standing.open_deal and len(joins) > 1:
            return None
        owner, pool = self._routed(life, order, at)
        state = HandOffState(
            kind=order.kind, state="offered", owner=owner, pool=pool, assignment_no=0, level=0, opened_at=at
        )
        no = 1 + sum(one.life is life for one in self.all)
        made = RehearsedHandOff(life=life, track=order.track, state=state, no=no)
        self.all.append(made)
        return made

    def advance(self, hand_off: RehearsedHandOff, at: datetime) -> Iterator[Offered | EventDraft | Wait]:
        """Offer, remind and escalate as far as the clocks say; what comes of it in order, a wait last."""
        while True:
            now = hand_off.state
            calendar = calendar_of(self._definition, now.owner) if now.owner else None
            match move := next_hand_off_move(self._definition, now, calendar, self._away, at):
                case Offer():
                    hand_off.state = now.but(
                        owner=move.owner, pool=move.pool, level=move.level, assignment_no=now.assignment_no + 1,
                        offered_at=at, accept_by=move.accept_by, reminded_at=None,
                        escalated_at=at if move.level else now.escalated_at,
                    )  # fmt: skip
                    yield Offered(move.owner or f"pool {move.pool}", at)
                    if move.missed:
                        yield from self._missed(hand_off, "accept", at)
                case Remind():
                    hand_off.state = now.but(reminded_at=at)
                case MissedFirstTry():
                    hand_off.state = now.but(escalated_at=at)
                    yield from self._missed(hand_off, "first try", at)
                case Wait():
                    yield move
                    return
                case SeekRoom():
                    yield Wait(until=move.by, waiting_for="somebody to have room")
                    return
                case Conclude() | Reclock() | Done():
                    return  # in a rehearsal nobody takes an answer back, and nobody edits a calendar

    def decide(self, hand_off: RehearsedHandOff, decision: Decision, at: datetime) -> Decided | None:
        """What the decision means; None when it can't be made, as production would refuse it."""
        try:
            decided = decide(self._definition, hand_off.state, decision, 99, at)
        except LeadloomError:
            return None
        first_try_at = at if decided.state == "accepted" else hand_off.state.first_try_at
        hand_off.state = hand_off.state.but(
            state=decided.state, owner=decided.owner, first_try_by=decided.first_try_by, first_try_at=first_try_at
        )
        sells = self._definition.hand_offs[hand_off.state.kind].to in SELLING
        if decided.recycle_until is not None:
            hand_off.given_back = GivenBack(at=at, by=decided.owner)
        hand_off.is_closed = decided.state != "accepted" or not sells
        return decided

    def of(self, life: Life) -> RehearsedHandOff | None:
        """The lead's newest hand-off."""
        return next((one for one in reversed(self.all) if one.life is life), None)

    def _routed(self, life: Life, order: OpenHandOff, at: datetime) -> tuple[str | None, str | None]:
        if order.prefer is not None and order.prefer in self._owners and order.prefer not in self._away:
            return order.prefer, None
        before = [one.given_back for one in self.all if one.life is life and one.given_back]
        if (parked := looped(self._definition, order, before, at)) is not None:
            return parked.owner, parked.pool
        over = passed_over(self._definition, before)
        owners = {handle: facts.but(gave_back=handle in over) for handle, facts in self._owners.items()}
        whom = Situation(
            lead=life.lead, account=life.standing.account, account_owner=life.account_owner,
            lead_owner=life.standing.owner, at=at,
        )  # fmt: skip
        lot = draw(self._seed, str(life.lead.lead_id), "pool")
        pools: dict[str, tuple[MemberNow, ...]] = {}
        while isinstance(routed := route(self._definition, order.kind, whom, owners, pools), UnknownPool):
            members = members_by_lot(self._definition, routed.pool, lot, self._away, at)
            pools[routed.pool] = tuple(member.but(gave_back=member.owner in over) for member in members)
        return routed.owner, routed.pool

    def _missed(self, hand_off: RehearsedHandOff, clock: str, at: datetime) -> Iterator[EventDraft]:
        """Once per hand-off: a lead gets one apology, however high it goes."""
        if not hand_off.has_missed:
            hand_off.has_missed = True
            key = f"hand-off:{hand_off.life.lead.lead_id}/{hand_off.no}:missed"
            data = {"kind": hand_off.state.kind, "clock": clock}
            yield EventDraft.model_validate(
                {"kind": "clock_missed", "at": at, "key": key, "actor": "system", "data": data}
            )


def soon(hand_off: RehearsedHandOff, at: datetime) -> datetime:
    """When a diligent owner answers: at half of the time they have."""
    by = hand_off.state.accept_by or at
    return at + max((by - at) / 2, timedelta())
