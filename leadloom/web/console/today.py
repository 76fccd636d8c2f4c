"""Where do things stand? Today's figures, each a link to its rows, and what we promised each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.definition import Definition, Stage
from leadloom.domain.facts import MessageStatus
from leadloom.domain.model import Instant, Value
from leadloom.domain.reports.classes import CreditClass
from leadloom.runtime import reports
from leadloom.store import journeys_now, published, stuck
from leadloom.store.published import Book
from leadloom.store.rows import PLANNED
from leadloom.store.today import HandOffCount, MailCount, RunCount, StageCount, Today
from leadloom.store.today import today as counts_of
from leadloom.web.charts import funnel_chart, mails_chart
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_FIGURES)])
PLACE = Place(
    href="/today", words="Today", means="Where things stand, each figure with its rows", row="daily", order=10
)

_MAIL_WORDS = {
    "sent": "Sent",
    "planned": "Planned",
    MessageStatus.UNCERTAIN: "Uncertain",
    MessageStatus.HELD: "Held",
    MessageStatus.SUPPRESSED: "Suppressed",
    MessageStatus.REFUSED: "Refused",
    MessageStatus.EXPIRED: "Expired",
    MessageStatus.CANCELLED: "Cancelled",
}
_ALWAYS = ("sent", "planned", MessageStatus.UNCERTAIN, MessageStatus.HELD, MessageStatus.SUPPRESSED)
"""Shown also when there are none: their zero is news."""


class Figure(Value):
    """A number and the address of the rows it counted."""

    number: int
    href: str


class StageLine(Value):
    """A stage with its leads per track."""

    stage: str
    means: str
    kind: str
    figures: tuple[Figure, ...]
    """In the order of the definition's tracks."""


class HandOffLine(Value):
    """Open work of one kind."""

    kind: str
    means: str
    to_answer: Figure
    overdue: Figure
    to_try: Figure


class MailLine(Value):
    """Mails that went one way."""

    words: str
    to_leads: Figure
    to_owners: Figure


class Reason(Value):
    """What runs of a journey wait for."""

    words: str
    runs: Figure
    next_at: Instant | None


class JourneyLine(Value):
    """A journey with its open runs."""

    journey: str
    runs: Figure
    reasons: tuple[Reason, ...]


class ClassLine(Value):
    """Deals of one class."""

    name: str
    deals: Figure


class Attention(Value):
    """Something that should be nothing."""

    words: str
    figure: Figure
    calm: str
    """What a zero means."""


@router.get("/today")
async def where_things_stand(visit: Visit) -> HTMLResponse:
    """Today's figures."""
    at = visit.at
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        counts = await counts_of(tx, at=at)
        forgotten = (len(await stuck.stuck(tx, at, book=book)), len(await stuck.unowned(tx, book=book)))
        in_force = await journeys_now.in_force(tx, "definition")
    figures = await reports.everything(visit.house.db, at)
    return visit.page(
        "console/today.html",
        book,
        attention=_attention(counts, *forgotten),
        stages=_stages(book.definition, counts.stages),
        hand_offs=_hand_offs(book.definition, counts.hand_offs),
        mails=_mails(counts.mails),
        journeys=_journeys(book, counts.runs),
        classes=_classes(figures.pipeline.deals_by_class()),
        deal_basis=figures.pipeline.deal_basis,
        charter=figures.sla.charter,
        version=in_force[book.definition.name],
        pictures=(funnel_chart(figures.funnel), mails_chart(figures.mails_per_day)),
    )


