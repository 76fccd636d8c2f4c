"""Is somebody we heard of a person we know? Looked at behind the captures: sure pairs become one, likely ones wait."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.lead import Lead
from leadloom.domain.model import LeadId, Value
from leadloom.domain.people.blocking import keys_of
from leadloom.domain.people.comparing import compare, in_words
from leadloom.domain.people.person import Person, person_of
from leadloom.domain.people.sure import names_of, surely
from leadloom.domain.people.weights import assumed, odds
from leadloom.store import merging
from leadloom.store.merging import MergeOrder
from leadloom.store.published import Book
from leadloom.store.standing import lead_of
from leadloom.store.tx import Tx

PAGE = 50
"""Leads looked at in one transaction: each may be compared with as many others."""
_MOST_ALIKE = 60
"""Leads with one key beyond which the key tells nobody apart."""


class Looked(Value):
    """What one page came to."""

    leads: int
    merged: int
    suggested: int


async def look(tx: Tx, *, book: Book, at: datetime, limit: int = PAGE) -> Looked:
    """Compare the next leads of which something new is known with all others that share a key.

    Safe to repeat and to kill: a lead leaves the list in the transaction that looked at it. Raises nothing of its own.
    """
    due: set[LeadId] = {row["lead_id"] for row in await tx.all("take_leads_to_match", page_limit=limit)}
    merged = suggested = 0
    for lead_id in sorted(due):
        row = await tx.maybe("lead_by_id", lead_id=lead_id)
        if row is None:
            continue  # erased, or merged meanwhile
        found = await _alike(tx, lead_of(row), book)
        done = await _merge_sure(tx, lead_of(row), found, book=book, at=at)
        merged += done
        suggested += 0 if done else await _suggest(tx, lead_of(row), found, book=book, at=at)
    return Looked(leads=len(due), merged=merged, suggested=suggested)


async def _alike(tx: Tx, lead: Lead, book: Book) -> list[Lead]:
    keys = sorted({*keys_of(_person(lead, book)), *_sure_keys(lead, book)})
    await tx.run("forget_keys_of_match", lead_id=lead.lead_id)
    await tx.run("keep_keys_of_match", lead_id=lead.lead_id, keys=keys)
    rows = await tx.all("leads_alike", lead_id=lead.lead_id, keys=keys, most=_MOST_ALIKE)
    return [lead_of(row) for row in rows]


def _sure_keys(lead: Lead, book: Book) -> set[str]:
    names = names_of(book.definition.one_person, lead)
    said = {f"mailbox {names.mailbox}" if names.mailbox else "", f"number {names.phone}" if names.phone else ""}
    return said - {""}


async def _merge_sure(tx: Tx, lead: Lead, found: list[Lead], *, book: Book, at: datetime) -> int:
    rules = book.definition.one_person
    mine = names_of(rules, lead)
    for other in found:
        theirs = names_of(rules, other)
        shared: int = await tx.value("leads_with_key", key=f"number {mine.phone}")
        rule = surely(rules, mine, theirs, leads_with_phone=shared)
        if rule is not None:
            order = MergeOrder(one=lead.lead_id, other=other.lead_id, by="system", why=rule, rule=rule)
            await merging.merge(tx, order, book=book, at=at)
            return 1
    return 0


async def _suggest(tx: Tx, lead: Lead, found: list[Lead], *, book: Book, at: datetime) -> int:
    weights = assumed(await tx.value("leads_about"))
    mine = _person(lead, book)
    suggested = 0
    for other in found:
        alike = compare(mine, _person(other, book))
        bits = odds(weights, alike, mine).bits
        if bits >= book.definition.one_person.suggest_from:
            pair = {"lead_id": lead.lead_id, "other_id": other.lead_id}
            suggested += await tx.run("suggest", **pair, bits=round(bits, 2), reasons=list(in_words(alike)), at=at)
    return suggested


def _person(lead: Lead, book: Book) -> Person:
    told = {field: getattr(lead, field) or "" for field in ("first_name", "last_name", "email", "company")}
    kept = {name: str(lead.attributes[name]) for name in ("street", "city", "state", "postal_code", "born") if
            lead.attributes.get(name)}  # fmt: skip
    phone = names_of(book.definition.one_person, lead).phone or ""
    return person_of(str(lead.lead_id), {**told, **kept}, phone=phone)
