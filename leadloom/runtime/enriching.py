"""Who can be asked about companies and leads, and how? Providers are found in activities/: a module's `ENRICHER`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias, runtime_checkable
from uuid import UUID

import activities
from leadloom.domain.definitions.enrichment import CompanyField, Enrichment, LeadField, LeadWord
from leadloom.domain.enrichment.asked import AskedCompany, AskedLead, Told
from leadloom.domain.enrichment.taking import Change, is_skipped
from leadloom.domain.errors import BadInput, Conflict, Faulty, LeadloomError
from leadloom.domain.model import AccountId, LeadId, Value
from leadloom.runtime import catalog
from leadloom.store import accounts, enriched, enrichments, published
from leadloom.store.db import Db
from leadloom.store.enrichments import About, Look, Question
from leadloom.store.published import Book

PATIENCE = timedelta(seconds=20)
"""How long one question may take, wall time."""
_LOOKS_FOR = timedelta(seconds=20)
"""So long a sweep asks further, wall time: other repairs wait for it."""
_AWAY_AFTER = 2
"""So many failures in a row and a provider is away: nobody else's tries are spent on it before the next look."""
_FIRST = UUID(int=0)


@runtime_checkable
class CompanyEnricher(Protocol):
    """A provider that knows something of companies."""

    name: str
    """By which the definition takes fields from it: `enrichment.providers`."""
    gives: frozenset[CompanyField]
    asks: frozenset[str]
    """Which of `domain`, `name` and `country` it must be told; nothing else ever leaves, and no person."""

    async def look_up(self, company: AskedCompany) -> Sequence[Told]:
        """What it knows, each with the day it was so; nothing for a company it doesn't know. Raises on failure."""
        ...


@runtime_checkable
class LeadEnricher(Protocol):
    """A provider that knows something of people."""

    name: str
    """By which the definition takes fields from it: `enrichment.leads`."""
    gives: frozenset[LeadField]
    asks: frozenset[LeadWord]
    """What it must be told of a person. The definition says what it may be."""

    async def look_up_lead(self, lead: AskedLead) -> Sequence[Told]:
        """What it knows, each with the day it was so; nothing for a person it doesn't know. Raises on failure."""
        ...


Enricher: TypeAlias = CompanyEnricher | LeadEnricher


class Provider(Value):
    """One that can be asked, as pages show it."""

    name: str
    fields: tuple[str, ...]
    """What it may fill."""
    asks: tuple[str, ...]
    """What it is told."""


def enrichers() -> dict[str, Enricher]:
    """Every provider there is, by name. Raises Faulty when two have one name."""
    found: dict[str, Enricher] = {}
    for module in catalog.modules(activities):
        one = getattr(module, "ENRICHER", None)
        if isinstance(one, CompanyEnricher | LeadEnricher):
            if one.name in found:
                raise Faulty("activities/", [f"two enrichers are called {one.name}; rename one"])
            found[one.name] = one
    return found


def providers(policy: Enrichment, *, of_leads: bool) -> tuple[Provider, ...]:
    """Who can be asked: an enricher that the definition names, and that asks for no more than it may be told."""
    known = enrichers()
    return tuple(
        Provider(name=name, fields=tuple(sorted(policy.rules(name, of_leads=of_leads))), asks=tuple(sorted(one.asks)))
        for name in sorted(policy.leads if of_leads else policy.providers)
        if (one := known.get(name)) is not None and _fits(policy, one, of_leads=of_leads)
    )


async def ask_company(
    db: Db, account_id: AccountId, provider: str, *, by: str, now: Callable[[], datetime]
) -> list[Change]:
    """Ask a provider about a company and take what the rules take. The question is asked outside of any transaction.

    Twice is once: what is known so already changes nothing. Raises BadInput for a provider nobody can ask, or a domain
    that is skipped; Conflict when it couldn't answer, which is kept and tried again.
    """
    async with db.read() as tx:
        book = await published.book(tx)
        company = await accounts.get(tx, account_id)
    one = _provider(book.definition.enrichment, provider, of_leads=False)
    if company is None or is_skipped(book.definition.enrichment, company.domain):
        raise BadInput("company", str(account_id), "Nobody is asked about it: the definition skips its domain.")
    assert isinstance(one, CompanyEnricher)
    sent = {field: getattr(company, field) for field in sorted(one.asks) if getattr(company, field) is not None}
    question = Question(account_id=account_id, provider=provider, asked_by=by, sent=tuple(sent))
    told = await _asked(db, question, one.look_up(AskedCompany(**sent)), book=book, now=now)
    async with db.transaction() as tx:
        return await enriched.take_company(tx, question, told, book=book, at=now())


async def ask_lead(db: Db, lead_id: LeadId, provider: str, *, by: str, now: Callable[[], datetime]) -> list[Change]:
    """The same about a lead. Raises BadInput, too, for somebody who said no, was erased, or has no address."""
    async with db.transaction() as tx:
        book = await published.book(tx)
        known_as, known = await enriched.asked_lead(tx, lead_id, book=book)
    one = _provider(book.definition.enrichment, provider, of_leads=True)
    assert isinstance(one, LeadEnricher)
    sent = {word: told for word in sorted(one.asks) if (told := getattr(known, word)) is not None}
    question = Question(lead_id=known_as, provider=provider, asked_by=by, sent=tuple(sent))
    told = await _asked(db, question, one.look_up_lead(AskedLead(**sent)), book=book, now=now)
    async with db.transaction() as tx:
        return await enriched.take_lead(tx, question, told, book=book, at=now())