def _attention(counts: Today, stuck_now: int, unowned_now: int) -> tuple[Attention, ...]:
    overdue = sum(one.answers_overdue + one.tries_overdue for one in counts.hand_offs)
    uncertain = sum(one.mails for one in counts.mails if one.status is MessageStatus.UNCERTAIN)
    return (
        Attention(
            words="Hand-offs overdue",
            figure=_figure(overdue, "/rows/hand-offs", overdue="1"),
            calm="every clock is running",
        ),
        Attention(words="Stuck", figure=_figure(stuck_now, "/rows/stuck"), calm="everything waits for something"),
        Attention(
            words="Unowned", figure=_figure(unowned_now, "/rows/unowned"), calm="every lead past the gate has somebody"
        ),
        Attention(
            words="Mails uncertain",
            figure=_figure(uncertain, "/rows/mails", status="uncertain"),
            calm="we know how each mail went",
        ),
    )


def _stages(definition: Definition, counts: Sequence[StageCount]) -> tuple[StageLine, ...]:
    found = {(one.track, one.stage): one.leads for one in counts}

    def line(stage: Stage) -> StageLine:
        figures = [
            _figure(found.get((track, stage.name), 0), "/rows/leads", track=track, stage=stage.name)
            for track in definition.tracks
        ]
        return StageLine(stage=stage.name, means=stage.means, kind=stage.kind, figures=tuple(figures))

    return tuple(line(stage) for stage in definition.stages)


def _hand_offs(definition: Definition, counts: Sequence[HandOffCount]) -> tuple[HandOffLine, ...]:
    found = {one.kind: one for one in counts}
    none = HandOffCount(kind="", to_answer=0, answers_overdue=0, to_try=0, tries_overdue=0)

    def line(kind: str) -> HandOffLine:
        one = found.get(kind, none)
        place = "/rows/hand-offs"
        return HandOffLine(
            kind=kind,
            means=definition.hand_offs[kind].means,
            to_answer=_figure(one.to_answer, place, kind=kind, state="offered"),
            overdue=_figure(one.answers_overdue + one.tries_overdue, place, kind=kind, overdue="1"),
            to_try=_figure(one.to_try, place, kind=kind, state="accepted", open="1"),
        )

    return tuple(line(kind) for kind in definition.hand_offs)


def _mails(counts: Sequence[MailCount]) -> tuple[MailLine, ...]:
    found: Counter[tuple[str, bool]] = Counter()
    for one in counts:
        found["planned" if one.status in PLANNED else one.status.value, one.to_owner] += one.mails
    return tuple(
        MailLine(
            words=words,
            to_leads=_figure(found[status, False], "/rows/mails", status=status, to="lead"),
            to_owners=_figure(found[status, True], "/rows/mails", status=status, to="owner"),
        )
        for status, words in _MAIL_WORDS.items()
        if status in _ALWAYS or found[status, False] or found[status, True]
    )


def _journeys(book: Book, counts: Sequence[RunCount]) -> tuple[JourneyLine, ...]:
    names = [one.journey.name for one in book.journeys] + [one.name for one in book.code]
    # A journey nobody publishes any more keeps the runs it began.
    names += sorted({one.journey for one in counts} - set(names))
    return tuple(_journey(name, [one for one in counts if one.journey == name]) for name in names)


def _journey(name: str, counts: Sequence[RunCount]) -> JourneyLine:
    reasons: list[Reason] = []
    for one in counts:
        asked = {"waiting_for": one.waiting_for} if one.waiting_for else {}
        blocked = {"blocked": "1"} if one.blocked else {}
        figure = _figure(one.runs, "/rows/runs", journey=name, status="active", **asked, **blocked)
        reasons.append(Reason(words=one.waiting_for or "nothing", runs=figure, next_at=one.next_at))
    total = sum(one.runs for one in counts)
    runs = _figure(total, "/rows/runs", journey=name, status="active")
    return JourneyLine(journey=name, runs=runs, reasons=tuple(reasons))


def _classes(deals: Mapping[CreditClass, int]) -> tuple[ClassLine, ...]:
    return tuple(
        ClassLine(name=one.value, deals=_figure(count, "/rows/deals", **{"class": one.value}))
        for one, count in deals.items()
    )


def _figure(number: int, path: str, **said: str) -> Figure:
    return Figure(number=number, href=f"{path}?{urlencode(said)}" if said else path)
