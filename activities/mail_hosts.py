"""What asks DNS who takes in the mail that goes soon: a sweep, so that no mail waits for an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from temporalio import activity

from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import AsksMx, Tools
from leadloom.domain.errors import Unreachable
from leadloom.domain.mails.mail_hosts import is_asked_about, told_by_name
from leadloom.store import mail_hosts
from leadloom.store.mail_hosts import Asked

MOST = 200
"""Domains of one sweep; the next comes within a minute."""
_AT_ONCE = 10
_SHORTEST, _LONGEST = timedelta(hours=1), timedelta(days=7)
"""Between these a record's time to live is believed."""
_AGAIN = timedelta(hours=1)
"""When DNS is asked anew that gave no answer."""


class MailHostEffects:
    """Effects about who takes mail in."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def ask_mail_hosts(self, look: Look) -> int:
        """Ask DNS about domains of mail that goes soon, and keep what it said. Safe to repeat: it is asked anew later.

        Answers about how many something is known now that wasn't. No transaction is open while DNS thinks.
        """
        tools = self._tools
        if tools.mx is None:
            return 0
        wall_at = tools.wall_now()
        async with tools.db.transaction() as tx:
            await mail_hosts.forget(tx, wall_at=wall_at)
            domains = await mail_hosts.to_ask(tx, at=look.at, wall_at=wall_at, most=MOST)
        if not domains:
            return 0
        answers = await _asked(tools.mx, domains, wall_at)
        async with tools.db.transaction() as tx:
            return (await mail_hosts.keep(tx, answers, at=look.at, wall_at=wall_at)).asked


async def _asked(mx: AsksMx, domains: Sequence[str], wall_at: datetime) -> list[Asked]:
    """What came of asking, a few at a time; a DNS that is away is left alone until the next sweep."""
    answers = [_by_name(domain, wall_at + _LONGEST) for domain in domains if not is_asked_about(domain)]
    asked = [domain for domain in domains if is_asked_about(domain)]
    for start in range(0, len(asked), _AT_ONCE):
        said = await asyncio.gather(*(_one(mx, domain, wall_at) for domain in asked[start : start + _AT_ONCE]))
        answers += said
        if all(each.failure is not None for each in said):
            break
    return answers


async def _one(mx: AsksMx, domain: str, wall_at: datetime) -> Asked:
    try:
        said = await mx.of(domain)
    except Unreachable as away:
        return _by_name(domain, wall_at + _AGAIN, failure=str(away)[:300])
    lives = min(max(said.lives, _SHORTEST), _LONGEST)
    return Asked(**vars(said.mail_host), exchanges=said.exchanges, wall_until=wall_at + lives)


def _by_name(domain: str, until: datetime, *, failure: str | None = None) -> Asked:
    return Asked(**vars(told_by_name(domain)), wall_until=until, failure=failure)
