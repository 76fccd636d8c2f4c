"""Which journeys are there, who stands where in them, and what would one say to a lead?"""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import NotFound
from leadloom.domain.journeys.conditions import words
from leadloom.domain.journeys.door_words import how_often, promised, ways_out
from leadloom.domain.journeys.entry import ways_in
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_days import days_of
from leadloom.domain.journeys.journey_words import step_words, ways
from leadloom.domain.journeys.moves import GOAL
from leadloom.domain.journeys.steps.step import END
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.standing import CodeEntry
from leadloom.runtime import preview as previews
from leadloom.store import journeys_now, leads, pauses, published
from leadloom.store.journeys_now import AtStep, MailsOfStep, Outcome, Version
from leadloom.store.pauses import JourneyPause
from leadloom.store.published import Book
from leadloom.web.console._guard import need_sight, needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._pages import MAIL_CSP
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit
from leadloom.web.console.rows_mails import word_of

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_JOURNEYS)])
PLACE = Place(href="/journeys", words="Journeys", means="What runs, and what each step has done", row="daily", order=60)


class Count(Value):
    """So many of something, and where they are."""

    words: str
    number: int
    href: str


class Line(Value):
    """A journey in the list."""

    name: str
    purpose: str
    owner: str
    version: Version | None
    pause: JourneyPause | None = None
    """While it stands still."""
    running: Count
    ended: tuple[Count, ...]
    is_code: bool


class StepLine(Value):
    """A step of a journey with its live counts."""

    no: int
    step: str
    words: str
    days: str
    here: Count
    next_at: Instant | None
    mails: tuple[Count, ...]
    ways: tuple[tuple[str, str], ...]
    is_wait: bool


@router.get("/journeys")
async def journeys(visit: Visit) -> HTMLResponse:
    """All journeys in force."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        outcomes = await journeys_now.outcomes(tx)
        versions = await journeys_now.in_force(tx, "journey")
        doors = await journeys_now.in_force(tx, "code-journey")
        still = {one.journey: one for one in await pauses.every_open(tx)}
    lines = [
        _line(one.journey, versions.get(one.journey.name), outcomes, book, still.get(one.journey.name))
        for one in book.journeys
    ]
    lines += [_code_line(one, doors.get(one.name), outcomes) for one in book.code]
    return visit.page("console/journeys.html", book, lines=sorted(lines, key=lambda line: line.name))


@router.get("/journeys/{name}")
async def journey_page(visit: Visit, name: str) -> HTMLResponse:
    """One journey: its way, step by step, with who stands where."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        journey = next((one for one in book.journeys if one.journey.name == name), None)
        code = next((one for one in book.code if one.name == name), None)
        if journey is None and code is None:
            raise NotFound("journey", name)
        outcomes = await journeys_now.outcomes(tx)
        at_steps = await journeys_now.at_steps(tx, name)
        mails = await journeys_now.mails(tx, name)
        versions = await journeys_now.versions(tx, "journey" if journey else "code-journey", name)
        still = next((one for one in await pauses.every_open(tx) if one.journey == name), None)
    if journey is None:
        assert code is not None
        line = _code_line(code, versions[0] if versions else None, outcomes)
        return visit.page("console/code_journey.html", book, line=line, code=code, versions=versions, at_steps=at_steps)
    body = journey.journey
    older = [one for one in at_steps if one.journey_hash != journey.hash]
    return visit.page(
        "console/journey.html",
        book,
        line=_line(body, versions[0] if versions else None, outcomes, book),
        journey=body,
        pause=still,
        enters=ways_in(body),
        enters_when=words(body.enter.when) if body.enter.when else "",
        often=how_often(body),
        outs=ways_out(body),
        goal=GOAL,
        promises=promised(body),
        names={entry.handle: entry.name for entry in book.definition.owners},
        steps=_steps(body, [one for one in at_steps if one.journey_hash == journey.hash], mails),
        older=older,
        versions=versions,
        end=END,
    )


