"""Who is let into a journey without an event: by another journey, or by hand? Twice is once, by the run's key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from leadloom.domain.campaigns.membership import LeftOut, key_of, place_of
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.journeys.entry import Knock
from leadloom.domain.journeys.moves import StartRun
from leadloom.domain.journeys.progress import begin
from leadloom.domain.journeys.runs import Enrol, ExitRun, admit
from leadloom.domain.model import EnrolmentId, LeadId, Value
from leadloom.domain.standing import PublishedJourney
from leadloom.domain.wake import NURTURE
from leadloom.store import audit, runs, standing
from leadloom.store.course import Course
from leadloom.store.fates import Fate, fates
from leadloom.store.published import Book
from leadloom.store.tx import Tx

LONGEST_OUTCOME = 80
"""Characters of what a run is remembered by: it stands in lists and on reports."""


class ByHand(Value):
    """One act of a person or program that lets leads into a journey, or takes them out."""

    journey: str
    by: str
    """Handle, or the name of a program such as `api`."""
    occasion: str
    """Names the act: the same one tried again begins no second run."""
    per_minute: int | None = None
    """First steps at most so many a minute; None: all at once."""
    begun: int = 0
    """How many leads earlier pages of the act have let in: the pace goes on from there."""


class Admitted(Value):
    """What came of letting leads in."""

    enrolled: tuple[LeadId, ...] = ()
    left_out: dict[LeadId, LeftOut]
    """Everybody else, each with the first thing that stands against them."""


async def by_journey(tx: Tx, course: Course, effect: StartRun, *, book: Book) -> str:
    """Let the lead of a run into another journey, under the lock of the lead; what came of it, in words.

    Raises NotFound for a journey nobody published.
    """
    run, at = course.run, course.at
    published = _in_force(book, effect.journey)
    now = (await standing.standings(tx, [run.lead_id], book=book, at=at))[run.lead_id]
    knock = Knock(
        by=f"journey:{course.journey.name}",
        why=f"{course.journey.name} begins it",
        no=now.last_event_no,
        occasion=f"run/{run.enrolment_id}/{effect.key}",
        is_name=True,
    )
    admission = admit(book.judges(now), published, knock, standing=now, at=at)
    if admission.enrol is None:
        against = admission.against
        return f"{effect.journey} did not begin: {against.why if against else 'it is under way'}"
    await runs.leave(tx, admission.exits, at=at)
    companies = {run.lead_id: now.lead.account_id}
    await runs.enter(tx, [(run.lead_id, admission.enrol)], companies=companies, book=book, at=at)
    return f"began {effect.journey}"


def door(book: Book, name: str) -> PublishedJourney:
    """The journey in force that people may let leads into.

    Raises NotFound; BadInput for a journey as code; Conflict for one that says `by_hand: false`.
    """
    if any(entry.name == name for entry in book.code):
        raise BadInput("journey", name, "It is a journey as code, which leads enter by its events only.")
    published = _in_force(book, name)
    if not published.journey.enter.by_hand:
        raise Conflict(f"The journey {name} takes nobody by hand (by_hand: false): leads come in by themselves only.")
    return published


async def preview(tx: Tx, lead_ids: Sequence[LeadId], name: str, *, book: Book, at: datetime) -> Admitted:
    """What `let_in` would do with these leads now; writes and holds nothing. Raises as `door` does."""
    published = door(book, name)
    leads = await standing.seen(tx, lead_ids)
    return _told(lead_ids, await fates(tx, leads, published, book=book, at=at))


async def let_in(tx: Tx, lead_ids: Sequence[LeadId], order: ByHand, *, book: Book, at: datetime) -> Admitted:
    """Let leads into a journey by hand, under their locks; a page at a time, for whoever has many.

    The same leads with the same occasion again: those who came in are in already. Raises as `door` does.
    """
    published = door(book, order.journey)
    known = await standing.seen(tx, lead_ids)
    decided = await fates(tx, await standing.lock(tx, known), published, book=book, at=at)
    coming = [one for one in decided if one.code is None]
    await runs.leave(tx, [each for one in coming for each in one.exits], at=at)
    entering = list(_orders(order, published, coming, at))
    companies = {one.lead_id: one.account_id for one in coming}
    began = set(await runs.enter(tx, entering, companies=companies, book=book, at=at))
    late = {lead_id for lead_id, each in entering if runs.run_id(lead_id, each.journey, each.key) not in began}
    # Whom the unique keys kept out came in by another door at the same moment.
    told = _told(lead_ids, [one.but(code=LeftOut.IN_ALREADY) if one.lead_id in late else one for one in decided])
    counts = {"enrolled": len(told.enrolled), "left out": len(told.left_out)}
    note = audit.Note(
        at=at, actor=order.by, action="let leads in by hand", subject=f"journey {order.journey}", after={**counts},
        why=order.occasion,
    )  # fmt: skip
    await audit.note(tx, note)
    return told


async def let_out(tx: Tx, lead_ids: Sequence[LeadId], order: ByHand, outcome: str, *, at: datetime) -> int:
    """End all open runs of these leads in a journey, as data or as code; how many. Twice is once.

    Raises NotFound for a journey nobody published, BadInput for an outcome nobody could read in a list.
    """
    if not await tx.value("journey_known", journey=order.journey):
        raise NotFound("journey", order.journey)
    words = _outcome(outcome)
    await standing.lock(tx, await standing.seen(tx, lead_ids))
    rows = await tx.all("open_runs_in_journey", lead_ids=list(lead_ids), journey=order.journey)
    leaving: list[EnrolmentId] = [row["enrolment_id"] for row in rows]
    await runs.leave(tx, [ExitRun(enrolment_id=one, outcome=words) for one in leaving], at=at)
    if leaving:
        note = audit.Note(
            at=at, actor=order.by, action="took leads out by hand", subject=f"journey {order.journey}",
            after={"runs": len(leaving)}, why=words,
        )  # fmt: skip
        await audit.note(tx, note)
    return len(leaving)


async def end_run(tx: Tx, lead_id: LeadId, enrolment_id: EnrolmentId, outcome: str, *, by: str, at: datetime) -> None:
    """End one run of a lead by hand; one that has ended stays as it ended. Raises NotFound, BadInput."""
    words = _outcome(outcome)
    await standing.lock(tx, [lead_id])
    run = await tx.one("run_of_lead", lead_id=lead_id, enrolment_id=enrolment_id)
    await runs.leave(tx, [ExitRun(enrolment_id=enrolment_id, outcome=words)], at=at)
    note = audit.Note(at=at, actor=by, action="took a lead out by hand", subject=f"journey {run['journey']}", why=words)
    await audit.note(tx, note)


def _outcome(told: str) -> str:
    words = told.strip()
    if not words or len(words) > LONGEST_OUTCOME:
        raise BadInput("outcome", told[:LONGEST_OUTCOME], f"Say in 1 to {LONGEST_OUTCOME} characters why they leave.")
    return words


def _in_force(book: Book, name: str) -> PublishedJourney:
    published = next((one for one in book.journeys if one.journey.name == name), None)
    if published is None:
        raise NotFound("journey in force", name)
    return published


def _orders(
    order: ByHand, published: PublishedJourney, coming: Sequence[Fate], at: datetime
) -> Iterator[tuple[LeadId, Enrol]]:
    journey, occasion = published.journey, f"hand/{order.occasion}"
    for place, one in enumerate(coming, start=order.begun):
        starts = at + timedelta(minutes=place // order.per_minute) if order.per_minute else at
        yield (
            one.lead_id,
            Enrol(
                journey=journey.name,
                journey_hash=published.hash,
                workflow=NURTURE,
                key=key_of(journey, occasion),
                place=place_of(journey, occasion),
                entered_by=f"hand:{order.by}",
                prospect=journey.audience == "prospect",
                hears_company=bool(journey.heard_of_company),
                progress=begin(journey, starts, one.event_no),
            ),
        )


def _told(lead_ids: Sequence[LeadId], decided: Sequence[Fate]) -> Admitted:
    """Each of the leads once: in, or why not. Ids no lead has are unknown."""
    codes: Mapping[LeadId, LeftOut | None] = {one.lead_id: one.code for one in decided}
    asked = {lead_id: codes.get(lead_id, LeftOut.UNKNOWN) for lead_id in lead_ids}
    return Admitted(
        enrolled=tuple(lead_id for lead_id, code in asked.items() if code is None),
        left_out={lead_id: code for lead_id, code in asked.items() if code is not None},
    )
