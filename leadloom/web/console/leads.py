"""What happened to a lead, where do they stand, and what comes next? One page, with why and why not in words."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from http import HTTPStatus
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from leadloom.domain.access.rights import Right
from leadloom.domain.campaigns.membership import WORDS
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.intake.touch import FIELDS
from leadloom.domain.model import EnrolmentId, Instant, LeadId
from leadloom.domain.people.side_by_side import confidence
from leadloom.domain.stages import clocks
from leadloom.domain.stages.company import CompanyScore
from leadloom.domain.stages.explanation import explained
from leadloom.domain.stages.qualification import mql
from leadloom.domain.stages.scoring import country_of
from leadloom.runtime import enriching
from leadloom.runtime.why import JourneyWhy, why_journey
from leadloom.runtime.why_not import asked_about
from leadloom.store import (
    checklists,
    company_scores,
    duplicates,
    enrichments,
    enrolments,
    entering,
    lead_calendar,
    lead_story,
    leads,
    merges,
    published,
    tasks,
    visitors,
)
from leadloom.store.enrichments import About
from leadloom.store.enrolments import RunRow
from leadloom.store.entering import ByHand
from leadloom.store.lead_calendar import LeadCalendar
from leadloom.store.lead_story import ChapterKind, HandOffOfLead, Standing, Story, StoryPlace
from leadloom.store.published import Book
from leadloom.store.tx import Tx, new_id
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._telling import Told, tell
from leadloom.web.console._visit import Visit, back_to
from leadloom.web.console._words import day_words

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS)])

VIEWS: dict[str, tuple[str, tuple[ChapterKind, ...] | None]] = {
    "all": ("Everything", None),
    "did": ("What they did", ("event",)),
    "mails": ("Mails", ("mail",)),
    "decisions": ("Our decisions", ("stage", "run", "entered", "left")),
    "sales": ("Hand-offs", ("offer",)),
    "permissions": ("Permissions", ("permission",)),
}
"""What the story can be narrowed to: name in the address → words, kinds of chapter."""
_LONGEST_OCCASION = 64
_CLOCKS = {
    clocks.COOLING: "Counts as cooled",
    clocks.INACTIVITY: "Counts as inactive",
    clocks.OPT_IN_EXPIRY: "The unanswered opt-in runs out",
    clocks.RECYCLE: "Comes back from recycling",
    clocks.REPAIR: "Their data must be repaired",
    clocks.PROMISE: "The promise of the stage ends",
}


@router.get("/leads/{lead_id}")
async def lead_page(visit: Visit, lead_id: UUID, show: str = "all", after: str = "") -> Response:
    """The page of one lead; of one that was merged, the way to who they are now."""
    async with visit.house.db.read() as tx:
        if (now := await merges.now(tx, LeadId(lead_id))) != lead_id:
            return RedirectResponse(f"/leads/{now}", status_code=HTTPStatus.TEMPORARY_REDIRECT)
    return await _page(visit, LeadId(lead_id), show=show if show in VIEWS else "all", after=after)


@router.post("/leads/{lead_id}/runs/{enrolment_id}/retry", dependencies=[needs(Right.STEER_RUNS)])
async def retry(visit: Visit, lead_id: UUID, enrolment_id: UUID, token: Annotated[str, Form()]) -> Response:
    """Let a blocked run try again at once."""
    visit.check_form(token)
    try:
        async with visit.house.db.transaction() as tx:
            await enrolments.unblock(tx, EnrolmentId(enrolment_id), at=visit.at)
    except Conflict as conflict:
        return await _page(visit, LeadId(lead_id), problem=str(conflict), status=HTTPStatus.CONFLICT)
    return back_to(f"/leads/{lead_id}#now")


@router.post("/leads/{lead_id}/runs", dependencies=[needs(Right.STEER_RUNS)])
async def let_in(visit: Visit, lead_id: UUID) -> Response:
    """Let the lead into a journey in the name of the seat. What stands against it is said; pressed twice is once."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    key = LeadId(lead_id)
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            order = ByHand(
                journey=fields.get("journey", ""),
                by=visit.seated(book).handle,
                occasion=fields.get("occasion", "")[:_LONGEST_OCCASION] or visit.at.isoformat(),
            )
            found = await entering.let_in(tx, [key], order, book=book, at=visit.at)
    except (Conflict, BadInput) as problem:
        return await refused(visit, key, problem)
    if key in found.left_out:
        words = f"Not let into {order.journey}: {WORDS[found.left_out[key]]}."
        return await _page(visit, key, problem=words, status=HTTPStatus.CONFLICT)
    return back_to(f"/leads/{lead_id}#now")


