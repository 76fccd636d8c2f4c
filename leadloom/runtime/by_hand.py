"""How does somebody let many leads into a journey, or take them out? A page at a time, each one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime

from leadloom.domain.campaigns.audience import Audience, check_audience
from leadloom.domain.campaigns.membership import LeftOut
from leadloom.domain.errors import BadInput
from leadloom.domain.model import LeadId, Value
from leadloom.store import campaigns, entering, leads, owners, published
from leadloom.store.db import Db
from leadloom.store.entering import Admitted, ByHand

PAGE = 100
"""Leads of one transaction, as of a campaign: whoever else needs one of them waits a fraction of a second."""
LOOK_AT = 1000
"""Leads of one page of a preview."""


class Whom(Value):
    """Which leads are meant: those named, or those a question finds."""

    names: tuple[str, ...] = ()
    """Lead ids, mail addresses or external ids."""
    audience: Audience | None = None


class Bulk(Value):
    """What came of an act, or would come of it."""

    journey: str
    enrolled: int
    left_out: dict[LeftOut, tuple[str, ...]]
    """Everybody else by the first thing that stands against them: their ids; for unknown ones, the names given."""


async def enrol(
    db: Db, whom: Whom, order: ByHand, *, at: datetime, told: Callable[[int], None] = lambda _: None
) -> Bulk:
    """Let them in. `told` hears after each page how many leads have been decided.

    Safe to repeat with the same occasion. Raises as `entering.door` does, NotFound for a handle nobody has, BadInput
    for a pace or a question that means nothing.
    """
    if order.per_minute is not None and order.per_minute < 1:
        raise BadInput("per minute", order.per_minute, "Write 1 or more, or leave it out for no pace.")
    async with db.read() as tx:
        await owners.named(tx, order.by)
    found = _Found(order.journey)
    async for page in _pages(db, whom, order.journey, found, size=PAGE, at=at):
        async with db.transaction() as tx:
            book = await published.book(tx)
            found.add(await entering.let_in(tx, page, order.but(begun=found.enrolled), book=book, at=at))
        told(found.decided)
    return found.bulk()


async def foresee(db: Db, whom: Whom, journey: str, *, at: datetime) -> Bulk:
    """What `enrol` would do now; writes nothing. Raises as `enrol` does."""
    found = _Found(journey)
    async for page in _pages(db, whom, journey, found, size=LOOK_AT, at=at):
        async with db.read() as tx:
            found.add(await entering.preview(tx, page, journey, book=await published.book(tx), at=at))
    return found.bulk()


async def unenrol(db: Db, whom: Whom, order: ByHand, outcome: str, *, at: datetime) -> int:
    """End their open runs in the journey; how many. Twice is once. Raises NotFound, BadInput."""
    async with db.read() as tx:
        await owners.named(tx, order.by)
    found, ended = _Found(order.journey), 0
    async for page in _pages(db, whom, order.journey, found, size=PAGE, at=at):
        async with db.transaction() as tx:
            ended += await entering.let_out(tx, page, order, outcome, at=at)
    return ended


async def _pages(
    db: Db, whom: Whom, journey: str, found: _Found, *, size: int, at: datetime
) -> AsyncIterator[tuple[LeadId, ...]]:
    names = tuple(dict.fromkeys(name.strip() for name in whom.names if name.strip()))
    for start in range(0, len(names), size):
        asked = names[start : start + size]
        async with db.read() as tx:
            meant = await leads.find_all(tx, asked)
        found.unknown(name for name in asked if name not in meant)
        if page := tuple(dict.fromkeys(meant.values())):
            yield page
    if whom.audience is None:
        return
    after: LeadId | None = None
    while True:
        async with db.read() as tx:
            book = await published.book(tx)
            check_audience(whom.audience, book.definition)
            page = await campaigns.whom(tx, whom.audience, after=after, limit=size, book=book, at=at)
        if not page:
            return
        yield page
        after = page[-1]


class _Found:
    """Adds pages up."""

    def __init__(self, journey: str) -> None:
        self._journey, self.enrolled = journey, 0
        self._left_out: defaultdict[LeftOut, list[str]] = defaultdict(list)

    @property
    def decided(self) -> int:
        return self.enrolled + sum(len(each) for each in self._left_out.values())

    def add(self, page: Admitted) -> None:
        self.enrolled += len(page.enrolled)
        for lead_id, code in page.left_out.items():
            self._left_out[code].append(str(lead_id))

    def unknown(self, names: Iterable[str]) -> None:
        self._left_out[LeftOut.UNKNOWN].extend(names)

    def bulk(self) -> Bulk:
        left_out = {code: tuple(self._left_out[code]) for code in LeftOut if self._left_out.get(code)}
        return Bulk(journey=self._journey, enrolled=self.enrolled, left_out=left_out)
