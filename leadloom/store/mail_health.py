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


async def mail_health(tx: Tx, *, since: datetime, until: datetime) -> MailHealth:
    """Counts from `since` to before `until`."""
    return MailHealth(**await tx.one("mail_health", since=since, until=until))
