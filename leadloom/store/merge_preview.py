"""What would a merge of two leads make of them? The merge's own rules, asked without doing anything."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.lead import Event
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.people.merged_score import counted_twice
from leadloom.domain.people.merging import Side, United, goes_ahead, places_among, to_close, too_many, unite
from leadloom.domain.people.side_by_side import (
    FieldLine,
    PermissionLine,
    field_lines,
    permission_lines,
    survivor_because,
)
from leadloom.domain.stages.scoring import country_of, engagement
from leadloom.domain.standing import ScoreEntry
from leadloom.store import permissions, rescoring, standing
from leadloom.store.merge_reconciling import runs_of, stages_of, talks_of
from leadloom.store.merging import sides
from leadloom.store.permissions import Suppression
from leadloom.store.published import Book
from leadloom.store.tx import Tx


class Preview(Value):
    """What a merge would make of them, field by field."""

    survivor: Side
    loser: Side
    united: dict[str, United]

    @property
    def seen(self) -> str:
        """Names what was looked at: whoever decides by it says so, and is told when it is so no more."""
        said = f"{self.survivor.lead.model_dump_json()}\n{self.loser.lead.model_dump_json()}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]


class Both(Value):
    """A count of each, and of the one they become."""

    mine: float
    theirs: float
    then: float


class RunLine(Value):
    """An open run of either, and what becomes of it."""

    journey: str
    of: LeadId
    entered_at: Instant
    goes_on: bool


class TalkLine(Value):
    """A conversation of sales with either, and what becomes of it."""

    kind: str
    track: str
    of: LeadId
    state: str
    owner: str | None
    goes_on: bool


class StageLine(Value):
    """Where both stand in a track, and whose log goes on."""

    track: str
    mine: str | None
    theirs: str | None
    then: str


class SideBySide(Value):
    """All that somebody looks at before they say that two leads are one person."""

    preview: Preview
    because: str
    """Why the survivor stays."""
    fields: tuple[FieldLine, ...]
    names: dict[str, tuple[str, ...]]
    """By what each is known: lead id → addresses and ids."""
    events: Both
    touches: Both
    browsers: Both
    points: Both
    """Engagement at this instant; one person's caps hold for what they become."""
    permissions: tuple[PermissionLine, ...]
    silences: tuple[Suppression, ...]
    """What stands against writing to either; but for a mail that came back it holds for the person."""
    runs: tuple[RunLine, ...]
    talks: tuple[TalkLine, ...]
    stages: tuple[StageLine, ...]


async def preview(tx: Tx, one: LeadId, other: LeadId, *, book: Book) -> Preview:
    """What a merge of the two would make of their fields. Changes nothing. Raises NotFound, BadInput for one lead."""
    rows = await tx.all("lead_by_ids", lead_ids=[one, other])
    survivor, loser = await sides(tx, rows, [one, other])
    return Preview(survivor=survivor, loser=loser, united=unite(book.definition.one_person, survivor, loser))


async def side_by_side(tx: Tx, one: LeadId, other: LeadId, *, book: Book, at: datetime) -> SideBySide:
    """The two at `at`, and what a merge would make of everything about them. Changes nothing; raises as `preview`."""
    found = await preview(tx, one, other, book=book)
    mine, theirs = found.survivor.lead.lead_id, found.loser.lead.lead_id
    both = [mine, theirs]
    bases = await permissions.of_leads(tx, both)
    rules = book.definition.one_person
    counted = {row["lead_id"]: row for row in await tx.all("counts_of_pair", lead_ids=both)}
    return SideBySide(
        preview=found,
        because=survivor_because(found.survivor, found.loser),
        fields=field_lines(rules, found.survivor, found.loser, found.united),
        names={str(each): tuple(counted[each]["names"]) for each in both},
        **{noun: _both(counted[mine][noun], counted[theirs][noun]) for noun in ("events", "touches", "browsers")},
        points=await _points(tx, found, book, at),
        permissions=permission_lines(bases.get(mine, ()), bases.get(theirs, ()), at),
        silences=await _silences(tx, found),
        runs=await _runs(tx, mine, theirs),
        talks=await _talks(tx, both, book),
        stages=await _stages(tx, mine, theirs, book),
    )


