"""How does a new version of a journey come in force, and what does it do with the runs under way? (D20, X7)

One transaction lists the runs, plans the fate of each, and puts the version in force only if the plan closes. The runs
are moved afterwards (`publication_steps`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.facts import Progress
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.versions import Choice, Fate, InFlight, Migrated, fate, step_map
from leadloom.domain.model import EnrolmentId, Instant, Json, Value
from leadloom.store import published
from leadloom.store.tx import Record, Tx, new_id

_PLAN_PAGE = 1000
FINISH = Choice()
"""What a publication says that says nothing: runs keep the version they began with."""

Number = Literal["migrated", "finishing", "exited"]


class Publication(Value):
    """A version put in force, and what it said about the runs under way."""

    publication_id: UUID
    journey: str
    version: int
    hash: str
    choice: Choice
    at: Instant
    by: str
    active_before: int
    status: Literal["moving", "done"]
    done_to: int
    done_at: Instant | None


class Balance(Value):
    """The proof of a publication, counted from the rows of its runs."""

    active_before: int
    migrated: int
    finishing: int
    exited: int
    undecided: int
    """Runs that have not had their turn yet; 0 when it is done."""
    had_ended: int
    """Of those finishing: they came to their end by themselves before their turn."""
    came_late: int
    """Runs that began on an old version in the very moment of the publication: beyond `active_before`."""
    missing: int
    """Migrated runs that miss a mail, because the edit moved it behind them."""
    strangers: int
    """Runs of before, on an old version, that no row speaks of: 0, or the proof fails."""
    twice: int
    """Mails of these runs that went twice under one key: 0, or the proof fails."""

    @property
    def closes(self) -> bool:
        """Whether every run that was under way has exactly one fate, and nothing went twice."""
        decided = self.migrated + self.finishing + self.exited
        return decided + self.undecided == self.active_before + self.came_late and not (self.strangers or self.twice)


class AtStep(Value):
    """Runs that stood at one step and go the same way."""

    version_before: int
    step_before: str
    fate: Number
    step_after: str | None
    runs: int
    undecided: int


class OnTheWay(Value):
    """Mails of a step that were asked for and have not gone."""

    step: str
    unclaimed: int
    at_relay: int


class Turn(NamedTuple):
    """One run's fate, and its number in the list."""

    no: int
    enrolment_id: EnrolmentId
    fate: Fate
    had_ended: bool = False

    def row(self) -> dict[str, Json]:
        """As the queries take it."""
        after = self.fate.progress if isinstance(self.fate, Migrated) else None
        return {
            "no": self.no,
            "fate": self.fate.kind,
            "step_after": after.step if after else None,
            "visit_after": after.visits.get(after.step, 1) if after else None,
            "misses": list(self.fate.misses) if isinstance(self.fate, Migrated) else [],
            "had_ended": self.had_ended,
        }


class Fates:
    """Decides fates under one choice; reads each old version, and makes its step map, once."""

    def __init__(self, tx: Tx, new: Journey, choice: Choice) -> None:
        self._tx, self._new, self._choice = tx, new, choice
        self._known: dict[str, tuple[Journey, Mapping[str, str]]] = {}

    async def of(self, content_hash: str, run: InFlight) -> Fate:
        """The fate of a run on the version of that hash. Raises Conflict when its own version lacks its step."""
        if content_hash not in self._known:
            old = await published.journey(self._tx, content_hash)
            self._known[content_hash] = (old, step_map(old, self._new, self._choice.moves))
        old, steps = self._known[content_hash]
        try:
            return fate(run, old, self._new, self._choice, steps)
        except KeyError as unknown:
            raise Conflict(f"A run stands at {unknown}, which its version of {old.name} doesn't have.") from unknown


async def publish(tx: Tx, draft: Journey, choice: Choice, *, at: datetime, by: str) -> Publication | None:
    """Put a checked journey in force and plan the fate of every run under way.

    Twice is once: a publication that is still moving runs is answered again, and the version in force again is nothing
    (None), unless the choice moves runs that are left on older ones. Raises Conflict, with nothing changed, while
    another publication is moving runs, and when the plan doesn't close.
    """
    await tx.value("lock_publishing", kind="journey", name=draft.name)
    before = await tx.maybe("in_force_of", kind="journey", name=draft.name)
    content_hash = await published.publish_journey(tx, draft, at=at, by=by)
    moving = await tx.maybe("publication_under_way", journey=draft.name)
    if moving is not None:
        return _same(publication_of(moving), content_hash, choice)
    if before is not None and before["hash"] == content_hash and not choice.moves_runs:
        return None
    version = await version_in_force(tx, draft.name)
    publication_id = new_id()
    head = {"journey": draft.name, "hash": content_hash, "publication_id": publication_id}
    await tx.run("begin_publication", **head, version=version, choice=choice.model_dump(mode="json"), at=at, by=by)
    if await tx.value("freeze_runs", **head):
        await _know_all_steps(tx, publication_id, choice)
        await _plan(tx, publication_id, Fates(tx, draft, choice), at)
        await _refuse_unless_it_closes(tx, publication_id)
    if not choice.moves_runs:
        await came_to(tx, publication_id, 0, at=at, is_done=True)
    return await get(tx, publication_id)


