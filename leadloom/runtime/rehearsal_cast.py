"""Who and what is gathered for the rehearsal of an audience: from the files alone, or from a running house?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from leadloom.domain.campaigns.audience import check_audience
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Conflict, Faulty, NotFound
from leadloom.domain.journeys.asks import asks_of_companies
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.rehearsal.cast import Cue, LeadAtStart, LetsIn, Setting
from leadloom.domain.rehearsal.engagement import Engagement, slider
from leadloom.domain.rehearsal.happenings import Happens
from leadloom.domain.rehearsal.script import Script, read_script
from leadloom.domain.rehearsal.strangers import strangers
from leadloom.domain.standing import PublishedJourney
from leadloom.runtime import catalog
from leadloom.runtime.by_hand import Whom
from leadloom.runtime.publishing import Drafts, read_drafts
from leadloom.store import campaigns, leads, published, rehearsals
from leadloom.store.db import Db
from leadloom.store.published import Book

PAST = "past"
STRANGERS_ANSWER = "0.2"
"""What strangers answer when nobody says: about what prospects do who asked for something (world.md)."""
PAGE = 500
"""Leads of one read."""
DRAFT = "draft"
"""The hash of a journey that was never published."""


class Order(Value):
    """What somebody wants rehearsed."""

    journeys: tuple[str, ...]
    """The audience comes into the first; the others are looked at, too."""
    begins_at: Instant
    days: float
    seed: int = 0
    answers: str | None = None
    """`past`, a share from 0 to 1, or the path of a script; None: the past, and 0.2 for strangers."""
    event: str | None = None
    """What everybody does at the beginning, instead of being let in by hand."""
    spread: timedelta = timedelta()
    """Over which span their beginnings are spread, evenly."""
    in_force: bool = False
    """Play what is published, not the drafts."""


class Cast(NamedTuple):
    """All that a rehearsal needs."""

    setting: Setting
    leads: Sequence[LeadAtStart]
    cues: Sequence[Cue]
    answers: str
    """In words."""


def of_strangers(order: Order, count: int) -> Cast:
    """With invented leads and the drafts: no house is needed. Raises Faulty, BadInput, NotFound, Conflict."""
    if count < 1:
        raise BadInput("leads", count, "Write how many, from 1.")
    drafts = read_drafts()
    journeys = tuple(PublishedJourney(hash=DRAFT, journey=one) for one in drafts.journeys)
    cast = list(strangers(drafts.definition, count, at=order.begins_at, seed=order.seed))
    who = {str(no): lead.standing.lead.lead_id for no, lead in enumerate(cast, start=1)}
    return _cast(order, drafts.definition, journeys, cast, order.answers or STRANGERS_ANSWER, who)


async def of_house(db: Db, order: Order, whom: Whom, told: Callable[[int], None] = lambda _: None) -> Cast:
    """With leads as they stand now. `told` hears how many were read. Raises as `of_strangers` does."""
    async with db.read() as tx:
        book = await published.book(tx)
        past = None
        if order.answers in (None, PAST):
            past = await rehearsals.past_answers(tx, at=order.begins_at)
    journeys = _in_play(order, book)
    found = await _leads(db, whom, book, order.begins_at, told)
    if any(asks_of_companies(one.journey) for one in journeys):
        found = await _with_colleagues(db, found)
    if not found:
        raise BadInput("audience", "nobody", "No lead is so. Look whom there is: python starter.py leads list.")
    who = {str(lead.standing.lead.lead_id): lead.standing.lead.lead_id for lead in found}
    if past is None:
        names = _script(order.answers or "", book.definition, journeys)
        async with db.read() as tx:
            who |= await leads.find_all(tx, names.names if names else ())
    return _cast(order, book.definition, journeys, found, order.answers or PAST, who, past)


def _cast(
    order: Order,
    definition: Definition,
    journeys: Sequence[PublishedJourney],
    cast: Sequence[LeadAtStart],
    answers: str,
    who: dict[str, LeadId],
    past: Engagement | None = None,
) -> Cast:
    by_name = {one.journey.name: one.journey for one in journeys}
    _check(order, definition, by_name)
    script = None if past is not None else _script(answers, definition, journeys)
    engagement = past
    words = "as people answered in the last year"
    if script is None and past is None:
        engagement, words = slider(_share(answers), by_name, definition), f"{_share(answers):.0%} of mails"
    everybody = [lead.standing.lead.lead_id for lead in cast]
    cues = list(_beginnings(order, everybody))
    if script is not None:
        _known(answers, script, who, everybody)
        scripted = script.cues(who, everybody, begins_at=order.begins_at)
        cues, words = cues + scripted, f"as {Path(answers).name} says ({len(scripted):,} things happen)"
    setting = Setting(
        definition=definition, journeys=tuple(journeys), begins_at=order.begins_at,
        ends_at=order.begins_at + timedelta(days=order.days), seed=order.seed, engagement=engagement,
        pauses=script.pauses(order.begins_at) if script else (),
    )  # fmt: skip
    return Cast(setting, cast, cues, words)


def _check(order: Order, definition: Definition, by_name: dict[str, Journey]) -> None:
    if order.days <= 0:
        raise BadInput("days", order.days, "Write how many days to play, such as 90.")
    code = {entry.name for entry in catalog.code_entries()}
    for name in order.journeys:
        if name in code:
            raise BadInput("journey", name, "It is a journey as code: what its workflow does can't be rehearsed.")
        if name not in by_name:
            raise NotFound("journey", name)
    if order.event is not None and order.event not in definition.events:
        raise BadInput("event", order.event, "The definition has no event of this kind. See `events` in it.")
    if order.event is None and not by_name[order.journeys[0]].enter.by_hand:
        raise Conflict(
            f"{order.journeys[0]} takes nobody by hand (by_hand: false). Say what lets leads in: --event KIND."
        )


def _in_play(order: Order, book: Book) -> tuple[PublishedJourney, ...]:
    """What is in force; of the journeys that are named the drafts, unless told otherwise."""
    in_force = {one.journey.name: one for one in book.journeys}
    if not order.in_force:
        drafts: Drafts = read_drafts()
        named = {one.name: one for one in drafts.journeys if one.name in order.journeys}
        in_force |= {
            name: PublishedJourney(hash=DRAFT, journey=draft)
            for name, draft in named.items()
            if name not in in_force or in_force[name].journey != draft
        }
    return tuple(in_force.values())


async def _leads(db: Db, whom: Whom, book: Book, at: datetime, told: Callable[[int], None]) -> list[LeadAtStart]:
    found: list[LeadAtStart] = []
    async for page in _pages(db, whom, book, at):
        async with db.read() as tx:
            found += await rehearsals.at_start(tx, page, book=book, at=at)
        told(len(found))
    return found


async def _with_colleagues(db: Db, leads: Sequence[LeadAtStart]) -> list[LeadAtStart]:
    """The same leads, each with the other people of its company: those who aren't rehearsed count for it, too."""
    found: list[LeadAtStart] = []
    for start in range(0, len(leads), PAGE):
        async with db.read() as tx:
            found += await rehearsals.with_colleagues(tx, leads[start : start + PAGE])
    return found