def _both(mine: int, theirs: int) -> Both:
    return Both(mine=mine, theirs=theirs, then=mine + theirs)


async def _points(tx: Tx, found: Preview, book: Book, at: datetime) -> Both:
    both = [found.survivor.lead, found.loser.lead]
    ledgers = await rescoring.entries(tx, [lead.lead_id for lead in both])
    company = both[0].account_id
    account = (await standing.accounts(tx, [company])).get(company) if company else None
    here = book.judging(country_of(both[0], account)).definition
    happened: list[list[Event]] = [[], []]
    for row in await tx.all("events_of_leads", lead_ids=[lead.lead_id for lead in both]):
        event = Event.model_validate(dict(row))
        happened[event.lead_id != both[0].lead_id].append(event)
    united, theirs = _in_one_row(happened[0], happened[1])
    too_much = [
        ScoreEntry.model_validate({"event_no": 0, "at": at, "kind": "rescored", **row})
        for row in counted_twice(here, united, theirs, at=at)
        if isinstance(row, dict)
    ]
    each = [ledgers.get(lead.lead_id, ()) for lead in both]
    mine, others, then = (
        engagement(rows, here.half_life, at=at) for rows in (each[0], each[1], (*each[0], *each[1], *too_much))
    )
    return Both(mine=mine, theirs=others, then=then)


def _in_one_row(mine: Sequence[Event], theirs: Sequence[Event]) -> tuple[list[Event], set[int]]:
    """All events under the numbers a merge would give them, and which of those are the loser's."""
    places = places_among([event.at for event in mine], [event.at for event in theirs])
    rest = (no for no in range(1, len(mine) + len(theirs) + 1) if no not in set(places))
    numbered = [*zip(rest, mine, strict=False), *zip(places, theirs, strict=True)]
    return [event.but(no=no) for no, event in sorted(numbered, key=lambda one: one[0])], set(places)


async def _silences(tx: Tx, found: Preview) -> tuple[Suppression, ...]:
    lines: dict[object, Suppression] = {}
    for side in (found.survivor, found.loser):
        for one in await permissions.suppressions_of(tx, side.lead.email, side.lead.lead_id):
            lines[one.suppression_id] = one
    return tuple(lines.values())


async def _runs(tx: Tx, mine: LeadId, theirs: LeadId) -> tuple[RunLine, ...]:
    rows = await tx.all("runs_to_reconcile", lead_ids=[mine, theirs])
    ending = too_many(runs_of(rows, mine))
    return tuple(
        RunLine(
            journey=row["journey"], of=row["lead_id"], entered_at=row["entered_at"],
            goes_on=row["enrolment_id"] not in ending,
        )
        for row in rows
        if row["status"] == "active"
    )  # fmt: skip


async def _talks(tx: Tx, both: list[LeadId], book: Book) -> tuple[TalkLine, ...]:
    closing = to_close(book.definition, await talks_of(tx, both))
    return tuple(
        TalkLine(
            kind=row["kind"], track=row["track"], of=row["lead_id"], state=row["state"], owner=row["owner"],
            goes_on=row["hand_off_id"] not in closing,
        )
        for row in await tx.all("talks_of_pair", lead_ids=both)
    )  # fmt: skip


async def _stages(tx: Tx, mine: LeadId, theirs: LeadId, book: Book) -> tuple[StageLine, ...]:
    stands = await stages_of(tx, [mine, theirs])
    found: list[StageLine] = []
    for track in sorted({track for _, track in stands}):
        one, other = stands.get((mine, track)), stands.get((theirs, track))
        ahead = goes_ahead(book.definition, one, other)
        then = (one if ahead == "survivor" else other) or one or other or ""
        found.append(StageLine(track=track, mine=one, theirs=other, then=then))
    return tuple(found)
