"""Who takes in the mail of the domains we write to? What DNS said, kept; who takes none is left alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.mails.mail_hosts import Hosting, MailHost
from leadloom.domain.model import Instant, Value
from leadloom.store import permissions, suppressions
from leadloom.store.permissions import Silence
from leadloom.store.tx import Tx, row_of

AHEAD = timedelta(hours=1)
"""DNS is asked about the mail of so long from now, in business time: sweeps come by more often."""
_KEPT = timedelta(days=30)
NULL_MX = "its MX says that it takes no mail (RFC 7505)"
"""Reason of the suppression that comes and goes with what DNS says."""


class Asked(Value):
    """What came of asking DNS about a domain."""

    domain: str
    provider: str
    host: str
    takes_mail: bool
    exchanges: tuple[str, ...] = ()
    """As DNS named them, the preferred first."""
    wall_until: Instant
    failure: str | None = None


class KnownHost(Asked):
    """What is known of a domain, with when it was asked."""

    wall_asked_at: Instant


class Changes(NamedTuple):
    """What a round of asking changed."""

    asked: int
    stopped: int
    """Domains that take no mail, as of now."""
    freed: int
    """Domains that take mail again."""


async def to_ask(tx: Tx, *, at: datetime, wall_at: datetime, most: int) -> tuple[str, ...]:
    """Domains of mail that goes soon of which nothing is known, or no longer; never asked ones first."""
    rows = await tx.all("domains_to_ask", until=at + AHEAD, wall_at=wall_at, most=most)
    return tuple(row["domain"] for row in rows)


async def known(tx: Tx, domains: Iterable[str]) -> dict[str, MailHost]:
    """What was asked about these, by domain; the others are missing."""
    wanted = sorted(set(domains))
    rows = await tx.all("mail_hosts_of", domains=wanted) if wanted else []
    return {row["domain"]: MailHost.built(**row) for row in rows}


async def hosting(tx: Tx, definition: Definition, domains: Iterable[str]) -> Hosting:
    """Who takes in the mail of these domains, in lower case."""
    return Hosting(definition.mail.delivery.hosted, await known(tx, domains))


async def every(tx: Tx) -> tuple[KnownHost, ...]:
    """All that was asked, by domain."""
    return tuple(KnownHost(**row) for row in await tx.all("every_mail_host"))


async def keep(tx: Tx, answers: Sequence[Asked], *, at: datetime, wall_at: datetime) -> Changes:
    """Keep what DNS said, and leave alone who takes no mail, as long as that is so. Twice changes nothing.

    An operator who lifts such a suppression is believed until the domain has said otherwise in between.
    """
    heard = {each.domain: each for each in answers if each.failure is None}
    before = await known(tx, heard)
    rows = [row_of(each) for each in answers]
    await tx.run("keep_mail_hosts", rows=rows, wall_at=wall_at)
    stops = [domain for domain, each in heard.items() if not each.takes_mail and _took(before, domain)]
    stopped = await permissions.suppress(
        tx, [Silence(scope="domain", value=domain, reason=NULL_MX, at=at) for domain in stops]
    )
    again = [domain for domain, each in heard.items() if each.takes_mail and not _took(before, domain)]
    freed = sum([await _free(tx, domain, at=at) for domain in again])
    return Changes(len(heard), stopped, freed)


def _took(before: Mapping[str, MailHost], domain: str) -> bool:
    return domain not in before or before[domain].takes_mail


async def _free(tx: Tx, domain: str, *, at: datetime) -> int:
    mine = [
        one
        for one in await suppressions.listed(tx, scope="domain", value=domain)
        if (one.reason, one.by) == (NULL_MX, "system")
    ]
    for one in mine:
        await permissions.lift(tx, one.suppression_id, why="its MX names a host again", by="system", at=at)
    return len(mine)


async def forget(tx: Tx, *, wall_at: datetime) -> None:
    """Drop domains that nobody was to be written to for long. Twice is fine."""
    await tx.run("forget_mail_hosts", wall_before=wall_at - _KEPT)
