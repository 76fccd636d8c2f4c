"""How are several open offers given to somebody else at once? First what it would do, then each by itself, and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.handoffs.hand_off import calendar_of, name_of
from leadloom.domain.model import HandOffId, Instant, Value
from leadloom.store import hand_offs, owners, published, reassigning, team
from leadloom.store.db import Db
from leadloom.store.hand_offs import HandOff
from leadloom.store.published import Book
from leadloom.store.reassigning import Word
from leadloom.store.team import OfferRow
from leadloom.store.tx import Tx

RULES = "by-the-rules"
"""Instead of a handle: ask the rules in force once more."""


class Would(Value):
    """What moving one offer would do."""

    offer: OfferRow
    accept_by: Instant | None
    """Until when whoever gets it would have to answer; None where the rules are asked, or nothing would be done."""
    refused: str
    """Why nothing would be done; empty when it would."""


class Moved(Value):
    """What became of one offer."""

    hand_off_id: HandOffId
    person: str
    before: str | None
    """Handle of who had it; None: it lay in a pool."""
    after: str | None
    assignment_no: int
    """Of the offer it is now: whoever takes it back must name it."""
    problem: str
    """Why nothing was done; empty when it was."""


class Back(Value):
    """One move to be taken back."""

    hand_off_id: HandOffId
    assignment_no: int
    to: str


async def would(tx: Tx, ids: Sequence[HandOffId], to: str, *, book: Book, at: datetime) -> tuple[Would, ...]:
    """What moving these open offers to somebody (a handle, or RULES) would do; changes nothing.

    Raises BadInput for somebody nobody knows, or who is away.
    """
    definition = book.definition
    if to != RULES and to not in {entry.handle for entry in definition.owners}:
        raise BadInput("to", to, "Choose who gets them.")
    if to in await owners.absent_handles(tx, at):
        raise BadInput("to", to, f"{name_of(definition, to)} is away: choose somebody who is there.")
    rows, _ = await team.offers(tx, ids=ids)
    found: list[Would] = []
    for row in rows:
        refused = ""
        if row.is_worked and row.owner:
            refused = f"{name_of(definition, row.owner)} has tried to reach them and keeps the lead"
        elif row.owner == to:
            refused = f"{name_of(definition, to)} has it already"
        spans = None if refused or to == RULES else definition.hand_offs[row.kind].accept
        accept_by = calendar_of(definition, to).add(at, spans) if spans else None
        found.append(Would(offer=row, accept_by=accept_by, refused=refused))
    return tuple(found)


async def move(db: Db, ids: Sequence[HandOffId], to: str, word: Word, *, at: datetime) -> tuple[Moved, ...]:
    """Move each in a transaction of its own: one that was answered meanwhile keeps no other from moving.

    A second time, what moved stays as it is. Each move is noted in the audit with the word.
    """
    found: list[Moved] = []
    for key in ids:
        async with db.read() as tx:
            rows, _ = await team.offers(tx, ids=[key])
        person, before = (rows[0].person, rows[0].owner) if rows else ("somebody", None)
        stays = Moved(hand_off_id=key, person=person, before=before, after=before, assignment_no=0, problem="")
        try:
            now = await _move(db, key, to, word, at=at)
        except (Conflict, NotFound) as problem:
            found.append(stays.but(problem=str(problem)))
        except BadInput as bad:
            found.append(stays.but(problem=bad.remedy))
        else:
            found.append(stays.but(after=now.owner, assignment_no=now.assignment_no))
    return tuple(found)


async def _move(db: Db, key: HandOffId, to: str, word: Word, *, at: datetime) -> HandOff:
    async with db.transaction() as tx:
        book = await published.book(tx)
        if to == RULES:
            return await reassigning.route_again(tx, key, word, book=book, at=at)
        return await reassigning.give(tx, key, to, word, book=book, at=at)


async def take_back(db: Db, backs: Sequence[Back], word: Word, *, at: datetime) -> tuple[Moved, ...]:
    """Offer each again to who had it, as long as it is still the offer that was made. Their clock begins anew: the
    notice that went can't be called back.
    """
    found: list[Moved] = []
    for one in backs:
        async with db.read() as tx:
            now = await hand_offs.get(tx, one.hand_off_id)
            rows, _ = await team.offers(tx, ids=[one.hand_off_id])
        if now.assignment_no == one.assignment_no:
            found += await move(db, [one.hand_off_id], one.to, word, at=at)
        else:
            stays = Moved(
                hand_off_id=one.hand_off_id,
                person=rows[0].person if rows else "somebody",
                before=now.owner,
                after=now.owner,
                assignment_no=0,
                problem="It has moved on since, and stays where it is.",
            )
            found.append(stays)
    return tuple(found)
