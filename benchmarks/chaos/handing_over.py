"""Does a pool share exactly while workers die?

Thousands ask to be called; of five owners of unequal weight one has a daily quota, and one is away for a third of the
time; whoever takes leads in is killed, and so are the workers.

Afterwards: each lead in one owner's hands, nobody unowned, no turn lost or given twice, every share within 1 of its
ideal, no quota broken, and Temporal has heard of every hand-off.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import timedelta
from pathlib import Path
from random import Random

import asyncpg

from benchmarks.chaos.parts import Command
from benchmarks.chaos.story import Parts, Stage, environment, running
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.routing_rules import Pool, PoolMember, Routing, RoutingRule
from leadloom.domain.model import Value
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import opened
from leadloom.store import owners, published, stuck

TEAM = (
    PoolMember(owner="ines-carvalho", weight=5),
    PoolMember(owner="jonas-brandt", weight=4),
    PoolMember(owner="mei-lin-goh", weight=3),
    PoolMember(owner="marcus-oyelaran", weight=2),
    PoolMember(owner="dana-whitlock", weight=1),
)
_ON_QUOTA, _AWAY = "jonas-brandt", "mei-lin-goh"
_QUOTA_SHARE = 0.15
"""Of all leads, as a daily quota: less than the weight would bring."""
_AWAY_FROM, _AWAY_UNTIL = 0.3, 0.6
_TAKERS = 2
_PATIENCE = 300.0
"""Seconds without a lead or a wake-up more after which it is over."""


class Shares(Value):
    """What came of it."""

    leads: int
    handed: int
    unowned: int
    unheard: int
    """Wake-ups that Temporal never got."""
    kills: int
    seconds: float
    got: dict[str, int]
    due: dict[str, float]
    quota: int
    counted_twice: int
    """Offers that the turns don't know of, or the other way round."""

    @property
    def farthest(self) -> float:
        """How far the owner is from their ideal who is farthest."""
        return max((abs(self.got.get(owner, 0) - due) for owner, due in self.due.items()), default=0.0)

    @property
    def faults(self) -> list[str]:
        """What was not as promised, in words."""
        said = {
            f"{self.leads - self.handed} leads were never handed over": self.handed != self.leads,
            f"{self.unowned} leads are unowned": self.unowned > 0,
            f"{self.unheard} wake-ups never reached Temporal": self.unheard > 0,
            f"{self.counted_twice} offers and turns don't fit": self.counted_twice > 0,
            f"somebody is {self.farthest:.2f} leads from their share": self.farthest > 1,
            f"{_ON_QUOTA} got more than {self.quota} on a day": self.got.get(_ON_QUOTA, 0) > 2 * self.quota,
        }
        return [words for words, is_so in said.items() if is_so]


def lines(found: Shares) -> str:
    """For whoever asked."""
    rows = [f"{owner:18} got {found.got.get(owner, 0):5}, ideal {due:8.2f}" for owner, due in sorted(found.due.items())]
    head = f"{found.handed} of {found.leads} leads handed over in {found.seconds:.0f} s, {found.kills} kills:"
    tail = f"farthest from the ideal {found.farthest:.3f}, unowned {found.unowned}, quota {found.quota} a day"
    return "\n".join([head, *rows, tail, *(found.faults or ["Every promise is kept."])])


async def play(folder: Path, leads: int, *, kills: int, seed: int) -> Shares:
    """Take everybody in while things are killed, wait till Temporal has heard it all, then count."""
    began, quota = time.monotonic(), max(1, round(leads * _QUOTA_SHARE))
    stage = Stage(folder=folder, leads=folder / "none.csv", publishes=lambda drawn: _with_team(drawn, quota))
    async with running(stage) as parts:
        env = environment(parts.settings)
        takers = [
            Command(
                f"taker-{no}", ["-m", "benchmarks.chaos.asking", str(no), str(leads), str(_TAKERS)],
                env=env, log=folder / f"taker-{no}.log",
            )
            for no in range(_TAKERS)
        ]  # fmt: skip
        await asyncio.gather(*(taker.start() for taker in takers))
        try:
            struck = await _until_all(parts, takers, leads, kills=kills, seed=seed)
        finally:
            await asyncio.gather(*(taker.stop() for taker in takers))
        return await _count(parts.settings, leads, quota=quota, kills=struck, began=began)


