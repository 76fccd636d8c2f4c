"""How chance is drawn in the example world: by a hash of the seed and a name, so that every run draws the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

SEED = "kelvance-2026"

T = TypeVar("T")


def share(*name: object) -> float:
    """A number in [0, 1) that belongs to this name for ever; independent of order, process and platform."""
    digest = hashlib.blake2b("/".join([SEED, *map(str, name)]).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def pick(options: Sequence[T], *name: object) -> T:
    """One of the options, by name."""
    return options[int(share(*name) * len(options))]


def between(low: float, high: float, *name: object) -> float:
    """A number between two, by name."""
    return low + (high - low) * share(*name)


def happens(probability: float, *name: object) -> bool:
    """Whether something of this probability happens to this name."""
    return share(*name) < probability
