"""When is what came back true of everybody? Then a template stops, or a provider is left alone (mail.md §3).

One mail that is called spam, or too big, is about that mail. Several of the same kind in a short time, and a part of
all that went, are about the template, or about us at that provider.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from leadloom.domain.definitions.delivery_policy import Provider
from leadloom.domain.mails.routes import Group
from leadloom.domain.model import Instant, LeadId, MessageId, Value
from leadloom.domain.returns.kind import Kind, Reason
from leadloom.domain.returns.policy import Effect, effect_of

TEMPLATE_WITHIN = timedelta(days=1)
TEMPLATE_LEADS, TEMPLATE_DOMAINS, TEMPLATE_SHARE = 3, 2, 0.2
"""So many people, at so many domains, and so much of what went: one strict firm stops nobody's mail."""
GROUP_WITHIN = timedelta(hours=1)
GROUP_MAILS, GROUP_SHARE = 5, 0.05
"""So many mails came back, and so much of what went to the provider over the relay."""
GROUP_RESTS = timedelta(minutes=90)
"""How long a provider is left alone the first time: KumoMTA's rules slow down for as long."""


class AgainstUs(Value):
    """A mail that came back for what we are or what it is, not for who it was to."""

    message_id: MessageId
    lead_id: LeadId
    template_hash: str
    relay: str | None
    to_domain: str
    reason: Reason
    via: str
    at: Instant


def suspects(came: Iterable[AgainstUs], *, resumed: Mapping[str, datetime]) -> dict[str, Sequence[AgainstUs]]:
    """Templates (by hash) that enough people at enough domains refused for what they are, since each was resumed."""
    by_hash: dict[str, dict[LeadId, AgainstUs]] = {}
    for each in came:
        since = resumed.get(each.template_hash)
        if effect_of(Kind.BOUNCE, each.reason) is Effect.TEMPLATE_FAULT and (since is None or each.at > since):
            by_hash.setdefault(each.template_hash, {})[each.lead_id] = each
    return {
        name: tuple(some.values())
        for name, some in by_hash.items()
        if len(some) >= TEMPLATE_LEADS and len({each.to_domain for each in some.values()}) >= TEMPLATE_DOMAINS
    }


def is_at_fault(refused: int, sent: int) -> bool:
    """Whether so many of so many say that it is the template."""
    return refused >= TEMPLATE_SHARE * max(sent, refused)


def slowed(
    came: Iterable[AgainstUs], *, provider_of: Callable[[str], Provider], tried: Mapping[str, datetime]
) -> dict[Group, Sequence[AgainstUs]]:
    """Providers that sent enough mails back against us, by relay, since an operator had the relay tried again.

    What a relay said at once isn't counted: the lane has heard it. Nor are `others`: they are many firms, each of its
    own mind.
    """
    groups: dict[Group, dict[MessageId, AgainstUs]] = {}
    for each in came:
        provider = provider_of(each.to_domain)
        is_later = each.relay is not None and (each.relay not in tried or each.at > tried[each.relay])
        if (
            is_later and each.relay is not None and provider != "others" and each.via != "smtp"
            and effect_of(Kind.BOUNCE, each.reason) is Effect.SLOW_GROUP
        ):  # fmt: skip
            groups.setdefault((each.relay, provider), {})[each.message_id] = each
    return {group: tuple(some.values()) for group, some in groups.items() if len(some) >= GROUP_MAILS}


def is_slowed(returned: int, sent: int) -> bool:
    """Whether so many of so many say that the provider wants less of us."""
    return returned >= GROUP_SHARE * max(sent, returned)
