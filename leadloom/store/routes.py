"""Which groups of mail take nothing just now, since when, and until when are they left alone?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from leadloom.domain.mails.outcome import Deferred
from leadloom.domain.mails.retries import rest_of
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
    tx: Tx, *, taking: Collection[Group], resting: Mapping[Group, Deferred], at: datetime
) -> dict[Group, datetime]:
    """Write which groups took mail and which are to rest; answers until when. Twice for the same failure is once."""
    if takes := sorted(group for group in taking if group not in resting):
        await tx.run("forget_routes", relays=[relay for relay, _ in takes], providers=[each for _, each in takes])
    if not resting:
        return {}
    before = {(row.relay, row.provider): row for row in await every(tx)}
    until: dict[Group, datetime] = {}
    for group, deferred in sorted(resting.items()):
        row = before.get(group)
        if row is not None and row.rests_until > at:
            until[group] = row.rests_until  # another lane has met the same trouble
            continue
        until[group] = rest_of(group, row.failures if row else 0, at=at, told=deferred.until)
        relay, provider = group
        await tx.run("rest_route", relay=relay, provider=provider, until=until[group], why=deferred.reply, at=at)
    return until


async def resume(tx: Tx, relay: str, *, at: datetime) -> int:
    """Try a relay again at once, all its providers; answers how many groups rested. What waited for it is due."""
    mine = [row for row in await every(tx) if row.relay == relay]
    await tx.run("forget_routes", relays=[relay] * len(mine), providers=[row.provider for row in mine])
    for lane in await lanes.every(tx):
        await lanes.hold(tx, [lane.lane])
    again = {row["lane"]: at for row in await tx.all("hasten_kept", at=at)}
    await lanes.nudge(tx, again)
    return len(mine)
