"""Does what came back stop a template for everybody, or rest a provider? A sweep looks at the log of returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import NotFound
from leadloom.domain.mails.routes import Group
from leadloom.domain.model import Instant, Value
from leadloom.domain.returns.group_faults import (
    GROUP_RESTS,
    GROUP_WITHIN,
    TEMPLATE_WITHIN,
    AgainstUs,
    is_at_fault,
    is_slowed,
    slowed,
    suspects,
)
from leadloom.store import mail_hosts, routes
from leadloom.store.tx import Tx


class StoppedTemplate(Value):
    """A template that came back for what it is, as last counted."""

    template_hash: str
    name: str
    """Its journey and mail; empty when nothing published is of that hash."""
    refused: int
    """People it came back from."""
    sent: int
    why: str
    """The reasons it came back for, with how often."""
    stopped_at: Instant | None
    resumed_at: Instant | None


async def every(tx: Tx) -> tuple[StoppedTemplate, ...]:
    """All that were ever stopped, those that are first."""
    return tuple(StoppedTemplate(**row) for row in await tx.all("template_stops"))


async def resume(tx: Tx, template_hash: str, *, at: datetime) -> None:
    """Let a template go on; what came back before counts no more. Raises NotFound."""
    if await tx.maybe("resume_template", template_hash=template_hash, at=at) is None:
        raise NotFound("stopped template", template_hash)


async def look(tx: Tx, *, definition: Definition, at: datetime) -> int:
    """Stop templates and rest providers for what came back; answers how many anew. Twice is fine."""
    rows = await tx.all("returns_against_us", since=at - TEMPLATE_WITHIN)
    came = [AgainstUs(**row) for row in rows]
    if not came:
        return 0
    recent = [each for each in came if each.at >= at - GROUP_WITHIN]
    return await _templates(tx, came, at) + await _groups(tx, recent, definition, at)


async def _templates(tx: Tx, came: Sequence[AgainstUs], at: datetime) -> int:
    known = {each.template_hash: each for each in await every(tx)}
    resumed = {name: each.resumed_at for name, each in known.items() if each.resumed_at is not None}
    found = {
        name: some
        for name, some in suspects(came, resumed=resumed).items()
        if name not in known or known[name].stopped_at is None
    }
    if not found:
        return 0
    rows = await tx.all("mails_of_templates", hashes=list(found), since=at - TEMPLATE_WITHIN)
    sent = {row["template_hash"]: row["mails"] for row in rows}
    stopped = 0
    for name, some in sorted(found.items()):
        if is_at_fault(len(some), sent.get(name, 0)):
            values = {"refused": len(some), "sent": sent.get(name, 0), "why": _words(some)}
            stopped += await tx.run("stop_template", template_hash=name, at=at, **values)
    return stopped


async def _groups(tx: Tx, came: Sequence[AgainstUs], definition: Definition, at: datetime) -> int:
    relays = sorted({each.relay for each in came if each.relay is not None})
    rows = await tx.all("relays_tried_since", subjects=[f"relay {relay}" for relay in relays])
    mails = await tx.all("mails_to_domains", since=at - GROUP_WITHIN, relays=relays)
    domains = {each.to_domain for each in came} | {row["to_domain"] or "" for row in mails}
    provider_of = (await mail_hosts.hosting(tx, definition, domains)).provider
    found = slowed(came, provider_of=provider_of, tried={row["relay"]: row["at"] for row in rows})
    if not found:
        return 0
    sent: Counter[Group] = Counter()
    for row in mails:
        sent[row["relay"], provider_of(row["to_domain"] or "")] += row["mails"]
    resting = 0
    for group, some in sorted(found.items()):
        if is_slowed(len(some), sent[group]):
            why = f"{len(some)} mails of the last hour came back: {_words(some)}"
            resting += await routes.rest(tx, group, told=at + GROUP_RESTS, why=why, at=at)
    return resting


def _words(some: Sequence[AgainstUs]) -> str:
    """The reasons, as they were read: their own words may name somebody."""
    counts = Counter(each.reason for each in some)
    return ", ".join(f"{reason} ({count})" for reason, count in counts.most_common())
