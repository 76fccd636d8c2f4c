"""Do people call the mail of a sender domain spam? Counted over the last days; too many of them stop it."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import NotFound
from leadloom.domain.mails.complaints import verdict_of
from leadloom.domain.model import Instant, Value
from leadloom.store.tx import Tx


class SenderDomain(Value):
    """A sender domain, as last counted."""

    domain: str
    sent: int
    complaints: int
    looked_at: Instant
    alarm_since: Instant | None
    stopped_at: Instant | None
    """Since when no mail that may wait leaves from it."""
    forgiven_at: Instant | None
    """When an operator let it go on; older mails count no more."""


async def every(tx: Tx) -> tuple[SenderDomain, ...]:
    """All that were ever counted, by name."""
    return tuple(SenderDomain(**row) for row in await tx.all("all_sender_domains"))


async def look(tx: Tx, *, definition: Definition, at: datetime) -> int:
    """Count each sender domain anew, raise or end its alarm, stop it; answers how many stand stopped. Twice is fine."""
    policy = definition.mail.delivery.complaints
    known = {each.domain: each for each in await every(tx)}
    if not known and not await tx.value("any_complaint_since", since=at - policy.within):
        return 0
    classes: dict[str, list[str]] = {}
    for mail_class in definition.mail.classes:
        classes.setdefault(definition.mail.domain_of(mail_class), []).append(mail_class)
    stopped = 0
    for domain, of_domain in sorted(classes.items()):
        before = known.get(domain)
        forgiven = before.forgiven_at if before else None
        rows = await tx.all("complaint_counts", since=at - policy.within, forgiven_at=forgiven, classes=of_domain)
        sent, complaints = sum(row["sent"] for row in rows), sum(row["complaints"] for row in rows)
        verdict = verdict_of(sent, complaints, policy)
        stops = verdict == "stop"
        await tx.run(
            "keep_sender_domain", domain=domain, sent=sent, complaints=complaints, alarms=verdict != "fine",
            stops=stops, at=at,
        )  # fmt: skip
        stopped += stops or bool(before and before.stopped_at)
    return stopped


async def resume(tx: Tx, domain: str, *, at: datetime) -> None:
    """Let a stopped domain go on; what was sent before counts no more. Raises NotFound."""
    if await tx.maybe("resume_sender_domain", domain=domain, at=at) is None:
        raise NotFound("sender domain", domain)
