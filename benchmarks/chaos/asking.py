"""Takes in people who ask to be called, one company each, and says how many: a process to be killed amid its work.

Begun again it goes through its share from the start: who asked already is the same lead with the same wish.
"""

from __future__ import annotations

import asyncio
import sys

import asyncpg

from leadloom.domain.errors import Transient
from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.runtime.wiring import House, opened
from leadloom.store import leads, published

_AT_ONCE = 4
"""Captures under way: they meet in the pool."""


async def main(first: int, until: int, step: int) -> None:
    """Take in the people of these numbers, then stay."""
    async with opened() as house:
        known = await _asked_already(house)
        left = [no for no in range(first, until, step) if f"ask-{no}" not in known]
        await asyncio.gather(*(_take_in(house, left[begin::_AT_ONCE]) for begin in range(_AT_ONCE)))
        await asyncio.Event().wait()


async def _asked_already(house: House) -> set[str]:
    connection = await asyncpg.connect(house.settings.database_url)
    try:
        rows = await connection.fetch("SELECT value FROM identity_key WHERE kind = 'external_id'")
    finally:
        await connection.close()
    return {row["value"] for row in rows}


async def _take_in(house: House, numbers: list[int]) -> None:
    for no in numbers:
        while not await _taken(house, no):
            await asyncio.sleep(0.05)


async def _taken(house: House, no: int) -> bool:
    at = house.now()
    asks = EventDraft(kind="demo_requested", at=at, key=f"ask-{no}")
    draft = LeadDraft(
        external_id=f"ask-{no}", email=f"ask@company-{no}.example", first_name="Ask", last_name=str(no),
        company=f"Company {no}", country="DE", role="quality", source="microsite", events=(asks,),
    )  # fmt: skip
    try:
        async with house.db.transaction() as tx:
            await leads.capture(tx, draft, book=await published.book(tx), at=at, actor="lead")
    except Transient:
        return False  # two met in another order: the one that lost asks again
    return True


if __name__ == "__main__":
    asyncio.run(main(*(int(word) for word in sys.argv[1:4])))
