"""How is a journey edited while leads are in it? Foreseen without a trace, then published, then every run moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import Faulty, NotFound
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import check_journey
from leadloom.domain.journeys.versions import Choice, Diff, diff
from leadloom.domain.mails.template import TemplateBody
from leadloom.domain.model import Value
from leadloom.runtime import catalog
from leadloom.runtime.publishing import read_drafts
from leadloom.store import publication_preview, publication_steps, publications, published
from leadloom.store.db import Db
from leadloom.store.publication_preview import Released
from leadloom.store.publications import AtStep, Balance, OnTheWay, Publication
from leadloom.store.tx import Tx

Told = Callable[[int], None]
"""Hears how many runs have had their turn."""


@dataclass(frozen=True)
class Edit:
    """A draft to be published, with its mails."""

    journey: Journey
    templates: Mapping[str, TemplateBody]
    """By mail."""


class Foreseen(Value):
    """What a publication would do."""

    version: int
    choice: Choice
    diff: Diff
    """Against the version in force; a first version is all new."""
    active_before: int
    steps: tuple[AtStep, ...]
    """Where the runs stand, and where they would go."""
    released: Released
    on_the_way: tuple[OnTheWay, ...]
    kept_steps: tuple[str, ...]
    """Steps of the new version: mail on its way for any other wouldn't go."""


class Edited(Value):
    """What a publication did."""

    publication: Publication
    balance: Balance
    steps: tuple[AtStep, ...]


class Nothing(NamedTuple):
    """The draft is in force already and no run is to be moved."""

    version: int


def draft_of(name: str) -> Edit:
    """The journey's file and its letters. Raises NotFound, Faulty."""
    drafts = read_drafts()
    journey = next((one for one in drafts.journeys if one.name == name), None)
    if journey is None:
        raise NotFound("draft of a journey as data", name)
    return Edit(journey, {mail: body for (of, mail), body in drafts.templates.items() if of == name})


async def foresee(db: Db, edit: Edit, choice: Choice, *, at: datetime, by: str) -> Foreseen:
    """What `publish` with the same words would do now: it publishes, and undoes it. Raises as `publish` does."""
    try:
        async with db.transaction() as tx:
            raise _Undone(await _foreseen(tx, edit, choice, at, by))
    except _Undone as undone:
        return undone.seen


async def publish(
    db: Db, edit: Edit, choice: Choice, *, at: datetime, by: str, told: Told = lambda _: None
) -> Edited | Nothing:
    """Put the draft in force and give every run under way its fate. Twice is once; killed amid, it is gone on with.

    Raises Faulty when the definition in force doesn't suit it; Conflict, with nothing changed, when the plan of fates
    doesn't close, or while another publication of the journey is moving runs.
    """
    async with db.transaction() as tx:
        publication = await _put_in_force(tx, edit, choice, at, by)
    if publication is None:
        async with db.read() as tx:
            return Nothing(await publications.version_in_force(tx, edit.journey.name))
    await move_all(db, publication.publication_id, at=at, told=told)
    return await edited(db, publication.publication_id)


async def move_all(db: Db, publication_id: UUID, *, at: datetime, told: Told = lambda _: None) -> None:
    """Move the runs that are left, a page a transaction; workers may do the same meanwhile."""
    moved = 0
    while True:
        async with db.transaction() as tx:
            page = await publication_steps.move_page(tx, publication_id, at=at)
        if not page:
            return
        moved += page
        told(moved)


async def edited(db: Db, publication_id: UUID) -> Edited:
    """The proof of a publication as it stands. Raises NotFound."""
    async with db.read() as tx:
        publication = await publications.get(tx, publication_id)
        balance = await publications.balance(tx, publication)
        return Edited(publication=publication, balance=balance, steps=await publications.by_step(tx, publication_id))


class _Undone(Exception):
    def __init__(self, seen: Foreseen) -> None:
        super().__init__("a preview leaves nothing behind")
        self.seen = seen


async def _foreseen(tx: Tx, edit: Edit, choice: Choice, at: datetime, by: str) -> Foreseen:
    before = next(
        (one.journey for one in (await published.book(tx)).journeys if one.journey.name == edit.journey.name), None
    )
    publication = await _put_in_force(tx, edit, choice, at, by)
    changes = diff(before, edit.journey) if before else Diff(added=tuple(step.id for step in edit.journey.steps))
    kept = tuple(step.id for step in edit.journey.steps)
    if publication is None:
        version = await publications.version_in_force(tx, edit.journey.name)
        return Foreseen(
            version=version, choice=choice, diff=changes, active_before=0, steps=(), released=Released(),
            on_the_way=(), kept_steps=kept,
        )  # fmt: skip
    return Foreseen(
        version=publication.version,
        choice=choice,
        diff=changes,
        active_before=publication.active_before,
        steps=await publications.by_step(tx, publication.publication_id),
        released=await publication_preview.released(tx, publication, book=await published.book(tx), at=at),
        on_the_way=await publications.on_the_way(tx, publication.publication_id),
        kept_steps=kept,
    )


async def _put_in_force(tx: Tx, edit: Edit, choice: Choice, at: datetime, by: str) -> Publication | None:
    _refuse_faulty(edit, (await published.book(tx)).definition)
    for mail, body in edit.templates.items():
        await published.publish_template(tx, edit.journey.name, mail, body, at=at, by=by)
    return await publications.publish(tx, edit.journey, choice, at=at, by=by)


def _refuse_faulty(edit: Edit, definition: Definition) -> None:
    """The draft of the definition may be ahead of the one in force, which is what runs go by."""
    faults = check_journey(edit.journey, definition, set(edit.templates), catalog.custom_steps())
    if faults:
        words = "publish the definition with it: `journeys publish` without a name"
        raise Faulty(f"{edit.journey.name}, by the definition in force ({words}),", [str(fault) for fault in faults])
