"""How engaged is a company as a whole? Read when it is asked for."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.model import AccountId
from leadloom.domain.stages.company import CompanyScore, company_score
from leadloom.store import colleagues
from leadloom.store.published import Book
from leadloom.store.tx import Tx


async def of_account(tx: Tx, account_id: AccountId, *, book: Book, at: datetime) -> CompanyScore:
    """The score of a company, of all its people, two statements whatever their number."""
    people = await colleagues.of_companies(tx, [account_id])
    return company_score(book.definition, people.get(account_id, ()), at=at)
