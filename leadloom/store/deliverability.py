"""How is our mail received: by class and host, by what came back, by what waits? Counts over rows, nothing kept."""

from __future__ import annotations

from datetime import date, datetime

from leadloom.domain.mails.pace import KeptBy
from leadloom.domain.model import Instant, Value
from leadloom.store.tx import Tx


class Received(Value):
    """Mails to leads of one class to one host of mailboxes."""

    mail_class: str
    host: str
    """What stands behind the @, in lower case."""
    sent: int
    refused: int
    """Refused for good in the relay's own dialogue; not part of `sent`."""
    bounced: int
    """Of `sent`: a bounce came back for it."""
    complained: int
    """Of `sent`: its reader called it spam."""


class CameBackCount(Value):
    """Things of one kind that came back."""

    kind: str
    reason: str | None
    count: int
    asking: int
    """How many of them a person should look at."""


class Waiting(Value):
    """Due mails that wait, by what keeps them."""

    kept_why: KeptBy
    count: int
    next_at: Instant


async def received(tx: Tx, *, since: datetime) -> tuple[Received, ...]:
    """What was sent or refused since, to leads only, by class and host."""
    return tuple(Received(**row) for row in await tx.all("mails_received", since=since))


async def hosts(tx: Tx) -> tuple[str, ...]:
    """Every host that mails to leads are for, whether they went or not."""
    return tuple(row["host"] for row in await tx.all("hosts_of_readers"))


async def came_back(tx: Tx, *, since: datetime) -> tuple[CameBackCount, ...]:
    """Most frequent first."""
    return tuple(CameBackCount(**row) for row in await tx.all("what_came_back", since=since))


async def warmed(tx: Tx, *, day: date) -> dict[str, int]:
    """Sender domain → what it sent on that day of its warm-up, by the company's local day."""
    return {row["domain"]: row["sent"] for row in await tx.all("warm_up_so_far", day=day)}


async def waiting(tx: Tx) -> tuple[Waiting, ...]:
    """What waits now."""
    return tuple(Waiting(**row) for row in await tx.all("waiting_by_kept"))


class OpenMails(Value):
    """Mails to leads at one domain that aren't settled."""

    domain: str
    under_way: int
    """Between claim and outcome at this moment."""
    planned: int


async def open_mails(tx: Tx) -> tuple[OpenMails, ...]:
    """What isn't settled, by domain."""
    return tuple(OpenMails(**row) for row in await tx.all("open_mails_by_domain"))


class MailsOfTemplate(Value):
    """Mails of a template that is stopped, as the lists behind these numbers count them."""

    template_hash: str
    sent: int
    kept: int
    """Due, and kept back because it is stopped."""
    bounced: int
    """Bounces of it, for whatever reason."""


async def of_stopped_templates(tx: Tx) -> dict[str, MailsOfTemplate]:
    """By hash, of templates that are stopped now."""
    return {row["template_hash"]: MailsOfTemplate(**row) for row in await tx.all("mails_of_stopped_templates")}
