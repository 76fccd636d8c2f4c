"""How does the team stand, who is away, and how do offers come to somebody else? From the command line."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from leadloom.cli._data import AsJson, By, ask, read_id, table, write
from leadloom.cli._door import talk
from leadloom.domain.errors import BadInput
from leadloom.domain.handoffs.cover import Absence
from leadloom.domain.handoffs.hand_off import name_of
from leadloom.domain.model import HandOffId, Value
from leadloom.runtime import moving_offers, team_figures
from leadloom.runtime.moving_offers import RULES, Moved, Would
from leadloom.runtime.team_figures import TeamFigures, TeamNow
from leadloom.runtime.wiring import House
from leadloom.store import absences, published
from leadloom.store.absences import Plan
from leadloom.store.published import Book
from leadloom.store.reassigning import Word

app = typer.Typer(no_args_is_help=True, help="The team's open work, time off and who covers, offers moved together.")

Day = Annotated[str, typer.Argument(metavar="FIRST_DAY", help="The first day away: 2026-07-13.")]
Look = Annotated[bool, typer.Option("--look", help="Say what it would do, and do nothing.")]


class _Shown(Value):
    now: TeamNow
    figures: TeamFigures


@app.command()
def show(
    last: Annotated[int, typer.Option("--days", min=1, help="Of so many days are breaches and reasons told.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Open work and load by name, where leads waited too long, what came back by campaign; nobody is ranked."""

    async def read(house: House) -> tuple[TeamNow, TeamFigures]:
        at = house.now()
        async with house.db.read() as tx:
            now = await team_figures.now(tx, await published.book(tx), at=at)
            return now, await team_figures.figures(tx, as_of=at, since=at - timedelta(days=last))

    now, figures = ask(read)
    people = table(
        "name", "to answer", "in conversation", "room for", "away until",
        rows=(
            (one.name, one.desk.offered, one.desk.accepted, "no cap" if one.room_for is None else one.room_for,
             one.away.until_at if one.away else None)
            for one in now.people
        ),
        empty="Nobody may hold leads: the definition names no owners.",
    )  # fmt: skip
    back = table(
        "came back", "decided", "of which back", "reasons",
        rows=(
            (one.words, one.given_back.whole, one.given_back.part,
             ", ".join(f"{line.label} {len(line.ids)}" for line in one.reasons))
            for one in figures.origins
        ),
        empty="Nothing came back.",
    )  # fmt: skip
    work, clocks = now.work, figures.clocks
    said = (
        f"{work.offered} to answer, {work.untried} to try, {work.overdue + work.untried_overdue} past their hour,"
        f" {now.unowned} unowned, {now.held_by_absent} with somebody away. Waited too long in {last} days:"
        f" {len(clocks.system)} with us before anybody was told, {len(clocks.people)} after the notice."
    )
    write(_Shown(now=now, figures=figures), people, back, said, as_json=as_json)


@app.command()
def away(
    handle: Annotated[str, typer.Argument(metavar="HANDLE", help="Who is away.")],
    first: Day,
    last: Annotated[str, typer.Argument(metavar="LAST_DAY", help="The last day away.")],
    by: By,
    look: Look = False,
    as_json: AsJson = False,
) -> None:
    """Enter time off, whole days of their own calendar; says what happens to open offers."""

    async def enter(house: House) -> tuple[Plan, str, Book]:
        at = house.now()
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            plan = await absences.planned(tx, read_days(book, handle, first, last), book=book, at=at)
            if not look:
                await absences.enter(tx, plan.absence, by=by, at=at)
            return plan, absences.deputy_words(book, plan), book

    plan, covers, book = ask(enter)
    rows = ((one.offer.hand_off_id, one.offer.person, one.offer.company, _goes(book, plan, one)) for one in plan.covers)
    drawn = table("offer", "lead", "company", "then", rows=rows, empty="No open offer is with them now.")
    talk.print("Nothing was entered." if look else "Entered.", highlight=False)
    write(plan, covers, drawn, as_json=as_json)


def _goes(book: Book, plan: Plan, one: absences.Cover) -> str:
    if one.goes is None:
        return f"stays: {name_of(book.definition, plan.absence.handle)} is working it"
    to = name_of(book.definition, one.goes.owner) if one.goes.owner else f"the pool {one.goes.pool}"
    return f"to {to}, until {one.goes.accept_by:%Y-%m-%d %H:%M} UTC"


@app.command()
def back(
    handle: Annotated[str, typer.Argument(metavar="HANDLE", help="Who is back.")],
    first: Day,
    by: By,
    as_json: AsJson = False,
) -> None:
    """End time off now, or take it back before it begins. Offers that went to somebody else stay there."""

    async def end(house: House) -> Absence:
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            absence = read_days(book, handle, first, first)
            return await absences.end(tx, handle, absence.from_at, by=by, at=house.now())

    was = ask(end)
    write(was, f"{was.handle} is back.", as_json=as_json)


@app.command()
def move(
    hand_offs: Annotated[list[str], typer.Argument(metavar="HAND_OFF...", help="Ids, as `handoffs list` prints them.")],
    to: Annotated[str, typer.Option("--to", help=f"Handle of who gets them; {RULES}: whom the rules find now.")],
    by: By,
    why: Annotated[str, typer.Option("--why", help="Why; whoever loses them reads that.")],
    look: Look = False,
    as_json: AsJson = False,
) -> None:
    """Give several open offers to somebody else, each by itself; what is worked stays (exit 4 if none moved)."""
    ids = [HandOffId(read_id("hand-off", each)) for each in hand_offs]

    async def preview(house: House) -> tuple[Would, ...]:
        async with house.db.read() as tx:
            return await moving_offers.would(tx, ids, to, book=await published.book(tx), at=house.now())

    async def do(house: House) -> tuple[Moved, ...]:
        return await moving_offers.move(house.db, ids, to, Word(by, why), at=house.now())

    if look:
        found = ask(preview)
        rows = ((one.offer.hand_off_id, one.offer.person, one.offer.owner or one.offer.pool, one.accept_by,
                 one.refused or "would move") for one in found)  # fmt: skip
        write(found, table("offer", "lead", "with", "until", "", rows=rows, empty="None is open."), as_json=as_json)
        return
    moved = ask(do)
    lines = ((one.hand_off_id, one.person, one.before, one.after, one.problem or "moved") for one in moved)
    write(moved, table("offer", "lead", "from", "to", "", rows=lines, empty="None."), as_json=as_json)
    if all(one.problem for one in moved):
        raise typer.Exit(4)


def read_days(book: Book, handle: str, first: str, last: str) -> Absence:
    """Whole days of their own calendar, the last one included. Raises BadInput."""
    if handle not in {entry.handle for entry in book.definition.owners}:
        raise BadInput("handle", handle, "Name an owner of the definition.")
    zone = ZoneInfo(book.definition.calendars[book.definition.person(handle).calendar].zone)
    begins, ends = _day("first day", first), _day("last day", last) + timedelta(days=1)
    from_at, until_at = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (begins, ends))
    return Absence(handle=handle, from_at=from_at, until_at=until_at)


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(name, text, "Write a day such as 2026-07-13.") from None
