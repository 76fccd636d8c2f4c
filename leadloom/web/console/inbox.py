"""Which leads wait for an answer, most urgent first?"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.windows import zone_of
from leadloom.domain.model import Value
from leadloom.store import inbox as open_work
from leadloom.store import lead_story, published
from leadloom.store.inbox import InboxRow
from leadloom.store.published import Book
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS)])
PLACE = Place(href="/inbox", words="Inbox", means="Leads that wait for an answer", row="daily", order=20)

_LEVELS = {"deputy": "with the deputy", "manager": "with the manager", "pool": "open to the pool"}


class Waiting(Value):
    """A line of the inbox."""

    row: InboxRow
    person: str
    holder: str
    local_time: str
    level_words: str


@router.get("/inbox")
async def inbox(visit: Visit, owner: str = "") -> HTMLResponse:
    """Open offers, then accepted leads nobody has tried to reach; of one owner, or all."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        found = await open_work.list_open(tx, owner or None)
        rows = [row for row in found if visit.sight.sees(owner=row.owner, pool=row.pool, country=row.country)]
        people = await lead_story.people(tx, [row.lead_id for row in rows])
    waiting = [_waiting(row, *people[row.lead_id], book, visit.at) for row in rows]
    waiting.sort(key=lambda one: (one.row.due_at is None, one.row.due_at))
    holders = [entry for entry in book.definition.owners if may_hold(book, entry.handle)]
    return visit.page("console/inbox.html", book, waiting=waiting, owner=owner, holders=holders)


def local_time(lead: Lead, account: Account | None, book: Book, at: datetime) -> str:
    """What the lead's clock shows: nobody should be called at night."""
    local = at.astimezone(ZoneInfo(zone_of(lead, account, book.definition.company)))
    return f"{local:%a %H:%M}"


def level_words(book: Book, kind: str, level: int) -> str:
    """How far up its ladder an offer has come; empty for the first owner."""
    ladder = book.definition.hand_offs[kind].ladder
    return _LEVELS[ladder[level - 1].to] if 0 < level <= len(ladder) else ""


def _waiting(row: InboxRow, lead: Lead, account: Account | None, book: Book, at: datetime) -> Waiting:
    person = " ".join(part for part in (row.first_name, row.last_name) if part)
    return Waiting(
        row=row,
        person=person or lead.email or "somebody we have no name for",
        holder=name_of(book, row.owner) if row.owner else f"the pool {row.pool}",
        local_time=local_time(lead, account, book, at),
        level_words=level_words(book, row.kind, row.level),
    )


def may_hold(book: Book, handle: str) -> bool:
    """Whether hand-offs may lie on their desk."""
    role = book.definition.person(handle).role
    return handle == book.definition.routing.manager or role in {kind.to for kind in book.definition.hand_offs.values()}
