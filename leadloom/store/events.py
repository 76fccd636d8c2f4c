"""What happened, and what follows? The one way an event is written (law 5): log, score, gates, runs, wake-ups."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import NamedTuple

from leadloom.domain.consequences import Consequences, decide
from leadloom.domain.journeys.doors import Doors
from leadloom.domain.lead import Event, EventDraft
from leadloom.domain.model import AccountId, Instant, Json, LeadId, Value
from leadloom.domain.stages.clocks import DropClock, SetClock, is_per_track
from leadloom.domain.stages.scoring import country_of
from leadloom.domain.standing import Standing
from leadloom.domain.wake import lifecycle_looks, run_looks
from leadloom.store import account_news, falling_silent, permissions, runs, standing
from leadloom.store.published import Book
from leadloom.store.tx import Ahead, Asked, Tx, row_of

NEWEST = 2**31 - 1
"""`before_no` of the first page."""

_AT_A_TIME = 100
"""Leads a statement writes while the next are decided about: a large page would do both one after the other."""


class Happening(NamedTuple):
    """What happened to one lead, oldest first."""

    lead_id: LeadId
    drafts: tuple[EventDraft, ...]
    history: bool = False
    """What another system lived through: decided as of its own instants, and nobody acts on it now."""


class Births(NamedTuple):
    """Leads that have no row yet."""

    standings: Mapping[LeadId, Standing]
    rows: Callable[[Mapping[LeadId, Recorded]], list[Asked]]
    """The statements that write those of them to whom this happened, their last number among it."""
    companies: frozenset[AccountId] = frozenset()
    """Those made in this very transaction: nobody else can see them."""


class Weighed(NamedTuple):
    """What happened and all that follows."""

    recorded: dict[LeadId, Recorded]
    standings: Mapping[LeadId, Standing]
    """Before anything happened."""
    born: frozenset[LeadId]
    """Leads whose row says its last number itself."""

    @property
    def all_born(self) -> bool:
        """Nobody was there before: what they enter can be written along with them, for no run can end first."""
        return self.born.issuperset(self.standings)

    def companies_moved(self) -> set[AccountId]:
        """Whose people's ledgers have new rows."""
        earned = (lead_id for lead_id, one in self.recorded.items() if one.consequences.entries)
        homes = (self.standings[lead_id].lead.account_id for lead_id in earned)
        return {account_id for account_id in homes if account_id is not None}


class Recorded(NamedTuple):
    """What was written for one lead."""

    lead_id: LeadId
    consequences: Consequences

    @property
    def events(self) -> tuple[Event, ...]:
        """The events that are new, numbered. Drafts whose key was known are not among them."""
        return self.consequences.events


class StageChangeRow(Value):
    """One line of a lead's stage log."""

    track: str
    no: int
    from_stage: str | None
    to_stage: str
    at: Instant
    actor: str
    reason: str
    evidence: dict[str, Json]
    definition_version: int
    stayed: timedelta | None = None
    """How long the lead was at `from_stage`; None for the first, and for what was written before it was kept."""


async def record(
    tx: Tx, lead_id: LeadId, drafts: Sequence[EventDraft], *, book: Book, at: datetime, history: bool = False
) -> Recorded:
    """Write what happened to one lead and all that follows. Raises NotFound, BadInput for a kind nobody defined."""
    happening = Happening(lead_id=lead_id, drafts=tuple(drafts), history=history)
    return (await record_all(tx, [happening], book=book, at=at))[lead_id]


