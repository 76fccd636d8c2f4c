"""What became of what I told you this week, and how long did my answers take? For that person's eyes alone."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.handoffs.own_week import answer_time, week_of
from leadloom.domain.handoffs.working_time import WorkCalendar
from leadloom.store import own_weeks, published
from leadloom.web._chips import chips_of
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.ANSWER_HAND_OFFS)])
PLACE = Place(href="/my-week", words="My week", means="What became of what you told us; for your eyes", order=65)

WAYS = {
    "link": "from the notice’s link", "reply": "by replying to the notice", "chat": "in the chat",
    "card": "on the card in the CRM", "page": "in the inbox", "cli": "at the command line", "api": "in the CRM",
}  # fmt: skip
"""Where an answer was given; the first four without opening Leadloom."""


@router.get("/my-week")
async def show(visit: Visit, week: str = "") -> HTMLResponse:
    """The week of whoever sits there; nobody else's can be asked for."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        seat = visit.seat(book)
        calendar = WorkCalendar(book.definition.calendars[seat.calendar]) if seat else None
        chosen = week_of(week, visit.at, calendar) if calendar else None
        found = (
            await own_weeks.of(tx, seat.handle, since=chosen.from_at, until=min(chosen.until_at, visit.at))
            if seat and chosen
            else None
        )
    pairs = [(one.told_at, one.decided_at) for one in found.answers if one.told_at] if found else []
    ways: dict[str, int] = {}
    for one in found.answers if found else ():
        ways[one.decided_via or ""] = ways.get(one.decided_via or "", 0) + 1
    enough = max((rule.needs_tries for rule in book.definition.reject_reasons.values()), default=0)
    chips = {
        kind: {chip.name: chip for chip in chips_of(book.definition, kind, enough)}
        for kind in book.definition.hand_offs
    }
    return visit.page(
        "console/own_week.html", book, week=chosen, found=found, ways=ways, way_words=WAYS,
        took=answer_time(pairs, calendar) if calendar else None,
        chips=chips,
        labels={name: chip.rule.label for of_kind in chips.values() for name, chip in of_kind.items()},
        names={entry.handle: entry.name for entry in book.definition.owners},
    )  # fmt: skip
