"""Who takes in the mail of the domains we write to, and what is on its way there? Part of the deliverability page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.delivery_policy import DeliveryPolicy, Provider
from leadloom.domain.journeys.spans import write_span
from leadloom.domain.mails.mail_hosts import Hosting
from leadloom.domain.model import Value
from leadloom.store import deliverability, mail_hosts
from leadloom.store.deliverability import OpenMails
from leadloom.store.mail_hosts import KnownHost
from leadloom.store.tx import Tx
from leadloom.web.console._figures import Figure

MOST = 12
"""Hosts the page shows; the list behind it has all."""


class Host(Value):
    """A provider, a gateway or a firm's own exchange, and the mail for it."""

    host: str
    limits: str
    """What the definition lets go there, in words."""
    domains: Figure
    under_way: Figure
    planned: Figure


class TakenIn(Value):
    """What is known of who takes mail in."""

    hosts: tuple[Host, ...]
    """Those with most mail first."""
    domains: Figure
    """All that DNS was asked about."""
    others: int
    """Hosts that aren't shown."""
    take_none: Figure
    unanswered: Figure


async def taken_in(tx: Tx, definition: Definition) -> TakenIn:
    """All of it, as of this moment."""
    known = await mail_hosts.every(tx)
    open_mails = await deliverability.open_mails(tx)
    hosting = await mail_hosts.hosting(tx, definition, {each.domain for each in (*known, *open_mails)})
    hosts = _hosts(hosting, known, open_mails, definition.mail.delivery)
    return TakenIn(
        hosts=tuple(hosts[:MOST]),
        domains=_domains(len(known)),
        others=max(0, len(hosts) - MOST),
        take_none=_domains(sum(not each.takes_mail for each in known), state="none"),
        unanswered=_domains(sum(each.failure is not None for each in known), state="unanswered"),
    )


def _hosts(
    hosting: Hosting, known: Iterable[KnownHost], open_mails: Iterable[OpenMails], policy: DeliveryPolicy
) -> Sequence[Host]:
    domains = Counter(hosting.of(each.domain).host for each in known)
    providers: dict[str, Provider] = {}
    under_way, planned = Counter[str](), Counter[str]()
    for each in (*known, *open_mails):
        to = hosting.of(each.domain)
        providers[to.host] = to.provider
    for each in open_mails:
        host = hosting.of(each.domain).host
        under_way[host] += each.under_way
        planned[host] += each.planned
    order = sorted(providers, key=lambda host: (-under_way[host], -planned[host], -domains[host], host))
    return [
        Host(
            host=host,
            limits=limits_of(policy, providers[host]),
            domains=_domains(domains[host], host=host),
            under_way=_mails(under_way[host], host, "under-way"),
            planned=_mails(planned[host], host, "waiting"),
        )
        for host in order
    ]


def limits_of(policy: DeliveryPolicy, provider: Provider) -> str:
    """What the definition lets go to a host of that provider: at once, by a connection, a second or a minute."""
    words: list[str] = []
    passes_on = any(relay.passes_on for relay in policy.relays)
    most = policy.connections.get(provider)
    if most is not None and (provider != "others" or passes_on):
        words.append(f"{most.at_once} at once from each worker")
        words += [f"{most.mails} by a connection"] if passes_on else []
    if (per_second := policy.per_second.get(provider)) is not None:
        words.append(f"{per_second:g} a second")
    if provider == "others" and (pace := policy.per_gateway) is not None:
        words.append(f"{pace.count} within {write_span(pace.within)}")
    return " · ".join(words)


def _domains(number: int, **said: str) -> Figure:
    return Figure(number=number, href=f"/rows/mail-hosts?{urlencode(said)}" if said else "/rows/mail-hosts")


def _mails(number: int, host: str, status: str) -> Figure:
    said: Mapping[str, str] = {"host": host, "status": status, "to": "lead"}
    return Figure(number=number, href=f"/rows/mails?{urlencode(said)}")
