"""When does what break? A seeded plan: every kill and fault has its place in the run, at a random phase."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from benchmarks.chaos.relay_log import FOR_A_TIME, Fault, Order
from leadloom.domain.model import Value

_FIRST, _LAST = 0.01, 0.92
"""Nothing breaks before the first mails, nor so late that nobody would notice."""
_LONGEST_PHASE = 0.4
"""Seconds by which a strike misses the mail it waited for: between any two steps of anything."""


class Kill(Value):
    """SIGKILL to a part, which is started again after a while."""

    part: str
    down_s: float
    """How long it stays away."""
    between_claim_and_mark: bool = False
    """Only when the relay keeps mails waiting that are claimed and not marked."""


class Strike(Value):
    """One thing that breaks."""

    after: float
    """The share of all mails that has been accepted when it happens."""
    phase_s: float
    """How much later than that mail."""
    what: Kill | Order


def plan(seed: int, *, parts: Sequence[str], kills: int, faults: Sequence[Fault], times: int) -> list[Strike]:
    """`kills` kills of each part and each fault `times` times, spread evenly over the run and jittered, in order."""
    chance = Random(seed)
    strikes: list[Strike] = []
    for part in parts:
        for after in _spread(chance, kills):
            strikes.append(_strike(chance, after, Kill(part=part, down_s=round(chance.uniform(0.0, 2.5), 2))))
    for fault in faults:
        for after in _spread(chance, times):
            strikes.append(_strike(chance, after, _order(chance, fault)))
    return sorted(strikes, key=lambda strike: strike.after)


def _spread(chance: Random, count: int) -> list[float]:
    """`count` places in the run: one in each of as many equal parts of it."""
    width = (_LAST - _FIRST) / max(count, 1)
    return [_FIRST + width * (place + chance.random()) for place in range(count)]


def _strike(chance: Random, after: float, what: Kill | Order) -> Strike:
    return Strike(after=after, phase_s=round(chance.uniform(0, _LONGEST_PHASE), 3), what=what)


def _order(chance: Random, fault: Fault) -> Order:
    if fault in FOR_A_TIME:
        seconds = round(chance.uniform(1.0, 4.0), 2)
        return Order(fault=fault, seconds=seconds, at=chance.choice(("mail", "rcpt", "dot")))
    return Order(fault=fault, mails=chance.randint(1, 4))
