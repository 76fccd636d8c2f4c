"""What would a publication do at once? Looks ahead with the plan it has just made; nobody is held, nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadloom.domain.facts import Facts, Progress
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import Call, Do, Finish, PlanMail, Wait
from leadloom.domain.journeys.progress import next_move
from leadloom.domain.journeys.versions import InFlight, Migrated
from leadloom.domain.model import Value
from leadloom.store import published, run_facts, standing
from leadloom.store.publications import Fates, Publication
from leadloom.store.published import Book
from leadloom.store.run_facts import Reader, RunStanding
from leadloom.store.tx import Record, Tx

_PAGE = 500
_MOST_MOVES = 100
"""A look that does more without waiting asks outside; nobody previews further than that."""


class Released(Value):
    """What migrated runs would do at their next look, which comes at once."""

    released: int = 0
    """Runs that don't wait any more: their wait was shortened, or their step is gone."""
    ended: int = 0
    """Runs that would come to their end."""
    asks: dict[str, int] = {}  # noqa: RUF012  pydantic copies a default for each value
    """Mail → how many runs would ask for it at once; when it goes the lead's calendar says."""
    misses: dict[str, int] = {}  # noqa: RUF012  pydantic copies a default for each value
    """Mail step → how many runs will never get it, because the edit moved it behind them."""


async def released(tx: Tx, publication: Publication, *, book: Book, at: datetime) -> Released:
    """Ask for each run that would be migrated what it would do now."""
    journey = await published.journey(tx, publication.hash)
    fates = Fates(tx, journey, publication.choice)
    counts: Counter[str] = Counter()
    asks: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    after = 0
    while rows := await _page(tx, publication.publication_id, after):
        after = rows[-1]["no"]
        moved = {row["enrolment_id"]: fated for row in rows if (fated := await _migrated(fates, row, at))}
        misses.update(step for fated in moved.values() for step in fated.misses)
        readers = await _readers(tx, {key: fated.progress for key, fated in moved.items()}, journey, at)
        facts = await run_facts.read_all(tx, readers, book=book)
        for reader in readers:
            known = facts[reader.run.enrolment_id]
            _look(reader, known, at, counts, asks)
    return Released(released=counts["released"], ended=counts["ended"], asks=dict(asks), misses=dict(misses))


async def _page(tx: Tx, publication_id: UUID, after: int) -> Sequence[Record]:
    return await tx.all("frozen_runs", publication_id=publication_id, after_no=after, page_limit=_PAGE)


async def _migrated(fates: Fates, row: Record, at: datetime) -> Migrated | None:
    progress = Progress.model_validate(row["progress"])
    run = InFlight(progress=progress, at=at, last_event_no=row["last_event_no"])
    fated = await fates.of(row["journey_hash"], run)
    return fated if isinstance(fated, Migrated) else None


async def _readers(tx: Tx, moved: dict[UUID, Progress], journey: Journey, at: datetime) -> list[Reader]:
    rows = await tx.all("run_standings_seen", enrolment_ids=list(moved))
    leads = await standing.seen(tx, [row["lead_id"] for row in rows])
    companies = await standing.accounts(tx, (lead.account_id for lead, _ in leads.values()))
    readers: list[Reader] = []
    for row in rows:
        run = RunStanding(**row).but(progress=moved[row["enrolment_id"]])
        lead, _ = leads[row["lead_id"]]
        whom = (lead, companies[lead.account_id] if lead.account_id else None)
        readers.append(Reader(run, journey, whom, at))
    return readers


def _look(reader: Reader, facts: Facts, at: datetime, counts: Counter[str], asks: Counter[str]) -> None:
    progress = reader.run.progress
    for moves in range(_MOST_MOVES):
        match move := next_move(reader.journey, progress, facts, at):
            case Wait():
                counts["released"] += moves > 0
                return
            case Finish():
                counts["released"] += 1
                counts["ended"] += 1
                return
            case Do(effect=PlanMail(mail=mail)):
                counts["released"] += 1
                asks[mail] += 1
                return
            case Do():
                progress = move.then
            case Call():
                counts["released"] += 1
                return