def _with_team(definition: Definition, quota: int) -> Definition:
    members = tuple(each.but(a_day=quota) if each.owner == _ON_QUOTA else each for each in TEAM)
    routing = Routing(
        manager=definition.routing.manager,
        default_pool=definition.routing.default_pool,
        pools={"team": Pool(means="Whoever is called by turns", share="weighted", members=members)},
        rules=(RoutingRule(name="the team", pool="team"),),
    )
    return definition.but(routing=routing)


async def _until_all(parts: Parts, takers: list[Command], leads: int, *, kills: int, seed: int) -> int:
    """Kill takers and workers by turns, send one owner away and back; return when everything is in and heard."""
    chance = Random(seed)
    victims = [*takers, *parts.workers] * kills
    chance.shuffle(victims)
    planned, acts = len(victims), _absence(leads)
    before, changed = (-1, -1), time.monotonic()
    while (now := await _progress(parts.settings)) != (leads, 0) or victims:
        if now != before:
            before, changed = now, time.monotonic()
            print(f"{now[0]} of {leads} handed over, {now[1]} wake-ups waiting", file=sys.stderr, flush=True)
        if time.monotonic() - changed > _PATIENCE:
            break
        while acts and now[0] >= acts[0][0]:
            await _away(parts.settings, is_away=acts.pop(0)[1])
        if victims and now[0] >= leads * (planned - len(victims)) / (planned + 1):
            victim = victims.pop()
            await victim.die()
            await asyncio.sleep(chance.uniform(0, 0.5))
            await victim.start()
        await asyncio.sleep(0.2)
    return planned - len(victims)


def _absence(leads: int) -> list[tuple[float, bool]]:
    return [(leads * _AWAY_FROM, True), (leads * _AWAY_UNTIL, False)]


async def _away(settings: Settings, *, is_away: bool) -> None:
    """Away for a year, or back at once: the same absence with another end."""
    async with opened(settings) as house, house.db.transaction() as tx:
        at = house.now()
        begin = at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
        until = at + timedelta(days=365) if is_away else at
        await owners.be_away(tx, _AWAY, from_at=begin, until_at=until, by="greta-lindqvist", at=at)


async def _progress(settings: Settings) -> tuple[int, int]:
    """Hand-offs there are, and wake-ups Temporal hasn't got."""
    rows = await _rows(
        settings,
        "SELECT (SELECT count(*) FROM hand_off) AS handed, "
        "(SELECT count(*) FROM outbox WHERE wall_relayed_at IS NULL) AS waiting",
    )
    return rows[0]["handed"], rows[0]["waiting"]


async def _count(settings: Settings, leads: int, *, quota: int, kills: int, began: float) -> Shares:
    got = {
        row["handle"]: row["count"]
        for row in await _rows(
            settings,
            "SELECT o.handle, count(*) FROM assignment a JOIN owner o USING (owner_id) WHERE a.no = 1 GROUP BY 1",
        )
    }
    turns = await _rows(settings, "SELECT owner, given, due FROM pool_turn WHERE pool = 'team'")
    async with opened(settings) as house, house.db.read() as tx:
        unowned = len(await stuck.unowned(tx, book=await published.book(tx)))
    handed, unheard = await _progress(settings)
    return Shares(
        leads=leads,
        handed=handed,
        unowned=unowned,
        unheard=unheard,
        kills=kills,
        seconds=time.monotonic() - began,
        got=got,
        due={row["owner"]: row["due"] for row in turns},
        quota=quota,
        counted_twice=sum(abs(row["given"] - got.get(row["owner"], 0)) for row in turns),
    )


async def _rows(settings: Settings, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(settings.database_url)
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()
