"""What do the governors do besides drafts? The sponsor's three moments, decisions with an owner and a date, drift."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.drafting import Word, governors
from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.model import Instant, Json, LeadId, Value
from leadloom.store import audit
from leadloom.store.published import Book
from leadloom.store.tx import Tx, new_id

Kind = Literal["charter signed", "pack", "decision"]
LOOKS_BACK = timedelta(days=91)
"""Adoption is told of the last quarter."""


class Governed(Value):
    """One thing governors did."""

    act_id: UUID
    at: Instant
    by: str
    kind: Kind
    words: str
    owner: str | None
    due_on: date | None
    done_at: Instant | None
    done_by: str | None
    figures: dict[str, Json]
    """What was seen then: figure in words → value."""

    def is_overdue(self, at: datetime) -> bool:
        """Whether a decision is open past its day."""
        return self.kind == "decision" and self.done_at is None and self.due_on is not None and self.due_on < at.date()


class Adoption(Value):
    """How a region lives with the definition: friction, not blame."""

    region: str
    """Empty elsewhere in the world."""
    due: int = 0
    """Offers that were answered, or whose clock ran out."""
    in_time: int = 0
    given_back: int = 0
    with_reason: int = 0
    in_clock: int = 0
    """Leads at stages with a clock."""
    stale: int = 0
    """Of those, past it."""


class Drifted(Value):
    """A lead another system sees elsewhere."""

    lead_id: LeadId
    track: str
    stage: str
    since: Instant
    said: str
    """In the other system's word."""
    meant: str | None
    """Our stage for that word; None when no map has it."""
    at: Instant


async def sign_charter(tx: Tx, word: Word, *, book: Book, figures: Mapping[str, Json]) -> None:
    """The sponsor signs the charter, beside the figures it begins with. Raises Conflict for anybody else."""
    _is_sponsor(book.definition, word.by, "signs the charter")
    await _note(tx, "charter signed", word, words=word.why or "the charter stands", figures=figures)


async def draw_pack(tx: Tx, word: Word, *, book: Book, figures: Mapping[str, Json]) -> None:
    """Keep the one-page pack of the quarter, as drawn from data. Raises Conflict for a stranger to the charter."""
    _is_governor(book.definition, word.by)
    await _note(tx, "pack", word, words=word.why or f"quarter up to {word.at:%Y-%m-%d}", figures=figures)


async def decide(tx: Tx, words: str, word: Word, *, owner: str, due_on: date, book: Book) -> None:
    """Keep a decision with who sees to it and by when. Raises Conflict, NotFound for an owner nobody knows."""
    _is_governor(book.definition, word.by)
    if owner not in {entry.handle for entry in book.definition.owners}:
        raise NotFound("owner", owner)
    if not words.strip():
        raise Conflict("A decision says what was decided: write it.")
    await _note(tx, "decision", word, words=words.strip(), owner=owner, due_on=due_on)


async def finish(tx: Tx, act_id: UUID, word: Word, *, book: Book) -> None:
    """A decision is done. Raises Conflict when it is already, or was none."""
    _is_governor(book.definition, word.by)
    if await tx.maybe("finish_decision", act_id=act_id, at=word.at, by=word.by) is None:
        raise Conflict("No such decision is open: somebody was first, or it never was one.")
    note = audit.Note(at=word.at, actor=word.by, action="finished a decision", subject=f"governance {act_id}")
    await audit.note(tx, note)


async def acts(tx: Tx) -> tuple[Governed, ...]:
    """What governors did, newest first."""
    return tuple(Governed.model_validate(dict(row)) for row in await tx.all("governance_acts"))


async def adoption(tx: Tx, definition: Definition, at: datetime) -> tuple[Adoption, ...]:
    """Each declared region, and the rest of the world when leads are there; of the last quarter."""
    rows = await tx.all(
        "adoption_by_region",
        regions={country: key for key, region in definition.regions.items() for country in region.countries},
        at=at,
        since=at - LOOKS_BACK,
        clocked=[stage.name for stage in definition.stages if stage.promise],
    )
    found = {key: Adoption(region=key) for key in definition.regions}
    for row in rows:
        told, one = dict(row), found.get(row["region"], Adoption(region=row["region"]))
        sums = {name: getattr(one, name) + told[name] for name in Adoption.model_fields if name != "region"}
        found[one.region] = Adoption(region=one.region, **sums)
    return tuple(found.values())


async def drift(tx: Tx, definition: Definition, *, limit: int = 50) -> tuple[Drifted, ...]:
    """Leads another system places elsewhere than we do, and said so after our own last word; newest first."""
    rows = await tx.all("drifted", track=definition.tracks[0], page_limit=10 * limit)
    stages = {stage.name for stage in definition.stages}
    found: list[Drifted] = []
    for row in rows:
        meant = row["said"] if row["said"] in stages else definition.meant(row["said"])
        if meant != row["stage"] and row["at"] > row["since"]:
            found.append(Drifted.model_validate({**dict(row), "meant": meant}))
    return tuple(found[:limit])


async def _note(tx: Tx, kind: Kind, word: Word, *, words: str, **more: object) -> None:
    told: dict[str, object] = {"owner": None, "due_on": None, "figures": {}, **more}
    act_id = new_id()
    await tx.run("note_governance", act_id=act_id, at=word.at, by=word.by, kind=kind, words=words, **told)
    note = audit.Note(at=word.at, actor=word.by, action=kind, subject=f"governance {act_id}", why=words)
    await audit.note(tx, note)


def _is_sponsor(definition: Definition, by: str, does: str) -> None:
    if by != definition.sponsor:
        raise Conflict(f"The sponsor {does}: that is {definition.person(definition.sponsor).name}.")


def _is_governor(definition: Definition, by: str) -> None:
    if by not in governors(definition):
        people = ", ".join(definition.person(handle).name for handle in governors(definition))
        raise Conflict(f"That is for the people of the charter: {people}.")
