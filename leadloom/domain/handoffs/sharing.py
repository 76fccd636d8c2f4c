"""Whose turn is it in a pool, and who has room?

Turns by weight follow Tijdeman's rule for the chairman assignment problem (R. Tijdeman, Discrete Mathematics 32, 1980):
of those who are owed enough, the one whose next turn would be late first. With unchanging weights nobody is ever a
whole lead away from their ideal share, however many members there are; a plain "most owed first" doesn't promise that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadloom.domain.definitions.routing_rules import Pool, PoolMember
from leadloom.domain.model import Instant, Value

_HAIR = 1e-9
"""Shares are kept as floats; two that differ by less are equal."""


class Turn(Value):
    """What a member of a pool has got so far, and was due."""

    given: int = 0
    """Leads they were offered in their turn."""
    due: float = 0.0
    """What their weight would have given them of all that the pool shared while they were there."""

    @property
    def owed(self) -> float:
        """How many leads they are behind their share; negative when ahead."""
        return self.due - self.given


class MemberNow(Value):
    """What sharing looks at of one member."""

    owner: str
    absent: bool
    gave_back: bool = False
    """Whether they gave this very lead back last, and are not to get it again."""
    today: int = 0
    """Offers made to them on this day of their zone."""
    open: int = 0
    """Leads in their hands."""
    turn: Turn = Turn()
    tomorrow: Instant
    """When their next day begins."""


class Seen(Value):
    """Why somebody was passed over or chosen, with the figures that counted."""

    owner: str
    why: str
    owed: float
    today: int
    open: int


class Shared(Value):
    """What became of a lead in a pool that shares."""

    pool: str
    owner: str | None
    """None when nobody has room."""
    everybody_away: bool
    """Nobody is there at all, room or not: another rule may know somebody."""
    turns: Mapping[str, Turn]
    """The members' turns afterwards, by handle; to be written with the offer."""
    seen: tuple[Seen, ...]
    room_at: Instant | None
    """When the next day begins for whoever has had enough for today; None when time alone makes no room."""


def share(name: str, pool: Pool, members: Sequence[MemberNow]) -> Shared:
    """Whose turn it is, of those who are there and have room; everybody there and able is due their share of it."""
    said = {member.owner: _keeps_from(entry, member) for entry, member in _pairs(pool, members)}
    able = [(entry, member) for entry, member in _pairs(pool, members) if said[member.owner] is None]
    turns = {member.owner: member.turn for member in members}
    chosen: str | None = None
    if able:
        turns |= _everybody_due(able, 1)
        chosen = _least_busy(able) if pool.share == "least-busy" else _next_in_turn(able, turns)
        turns[chosen] = turns[chosen].but(given=turns[chosen].given + 1)
    waits = [member.tomorrow for entry, member in _pairs(pool, members) if _had_enough_today(entry, member)]
    return Shared(
        pool=name,
        owner=chosen,
        everybody_away=all(member.absent or member.gave_back for member in members),
        turns=turns,
        seen=tuple(_seen(member, said[member.owner], chosen) for member in members),
        room_at=min(waits, default=None),
    )


def credited_back(pool: Pool, owner: str, turns: Mapping[str, Turn]) -> dict[str, Turn]:
    """The turns as if one lead of this owner had never been shared: they are owed one more, nobody else is."""
    if turns.get(owner, Turn()).given < 1:
        return dict(turns)
    everybody = [(entry, entry.owner) for entry in pool.members if entry.owner in turns]
    weights = sum(entry.weight for entry, _ in everybody) or 1
    back = {each: turns[each].but(due=turns[each].due - entry.weight / weights) for entry, each in everybody}
    back[owner] = back[owner].but(given=back[owner].given - 1)
    return {**turns, **back}


Pair = tuple[PoolMember, MemberNow]


def _pairs(pool: Pool, members: Sequence[MemberNow]) -> list[Pair]:
    """The pool's members in the definition's order, each with how they stand now."""
    now = {member.owner: member for member in members}
    return [(entry, now[entry.owner]) for entry in pool.members if entry.owner in now]


def _keeps_from(entry: PoolMember, member: MemberNow) -> str | None:
    """Why a member can't be offered a lead now; None when they can."""
    if member.absent:
        return "is away"
    if member.gave_back:
        return "gave this lead back"
    if entry.weight < 1:
        return "has weight 0"
    if _had_enough_today(entry, member):
        return f"has had {member.today} of {entry.a_day} today"
    if entry.open is not None and member.open >= entry.open:
        return f"has {member.open} of {entry.open} in hand"
    return None


def _had_enough_today(entry: PoolMember, member: MemberNow) -> bool:
    return not member.absent and entry.weight > 0 and entry.a_day is not None and member.today >= entry.a_day


def _everybody_due(able: Sequence[Pair], leads: float) -> dict[str, Turn]:
    weights = sum(entry.weight for entry, _ in able)
    return {
        member.owner: member.turn.but(due=member.turn.due + leads * entry.weight / weights) for entry, member in able
    }


def _next_in_turn(able: Sequence[Pair], turns: Mapping[str, Turn]) -> str:
    weights = sum(entry.weight for entry, _ in able)
    slack = 1 / (2 * len(able) - 2) if len(able) > 1 else 0.0
    owed = [(turns[member.owner].owed, entry.weight / weights, member.owner) for entry, member in able]
    late = [(one, rate, owner) for one, rate, owner in owed if one >= slack - _HAIR]
    if not late:
        # Absences left those who are here ahead of their share: the one least ahead goes on.
        return max(owed, key=lambda each: each[0])[2]
    return min(late, key=lambda each: (1 - slack - each[0]) / each[1])[2]


def _least_busy(able: Sequence[Pair]) -> str:
    return min(able, key=lambda each: (each[1].open / each[0].weight, -each[1].turn.owed))[1].owner


def _seen(member: MemberNow, keeps_from: str | None, chosen: str | None) -> Seen:
    why = keeps_from or ("it is their turn" if member.owner == chosen else "has room; it is another's turn")
    return Seen(owner=member.owner, why=why, owed=round(member.turn.owed, 3), today=member.today, open=member.open)
