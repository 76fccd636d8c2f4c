"""What does a line of the inbox say? Who it is, by which clock, why, and whose; worked out once for a whole page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo

from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.handoffs import hand_off
from leadloom.domain.handoffs.card import Card
from leadloom.domain.handoffs.working_time import WorkCalendar
from leadloom.domain.model import HandOffId
from leadloom.store.inbox import InboxRow
from leadloom.store.published import Book
from leadloom.web.console._listing import name_of
from leadloom.web.console._visit import Looking

_LEVELS = {"deputy": "with the deputy", "manager": "with the manager", "pool": "open to the pool"}
_CLOCKS = {"ready": "Waits for room, at most", "offered": "Answer", "accepted": "First try"}

_DAY_BEGINS, _DAY_ENDS = 8, 18
"""Hours of the lead's day in which a call is welcome; outside the page says what hour it is there."""
_SATURDAY = 5
_HALF_HOURS = 2 * 24 * 14
"""How far ahead a call is looked for."""


@dataclass(frozen=True)
class Work:
    """A line of the inbox."""

    row: InboxRow
    card: Card
    holder: str
    level: str
    """How far up its ladder it has come, in words; empty for the first owner."""
    half_at: datetime | None
    """When half of the working time to answer has gone."""
    at: datetime

    @property
    def first(self) -> str:
        """What to call them in a sentence."""
        return self.card.lead.first_name or "them"

    @property
    def who(self) -> str:
        """Title, company and country, as far as known."""
        lead = self.card.lead
        return " · ".join(
            part for part in (_title(lead.title or lead.role or ""), self.card.company, lead.country) if part
        )

    @property
    def clock(self) -> str:
        """Which clock it is that runs."""
        return _CLOCKS.get(self.row.stands, "")

    @property
    def is_worked(self) -> bool:
        """Whether somebody took it, be it a moment ago."""
        answer = self.row.answer
        return self.row.state == "accepted" if answer is None else answer.decision.kind == "accept"

    @property
    def is_late(self) -> bool:
        """Whether its clock ran out."""
        return self.row.due_at is not None and self.row.due_at < self.at

    @property
    def is_half(self) -> bool:
        """Whether half of its time is gone."""
        return self.half_at is not None and self.half_at <= self.at

    @cached_property
    def their_clock(self) -> str:
        """What the lead's clock shows: nobody should be called at night."""
        zone = ZoneInfo(self.card.zone)
        return f"{self.at.astimezone(zone):%a %H:%M} in {zone.key.rpartition('/')[2].replace('_', ' ')}"

    @cached_property
    def bad_hour(self) -> str:
        """Why not to call just now; empty while their day is open."""
        there = self.at.astimezone(ZoneInfo(self.card.zone))
        if there.weekday() >= _SATURDAY:
            return "weekend there"
        return "early there" if there.hour < _DAY_BEGINS else "late there" if there.hour >= _DAY_ENDS else ""


def work_of(rows: Sequence[InboxRow], cards: Mapping[HandOffId, Card], book: Book, at: datetime) -> list[Work]:
    """The lines of these rows, the nearest clock first; who waits for nothing comes last."""

    @cache
    def calendar(owner: str | None) -> WorkCalendar:
        return hand_off.calendar_of(book.definition, owner)

    def half(row: InboxRow) -> datetime | None:
        if row.due_at is None or row.began_at is None:
            return None
        kind = book.definition.hand_offs[row.kind]
        span = kind.first_try if row.state == "accepted" else kind.accept
        return min(row.due_at, calendar(row.owner).add(row.began_at, span / 2))

    found = [
        Work(
            row=row,
            card=cards[row.hand_off_id],
            holder=name_of(book, row.owner) if row.owner else f"the pool {row.pool}",
            level=level_words(book, row.kind, row.level),
            half_at=half(row),
            at=at,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.row.due_at is None, one.row.due_at, one.row.hand_off_id))


def _title(words: str) -> str:
    return words[:1].upper() + words[1:]


def level_words(book: Book, kind: str, level: int) -> str:
    """How far up its ladder an offer has come; empty for the first owner."""
    ladder = book.definition.hand_offs[kind].ladder
    return _LEVELS[ladder[level - 1].to] if 0 < level <= len(ladder) else ""


def may_hold(book: Book, handle: str) -> bool:
    """Whether hand-offs may lie on their desk."""
    role = book.definition.person(handle).role
    return handle == book.definition.routing.manager or role in {kind.to for kind in book.definition.hand_offs.values()}


def calendar_of(visit: Looking, book: Book) -> Calendar:
    """By whose working days who looks reckons: their own, else the manager's."""
    seat = visit.seat(book) or book.definition.person(book.definition.routing.manager)
    return book.definition.calendars[seat.calendar]


def may_take(book: Book, pool: str | None, handle: str) -> bool:
    """Whether what lies open in a pool is theirs to take: its members', and everybody's where it names nobody."""
    named = book.definition.routing.pools.get(pool or "")
    return named is None or handle in {member.owner for member in named.members}


def time_for_a_call(at: datetime, book: Book, owner: str | None, zone: ZoneInfo) -> datetime:
    """The next half hour in which both work: the owner by their calendar, the lead by daylight; else the owner's."""
    calendar = hand_off.calendar_of(book.definition, owner)
    first = at.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=30 * (at.minute // 30 + 1))
    for step in range(_HALF_HOURS):
        begins = first + timedelta(minutes=30 * step)
        there = begins.astimezone(zone)
        is_day = there.weekday() < _SATURDAY and _DAY_BEGINS < there.hour < _DAY_ENDS - 1
        if is_day and calendar.is_open(begins):
            return begins
    return calendar.next_open(first)
