"""Will mailbox providers take our mail? What DNS, the relay, the public address and our own rows say, with each cure.

The rules are Gmail's, Yahoo's and Microsoft's of 2024 and 2025 (mail.md §1). Looking changes nothing.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadloom.domain.definitions.delivery_policy import MAIN, Complaints
from leadloom.domain.definitions.mail_policy import MailPolicy
from leadloom.domain.errors import BadInput, NotFound, Unreachable
from leadloom.domain.finding import Finding
from leadloom.domain.mails.mail_hosts import Hosting
from leadloom.mail.relay import Relay
from leadloom.runtime.dns import Dns
from leadloom.runtime.doctor_of_domains import examine_domain
from leadloom.runtime.doctor_of_ways import examine_page, examine_reverse, examine_tls, find_relays
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import signatory_of
from leadloom.store import mail_health, mail_hosts, published
from leadloom.store.db import Db
from leadloom.store.mail_health import HealthOfSome, MailHealth

SPANS = (timedelta(days=7), timedelta(days=30))
BOUNCES = (0.02, 0.05)
"""Shares that warn and fail: a list that was kept has less than 2 %."""


@dataclass(frozen=True)
class Look:
    """What is asked, and where."""

    settings: Settings
    dns: Dns
    at: datetime
    """Business time."""
    domains: tuple[str, ...] = ()
    """Sender domains to look at; none are those of the definition in force."""
    selectors: tuple[str, ...] = ()
    """The relay's, when it signs: nobody can ask DNS for all there are."""
    trust: ssl.SSLContext | None = None
    """For a relay or console with a certificate of their own authority."""


async def examine_mail(look: Look) -> tuple[Finding, ...]:
    """Look at everything, whatever is away."""
    try:
        signatory, relays = signatory_of(look.settings), _relays(look.settings)
    except BadInput as error:
        fix = "Workers don't start until it is mended."
        return (Finding(what="settings of mail", verdict="fail", says=str(error), fix=fix),)
    policy, rates = await _from_rows(look)
    addresses, found = await find_relays(look.dns, relays)
    for domain in look.domains or _domains(policy):
        sending = [one for name in _may_send(policy, domain, relays) for one in addresses.get(name, ())]
        found += await examine_domain(look.dns, domain, signatory, selectors=look.selectors, addresses=sending)
    for address in sorted({one for several in addresses.values() for one in several}):
        found.append(await examine_reverse(look.dns, address))
    found += [await examine_tls(name, relay, look.trust) for name, relay in relays.items()]
    found.append(await examine_page(look.settings, look.trust))
    return (*found, *rates)


def _relays(settings: Settings) -> dict[str, Relay]:
    """Every relay by its name. Raises BadInput."""
    main = {MAIN: settings.smtp_url} if settings.smtp_url else {}
    return {name: Relay.from_url(url) for name, url in (main | settings.further_relays()).items()}


def _domains(policy: MailPolicy | None) -> list[str]:
    """The domains that mails of any class are sent from."""
    return sorted({policy.domain_of(each) for each in policy.classes}) if policy else []


def _may_send(policy: MailPolicy | None, domain: str, relays: Iterable[str]) -> list[str]:
    """The relays that may send for a domain; without a policy any may."""
    if policy is None:
        return list(relays)
    return [one.name for one in policy.delivery.relays if one.domains is None or domain in one.domains]


async def _from_rows(look: Look) -> tuple[MailPolicy | None, list[Finding]]:
    """The mail policy in force, and how our mail was received."""
    settings = look.settings
    try:
        if settings.database_url is None:
            raise Unreachable("Postgres", "DATABASE_URL", "it is not set, and no local stack runs")
        db = await Db.open(settings.database_url, size=1)
        try:
            async with db.read() as tx:
                book = await published.book(tx)
                policy = book.definition.mail
                spans = [
                    (span, await mail_health.mail_health(tx, since=look.at - span, until=look.at)) for span in SPANS
                ]
                week = await mail_health.of_each(tx, since=look.at - SPANS[0], until=look.at)
                hosting = await mail_hosts.hosting(tx, book.definition, {each.to_domain for each in week})
        finally:
            await db.close()
    except (Unreachable, NotFound) as error:
        fix = "Name the database in DATABASE_URL and publish a definition; or name what to look at: --domain."
        verdict = "warn" if look.domains else "fail"
        return None, [Finding(what="definition and rows", verdict=verdict, says=str(error), fix=fix)]
    found = [finding for span, health in spans for finding in _rates(span, health, policy.delivery.complaints)]
    return policy, [*found, *_rates_of_groups(week, policy, hosting)]


def _rates_of_groups(week: Sequence[HealthOfSome], policy: MailPolicy, hosting: Hosting) -> list[Finding]:
    """Complaints apart by sender domain and by provider: each keeps its own book on us (mail.md §1)."""
    groups: dict[str, list[HealthOfSome]] = {}
    for each in week:
        if each.mail_class in policy.classes:
            groups.setdefault(f"from {policy.domain_of(each.mail_class)}", []).append(each)
        groups.setdefault(f"to {hosting.provider(each.to_domain)}", []).append(each)
    complaints = policy.delivery.complaints
    return [
        _rate(
            f"complaints {name}, {SPANS[0].days} days",
            sum(each.complained for each in some),
            sum(each.sent for each in some),
            (complaints.alarm, complaints.stop),
            least=complaints.of_at_least,
            fix="See which mails they were: python starter.py mail returns list --kind complaint; send those to fewer.",
        )
        for name, some in sorted(groups.items())
    ]


def _rates(span: timedelta, health: MailHealth, complaints: Complaints) -> list[Finding]:
    mend = "See who complains and why: python starter.py campaigns list; pause what they got."
    clean = "Stop mailing who has bounced before, and old lists: python starter.py campaigns list."
    bounds = (complaints.alarm, complaints.stop)
    least = complaints.of_at_least
    return [
        _rate(f"complaints, {span.days} days", health.complained, health.sent, bounds, least=least, fix=mend),
        _rate(f"bounces, {span.days} days", health.bounced, health.sent, BOUNCES, least=least, fix=clean),
    ]


def _rate(what: str, count: int, sent: int, bounds: tuple[float, float], *, least: int, fix: str) -> Finding:
    says = f"{count} of {sent} mails" + (f", {count / sent:.2%}" if sent else "")
    if sent < least:
        return Finding(what=what, verdict="ok", says=f"{says}: too few to tell")
    warns, fails = bounds
    says += f" (warns at {warns:.1%}, fails at {fails:.1%})"
    verdict = "fail" if count / sent >= fails else "warn" if count / sent >= warns else "ok"
    return Finding(what=what, verdict=verdict, says=says, fix="" if verdict == "ok" else fix)
