"""How is a whole house re-scored, or asked what another definition makes of it? Page by page, a transaction each."""

from __future__ import annotations

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Value
from leadloom.domain.stages.rescoring import RescoreCounts, what_if
from leadloom.runtime.wiring import House
from leadloom.store import published, rescoring


class Rescored(Value):
    """What a re-scoring did, or would do."""

    definition_version: int
    """Whose rules the counts are after; for a draft, that of the version it was held against."""
    written: bool
    """False: only asked."""
    counts: RescoreCounts


async def ask(house: House, draft: Definition | None = None) -> Rescored:
    """What the definition in force, or a draft, would make of everybody's past. Writes nothing, holds nobody."""
    at, after, counts = house.now(), rescoring.FIRST, RescoreCounts()
    while True:
        async with house.db.read() as tx:
            book = await published.book(tx)
            lives = await rescoring.page(tx, after=after)
        if not lives:
            return Rescored(definition_version=book.definition_version, written=False, counts=counts)
        after = lives[-1].lead.lead_id
        rules = draft or book.definition
        counts = counts.and_also(what_if(book.definition, rules, life, at=at) for life in lives)


async def carry_out(house: House, *, by: str) -> Rescored:
    """Bring every ledger to what the definition in force makes of the lead's past. Cut short, it is begun anew: who was
    re-scored already shows no difference.
    """
    after, counts = rescoring.FIRST, RescoreCounts()
    while True:
        at = house.now()
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            lead_ids = await rescoring.page_of_ids(tx, after=after)
            counts = counts.and_also(await rescoring.rescore(tx, lead_ids, book=book, at=at, by=by))
        if not lead_ids:
            return Rescored(definition_version=book.definition_version, written=True, counts=counts)
        after = lead_ids[-1]
