"""Is somebody we heard of a person we know? Looked at behind the captures: sure pairs become one, likely ones wait.

A page is read and compared together; each lead that anything follows for is written in a transaction of its own. One
that fails is listed with its reason, and holds up nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from leadloom.domain.errors import LeadloomError, Transient, Unreachable
from leadloom.domain.model import LeadId, Value
from leadloom.domain.people.matching import MOST_ALIKE, Known, Verdict, decide, keys, known
from leadloom.domain.people.weights import assumed
from leadloom.store import match_faults, merges, merging, published
from leadloom.store.db import Db
from leadloom.store.merging import MergeOrder
from leadloom.store.published import Book
from leadloom.store.standing import lead_of
from leadloom.store.tx import Tx

log = logging.getLogger(__name__)

PAGE = 200
"""Leads that are read and compared together."""

Notes = Mapping[LeadId, Sequence[str]]
"""Lead → the notes that say something new is known of them, as places in their table."""


class Looked(Value):
    """What one page came to."""

    leads: int
    merged: int = 0
    suggested: int = 0
    failed: int = 0
    """Of those: listed, and tried again when somebody says so or when they change."""
    left: tuple[LeadId, ...] = ()
    """Somebody held them: their turn comes again in the next round."""

    def and_(self, other: Looked) -> Looked:
        """Both together."""
        counts = ("leads", "merged", "suggested", "failed")
        return Looked(
            **{name: getattr(self, name) + getattr(other, name) for name in counts}, left=(*self.left, *other.left)
        )


async def look(db: Db, *, at: datetime, left: Collection[LeadId] = (), limit: int = PAGE) -> Looked:
    """Compare the next leads of which something new is known with all others that share a key; not those of `left`.

    Safe to repeat and to kill: a lead leaves the list in the transaction that writes what follows for them. Raises
    Unreachable, and nothing because of one lead.
    """
    async with db.read() as tx:
        rows = await tx.all("leads_to_match", left=list(left), page_limit=limit)
    notes = {LeadId(row["lead_id"]): tuple(row["notes"]) for row in rows}
    if not notes:
        return Looked(leads=0)
    try:
        return await _page(db, notes, at)
    except Unreachable:
        raise
    except Exception:  # one of them: alone it fails again, and is listed with its error
        looked = Looked(leads=0)
        for lead_id in notes:
            looked = looked.and_(await _alone(db, {lead_id: notes[lead_id]}, at))
        return looked


async def _page(db: Db, notes: Notes, at: datetime) -> Looked:
    """Raises whatever reading and comparing them raises; nothing because of what is written of one."""
    async with db.transaction() as tx:
        book = await published.book(tx)
        mine = await _known(tx, list(notes), book)
        of_keys = [(lead_id, key) for lead_id, one in mine.items() for key in keys(one)]
        named = {"lead_ids": [lead_id for lead_id, _ in of_keys], "keys": [key for _, key in of_keys]}
        await tx.run("forget_old_keys", of=list(mine), **named)
        await tx.run("keep_keys_of_match", **named)
    async with db.read() as tx:
        decided = await _decided(tx, mine, of_keys, book)
    quiet = notes.keys() - {verdict.lead_id for verdict in decided if not verdict.is_quiet}
    async with db.transaction() as tx:
        await _take(tx, {lead_id: notes[lead_id] for lead_id in quiet})
        await match_faults.forget(tx, list(quiet))
    looked = Looked(leads=len(quiet))
    for verdict in decided:
        if not verdict.is_quiet:
            looked = looked.and_(await _settled(db, verdict, notes[verdict.lead_id], book, at))
    return looked


async def _alone(db: Db, notes: Notes, at: datetime) -> Looked:
    (lead_id,) = notes
    try:
        return await _page(db, notes, at)
    except Unreachable:
        raise
    except Transient:
        return Looked(leads=1, left=(lead_id,))
    except Exception as error:
        return await _failed(db, lead_id, notes[lead_id], error, at)


async def _known(tx: Tx, lead_ids: Sequence[LeadId], book: Book) -> dict[LeadId, Known]:
    """Those of them that are somebody's: not the erased and the merged."""
    rows = await tx.all("leads_to_compare", lead_ids=list(lead_ids))
    return {row["lead_id"]: known(book.definition.one_person, lead_of(row)) for row in rows}


_Others = defaultdict[LeadId, set[LeadId]]


