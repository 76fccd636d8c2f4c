"""How well is our mail received? Counts of a span, over rows."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.model import Value
from leadloom.store.tx import Tx


class MailHealth(Value):
    """What became of the mails to leads in a span."""

    sent: int
    bounced: int
    """Leads whose mail came back for good."""
    complained: int
    """Leads who called it spam."""


class HealthOfSome(Value):
    """The mails of a class to the mailboxes of a domain."""

    mail_class: str
    to_domain: str
    """Lower case; empty of who was erased."""
    sent: int
    complained: int
    """Leads who called such a mail spam."""


async def mail_health(tx: Tx, *, since: datetime, until: datetime) -> MailHealth:
    """Counts from `since` to before `until`."""
    return MailHealth(**await tx.one("mail_health", since=since, until=until))


async def of_each(tx: Tx, *, since: datetime, until: datetime) -> tuple[HealthOfSome, ...]:
    """The same from `since` to before `until`, apart by class and recipient domain."""
    return tuple(HealthOfSome(**row) for row in await tx.all("mail_health_by", since=since, until=until))
