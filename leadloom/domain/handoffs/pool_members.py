"""How do the members of a pool stand now? Put together from what the store counts, or from what a rehearsal dealt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.routing_rules import PoolMember
from leadloom.domain.handoffs.routing import OwnerFacts, Routed, Situation, UnknownPool, route
from leadloom.domain.handoffs.sharing import MemberNow, Turn


def members_of(definition: Definition, pool: str) -> tuple[PoolMember, ...]:
    """The members of a pool that the owners still name; whoever left them left the pool."""
    known = {entry.handle for entry in definition.owners}
    return tuple(member for member in definition.routing.pools[pool].members if member.owner in known)


def day_of(definition: Definition, handle: str, at: datetime) -> tuple[datetime, datetime]:
    """Beginning and end of the calendar day of an owner, in UTC; a day across a clock change isn't 24 hours long."""
    zone = ZoneInfo(definition.calendars[definition.person(handle).calendar].zone)
    today = at.astimezone(zone).date()
    begin, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (today, today + timedelta(days=1)))
    return begin, end


def members_by_lot(
    definition: Definition, pool: str, lot: float, absent: Collection[str], at: datetime
) -> tuple[MemberNow, ...]:
    """The members as if it were the turn of whoever a lot from 0 to 1 falls on, by weight: for playing one company's
    leads, where nobody knows what the pool deals to others meanwhile. Everybody has room.
    """
    here = [member for member in members_of(definition, pool) if member.owner not in absent and member.weight > 0]
    falls_on, left = None, lot * sum(member.weight for member in here)
    for member in here:
        falls_on = member.owner
        if (left := left - member.weight) < 0:
            break
    first = Turn(due=float(len(here)))
    return tuple(
        MemberNow(
            owner=member.owner,
            absent=member.owner in absent,
            turn=first if member.owner == falls_on else Turn(),
            tomorrow=day_of(definition, member.owner, at)[1],
        )
        for member in members_of(definition, pool)
    )


class PlayedPools:
    """Pools dealt on from how they stand at one instant, without anybody being offered anything."""

    def __init__(self, definition: Definition, members: Mapping[str, Sequence[MemberNow]]) -> None:
        """`members` by pool, as they stand now; a pool that isn't there has nobody."""
        self._definition = definition
        self._members = {pool: tuple(each) for pool, each in members.items()}

    def route(self, kind: str, whom: Situation, owners: Mapping[str, OwnerFacts]) -> Routed:
        """Where the lead would go now; whoever would be offered it has one more from then on."""
        asked: dict[str, Sequence[MemberNow]] = {}
        while isinstance(routed := route(self._definition, kind, whom, owners, asked), UnknownPool):
            asked[routed.pool] = self._members.get(routed.pool, ())
        if routed.shared is not None:
            pool, turns = routed.shared.pool, routed.shared.turns
            self._members[pool] = tuple(each.but(turn=turns[each.owner]) for each in self._members[pool])
        if routed.owner is not None:
            self._has_one_more(routed.owner)
        return routed

    def _has_one_more(self, owner: str) -> None:
        """In every pool: what somebody has in hand counts wherever it came from."""
        for pool, members in self._members.items():
            self._members[pool] = tuple(
                each.but(today=each.today + 1, open=each.open + 1) if each.owner == owner else each for each in members
            )
