"""How many mails may be on their way to one host at once, and how many may one connection carry there?"""

from __future__ import annotations

from typing import NamedTuple

from leadloom.domain.definitions.delivery_policy import DeliveryPolicy, Provider


class Limit(NamedTuple):
    """What holds for the mails of one relay to one host."""

    at_once: int
    per_connection: int | None
    """None: the relay's own connections carry them on, and ours say nothing to the host."""


def limit_of(delivery: DeliveryPolicy, relay: str, provider: Provider) -> Limit | None:
    """The limit of mails over that relay to a host of that provider; None without one (decision 0039).

    A relay that queues what it takes keeps firms' hosts apart itself: there only the large providers count.
    """
    declared = delivery.connections.get(provider)
    passes_on = _passes_on(delivery, relay)
    if declared is None or (provider == "others" and not passes_on):
        return None
    return Limit(declared.at_once, declared.mails if passes_on else None)


def _passes_on(delivery: DeliveryPolicy, relay: str) -> bool:
    return any(each.passes_on for each in delivery.relays if each.name == relay)
