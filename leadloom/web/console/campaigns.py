"""How far have campaigns come, and may they go on? Looking changes nothing; a form acts in the name of the seat."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.campaigns.audience import audience_words
from leadloom.domain.campaigns.campaign import Act, Status
from leadloom.domain.campaigns.membership import WORDS
from leadloom.domain.errors import BadInput, Conflict, Faulty
from leadloom.domain.facts import MessageStatus
from leadloom.domain.model import CampaignId, Value
from leadloom.store import audit, campaign_progress, campaigns, clicks, published, steps
from leadloom.store.campaign_progress import Progress
from leadloom.web._public import fields_of
from leadloom.web.console import _clicks
from leadloom.web.console._by_step import by_step
from leadloom.web.console._campaign_acts import do
from leadloom.web.console._campaign_launch import launch_view
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit
from leadloom.web.console._words import span_words
from leadloom.web.console.rows_mails import word_of

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_CAMPAIGNS)])
PLACE = Place(
    href="/campaigns", words="Campaigns", means="Audiences that were sent into journeys", row="daily", order=70
)

_OFFERED: dict[Status, tuple[Act, ...]] = {
    Status.PLANNED: (Act.LAUNCH, Act.STOP),
    Status.RUNNING: (Act.PAUSE, Act.STOP),
    Status.PAUSED: (Act.RESUME, Act.STOP),
    Status.STOPPED: (),
    Status.FINISHED: (),
}
_TOLD = {"planned": "planned it", "let run": "let it run", "said why nothing is paid for": "said why it costs nothing"}
"""Acts that read better in other words than their note's and `it`."""
_LETTERS = ("sent", "planned", MessageStatus.HELD, MessageStatus.UNCERTAIN)
"""Shown also when there are none: their zero is news."""


_COUNTED_UNASKED = 20_000
"""Runs whose steps are counted whenever somebody opens the page; more take seconds, and are counted when asked for."""


class Figure(Value):
    """So many of something, and the rows it counted."""

    words: str
    number: int
    href: str
    is_bad: bool = False


class Line(Value):
    """A campaign in the list."""

    progress: Progress
    owner: str
    figures: tuple[Figure, ...]