@router.get("/journeys/{name}/preview")
async def preview(visit: Visit, name: str, lead: str = "") -> HTMLResponse:
    """All mails and branches of a journey for one lead, on one page; nothing is written."""
    if not lead.strip():
        async with visit.house.db.read() as tx:
            book = await published.book(tx)
        return visit.page("console/preview.html", book, name=name, seen=None, asked="", problem="", end=END)
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        try:
            lead_id = await leads.find(tx, lead.strip())
        except NotFound:
            problem = f"There is no lead {lead.strip()}. Give a mail address, an external id or a lead's id."
            return visit.page("console/preview.html", book, name=name, seen=None, asked=lead, problem=problem, end=END)
    await need_sight(visit, lead_id)
    seen = await previews.preview(visit.house.db, name, lead_id, signer=visit.house.signer, at=visit.at)
    return visit.page("console/preview.html", book, name=name, seen=seen, asked=lead, problem="", end=END)


@router.get("/journeys/{name}/preview/{step}/html", dependencies=[needs(Right.SEE_LEADS)])
async def preview_html(visit: Visit, name: str, step: str, lead: UUID) -> HTMLResponse:
    """One mail of a preview, for its frame."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
    seen = await previews.preview(visit.house.db, name, LeadId(lead), signer=visit.house.signer, at=visit.at)
    mail = next((one.mail for one in seen.steps if one.step == step), None)
    if mail is None or mail.rendered is None:
        raise NotFound("mail at step", step)
    html = visit.masked(mail.rendered.html, book)
    return HTMLResponse(html, headers={"Content-Security-Policy": MAIL_CSP, "Cache-Control": "no-store"})


def _line(
    journey: Journey,
    version: Version | None,
    outcomes: tuple[Outcome, ...],
    book: Book,
    pause: JourneyPause | None = None,
) -> Line:
    return Line(
        pause=pause,
        name=journey.name,
        purpose=journey.purpose,
        owner=name_of(book, journey.owner),
        version=version,
        running=_running(journey.name, outcomes),
        ended=_ended(journey.name, outcomes),
        is_code=False,
    )


def _code_line(entry: CodeEntry, version: Version | None, outcomes: tuple[Outcome, ...]) -> Line:
    return Line(
        name=entry.name,
        purpose=f"A journey as code: the workflow {entry.workflow} decides its way, for one "
        f"{'company' if entry.per == 'account' else 'lead'} at a time.",
        owner="",
        version=version,
        running=_running(entry.name, outcomes),
        ended=_ended(entry.name, outcomes),
        is_code=True,
    )


def _running(name: str, outcomes: tuple[Outcome, ...]) -> Count:
    number = sum(one.runs for one in outcomes if one.journey == name and one.status == "active")
    return Count(words="running", number=number, href=_runs(name, status="active"))


def _ended(name: str, outcomes: tuple[Outcome, ...]) -> tuple[Count, ...]:
    return tuple(
        Count(words=one.outcome or one.status, number=one.runs, href=_runs(name, status=one.status))
        for one in outcomes
        if one.journey == name and one.status != "active"
    )


def _steps(journey: Journey, at_steps: list[AtStep], mails: tuple[MailsOfStep, ...]) -> list[StepLine]:
    days = days_of(journey)
    here = {one.step: one for one in at_steps}
    lines: list[StepLine] = []
    for no, step in enumerate(journey.steps, start=1):
        now = here.get(step.id)
        lines.append(
            StepLine(
                no=no,
                step=step.id,
                words=step_words(step),
                days=days[step.id].words if step.id in days else "nobody comes here",
                here=Count(
                    words="here now", number=now.runs if now else 0,
                    href=_runs(journey.name, status="active", step=step.id),
                ),
                next_at=now.next_at if now else None,
                mails=_mails(journey.name, step.id, mails) if step.letters(journey) else (),
                ways=ways(step, journey.after(step.id)),
                is_wait=step.lets_time_pass,
            )
        )  # fmt: skip
    return lines


def _mails(journey: str, step: str, mails: tuple[MailsOfStep, ...]) -> tuple[Count, ...]:
    found: Counter[str] = Counter()
    for one in mails:
        if one.step == step:
            found[word_of(one.status)] += one.mails
    return tuple(
        Count(words=word, number=number, href=f"/rows/mails?{urlencode({'journey': journey, 'status': word})}")
        for word, number in found.items()
    )


def _runs(journey: str, **said: str) -> str:
    return f"/rows/runs?{urlencode({'journey': journey, **said})}"