async def _decided(
    tx: Tx, mine: Mapping[LeadId, Known], of_keys: Sequence[tuple[LeadId, str]], book: Book
) -> list[Verdict]:
    rules = book.definition.one_person
    sharing, suggested = await _pairs(tx, list(mine), of_keys)
    strangers = {other for others in sharing.values() for other in others} - mine.keys()
    everybody = {**mine, **await _known(tx, list(strangers), book)}
    numbers = [one.number_key for one in mine.values() if one.number_key]
    counted = await tx.all("leads_with_keys", keys=numbers, enough=rules.switchboard_from)
    with_key = {row["key"]: row["leads"] for row in counted}
    weights = assumed(await tx.value("leads_about"))

    def verdicts() -> list[Verdict]:
        found: list[Verdict] = []
        for lead_id, one in mine.items():
            others = [everybody[other] for other in sharing[lead_id] if other in everybody]
            others.sort(key=lambda other: (other.lead.created_at, str(other.lead.lead_id)))
            known_pairs = suggested[lead_id]
            found.append(decide(rules, one, others, sharing=with_key, suggested=known_pairs, weights=weights))
        return found

    # Aside: many pairs take seconds, and this loop also tells Temporal that we live.
    return await asyncio.to_thread(verdicts)


async def _pairs(tx: Tx, lead_ids: Sequence[LeadId], of_keys: Sequence[tuple[LeadId, str]]) -> tuple[_Others, _Others]:
    """With whom each is compared, and with whom a suggestion waits: those also when they share no key any more."""
    sharing, suggested = _Others(set), _Others(set)
    named = {"lead_ids": [lead_id for lead_id, _ in of_keys], "keys": [key for _, key in of_keys]}
    for row in await tx.all("leads_sharing_keys", **named, most=MOST_ALIKE):
        sharing[row["lead_id"]].add(row["other_id"])
    for row in await tx.all("open_pairs_of_leads", lead_ids=list(lead_ids)):
        for one, other in ((row["lead_id"], row["other_id"]), (row["other_id"], row["lead_id"])):
            sharing[one].add(other)
            suggested[one].add(other)
    return sharing, suggested


async def _settled(db: Db, verdict: Verdict, notes: Sequence[str], book: Book, at: datetime) -> Looked:
    try:
        async with db.transaction() as tx:
            if not await _take(tx, {verdict.lead_id: notes}):
                return Looked(leads=0)  # another worker took them
            await match_faults.forget(tx, [verdict.lead_id])
            return await _write(tx, verdict, book=book, at=at)
    except Unreachable:
        raise
    except Transient:
        return Looked(leads=1, left=(verdict.lead_id,))
    except Exception as error:
        return await _failed(db, verdict.lead_id, notes, error, at)


async def _write(tx: Tx, verdict: Verdict, *, book: Book, at: datetime) -> Looked:
    """What was decided, about who they are by now: others of the page may have become one meanwhile."""
    others = [verdict.same[0]] if verdict.same else [each.other_id for each in verdict.likely]
    now = await merges.now_all(tx, [verdict.lead_id, *others])
    mine = now.get(verdict.lead_id, verdict.lead_id)
    if verdict.same is not None:
        other, rule = now.get(verdict.same[0], verdict.same[0]), verdict.same[1]
        if other != mine:
            order = MergeOrder(one=mine, other=other, by="system", why=rule, rule=rule)
            done = await merging.merge(tx, order, book=book, at=at)
            # What the two told together is looked at next, whatever went wrong with either before.
            await tx.run("note_to_match", lead_ids=[done.lead_id])
            await match_faults.forget(tx, [done.lead_id])
        return Looked(leads=1, merged=int(other != mine))
    rows: dict[LeadId, dict[str, object]] = {}
    for each in sorted(verdict.likely, key=lambda each: each.bits):
        other = now.get(each.other_id, each.other_id)
        rows[other] = {"other_id": other, "bits": each.bits, "reasons": each.reasons}
    rows.pop(mine, None)
    suggested = await tx.run("suggest", lead_id=mine, rows=list(rows.values()), at=at) if rows else 0
    if verdict.unlikely:
        await tx.run("suggest_no_more", lead_id=mine, others=list(verdict.unlikely))
    return Looked(leads=1, suggested=suggested)


async def _take(tx: Tx, notes: Notes) -> int:
    places = [place for each in notes.values() for place in each]
    return await tx.run("take_notes", notes=places, lead_ids=list(notes))


async def _failed(db: Db, lead_id: LeadId, notes: Sequence[str], error: Exception, at: datetime) -> Looked:
    words = str(error) if isinstance(error, LeadloomError) else f"{type(error).__name__}: {error}"
    async with db.transaction() as tx:
        await _take(tx, {lead_id: notes})
        await match_faults.keep(tx, lead_id, words, at=at)
    log.warning("a lead couldn't be matched", extra={"lead_id": str(lead_id), "error": type(error).__name__})
    return Looked(leads=1, failed=1)