async def version_in_force(tx: Tx, journey: str) -> int:
    """The number of the newest version. Raises NotFound."""
    return (await tx.one("in_force_of", kind="journey", name=journey))["version"]


async def under_way(tx: Tx) -> tuple[UUID, ...]:
    """Publications that are still moving runs, oldest first."""
    return tuple(row["publication_id"] for row in await tx.all("publications_under_way"))


async def get(tx: Tx, publication_id: UUID) -> Publication:
    """The publication. Raises NotFound."""
    return publication_of(await tx.one("publication_by_id", publication_id=publication_id))


async def of_journey(tx: Tx, journey: str) -> tuple[Publication, ...]:
    """All publications of a journey, newest first."""
    return tuple(publication_of(row) for row in await tx.all("publications_of", journey=journey))


async def balance(tx: Tx, publication: Publication) -> Balance:
    """The sum and what would spoil it, counted from rows."""
    row = await tx.one("publication_balance", publication_id=publication.publication_id)
    return Balance(active_before=publication.active_before, **row)


async def by_step(tx: Tx, publication_id: UUID) -> tuple[AtStep, ...]:
    """Where the runs stood and where they go."""
    rows = await tx.all("fates_by_step", publication_id=publication_id)
    return tuple(AtStep.model_validate(dict(row)) for row in rows)


async def on_the_way(tx: Tx, publication_id: UUID) -> tuple[OnTheWay, ...]:
    """Mails of runs that don't simply finish which have been asked for and have not gone, by step."""
    rows = await tx.all("mails_of_frozen_runs", publication_id=publication_id)
    return tuple(OnTheWay(**row) for row in rows)


def _same(moving: Publication, content_hash: str, choice: Choice) -> Publication:
    if (moving.hash, moving.choice) == (content_hash, choice):
        return moving
    raise Conflict(
        f"Version {moving.version} of {moving.journey}, by {moving.by}, is still moving its runs. Let it end "
        f"(`journeys publish {moving.journey}` as it was asked for goes on with it), then publish the next."
    )


async def _know_all_steps(tx: Tx, publication_id: UUID, choice: Choice) -> None:
    """Raise BadInput for a step that no version under way has: a slip of the pen would move nobody, silently."""
    hashes = await tx.all("versions_of_frozen_runs", publication_id=publication_id)
    known = {step.id for row in hashes for step in (await published.journey(tx, row["hash_before"])).steps}
    wrong = next((step for step in (*choice.moves, *choice.at) if step not in known), None)
    if wrong is not None:
        raise BadInput("step", wrong, f"Runs are under way on versions with the steps {', '.join(sorted(known))}.")


async def _plan(tx: Tx, publication_id: UUID, fates: Fates, at: datetime) -> None:
    after = 0
    while rows := await tx.all("frozen_runs", publication_id=publication_id, after_no=after, page_limit=_PLAN_PAGE):
        turns = [
            Turn(row["no"], row["enrolment_id"], await fates.of(row["journey_hash"], _flight(row, at))) for row in rows
        ]
        await tx.run("plan_fates", publication_id=publication_id, rows=[turn.row() for turn in turns], at=at)
        after = turns[-1].no


async def _refuse_unless_it_closes(tx: Tx, publication_id: UUID) -> None:
    plan = await tx.one("planned_balance", publication_id=publication_id)
    fates = plan["migrated"] + plan["finishing"] + plan["exited"]
    if fates != plan["active_before"]:
        raise Conflict(
            f"Nothing was published: {plan['active_before']} runs are under way, but the plan has a fate for {fates} "
            f"({plan['migrated']} migrated, {plan['finishing']} finishing, {plan['exited']} ended)."
        )
    if plan["repeated"]:
        raise Conflict(
            f"Nothing was published: {plan['repeated']} runs would come again to a mail they asked for. "
            "Map their step to another one."
        )


async def came_to(tx: Tx, publication_id: UUID, done_to: int, *, at: datetime, is_done: bool) -> None:
    """Write how far the list has come."""
    await tx.run("publication_came_to", publication_id=publication_id, done_to=done_to, is_done=is_done, at=at)


def _flight(row: Record, at: datetime) -> InFlight:
    progress = Progress.model_validate(row["progress"])
    return InFlight(progress=progress, at=at, last_event_no=row["last_event_no"])


def publication_of(row: Record) -> Publication:
    """The publication in a row."""
    return Publication.model_validate(dict(row))
