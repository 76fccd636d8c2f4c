"""Whom do conditions that come to hold, dates that come and days that come round let into journeys? What the sweep of
entries writes.

Who it is so for is asked of all leads in one statement and noted; those noted are then decided a page at a time, each
page under its leads' locks. A row stands while it is so: that is why twice is once, and again is again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple, get_args

from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.entry import Against
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.recurring import LATE, rounds
from leadloom.domain.journeys.runs import Admission, Enrol, admit
from leadloom.domain.journeys.watching import by_condition, by_date, by_round, comes_at, is_over, latest_day
from leadloom.domain.mails.windows import zone_told
from leadloom.domain.model import LeadId
from leadloom.domain.standing import PublishedJourney, Standing
from leadloom.store import audit, runs, standing
from leadloom.store.conditions import compiled
from leadloom.store.names import Fragment
from leadloom.store.published import Book, hash_of
from leadloom.store.tx import Record, Tx

Way = Literal["holds", "date", "every"]
PAGE = 200
"""Leads of one transaction."""


class Watch(NamedTuple):
    """A journey that leads come into without an event, and the way they do."""

    published: PublishedJourney
    way: Way

    @property
    def journey(self) -> Journey:
        """The version in force."""
        return self.published.journey

    @property
    def asks(self) -> str:
        """Names the question: another one asks everybody anew. Not the whole journey, or each edit of a step would."""
        enter = self.journey.enter
        told = {"holds": enter.holds, "date": enter.date, "every": enter.every}[self.way]
        asked = None if told is None else told.model_dump(mode="json", by_alias=True)
        return hash_of([asked, enter.who, self.journey.track])


def watches(book: Book) -> tuple[Watch, ...]:
    """Every way without an event into the journeys in force."""
    return tuple(
        Watch(one, way)
        for way in get_args(Way)
        for one in book.journeys
        if getattr(one.journey.enter, way) is not None  # each way is called like what the file says
    )


async def forget(tx: Tx, book: Book) -> None:
    """Forget what journeys asked that ask no more: one that comes back begins anew."""
    kept = watches(book)
    journeys, ways = [one.journey.name for one in kept], [one.way for one in kept]
    await tx.run("forget_watches", journeys=journeys, ways=ways)


async def notice(tx: Tx, watch: Watch, *, book: Book, at: datetime) -> None:
    """Note for whom it has come to be so, and forget for whom it ceased; a few statements, whatever their number.

    The first time, and after the question was edited, those for whom it is so now stay out unless the journey takes
    them (`who`). Twice at the same instant is once.
    """
    name, enter = watch.journey.name, watch.journey.enter
    is_first = await tx.maybe("begin_watch", journey=name, way=watch.way, asks=watch.asks, at=at) is not None
    row = await tx.one("watch_for_update", journey=name, way=watch.way)
    if row["asks"] != watch.asks:
        await tx.run("ask_anew", journey=name, way=watch.way, asks=watch.asks, at=at)
    is_first = is_first or row["asks"] != watch.asks
    if watch.way == "every":
        if not is_first:
            await _notice_round(tx, watch, row["came_to"], book=book, at=at)
        return
    stayed_out = Against.HELD_BEFORE if is_first and enter.who == "from now on" else None
    takes_new = is_first or enter.who != "now"
    if watch.way == "holds":
        await _notice_holding(tx, watch, stayed_out, takes_new=takes_new, book=book, at=at)
    else:
        await _notice_days(tx, watch, stayed_out, takes_new=takes_new, book=book, at=at)


async def page(
    tx: Tx, watch: Watch, after: LeadId | None, *, book: Book, at: datetime, limit: int = PAGE
) -> LeadId | None:
    """Decide about the next leads that were noted, under their locks; the last of them, None when there are no more."""
    name = watch.journey.name
    rows = await tx.all("undecided_matches", journey=name, way=watch.way, after=after, page_limit=limit)
    if not rows:
        return None
    standings = await standing.standings(tx, [row["lead_id"] for row in rows], book=book, at=at)
    admitted = [(row["lead_id"], _admit(watch, row, standings[row["lead_id"]], book, at)) for row in rows]
    await runs.leave(tx, [order for _, one in admitted for order in one.exits], at=at)
    coming: list[tuple[LeadId, Enrol]] = [(lead_id, one.enrol) for lead_id, one in admitted if one.enrol is not None]
    companies = {lead_id: now.lead.account_id for lead_id, now in standings.items()}
    await runs.enter(tx, coming, companies=companies, book=book, at=at)
    decided = [
        (lead_id, one.against.code if one.against else None) for lead_id, one in admitted if not _waits(watch, one)
    ]
    await tx.run(
        "decide_matches",
        journey=name,
        way=watch.way,
        lead_ids=[lead_id for lead_id, _ in decided],
        stayed_outs=[code for _, code in decided],
        at=at,
    )
    return rows[-1]["lead_id"]


class KeptOut(NamedTuple):
    """What stood against a lead for whom it came to be so."""

    code: Against
    since: datetime


async def stayed_out(tx: Tx, lead_id: LeadId, journey: str) -> KeptOut | None:
    """Why a condition or a date that is so for the lead let them not in; None when nothing like that stands."""
    row = await tx.maybe("match_kept_out", lead_id=lead_id, journey=journey)
    return None if row is None else KeptOut(Against(row["stayed_out"]), row["since"])


async def _notice_holding(
    tx: Tx, watch: Watch, stayed_out: Against | None, *, takes_new: bool, book: Book, at: datetime
) -> None:
    journey = watch.journey
    where = _compiled(journey.enter.holds, journey, book, at)
    await tx.run_where("forget_ceased", where, journey=journey.name)
    if takes_new:
        await tx.run_where("note_holding", where, journey=journey.name, at=at, stayed_out=stayed_out)


async def _notice_days(
    tx: Tx, watch: Watch, stayed_out: Against | None, *, takes_new: bool, book: Book, at: datetime
) -> None:
    name, entry = watch.journey.name, watch.journey.enter.date
    assert entry is not None  # `watches` has looked
    await tx.run("forget_moved", journey=name, field=entry.field)
    if not takes_new:
        return
    rows = await tx.all("days_ahead", journey=name, field=entry.field, latest=latest_day(entry, at))
    come: list[tuple[Record, Against | None]] = []
    for row in rows:
        told = row["time_zone"] or None, row["country"] or None, row["account_country"] or None
        zone = zone_told(*told, book.definition.company).name
        if comes_at(entry, row["day"], zone) <= at:
            come.append((row, stayed_out or (Against.TOO_LATE if is_over(entry, row["day"], zone, at) else None)))
    if come:
        await tx.run(
            "note_days",
            journey=name,
            field=entry.field,
            at=at,
            days=[row["day"] for row, _ in come],
            time_zones=[row["time_zone"] for row, _ in come],
            countries=[row["country"] for row, _ in come],
            account_countries=[row["account_country"] for row, _ in come],
            stayed_outs=[code for _, code in come],
        )


async def _notice_round(tx: Tx, watch: Watch, came_to: datetime, *, book: Book, at: datetime) -> None:
    """The last round that has come since: those before it, and one that is skipped, leave a note that says so."""
    journey, entry = watch.journey, watch.journey.enter.every
    assert entry is not None  # `watches` has looked
    found = rounds(entry, book.definition.company.time_zone, after=came_to, until=at)
    if not found:
        return
    last = found[-1]
    is_missed = entry.missed == "skip" and at - last.at > LATE
    if missed := [one.day.isoformat() for one in (found if is_missed else found[:-1])]:
        note = audit.Note(
            at=at, actor="system", action="missed a round", subject=f"journey {journey.name}",
            after={"days": [*missed]}, why="no worker was there when it came",
        )  # fmt: skip
        await audit.note(tx, note)
    day = last.day.isoformat()
    if not is_missed:
        where = _compiled(entry.whom, journey, book, at)
        await tx.run("forget_rounds", journey=journey.name, day=day)
        await tx.run_where("note_round", where, journey=journey.name, day=day, at=at)
    await tx.run("rounds_came_to", journey=journey.name, came_to=last.at)


def _compiled(asked: Condition | None, journey: Journey, book: Book, at: datetime) -> Fragment:
    local = book.judging_by_country()
    return compiled(asked, definition=book.definition, local=local, track=journey.track, at=at)


def _admit(watch: Watch, row: Record, now: Standing, book: Book, at: datetime) -> Admission:
    no = now.last_event_no
    match watch.way:
        case "holds":
            knock = by_condition(watch.journey, row["since"], no)
        case "date":
            knock = by_date(watch.journey, row["value"], no)
        case "every":
            knock = by_round(watch.journey, row["value"], no)
    return admit(book.judges(now), watch.published, knock, standing=now, at=at)


def _waits(watch: Watch, admission: Admission) -> bool:
    """A date is not lost on a run that is open, or has just ended: it is asked again at the next round."""
    codes = (Against.IN_ALREADY, Against.RESTS)
    return watch.way == "date" and admission.against is not None and admission.against.code in codes
