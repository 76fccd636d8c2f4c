"""Who is at a company, and what did each of them earn? For the company's score, read when it is asked for."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.model import AccountId
from leadloom.domain.stages.company import Colleague, CompanyScore, company_score
from leadloom.store import rescoring
from leadloom.store.published import Book
from leadloom.store.tx import Tx


async def of_account(tx: Tx, account_id: AccountId, *, book: Book, at: datetime) -> CompanyScore:
    """The score of a company, of all its people, two statements whatever their number."""
    rows = await tx.all("people_of_account", account_id=account_id)
    ledgers = await rescoring.entries(tx, [row["lead_id"] for row in rows])
    colleagues = [
        Colleague(
            lead_id=row["lead_id"],
            person=" ".join(part for part in (row["first_name"], row["last_name"]) if part) or "no name yet",
            role=row["role"],
            entries=ledgers.get(row["lead_id"], ()),
        )
        for row in rows
    ]
    return company_score(book.definition, colleagues, at=at)
