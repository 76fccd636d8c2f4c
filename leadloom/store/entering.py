"""Who is let into a journey without an event: by another journey. Twice is once, by the run's key."""

from __future__ import annotations

from leadloom.domain.errors import NotFound
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import StartRun
from leadloom.domain.journeys.progress import begin
from leadloom.domain.journeys.runs import Enrol
from leadloom.domain.wake import NURTURE
from leadloom.store import runs, standing
from leadloom.store.course import Course
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx


async def by_journey(tx: Tx, course: Course, effect: StartRun, *, book: Book) -> str:
    """Let the lead of a run into another journey, under the lock of the lead; what came of it, in words.

    Raises NotFound for a journey nobody published.
    """
    run, at = course.run, course.at
    published = next((one for one in book.journeys if one.journey.name == effect.journey), None)
    if published is None:
        raise NotFound("published journey", effect.journey)
    key = f"run/{run.enrolment_id}/{effect.key}"
    known = [
        row for row in await tx.all("other_runs_of_leads", lead_ids=[run.lead_id]) if row["journey"] == effect.journey
    ]
    if (against := _against(published.journey, known, key)) is not None:
        return f"{effect.journey} did not begin: {against}"
    order = Enrol(
        journey=effect.journey,
        journey_hash=published.hash,
        workflow=NURTURE,
        key=key,
        entered_by=f"journey:{course.journey.name}",
        prospect=published.journey.audience == "prospect",
        progress=begin(published.journey, at, course.facts.events[-1].no if course.facts.events else 0),
    )
    companies = {run.lead_id: course.facts.lead.account_id}
    await runs.enter(tx, [(run.lead_id, order)], companies=companies, book=book, at=at)
    return f"began {effect.journey}"


def _against(journey: Journey, known: list[Record], key: str) -> str | None:
    """The first thing that stands against another run."""
    if any(row["key"] == key for row in known):
        return "this run began it before"
    if journey.enter.again != "concurrent" and any(row["status"] == standing.ACTIVE for row in known):
        return "the lead is in it already"
    if journey.enter.again == "never" and known:
        return "the lead was in it before, and it is for once only"
    return None