async def record_all(
    tx: Tx, happenings: Sequence[Happening], *, births: Births | None = None, book: Book, at: datetime
) -> dict[LeadId, Recorded]:
    """Write what happened to many leads: few statements, whatever their number. Several happenings of a lead are taken
    in turn, and are history when all of them are. `births` are leads whose row is written with what happened to them.

    Safe to repeat for drafts with a key. Everything is read and decided under the leads' locks: log, score, stages,
    clocks, runs, hand-offs.
    """
    drafts: dict[LeadId, tuple[EventDraft, ...]] = {}
    acted: set[LeadId] = set()
    for happening in happenings:
        drafts[happening.lead_id] = (*drafts.get(happening.lead_id, ()), *happening.drafts)
        if not happening.history:
            acted.add(happening.lead_id)
    standings = await _standings(tx, drafts, births, book=book, at=at)

    versions: dict[LeadId, int] = {}
    # A page has thousands of leads, and they live in few countries and stand at the same few doors.
    judging, doors = cache(book.judging), Doors(book.journeys)

    def recorded(lead_id: LeadId) -> Recorded:
        now = standings[lead_id]
        here = judging(country_of(now.lead, now.account))
        versions[lead_id] = here.version
        then = decide(
            here.definition,
            doors,
            code_journeys=book.code,
            standing=now,
            drafts=drafts[lead_id],
            at=at,
            history=lead_id not in acted,
        )
        return Recorded(lead_id, then)

    weighed = Weighed({}, standings, frozenset(births.standings) if births else frozenset())
    await _write_down(tx, weighed, recorded, births, versions, book=book, at=at)
    await falling_silent.fall_silent(tx, weighed.recorded, standings, at=at)
    await _move_runs(tx, weighed, book=book, at=at)
    await _open_hand_offs(tx, weighed.recorded, book=book, at=at)
    account_news.engaged(tx, weighed.companies_moved(), book=book, at=at)
    return weighed.recorded


async def _standings(
    tx: Tx, drafts: Mapping[LeadId, tuple[EventDraft, ...]], births: Births | None, *, book: Book, at: datetime
) -> Mapping[LeadId, Standing]:
    born: Mapping[LeadId, Standing] = births.standings if births else {}
    known = [lead_id for lead_id in drafts if lead_id not in born]
    keys = [draft.key for lead_id in known for draft in drafts[lead_id] if draft.key is not None]
    return {**await standing.standings(tx, known, book=book, at=at, keys=keys), **born} if known else born


async def _write_down(
    tx: Tx,
    weighed: Weighed,
    recorded: Callable[[LeadId], Recorded],
    births: Births | None,
    versions: Mapping[LeadId, int],
    *,
    book: Book,
    at: datetime,
) -> None:
    """Decide about some leads while Postgres writes what was decided about those before them."""
    ahead, of_stages, lead_ids = Ahead(tx), list[dict[str, object]](), iter(weighed.standings)
    try:
        while some := {lead_id: recorded(lead_id) for lead_id in islice(lead_ids, _AT_A_TIME)}:
            clocks = _clocks({lead_id: each.consequences.clocks for lead_id, each in some.items()})
            born = births.rows(some) if births else ()
            gained = {lead_id: each.consequences.bases for lead_id, each in some.items() if each.consequences.bases}
            kept = permissions.granting(gained) if gained else ()
            entering = await _entering(tx, some, weighed, births, ahead, book=book, at=at)
            await ahead.together(*born, *_log(some, weighed.born, versions), *clocks.asked, *kept, *entering)
            weighed.recorded.update(some)
            of_stages += clocks.of_stages
    finally:
        await ahead.done()
    await _move_waits(tx, of_stages)


async def _entering(
    tx: Tx, some: Mapping[LeadId, Recorded], weighed: Weighed, births: Births | None, ahead: Ahead, *, book: Book,
    at: datetime,
) -> list[Asked]:  # fmt: skip
    """What starts the runs of leads that are all new, in the statement that writes them."""
    orders = [(lead_id, order) for lead_id, each in some.items() for order in each.consequences.enrol]
    if births is None or not orders or not weighed.all_born:
        return []
    await ahead.done()
    companies = {lead_id: weighed.standings[lead_id].lead.account_id for lead_id in some}
    wanted = await runs.one_per_company(tx, orders, companies, book, unseen=births.companies)
    return runs.entering(tx, wanted, at=at)


def _log(recorded: Mapping[LeadId, Recorded], born: Container[LeadId], versions: Mapping[LeadId, int]) -> list[Asked]:
    each = [(lead_id, one.consequences) for lead_id, one in recorded.items()]
    events = [row_of(event) for _, then in each for event in then.events]
    entries = [
        row_of(entry, lead_id=lead_id, definition_version=versions[lead_id])
        for lead_id, then in each
        for entry in then.entries
    ]
    changes = [
        row_of(change, lead_id=lead_id, definition_version=versions[lead_id])
        for lead_id, then in each
        for change in then.changes
    ]
    last = [
        {"lead_id": lead_id, "last_event_no": then.events[-1].no}
        for lead_id, then in each
        if then.events and lead_id not in born
    ]
    asked: list[Asked] = [
        ("write_events", {"rows": events}),
        ("number_leads", {"rows": last}),
        ("write_score_entries", {"rows": entries}),
        ("write_stage_changes", {"rows": changes}),
        ("move_leads", {"rows": changes}),
    ]
    return [(name, params) for name, params in asked if params["rows"]]


