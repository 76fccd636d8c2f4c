"""Who can be asked about companies, and how is one asked? Providers are found where they lie: a module's `ENRICHER`."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from temporalio import activity

import activities
from activities.answers import Look
from activities.timing import names_failures, sweep
from activities.tools import Tools
from leadloom.domain.companies.enriching import AskedCompany, Change, Told, is_skipped
from leadloom.domain.definitions.enrichment import CompanyField, Enrichment
from leadloom.domain.errors import BadInput, Conflict, Faulty, LeadloomError
from leadloom.domain.model import AccountId
from leadloom.store import accounts, enrichments, published
from leadloom.store.db import Db
from leadloom.store.enrichments import Question

PATIENCE = timedelta(seconds=20)
"""How long one question may take, wall time."""


@runtime_checkable
class Enricher(Protocol):
    """A provider that knows something of companies."""

    name: str
    """By which the definition takes fields from it: `enrichment.providers`."""
    gives: frozenset[CompanyField]
    asks: frozenset[str]
    """Which of `domain`, `name` and `country` it must be told; nothing else ever leaves, and no person."""

    async def look_up(self, company: AskedCompany) -> Sequence[Told]:
        """What it knows, each with the day it was so; nothing for a company it doesn't know. Raises on failure."""
        ...


def enrichers() -> dict[str, Enricher]:
    """Every provider there is, by name. Raises Faulty when two have one name."""
    found: dict[str, Enricher] = {}
    for module in pkgutil.iter_modules(activities.__path__, "activities."):
        one = getattr(importlib.import_module(module.name), "ENRICHER", None)
        if isinstance(one, Enricher):
            if one.name in found:
                raise Faulty("activities/", [f"two enrichers are called {one.name}; rename one"])
            found[one.name] = one
    return found


async def enrich(db: Db, account_id: AccountId, provider: str, *, by: str, now: Callable[[], datetime]) -> list[Change]:
    """Ask a provider about a company and take what the rules take. The question is asked outside of any transaction.

    Twice is once: what is known so already changes nothing. Raises BadInput for a provider nobody can ask, or a domain
    that is skipped; Conflict when it couldn't answer, which is kept and tried again.
    """
    async with db.read() as tx:
        policy = (await published.book(tx)).definition.enrichment
        company = await accounts.get(tx, account_id)
    one = _provider(policy, provider)
    if company is None or is_skipped(policy, company.domain):
        raise BadInput("company", str(account_id), "Nobody is asked about it: the definition skips its domain.")
    told_to = {field: getattr(company, field) for field in sorted(one.asks) if getattr(company, field) is not None}
    question = Question(account_id=account_id, provider=provider, asked_by=by, sent=tuple(told_to))
    try:
        told = await asyncio.wait_for(one.look_up(AskedCompany(**told_to)), PATIENCE.total_seconds())
    except Exception as error:
        words = str(error) if isinstance(error, LeadloomError) else type(error).__name__
        async with db.transaction() as tx:
            await enrichments.failed(tx, question, words, policy=policy, at=now())
        raise Conflict(f"{provider} couldn't answer: {words}. It is tried again, and listed.") from error
    async with db.transaction() as tx:
        return await enrichments.take(tx, question, told, policy=policy, at=now())


def _provider(policy: Enrichment, name: str) -> Enricher:
    known: Mapping[str, Enricher] = enrichers()
    if name not in policy.providers or name not in known:
        usable = sorted(policy.providers.keys() & known.keys())
        remedy = f"Known: {', '.join(usable)}." if usable else "The definition names none under enrichment: providers."
        raise BadInput("provider", name, remedy)
    return known[name]


class EnrichingEffects:
    """Effects about what providers know."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @sweep
    @activity.defn
    @names_failures
    async def enrich_companies(self, look: Look) -> int:
        """Ask about companies by ourselves, where the definition says so, as many as a minute has left; how many.

        Safe to repeat: a company that was asked about is not due again.
        """
        async with self._tools.db.read() as tx:
            policy = (await published.book(tx)).definition.enrichment
        if not policy.automatic:
            return 0
        asked = 0
        for provider in sorted(policy.providers.keys() & enrichers().keys()):
            async with self._tools.db.read() as tx:
                due = await enrichments.due(tx, policy, provider, at=look.at)
            for account_id in due:
                # A failure is kept with its reason, and one that was joined to another meanwhile is no longer due.
                with suppress(Conflict, BadInput):
                    await enrich(self._tools.db, account_id, provider, by="system", now=lambda: look.at)
                asked += 1
        return asked
