"""Over which relay does a mail go? The first that may send for its sender domain and isn't left alone just now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from leadloom.domain.definitions.delivery_policy import Provider, RelayPolicy

Whole = Literal["*"]
"""All providers of a relay: the relay itself takes nothing."""
Group = tuple[str, Provider | Whole]
"""A relay and whom it delivers to."""


def route_of(
    relays: Sequence[RelayPolicy],
    to: tuple[str, Provider],
    *,
    known: Collection[str],
    rests: Mapping[Group, datetime],
    at: datetime,
) -> str | datetime | None:
    """The relay's name; when all rest, the first instant at which one is asked again; None when none may ever.

    `to` is the sender's domain and the recipient's provider. `known` are the relays this worker has an address of.
    """
    domain, provider = to
    may = [each for each in relays if each.name in known and (each.domains is None or domain in each.domains)]
    until: datetime | None = None
    for relay in may:
        waits = [rests[group] for group in _groups(relay.name, provider) if rests.get(group, at) > at]
        if not waits:
            return relay.name
        until = max(waits) if until is None else min(until, max(waits))
    return until


def _groups(relay: str, provider: Provider) -> tuple[Group, Group]:
    return (relay, "*"), (relay, provider)