async def write_clocks(tx: Tx, clocks: Mapping[LeadId, Sequence[SetClock | DropClock]]) -> None:
    """Start, move and stop clocks of lifecycles; whose lifecycle must hear of it is the caller's to say."""
    moved = _clocks(clocks)
    await tx.together(*moved.asked)
    await _move_waits(tx, moved.of_stages)


class _Clocks(NamedTuple):
    asked: list[Asked]
    of_stages: list[dict[str, object]]
    """Those a stage may wait for."""


def _clocks(clocks: Mapping[LeadId, Sequence[SetClock | DropClock]]) -> _Clocks:
    every = [(lead_id, clock) for lead_id, each in clocks.items() for clock in each]
    started = [row_of(clock, lead_id=lead_id) for lead_id, clock in every if isinstance(clock, SetClock)]
    dropped = [row_of(clock, lead_id=lead_id) for lead_id, clock in every if isinstance(clock, DropClock)]
    asked: list[Asked] = [("set_clocks", {"rows": started}), ("drop_clocks", {"rows": dropped})]
    of_stages = [row for row in started if is_per_track(str(row["kind"]))]
    return _Clocks([(name, params) for name, params in asked if params["rows"]], of_stages)


async def _move_waits(tx: Tx, clocks: Sequence[Mapping[str, object]]) -> None:
    """After the stages are written: it looks at them."""
    if clocks:
        await tx.run("move_waits", rows=clocks)


async def _move_runs(tx: Tx, weighed: Weighed, *, book: Book, at: datetime) -> None:
    standings = weighed.standings
    each = [(lead_id, one.consequences) for lead_id, one in weighed.recorded.items()]
    # Leaving first: a run that ends makes room for the next one of its journey.
    await runs.leave(tx, [order for _, then in each for order in then.exits], at=at)
    if not weighed.all_born:
        entering = [(lead_id, order) for lead_id, then in each for order in then.enrol]
        companies = {lead_id: now.lead.account_id for lead_id, now in standings.items()}
        await runs.enter(tx, entering, companies=companies, book=book, at=at)
    for lead_id, then in each:
        now = standings[lead_id]
        if then.wakes:
            workflows = {run.enrolment_id: run.workflow for run in (*now.runs, *now.account_runs)}
            for enrolment_id in then.wakes:
                tx.look_again(run_looks(enrolment_id, workflows[enrolment_id]))
        if then.lifecycle:
            tx.look_again(lifecycle_looks(lead_id))


async def _open_hand_offs(tx: Tx, recorded: Mapping[LeadId, Recorded], *, book: Book, at: datetime) -> None:
    orders = [(lead_id, order) for lead_id, each in recorded.items() for order in each.consequences.hand_offs]
    joining = [(lead_id, why) for lead_id, each in recorded.items() if (why := each.consequences.joins_deal)]
    if joining:
        from leadloom.store import joined  # imported here, as below

        for lead_id, why in joining:
            await joined.join(tx, lead_id, why=why, book=book, at=at)
    if orders:
        # Imported here: a decided hand-off is recorded by this module, so the two need each other.
        from leadloom.store import calendars, hand_offs

        # All companies at once and in order: one after the other, two pages could deadlock.
        await calendars.lock(tx, [lead_id for lead_id, _ in orders])
        for lead_id, order in orders:
            await hand_offs.open(tx, lead_id, order, book=book, at=at)


async def of_lead(tx: Tx, lead_id: LeadId, *, before_no: int = NEWEST, limit: int = 200) -> tuple[Event, ...]:
    """What happened to a lead, newest first; the next page is `before_no` = the last one's number."""
    rows = await tx.all("events_of_lead", lead_id=lead_id, before_no=before_no, page_limit=limit)
    return tuple(Event.model_validate(dict(row)) for row in rows)


async def stage_changes(tx: Tx, lead_id: LeadId) -> tuple[StageChangeRow, ...]:
    """How a lead came to where it stands, oldest first."""
    rows = await tx.all("stage_changes_of_lead", lead_id=lead_id)
    return tuple(StageChangeRow.model_validate(dict(row)) for row in rows)