async def ask_about(db: Db, about: About, provider: str, *, by: str, now: Callable[[], datetime]) -> list[Change]:
    """Ask about whichever it is. Raises what those two raise."""
    if about.lead_id is not None:
        return await ask_lead(db, about.lead_id, provider, by=by, now=now)
    assert about.account_id is not None
    return await ask_company(db, about.account_id, provider, by=by, now=now)


async def retry(db: Db, run_id: UUID, *, by: str, now: Callable[[], datetime]) -> list[Change]:
    """Ask at once what failed before. Raises NotFound; Conflict when it waits no more, or failed again."""
    async with db.transaction() as tx:
        about, provider = await enrichments.waits(tx, run_id)
    return await ask_about(db, about, provider, by=by, now=now)


@dataclass(frozen=True)
class _Place:
    """How far the sweep has asked of a provider today."""

    day: datetime
    after: UUID


class Asking:
    """Asks providers by itself: again what failed, and where the definition says so those nobody asked about."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._places: dict[tuple[str, bool], _Place] = {}
        """Kept in the process alone: without it all are looked through once more, which is no harm. A day later they
        are anyway: for those whose time has come again, and for one that was written late."""

    async def look(self, *, at: datetime) -> int:
        """Ask as many as a minute has left; how many. Safe to repeat: who was asked about is not due again."""
        async with self._db.read() as tx:
            policy = (await published.book(tx)).definition.enrichment
        asked = 0
        for of_leads in (False, True):
            for provider in providers(policy, of_leads=of_leads):
                due, then = await self._due(policy, provider.name, of_leads=of_leads, at=at)
                done = await self._ask(due, provider.name, at=at)
                if done == len(due):
                    # Else some are left behind here: the next look begins where this one did.
                    self._places[provider.name, of_leads] = then
                asked += done
        return asked

    async def _due(
        self, policy: Enrichment, provider: str, *, of_leads: bool, at: datetime
    ) -> tuple[list[About], _Place]:
        """Whom to ask about now, and where to look on when all of them were asked about."""
        place = self._places.get((provider, of_leads))
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        after = place.after if place is not None and place.day == day else _FIRST
        look = Look(provider, of_leads, after, at)
        async with self._db.read() as tx:
            room = await enrichments.room(tx, policy, look)
            found = await enrichments.due_again(tx, look, limit=room)
            if not (policy.automatic_leads if of_leads else policy.automatic) or len(found) >= room:
                return found, _Place(day, after)
            new = await enrichments.never_asked(tx, policy, look, limit=room - len(found))
            if len(found) + len(new) < room:
                # Nobody is left up to here: from now on only those who come are looked at.
                after = await enrichments.last_of(tx, of_leads=of_leads)
        return [*found, *new], _Place(day, after)

    async def _ask(self, due: Sequence[About], provider: str, *, at: datetime) -> int:
        until = asyncio.get_running_loop().time() + _LOOKS_FOR.total_seconds()
        asked = in_a_row = 0
        for about in due:
            if in_a_row >= _AWAY_AFTER or asyncio.get_running_loop().time() > until:
                break
            asked += 1
            in_a_row += 1
            # A failure is kept with its reason, and who was joined to another, or said no, is no longer due.
            with suppress(Conflict):
                try:
                    await ask_about(self._db, about, provider, by="system", now=lambda: at)
                except BadInput:
                    await self._not_asked(about, provider, at)
                in_a_row = 0
        return asked

    async def _not_asked(self, about: About, provider: str, at: datetime) -> None:
        """Nobody may ask about them any more: what failed before waits no more, and a look finds others."""
        question = Question(**about._asdict(), provider=provider, asked_by="system", sent=())
        async with self._db.transaction() as tx:
            await enrichments.keep(tx, question, "nothing", at=at)


async def _asked(
    db: Db, question: Question, answer: Awaitable[Sequence[Told]], *, book: Book, now: Callable[[], datetime]
) -> Sequence[Told]:
    try:
        return await asyncio.wait_for(answer, PATIENCE.total_seconds())
    except Exception as error:
        # Whatever a provider's file raises. A stranger's words may quote anything: only its kind is kept.
        words = str(error) if isinstance(error, LeadloomError) else type(error).__name__
        async with db.transaction() as tx:
            await enrichments.failed(tx, question, words, policy=book.definition.enrichment, at=now())
        raise Conflict(f"{question.provider} couldn't answer: {words}. It is tried again, and listed.") from error


def _provider(policy: Enrichment, name: str, *, of_leads: bool) -> Enricher:
    one = enrichers().get(name)
    if one is None or not policy.rules(name, of_leads=of_leads) or not _fits(policy, one, of_leads=of_leads):
        raise BadInput("provider", name, _remedy(policy, one, name, of_leads=of_leads))
    return one


def _fits(policy: Enrichment, one: Enricher, *, of_leads: bool) -> bool:
    """Whether it knows of such things at all, and asks for no more of a person than it may be told."""
    if not of_leads:
        return isinstance(one, CompanyEnricher)
    return isinstance(one, LeadEnricher) and one.asks <= set(policy.leads[one.name].told)


def _remedy(policy: Enrichment, one: Enricher | None, name: str, *, of_leads: bool) -> str:
    if of_leads and isinstance(one, LeadEnricher) and name in policy.leads:
        more = ", ".join(sorted(one.asks - set(policy.leads[name].told)))
        return f"It asks for {more}, which the definition doesn't let it be told: enrichment: leads: {name}: told."
    usable = [each.name for each in providers(policy, of_leads=of_leads)]
    place = "leads" if of_leads else "providers"
    return f"Known: {', '.join(usable)}." if usable else f"The definition names none under enrichment: {place}."
