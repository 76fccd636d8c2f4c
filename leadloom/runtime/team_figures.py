"""What does a team's page, list or command tell? One read of the logs at one moment, then the domain."""

from __future__ import annotations

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Instant, Value
from leadloom.domain.reports.given_back import Origin, given_back
from leadloom.domain.reports.two_clocks import TwoClocks, two_clocks
from leadloom.store import absences, published, reports, stuck, team
from leadloom.store.absences import Absence
from leadloom.store.published import Book
from leadloom.store.team import Desk, OpenWork
from leadloom.store.tx import Tx


class Person(Value):
    """Somebody who may hold leads, with what they have and can take."""

    handle: str
    name: str
    role: str
    deputy: str | None
    desk: Desk
    room_for: int | None
    """How many more leads they can take in hand, by the tightest of their pools; None: nobody set a cap."""
    in_hand_at_most: int | None
    today_at_most: int | None
    away: Absence | None
    """Now, or the next time."""


class TeamNow(Value):
    """Open work, people and the watch list."""

    work: OpenWork
    people: tuple[Person, ...]
    """By name: nobody is ranked."""
    unowned: int
    held_by_absent: int


class TeamFigures(Value):
    """Where time was lost and what came back, of a period."""

    clocks: TwoClocks
    origins: tuple[Origin, ...]


async def now(tx: Tx, book: Book, *, at: Instant) -> TeamNow:
    """How the team stands at `at`."""
    definition = book.definition
    holders = [entry for entry in definition.owners if may_hold(definition, entry.handle)]
    desks = await team.desks(tx, [entry.handle for entry in holders], definition=definition, at=at)
    away: dict[str, Absence] = {}
    for one in await absences.known(tx, at=at):
        away.setdefault(one.handle, one)
    _, held = await team.held_by_absent(tx, definition, at=at)
    people = [
        _person(definition, entry.handle, desks[entry.handle], away.get(entry.handle))
        for entry in holders
        if entry.handle in desks
    ]
    return TeamNow(
        work=await team.open_work(tx, at=at),
        people=tuple(sorted(people, key=lambda one: one.name)),
        unowned=len(await stuck.unowned(tx, book=book)),
        held_by_absent=held,
    )


async def figures(tx: Tx, *, as_of: Instant, since: Instant | None) -> TeamFigures:
    """Of the hand-offs first offered, and those decided, from `since` to `as_of`."""
    definition = (await published.book(tx)).definition
    offered = await reports.hand_offs(tx, definition=definition, as_of=as_of, since=since)
    told = await team.told(tx, as_of=as_of, since=since)
    return TeamFigures(
        clocks=two_clocks(definition, offered, told, as_of=as_of),
        origins=given_back(definition, await team.decided(tx, as_of=as_of, since=since)),
    )


def may_hold(definition: Definition, handle: str) -> bool:
    """Whether hand-offs may lie on their desk."""
    role = definition.person(handle).role
    return handle == definition.routing.manager or role in {kind.to for kind in definition.hand_offs.values()}


def _person(definition: Definition, handle: str, desk: Desk, away: Absence | None) -> Person:
    entry = definition.person(handle)
    mine = [one for pool in definition.routing.pools.values() for one in pool.members if one.owner == handle]
    in_hand = min((one.open for one in mine if one.open is not None), default=None)
    a_day = min((one.a_day for one in mine if one.a_day is not None), default=None)
    rooms = [
        *([] if in_hand is None else [max(in_hand - desk.in_hand, 0)]),
        *([] if a_day is None else [max(a_day - desk.today, 0)]),
    ]
    return Person(
        handle=handle,
        name=entry.name,
        role=entry.role,
        deputy=entry.deputy,
        desk=desk,
        room_for=min(rooms, default=None),
        in_hand_at_most=in_hand,
        today_at_most=a_day,
        away=away,
    )
