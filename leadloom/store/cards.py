"""What an owner must know about a lead on offer, read in a handful of questions however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import NotFound
from leadloom.domain.handoffs.card import Card as Card
from leadloom.domain.handoffs.card import Companion, Did, HandOffFacts, Person, card_of
from leadloom.domain.lead import Lead
from leadloom.domain.model import HandOffId, LeadId
from leadloom.domain.standing import ScoreEntry
from leadloom.store import permissions, standing
from leadloom.store.permissions import Suppression
from leadloom.store.tx import Record, Tx

_LOOKED_AT = 12
"""Touches the topics come from; a card shows fewer."""
_FACTS = tuple(HandOffFacts.model_fields)
_ENTRY = tuple(ScoreEntry.model_fields)


async def read(tx: Tx, hand_off_id: HandOffId | UUID, *, definition: Definition, at: datetime) -> Card:
    """The card as of `at`. Raises NotFound."""
    key = HandOffId(hand_off_id)
    if (card := (await read_many(tx, [key], definition=definition, at=at)).get(key)) is None:
        raise NotFound("hand off", str(hand_off_id))
    return card


async def read_many(
    tx: Tx, hand_off_ids: Sequence[HandOffId], *, definition: Definition, at: datetime
) -> dict[HandOffId, Card]:
    """The cards as of `at`, in eight questions whatever their number. Ids nobody knows are missing."""
    rows = await tx.all("hand_off_facts", hand_off_ids=list(hand_off_ids))
    facts = [HandOffFacts.built(**(_fields(row, _FACTS) | {"why": tuple(row["why"])})) for row in rows]
    people = await _people(tx, [row["lead_id"] for row in rows], definition=definition, at=at)
    along = await _companions(tx, [each.hand_off_id for each in facts])
    return {
        each.hand_off_id: card_of(definition, each, people[row["lead_id"]], along.get(each.hand_off_id, ()))
        for each, row in zip(facts, rows, strict=True)
    }


async def _people(tx: Tx, lead_ids: Sequence[LeadId], *, definition: Definition, at: datetime) -> dict[LeadId, Person]:
    ids = sorted(set(lead_ids))
    leads = {row["lead_id"]: Lead.model_validate(dict(row)) for row in await tx.all("leads_by_id", lead_ids=ids)}
    companies = await standing.accounts(tx, (lead.account_id for lead in leads.values()))
    bases = await permissions.of_leads(tx, ids)
    silences = _grouped(await tx.all("suppressions_of_leads", lead_ids=ids))
    did = _grouped(await tx.all("last_touches_of_leads", lead_ids=ids, at=at, each=_LOOKED_AT))
    points = _grouped(await tx.all("score_entries_of_leads", lead_ids=ids))
    people: dict[LeadId, Person] = {}
    for lead_id, lead in leads.items():
        account = companies[lead.account_id] if lead.account_id else None
        against = [Suppression.model_validate(_fields(row, Suppression.model_fields)) for row in silences[lead_id]]
        people[lead_id] = Person(
            lead=lead,
            account=account,
            reach=permissions.reach_of(definition, lead, account, bases.get(lead_id, ()), against, at=at),
            silent=any(one.purpose is None for one in against),
            did=[Did(**_fields(row, Did._fields)) for row in did[lead_id]],
            entries=[ScoreEntry.built(**_fields(row, _ENTRY)) for row in points[lead_id]],
        )
    return people


async def _companions(tx: Tx, hand_off_ids: Sequence[HandOffId]) -> dict[HandOffId, tuple[Companion, ...]]:
    found: dict[HandOffId, tuple[Companion, ...]] = {}
    for row in await tx.all("companions_of_hand_offs", hand_off_ids=list(hand_off_ids)):
        one = Companion.model_validate(_fields(row, Companion.model_fields))
        found[row["hand_off_id"]] = (*found.get(row["hand_off_id"], ()), one)
    return found


def _grouped(rows: Sequence[Record]) -> defaultdict[LeadId, list[Record]]:
    """By lead, in their order."""
    found: defaultdict[LeadId, list[Record]] = defaultdict(list)
    for row in rows:
        found[row["lead_id"]].append(row)
    return found


def _fields(row: Record, names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}
