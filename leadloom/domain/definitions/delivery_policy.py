"""What does the definition say about how fast mail goes, and which way? Relays, rates, warm-up, pace, complaints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import Value

Provider = Literal["google", "microsoft", "yahoo", "apple", "others"]
"""Who takes the mail in: the large ones judge a sender by all it sends them."""

MAIN = "main"
"""The relay of SMTP_URL."""


class WarmUp(Value):
    """How many mails a day a young sending domain may send, until nobody counts any more."""

    from_: date = Field(alias="from")
    """The company's local day from which on what it sends counts."""
    per_day: tuple[int, ...]
    """Sending day by sending day; after the last there is no limit."""

    def limit(self, sent_before: Sequence[int]) -> int | None:
        """What may go today, by what went on each earlier day, oldest first; None without limit.

        A day counts that used at least half of its number: providers learn from mail, and nothing goes at weekends.
        """
        reached = 0
        for sent in sent_before:
            if reached < len(self.per_day) and 2 * sent >= self.per_day[reached]:
                reached += 1
        return self.per_day[reached] if reached < len(self.per_day) else None


class Pace(Value):
    """At most `count` within `within`, spread evenly once that many went at a stroke."""

    count: int
    within: Span


class Connections(Value):
    """What a provider bears of one sender at a time."""

    at_once: int
    """Mails on their way to it at once, from each worker."""
    mails: int = 100
    """Mails of one connection, over a relay that passes on."""


class RelayPolicy(Value):
    """A relay that may be used; earlier ones first. Its address is a setting, by its name."""

    name: str
    domains: tuple[str, ...] | None = None
    """Sender domains it may send for; None is all."""
    passes_on: bool = False
    """It speaks to the recipient's host while we wait, as a proxy or an MX does; else it queues what it takes."""


class Complaints(Value):
    """When people's complaints say stop, for each sender domain."""

    alarm: float = 0.001
    """Above this share of its mails. Google and Yahoo ask senders to stay below 0.1 %."""
    stop: float = 0.003
    """From 0.3 % on they refuse."""
    within: Span = timedelta(days=7)
    of_at_least: int = 300
    """Fewer mails say nothing."""


class DeliveryPolicy(Value):
    """How fast mail goes, and which way."""

    relays: tuple[RelayPolicy, ...] = (RelayPolicy(name=MAIN),)
    domains: Mapping[str, str] = {}
    """Message class → the subdomain it is sent from; else mail.from_domain."""
    per_second: Mapping[Provider, float] = {}
    """Mails a second to a provider, over each relay; without one there is no limit but the lane's."""
    connections: Mapping[Provider, Connections] = {}
    """To a provider over each relay; of `others` to each host, over relays that pass on."""
    hosted: Mapping[str, Provider] = {}
    """Recipient domains whose mailboxes a provider hosts, whatever their MX says."""
    per_recipient_domain: Pace | None = None
    """To one firm. Free mail domains are no firm."""
    per_gateway: Pace | None = None
    """To all firms behind one mail gateway, or all domains of a firm that share an exchange, as their MX says."""
    warm_up: Mapping[str, WarmUp] = {}
    """By sender domain."""
    complaints: Complaints = Complaints()