@router.get("/campaigns")
async def list_campaigns(visit: Visit) -> HTMLResponse:
    """All campaigns, newest first."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        found = await campaign_progress.progress(tx, await campaigns.every(tx))
    lines = [Line(progress=one, owner=name_of(book, one.campaign.owner), figures=_few(one)) for one in found]
    return visit.page("console/campaigns.html", book, lines=lines)


@router.get("/campaigns/{campaign_id}")
async def show(visit: Visit, campaign_id: UUID) -> HTMLResponse:
    """One campaign: how far it has come, what it cost, and what can be done."""
    return await _page(visit, CampaignId(campaign_id))


@router.post("/campaigns/{campaign_id}")
async def act(visit: Visit, campaign_id: UUID) -> Response:
    """Do what the button says in the name of the seat, then show the page again. Pressed too late, it says why."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    key = CampaignId(campaign_id)
    try:
        await do(visit, key, fields)
    except Faulty as faulty:
        problem = f"Nothing was launched: {len(faulty.faults)} of what is listed below stand against it."
        return await _page(visit, key, problem=problem, status=HTTPStatus.CONFLICT)
    except Conflict as conflict:
        return await _page(visit, key, problem=str(conflict), status=HTTPStatus.CONFLICT)
    except BadInput as bad:
        return await _page(visit, key, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse(f"/campaigns/{campaign_id}", status_code=HTTPStatus.SEE_OTHER)


async def _page(
    visit: Visit, key: CampaignId, *, problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        campaign = await campaigns.find(tx, str(key))
        [progress] = await campaign_progress.progress(tx, [campaign])
        bills = await campaigns.costs(tx, [key])
        found = await campaigns.under_way(tx, key)
        uncertain = await campaign_progress.uncertain(tx, key)
        acts = await audit.notes(tx, f"campaign {key}")
        launch = await launch_view(tx, campaign, book=book)
        whose = steps.of_campaign(campaign.campaign_id, campaign.name, campaign.journey, book=book)
        is_wanted = progress.enrolled <= _COUNTED_UNASKED or "steps" in visit.request.query_params
        counts = await steps.counts(tx, whose) if is_wanted else None
        visits = await clicks.of_campaign(tx, key)
    return visit.page(
        "console/campaign.html",
        book,
        status=status,
        campaign=campaign,
        progress=progress,
        owner=name_of(book, campaign.owner),
        audience=audience_words(campaign.audience),
        members=_members(progress),
        left_out=_left_out(progress),
        runs=_runs(progress),
        mails=_mails(progress),
        spread=span_words(timedelta(seconds=campaign.spread_s)) if campaign.spread_s else "",
        bills=bills,
        under_way=found,
        uncertain=uncertain,
        offered=_offered(progress),
        acts=[(note, name_of(book, note.actor)) for note in acts],
        problem=problem,
        launch=launch,
        by_step=None if counts is None else by_step(counts, campaign=campaign.name),
        told=_TOLD,
        clicks=_clicks.lines(visits, campaign=campaign.name),
        click_heads=_clicks.HEADS,
    )


def _offered(progress: Progress) -> tuple[Act, ...]:
    campaign = progress.campaign
    if campaign.error and campaign.status is Status.RUNNING:
        return (Act.RESUME, Act.STOP)
    return _OFFERED[campaign.status]


def _few(one: Progress) -> tuple[Figure, ...]:
    """What a card of the list shows."""
    return (
        _count("in the audience", one.members, one),
        _count("enrolled", one.enrolled, one, fate="enrolled"),
        _count("left out", sum(one.left_out.values()), one, fate="left_out"),
        _letters("sent", one.mails.get(MessageStatus.SENT, 0), one, status="sent"),
    )


def _members(one: Progress) -> tuple[Figure, ...]:
    return (
        _count("in the audience", one.members, one),
        _count("enrolled", one.enrolled, one, fate="enrolled"),
        _count("not decided yet", one.undecided, one, fate="undecided"),
        _count("held out", one.held_out, one, fate="held_out"),
        _count("left out", sum(one.left_out.values()), one, fate="left_out"),
    )


def _left_out(one: Progress) -> tuple[Figure, ...]:
    return tuple(_count(WORDS[code], number, one, fate=code.value) for code, number in one.left_out.items())


def _runs(one: Progress) -> tuple[Figure, ...]:
    found: list[Figure] = []
    for run in one.runs:
        said = {"status": run.status}
        if run.status == "active":
            words = "blocked by an error" if run.blocked else "open"
            said |= {"blocked": "1"} if run.blocked else {}
        else:
            words, said = f"ended: {run.outcome}", {**said, "outcome": run.outcome or ""}
        href = f"/rows/runs?{urlencode({'campaign': one.campaign.name, **said})}"
        found.append(Figure(words=words, number=run.runs, href=href, is_bad=run.blocked))
    return tuple(found)


def _mails(one: Progress) -> tuple[Figure, ...]:
    counts: Counter[str] = Counter()
    for status, number in one.mails.items():
        counts[word_of(status)] += number
    words = [*_LETTERS, *(word for word in counts if word not in _LETTERS)]
    return tuple(
        _letters(word, counts[word], one, status=word, is_bad=word == MessageStatus.UNCERTAIN and counts[word] > 0)
        for word in words
    )


def _count(words: str, number: int, one: Progress, **said: str) -> Figure:
    href = f"/rows/members?{urlencode({'campaign': one.campaign.name, **said})}"
    return Figure(words=words, number=number, href=href)


def _letters(words: str, number: int, one: Progress, *, status: str, is_bad: bool = False) -> Figure:
    href = f"/rows/mails?{urlencode({'campaign': one.campaign.name, 'to': 'lead', 'status': status})}"
    return Figure(words=words, number=number, href=href, is_bad=is_bad)
