"""Who is there to work with? Made-up leads, captured before a measurement begins and unknown to Temporal."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from leadloom.domain.lead import BasisDraft, BasisKind, LeadDraft
from leadloom.domain.model import LeadId
from leadloom.store import leads, published
from leadloom.store.db import Db

PER_COMPANY = 3
_PAGE = 250
_FIRST = ("Ana", "Ben", "Chloé", "Deniz", "Elif", "Farid", "Grace", "Hugo", "Inés", "Jonas")
_LAST = ("Torres", "Okafor", "Lindqvist", "Haddad", "Nair", "Moreau", "Schmidt", "Rossi", "Kim", "Silva")
_ROLES = ("quality", "logistics", "procurement", "operations")


def draft(no: int, at: datetime, **rest: object) -> LeadDraft:
    """The lead of that number: one of three of a company, who allows marketing mail."""
    chance = random.Random(no)
    company = no // PER_COMPANY
    words: dict[str, object] = {
        "email": f"lead{no}@company{company}.example",
        "first_name": chance.choice(_FIRST),
        "last_name": chance.choice(_LAST),
        "company": f"Company {company}",
        "country": chance.choice(("US", "GB", "SE")),
        "role": chance.choice(_ROLES),
        "industry": "pharma distribution",
        "source": "microsite",
        "bases": (BasisDraft(kind=BasisKind.EXPRESS, source="form", wording="Yes, write to me.", at=at, proof={}),),
    }
    return LeadDraft.model_validate({**words, **rest})


async def made(db_url: str, count: int, *, at: datetime, first: int = 0) -> Sequence[LeadId]:
    """So many leads, numbered from `first`, in that order. Nobody is told: no relay, no journey, no lifecycle."""
    db = await Db.open(db_url)
    found: list[LeadId] = []
    try:
        for page in range(first, first + count, _PAGE):
            async with db.transaction() as tx:
                book = await published.book(tx)
                people = [draft(no, at - timedelta(minutes=1)) for no in range(page, min(page + _PAGE, first + count))]
                captured = await leads.capture_all(tx, people, book=book, at=at, actor="system")
                found += [each.lead_id for each in captured]
    finally:
        await db.close()
    return found
