"""How do leads stand by all that ever happened to them? Reads whole lives for a re-scoring, and writes its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import NotFound
from leadloom.domain.facts import Score
from leadloom.domain.lead import Event, EventDraft, Lead
from leadloom.domain.model import Json, LeadId
from leadloom.domain.stages.ledger import RESCORED, difference
from leadloom.domain.stages.rescoring import Life, Rescore
from leadloom.domain.stages.scoring import SCORE_RESET, score
from leadloom.domain.standing import ScoreEntry
from leadloom.store import events, published, standing
from leadloom.store.published import Book
from leadloom.store.tx import Tx

PAGE = 200
FIRST = LeadId(UUID(int=0))
"""`after` of the first page."""


async def page(tx: Tx, *, after: LeadId = FIRST, limit: int = PAGE) -> tuple[Life, ...]:
    """The lives of the next leads to whom anything happened, in order of their ids; none when there are no more.

    Only looks, and holds nobody.
    """
    seen = await standing.seen(tx, await page_of_ids(tx, after=after, limit=limit))
    return await _lives(tx, [lead for lead, _ in seen.values()])


async def page_of_ids(tx: Tx, *, after: LeadId = FIRST, limit: int = PAGE) -> tuple[LeadId, ...]:
    """Who is on that page."""
    rows = await tx.all("leads_that_did_something", after=after, page_limit=limit)
    return tuple(LeadId(row["lead_id"]) for row in rows)


async def of_lead(tx: Tx, lead_id: LeadId) -> Life:
    """The life of one lead, without holding them. Raises NotFound."""
    if not (seen := await standing.seen(tx, [lead_id])):
        raise NotFound("lead", lead_id)
    return (await _lives(tx, [lead for lead, _ in seen.values()]))[0]


async def _lives(tx: Tx, leads: Sequence[Lead]) -> tuple[Life, ...]:
    ids = [lead.lead_id for lead in leads]
    companies = await standing.accounts(tx, (lead.account_id for lead in leads))
    happened: defaultdict[LeadId, list[Event]] = defaultdict(list)
    for row in await tx.all("events_of_leads", lead_ids=ids) if ids else []:
        happened[row["lead_id"]].append(Event.model_validate(dict(row)))
    ledger = await entries(tx, ids)
    return tuple(
        Life(
            lead=lead,
            account=None if lead.account_id is None else companies.get(lead.account_id),
            entries=ledger.get(lead.lead_id, ()),
            events=tuple(happened[lead.lead_id]),
        )
        for lead in sorted(leads, key=lambda lead: lead.lead_id)
    )


async def entries(tx: Tx, lead_ids: Sequence[LeadId]) -> dict[LeadId, tuple[ScoreEntry, ...]]:
    """The ledger of each lead that has one, in order."""
    found: defaultdict[LeadId, list[ScoreEntry]] = defaultdict(list)
    for row in await tx.all("score_entries_of_leads", lead_ids=list(lead_ids)) if lead_ids else []:
        found[row["lead_id"]].append(
            ScoreEntry.model_validate({name: value for name, value in row.items() if name != "lead_id"})
        )
    return {lead_id: tuple(rows) for lead_id, rows in found.items()}


async def definition_at(tx: Tx, at: datetime) -> tuple[Definition, int]:
    """The definition that was in force at `at`, and its version. Raises NotFound while there never was one."""
    row = await tx.one("definition_at", at=at)
    return await published.definition(tx, row["hash"]), row["version"]


async def rescore(tx: Tx, lead_ids: Sequence[LeadId], *, book: Book, at: datetime, by: str) -> tuple[Rescore, ...]:
    """Bring the ledgers of some leads to what the definition in force makes of their lives: rows of difference, dated
    `at`; nothing is edited, nobody is woken, no stage moves.

    Safe to repeat: under the leads' locks the second time finds no difference.
    """
    held = await standing.lock(tx, lead_ids)
    lives = await _lives(tx, [lead for lead, _ in held.values()])
    before = {life.lead.lead_id: _scored(life, life.entries, book, at) for life in lives}
    happened = [
        events.Happening(lead_id=life.lead.lead_id, drafts=(_rescored(rows, book, at, by),), history=True)
        for life in lives
        if (rows := difference(book.definition, life.entries, life.events, at=at))
    ]
    if happened:
        await events.record_all(tx, happened, book=book, at=at)
    ledger = await entries(tx, lead_ids)
    after = {life.lead.lead_id: _scored(life, ledger.get(life.lead.lead_id, ()), book, at) for life in lives}
    return tuple(Rescore(lead_id=lead_id, before=was, after=after[lead_id]) for lead_id, was in before.items())


def _scored(life: Life, rows: Sequence[ScoreEntry], book: Book, at: datetime) -> Score:
    return score(book.definition, life.lead, account=life.account, entries=rows, at=at)


def _rescored(rows: list[Json], book: Book, at: datetime, by: str) -> EventDraft:
    data: dict[str, Json] = {"rows": rows, "definition_version": book.definition_version}
    return EventDraft(kind=RESCORED, at=at, actor=by, data=data)


async def reset(tx: Tx, lead_id: LeadId, *, why: str, book: Book, at: datetime, by: str) -> None:
    """Let a lead's engagement begin anew from nothing: an entry, not an erasure. Raises NotFound.

    Twice is once: the second finds nothing left to take.
    """
    draft = EventDraft(kind=SCORE_RESET, at=at, actor=by, data={"why": why})
    await events.record(tx, lead_id, [draft], book=book, at=at, history=True)
