"""Which groups of mail take nothing just now, since when, and until when are they left alone?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from leadloom.domain.mails.outcome import Deferred
from leadloom.domain.mails.retries import FIRST, rest_of
from leadloom.domain.mails.routes import Group
from leadloom.domain.model import Instant, Value
from leadloom.store import lanes
from leadloom.store.tx import Tx


class Resting(Value):
    """A group that took nothing when it was last tried."""

    relay: str
    provider: str
    """`*` is the relay itself."""
    rests_until: Instant
    why: str
    """What it said."""
    since: Instant
    failures: int
    """How often it was tried in vain, a rest between."""


async def every(tx: Tx) -> tuple[Resting, ...]:
    """All groups in trouble, by name."""
    return tuple(Resting(**row) for row in await tx.all("resting_routes"))


async def write(
    tx: Tx,
    *,
    taking: Collection[Group],
    resting: Mapping[Group, Deferred],
    at: datetime,
    first: timedelta = FIRST,
) -> dict[Group, datetime]:
    """Write which groups took mail and which are to rest; answers until when. Twice for the same failure is once.

    What took mail and then failed wasn't tried in vain: it rests as for the first time, `first` or what it was told.
    """
    before = {(row.relay, row.provider): row for row in await every(tx)} if resting else {}
    rest_now = {group for group, row in before.items() if row.rests_until > at}
    if takes := sorted(group for group in taking if group not in resting or group not in rest_now):
        await _forget(tx, takes, at=at)
    until: dict[Group, datetime] = {}
    for group, deferred in sorted(resting.items()):
        row = before.get(group)
        if row is not None and group in rest_now:
            until[group] = row.rests_until  # another lane has met the same trouble
            continue
        in_vain = row.failures if row is not None and group not in taking else 0
        until[group] = rest_of(group, in_vain, at=at, told=deferred.until, first=first)
        relay, provider = group
        values = {"relay": relay, "provider": provider, "until": until[group], "why": deferred.reply, "at": at}
        await tx.run("rest_route", **values, by_mail=False)
    return until


async def _forget(tx: Tx, groups: Sequence[Group], *, at: datetime) -> None:
    relays, providers = [relay for relay, _ in groups], [provider for _, provider in groups]
    await tx.run("forget_routes", relays=relays, providers=providers, at=at)


async def rest(tx: Tx, group: Group, *, told: datetime, why: str, at: datetime) -> bool:
    """Leave a group alone, until `told` the first time, for what came back by mail; False when it rests already."""
    row = next((row for row in await every(tx) if (row.relay, row.provider) == group), None)
    if row is not None and row.rests_until > at:
        return False
    until = rest_of(group, row.failures if row else 0, at=at, told=told)
    relay, provider = group
    await tx.run("rest_route", relay=relay, provider=provider, until=until, why=why, at=at, by_mail=True)
    return True


async def resume(tx: Tx, relay: str, *, at: datetime) -> int:
    """Try a relay again at once, all its providers; answers how many groups rested. What waited for it is due."""
    mine = [row for row in await every(tx) if row.relay == relay]
    await tx.run("resume_route", relay=relay)
    for lane in await lanes.every(tx):
        await lanes.hold(tx, [lane.lane])
    again = {row["lane"]: at for row in await tx.all("hasten_kept", at=at)}
    await lanes.nudge(tx, again)
    return len(mine)
