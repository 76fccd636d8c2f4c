"""Which mails go to nobody because several sent them back, and how does one go on? Part of the deliverability page."""

from __future__ import annotations

from urllib.parse import urlencode

from leadloom.domain.model import Instant, Value
from leadloom.store import deliverability, group_faults
from leadloom.store.tx import Tx
from leadloom.web.console._figures import Figure


class Stopped(Value):
    """A template nothing is sent of."""

    template_hash: str
    name: str
    """Its journey and mail."""
    journey: str
    """Where its page is; empty when nothing published is of that hash any more."""
    why: str
    stopped_at: Instant
    sent: Figure
    bounced: Figure
    kept: Figure


async def stopped(tx: Tx) -> tuple[Stopped, ...]:
    """All that are stopped now, the latest first."""
    mails = await deliverability.of_stopped_templates(tx)
    return tuple(
        Stopped(
            template_hash=each.template_hash,
            name=each.name or f"a template no longer published ({each.template_hash[:12]})",
            journey=each.name.partition("/")[0],
            why=each.why,
            stopped_at=each.stopped_at,
            sent=_mails(mails[each.template_hash].sent, each.template_hash, status="sent"),
            bounced=_returns(mails[each.template_hash].bounced, each.template_hash),
            kept=_mails(mails[each.template_hash].kept, each.template_hash, kept="template_stopped"),
        )
        for each in await group_faults.every(tx)
        if each.stopped_at is not None and each.template_hash in mails
    )


def _mails(number: int, template: str, **said: str) -> Figure:
    return Figure(number=number, href=f"/rows/mails?{urlencode({'template': template, 'to': 'lead', **said})}")


def _returns(number: int, template: str) -> Figure:
    return Figure(number=number, href=f"/rows/returns?{urlencode({'template': template, 'kind': 'bounce'})}")