async def _pages(db: Db, whom: Whom, book: Book, at: datetime) -> AsyncIterator[Sequence[LeadId]]:
    if whom.names:
        async with db.read() as tx:
            meant = await leads.find_all(tx, whom.names)
        if missing := [name for name in whom.names if name not in meant]:
            raise NotFound("lead", missing[0])
        ids = list(dict.fromkeys(meant.values()))
        for start in range(0, len(ids), PAGE):
            yield ids[start : start + PAGE]
    if whom.audience is None:
        return
    check_audience(whom.audience, book.definition)
    after: LeadId | None = None
    while True:
        async with db.read() as tx:
            page = await campaigns.whom(tx, whom.audience, after=after, limit=PAGE, book=book, at=at)
        if not page:
            return
        yield page
        after = page[-1]


def _beginnings(order: Order, everybody: Sequence[LeadId]) -> Iterable[Cue]:
    for place, lead_id in enumerate(everybody):
        at = order.begins_at + order.spread * place / len(everybody)
        if order.event is not None:
            yield Cue(lead_id=lead_id, what=Happens(at=at, kind=order.event))
        else:
            yield Cue(lead_id=lead_id, what=LetsIn(at=at, journey=order.journeys[0]))


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise BadInput("engagement", text, "Say past, a share from 0 to 1 such as 0.3, or the path of a script.")
    return share


def _script(answers: str, definition: Definition, journeys: Sequence[PublishedJourney]) -> Script | None:
    """The script at that path; None for a share."""
    path = Path(answers)
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("engagement", answers, f"The file can't be read: {error}.") from error
    return read_script(path.name, text, definition, [one.journey.name for one in journeys])


def _known(answers: str, script: Script, who: dict[str, LeadId], everybody: Sequence[LeadId]) -> None:
    there = set(everybody)
    missing = [name for name in script.names if who.get(name) not in there]
    if missing:
        words = "is nobody of those who are rehearsed"
        raise Faulty(Path(answers).name, [f"lead {name}: {words}. Name one, or * for all." for name in missing[:20]])
