"""Which leads wait for an answer, most urgent first, and what does each answer take? One list, one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.hand_off_rules import OwnerEntry
from leadloom.domain.model import Value
from leadloom.store import ahead as coming
from leadloom.store import cards, published
from leadloom.store import inbox as open_work
from leadloom.store.inbox import InboxRow
from leadloom.store.published import Book
from leadloom.web.console._guard import needs
from leadloom.web.console._panels import Panels
from leadloom.web.console._places import Place
from leadloom.web.console._undo import Bar, bars_of, hidden_bar
from leadloom.web.console._visit import Looking, Visit
from leadloom.web.console._words import clock_words
from leadloom.web.console._work import calendar_of, may_hold, may_take, work_of

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS)])
PLACE = Place(href="/inbox", words="Inbox", means="Leads that wait for an answer", row="daily", order=20)

MOST = 200
"""Lines of a page; who has more sees the most urgent, and how many there are."""
_SEARCHED = ("first_name", "last_name", "company", "country", "role", "owner")


class View(Value):
    """Which part of the open work is looked at."""

    whose: str = ""
    """`mine`, `team`, `all`; empty: mine for whoever may hold leads, else all."""
    owner: str = ""
    """One owner's; outweighs `whose`."""
    kind: str = ""
    q: str = ""

    def but(self, **changes: object) -> View:
        """The same with changes."""
        return self.model_copy(update=changes)

    @property
    def href(self) -> str:
        """Its address."""
        told = {name: value for name, value in self.model_dump().items() if value}
        return f"/inbox?{urlencode(told)}" if told else "/inbox"


class Tab(Value):
    """A way to look, and how much waits there."""

    words: str
    href: str
    count: int
    here: bool


@router.get("/inbox")
async def inbox(
    visit: Visit, whose: str = "", owner: str = "", kind: str = "", q: str = "", hidden: str = ""
) -> HTMLResponse:
    """Open offers and accepted leads nobody has tried to reach, the nearest clock first."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        seat = visit.seat(book)
        mine = seat.handle if seat else ""
        found = await open_work.list_open(tx)
        seen = [row for row in found if visit.sight.sees(owner=row.owner, pool=row.pool, country=row.country)]
        view = View(whose=whose or _usual(seat, book), owner=owner, kind=kind, q=q[:80])
        whole = _of([row for row in seen if row.answer is None], view, seat, book)
        asked = [row for row in whole if _is_asked(row, view)]
        shown, asleep = _parted(asked, visit.at)
        known = await cards.read_many(tx, [row.hand_off_id for row in shown], definition=book.definition, at=visit.at)
        answered = await open_work.just_answered(tx, mine, at=visit.at) if mine else ()
        ahead = await coming.ahead(tx, book, visit.sight, mine, at=visit.at) if not shown else None
    return visit.page(
        "console/inbox.html",
        book,
        work=work_of(shown, known, book, visit.at),
        asleep=sorted(asleep, key=lambda row: (row.snoozed_until, row.hand_off_id)),
        view=view,
        mine=mine,
        answers_here=seat is not None and visit.may(Right.ANSWER_HAND_OFFS),
        bars=[*_hidden(asleep, hidden, visit, book), *bars_of(answered, book, mine, visit.at)],
        total=len(asked) - len(asleep),
        tabs=_tabs(seen, view, visit, book),
        kinds=_kinds(whole, view, book),
        names={entry.handle: entry.name for entry in book.definition.owners},
        panels=Panels(visit.at, book.definition, calendar_of(visit, book)),
        ahead=ahead,
    )


def _parted(rows: Sequence[InboxRow], at: datetime) -> tuple[list[InboxRow], list[InboxRow]]:
    """What is shown, most urgent first, and what its owner hid until later."""
    awake = sorted((row for row in rows if not row.is_hidden(at)), key=lambda row: (row.due_at is None, row.due_at))
    return awake[:MOST], [row for row in rows if row.is_hidden(at)]


def _hidden(asleep: Sequence[InboxRow], name: str, visit: Looking, book: Book) -> list[Bar]:
    found = next((row for row in asleep if str(row.hand_off_id) == name), None)
    if found is None or found.snoozed_until is None:
        return []
    return [hidden_bar(found, clock_words(found.snoozed_until, visit.zone(book), visit.at))]


def _usual(seat: OwnerEntry | None, book: Book) -> str:
    return "mine" if seat and may_hold(book, seat.handle) else "all"


def _of(rows: Sequence[InboxRow], view: View, seat: OwnerEntry | None, book: Book) -> list[InboxRow]:
    """Those of one owner, of whoever looks, of their team, or all."""
    if view.owner:
        return [row for row in rows if row.owner == view.owner]
    if seat is None or view.whose == "all":
        return list(rows)
    access = book.definition.access
    team = access.teams.get(access.team_of(seat.handle) or "")
    people = {seat.handle, *(team.people if team and view.whose == "team" else ())}
    return [row for row in rows if row.owner in people or (row.owner is None and may_take(book, row.pool, seat.handle))]


def _is_asked(row: InboxRow, view: View) -> bool:
    if view.kind and row.kind != view.kind:
        return False
    told = " ".join([*(getattr(row, name) or "" for name in _SEARCHED), *row.why]).casefold()
    return all(word in told for word in view.q.casefold().split())


def _tabs(rows: Sequence[InboxRow], view: View, visit: Looking, book: Book) -> list[Tab]:
    seat = visit.seat(book)
    rows = [row for row in rows if row.answer is None and not row.is_hidden(visit.at)]
    ways = [("mine", "Mine")] if seat and may_hold(book, seat.handle) else []
    if seat and book.definition.access.team_of(seat.handle):
        ways.append(("team", "My team"))
    if visit.sight.all or not ways:
        ways.append(("all", "Everybody's"))
    return [
        Tab(
            words=words,
            href=View(whose=name, kind=view.kind).href,
            count=len(_of(rows, View(whose=name), seat, book)),
            here=not view.owner and view.whose == name,
        )
        for name, words in ways
    ]


def _kinds(rows: Sequence[InboxRow], view: View, book: Book) -> list[Tab]:
    """The kinds that wait; none where all are of one."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.kind] = counts.get(row.kind, 0) + 1
    if len(counts) < 2 and not view.kind:
        return []
    found = [Tab(words="All kinds", href=view.but(kind="").href, count=len(rows), here=not view.kind)]
    for name, kind in book.definition.hand_offs.items():
        if name in counts or name == view.kind:
            href = view.but(kind=name).href
            found.append(Tab(words=kind.means, href=href, count=counts.get(name, 0), here=view.kind == name))
    return found
