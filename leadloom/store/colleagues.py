"""Who is at a company, and what did each of them earn? For its score, and for the conditions that ask for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from leadloom.domain.journeys.asks import asks_at_door, asks_of_companies
from leadloom.domain.model import AccountId, LeadId
from leadloom.domain.standing import Colleague, PublishedJourney, ScoreEntry
from leadloom.store.published import Book
from leadloom.store.tx import Tx


async def of_companies(tx: Tx, account_ids: Iterable[AccountId | None]) -> dict[AccountId, tuple[Colleague, ...]]:
    """Everybody at each of these companies and at its daughters, in order of their ids; two statements for all of them.

    Holds nobody: what a colleague does at this moment is told to whoever waits for it (store.account_news).
    """
    wanted = sorted({account_id for account_id in account_ids if account_id is not None})
    people = await tx.all("people_of_accounts", account_ids=wanted) if wanted else []
    ledgers: defaultdict[LeadId, list[ScoreEntry]] = defaultdict(list)
    lead_ids = sorted({row["lead_id"] for row in people})
    for row in await tx.all("score_entries_of_leads", lead_ids=lead_ids) if lead_ids else []:
        ledgers[row["lead_id"]].append(ScoreEntry(**{name: row[name] for name in ScoreEntry.model_fields}))
    found: defaultdict[AccountId, list[Colleague]] = defaultdict(list)
    for row in people:
        found[row["account_id"]].append(
            Colleague.built(
                lead_id=row["lead_id"],
                person=" ".join(part for part in (row["first_name"], row["last_name"]) if part) or "no name yet",
                role=row["role"],
                entries=tuple(ledgers[row["lead_id"]]),
            )
        )
    return {account_id: tuple(found[account_id]) for account_id in wanted}


def versions_that_ask(book: Book) -> tuple[str, ...]:
    """The hashes of the journeys in force that ask anywhere how the lead's company stands."""
    return tuple(one.hash for one in book.journeys if _asks(one).anywhere)


def asked_at_entry(book: Book) -> bool:
    """Whether the door of a journey in force asks it: then whoever knocks is read with their colleagues."""
    return any(_asks(one).at_entry for one in book.journeys)


class _Asked(NamedTuple):
    """Where a journey asks how the lead's company stands."""

    anywhere: bool
    at_entry: bool


_asked: dict[str, _Asked] = {}
"""By content hash of the journey: each write of events asks about the same few versions."""


def _asks(published: PublishedJourney) -> _Asked:
    if published.hash not in _asked:
        _asked[published.hash] = _Asked(asks_of_companies(published.journey), asks_at_door(published.journey))
    return _asked[published.hash]