@router.post("/leads/{lead_id}/runs/{enrolment_id}/end", dependencies=[needs(Right.STEER_RUNS)])
async def take_out(visit: Visit, lead_id: UUID, enrolment_id: UUID) -> Response:
    """End one run of the lead in the name of the seat, with its reason in words; an ended run stays as it ended."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    key = LeadId(lead_id)
    try:
        async with visit.house.db.transaction() as tx:
            by = visit.seated(await published.book(tx)).handle
            outcome = fields.get("outcome", "")
            await entering.end_run(tx, key, EnrolmentId(enrolment_id), outcome, by=by, at=visit.at)
    except (Conflict, BadInput) as problem:
        return await refused(visit, key, problem)
    return back_to(f"/leads/{lead_id}#now")


async def refused(visit: Visit, lead_id: LeadId, problem: Conflict | BadInput) -> Response:
    """The page again, with what stands against what was asked for."""
    if isinstance(problem, BadInput):
        return await _page(visit, lead_id, problem=problem.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return await _page(visit, lead_id, problem=str(problem), status=HTTPStatus.CONFLICT)


@router.get("/leads")
async def to_the_list() -> RedirectResponse:
    """All leads are a list like any other."""
    return RedirectResponse("/rows/leads", status_code=HTTPStatus.SEE_OTHER)


async def _page(
    visit: Visit,
    lead_id: LeadId,
    *,
    show: str = "all",
    after: str = "",
    problem: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    at = visit.at
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        standing = await lead_story.read(tx, await leads.get(tx, lead_id), book=book, at=at)
        runs = await enrolments.of_lead(tx, lead_id)
        calendar = await lead_calendar.of(tx, standing.lead, standing.account, book=book, at=at)
        hand_offs = await lead_story.hand_offs(tx, lead_id)
        asked = await tasks.every(tx, lead_id=lead_id)
        sections = await _sections(tx, standing, book, at)
        story = await lead_story.chapters(tx, lead_id, kinds=VIEWS[show][1], after=_read(after) if after else None)
        not_in, asks = await _not_in(tx, lead_id, runs, book, visit.at), await asked_about(tx, book)
    return visit.page(
        "console/lead.html",
        book,
        status=status,
        **_who(standing, book),
        **_score(standing, book, visit.at),
        **sections,
        **_runs(runs),
        calendar=calendar,
        tasks=asked,
        open_hand_offs=[one for one in hand_offs if _is_open(one)],
        past_hand_offs=[one for one in hand_offs if not _is_open(one)],
        days=_by_day(story, book, visit),
        older=_written(story.next) if story.next else "",
        is_later_page=bool(after),
        show=show,
        views=VIEWS,
        not_in=not_in,
        asks=asks,
        doors=[one.journey.name for one in book.journeys if one.journey.enter.by_hand],
        occasion=str(new_id()),
        previewable={one.journey.name for one in book.journeys},
        clock_words=_CLOCKS,
        nothing_next=_nothing_next(runs, calendar, hand_offs, standing),
        problem=problem,
        names={entry.handle: entry.name for entry in book.definition.owners},
    )


async def _sections(tx: Tx, standing: Standing, book: Book, at: Instant) -> dict[str, Any]:
    """What sections of their own show."""
    return {
        "qualification": await checklists.of_lead(tx, standing.lead.lead_id, book=book),
        "company_score": await _company_score(tx, standing, book, at),
        "touches": await visitors.touches(tx, standing.lead.lead_id),
        "touch_fields": FIELDS,
        "possible": await duplicates.of_lead(tx, standing.lead.lead_id),
        "origins": await enrichments.origins(tx, About(lead_id=standing.lead.lead_id)),
        "enrichments": await enrichments.log(tx, About(lead_id=standing.lead.lead_id), limit=10),
        "providers": enriching.providers(book.definition.enrichment, of_leads=True),
        "merged_from": await merges.page(tx, lead_id=standing.lead.lead_id),
        "confidence": confidence,
    }


async def _company_score(tx: Tx, standing: Standing, book: Book, at: Instant) -> CompanyScore | None:
    account = standing.account
    return None if account is None else await company_scores.of_account(tx, account.account_id, book=book, at=at)


def _who(standing: Standing, book: Book) -> dict[str, Any]:
    """Who the lead is, in words."""
    return {
        "lead": standing.lead,
        "standing": standing,
        "person": _name(standing),
        "company": standing.account.name if standing.account else standing.lead.company,
        "owner": name_of(book, standing.owner),
        "source": _source(book, standing.lead.source),
    }


def _runs(runs: tuple[RunRow, ...]) -> dict[str, Any]:
    """What is open and what has ended, and how many runs the lead has had of each journey."""
    return {
        "runs": [run for run in runs if run.status == "active"],
        "ended": [run for run in runs if run.status != "active"],
        "times": Counter(run.journey for run in runs),
    }


async def _not_in(tx: Tx, lead_id: LeadId, runs: tuple[RunRow, ...], book: Book, at: Instant) -> tuple[JourneyWhy, ...]:
    """For each journey the lead never was in: why not."""
    were_in = {run.journey for run in runs}
    names = [one.journey.name for one in book.journeys] + [one.name for one in book.code]
    return tuple([await why_journey(tx, lead_id, name, book=book, at=at) for name in names if name not in were_in])


def _score(standing: Standing, book: Book, at: Instant) -> dict[str, Any]:
    """The score in words, and what the gate says to a lead who may have asked to talk."""
    lead, account = standing.lead, standing.account
    judging = book.judging(country_of(lead, account))
    definition = judging.definition
    told = explained(
        definition, judging.version, lead,
        account=account, entries=standing.entries, responses=standing.recent, at=at,
    )  # fmt: skip
    since = at - definition.mql.looks_back()
    asked = any(
        event.at >= since and definition.events[event.kind].asks
        for event in standing.recent
        if event.kind in definition.events
    )
    gate = mql(definition, lead, account=account, score=told.score, responses=standing.recent, asked=asked, at=at)
    return {"told": told, "gate": gate, "cooling_below": definition.cooling_below}


def _is_open(one: HandOffOfLead) -> bool:
    return one.state == "offered" or (one.state == "accepted" and one.closed_at is None)


def _nothing_next(
    runs: tuple[RunRow, ...], calendar: LeadCalendar, hand_offs: tuple[HandOffOfLead, ...], standing: Standing
) -> bool:
    """Whether nothing at all is going to happen by itself."""
    running = any(run.status == "active" for run in runs) or any(_is_open(one) for one in hand_offs)
    coming = calendar.planned or calendar.held
    return not (running or coming or standing.clocks or any(stage.waits_until for stage in standing.stages))


def _by_day(story: Story, book: Book, visit: Visit) -> list[tuple[str, list[Told]]]:
    """The story under its days, as the viewer counts them."""
    zone = visit.zone(book)
    days = groupby(story.chapters, key=lambda chapter: day_words(chapter.at, zone, visit.at))
    return [(day, [tell(chapter, book) for chapter in chapters]) for day, chapters in days]


def _name(standing: Standing) -> str:
    lead = standing.lead
    return " ".join(part for part in (lead.first_name, lead.last_name) if part) or lead.email or "no name yet"


def _source(book: Book, source: str | None) -> str:
    known = book.definition.sources.get(source or "")
    return known.label if known else source or "not told"


def _written(place: StoryPlace) -> str:
    return base64.urlsafe_b64encode(place.model_dump_json().encode()).decode().rstrip("=")


def _read(after: str) -> StoryPlace:
    try:
        return StoryPlace.model_validate_json(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (ValidationError, binascii.Error, ValueError) as error:
        raise BadInput("after", after[:40], "Begin at the newest page: leave it out.") from error
