"""When is somebody away, who covers, and what becomes of their open offers? Entered, ended early, and seen to."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.handoffs.cover import Absence, goes_to
from leadloom.domain.handoffs.hand_off import Offer, name_of
from leadloom.domain.model import HandOffId, Json, Value
from leadloom.store import audit, hand_offs, owners, team
from leadloom.store.published import Book
from leadloom.store.team import OfferRow
from leadloom.store.tx import Tx

PAGE = 200
"""Offers one sweep wakes at most."""


class Cover(Value):
    """What becomes of one open offer."""

    offer: OfferRow
    goes: Offer | None
    """None: it stays, because somebody is working it."""


class Plan(Value):
    """What an absence would do, before it is entered."""

    absence: Absence
    deputy: str | None
    """Who covers by the definition; None: nobody, so offers go up the ladder."""
    deputy_away: bool
    """Whether the deputy is away at the first instant of it, too."""
    covers: tuple[Cover, ...]
    """Open offers, most urgent first, as they'd stand if nobody answered until then."""
    in_conversation: int
    """Accepted leads: they stay theirs, and their own clocks go on."""


async def planned(tx: Tx, absence: Absence, *, book: Book, at: datetime) -> Plan:
    """What it would do; changes nothing. Raises BadInput for an owner nobody knows and a time that is over."""
    definition = book.definition
    entry = next((one for one in definition.owners if one.handle == absence.handle), None)
    if entry is None:
        raise BadInput("handle", absence.handle, "Name an owner of the definition.")
    if absence.until_at <= max(absence.from_at, at):
        raise BadInput("until", absence.until_at.isoformat(), "An absence ends after it begins, and later than now.")
    begins = max(absence.from_at, at)
    absent = await owners.absent_handles(tx, begins) | {absence.handle}
    rows, _ = await team.offers(tx, owner=absence.handle)
    states = await team.states(tx, [row.hand_off_id for row in rows])
    desk = (await team.desks(tx, [absence.handle], definition=definition, at=at)).get(absence.handle)
    return Plan(
        absence=absence,
        deputy=entry.deputy,
        deputy_away=entry.deputy in absent,
        covers=tuple(
            Cover(offer=row, goes=goes_to(definition, states[row.hand_off_id], absent, begins)) for row in rows
        ),
        in_conversation=desk.accepted if desk else 0,
    )


async def enter(tx: Tx, absence: Absence, *, by: str, at: datetime) -> None:
    """Note it, and let open offers look again when it has begun. Said twice, the later end stands."""
    await owners.be_away(tx, absence.handle, from_at=absence.from_at, until_at=absence.until_at, by=by, at=at)
    await wake(tx, at=at, owner=absence.handle)


async def end(tx: Tx, handle: str, from_at: datetime, *, by: str, at: datetime) -> Absence:
    """They are back: an absence under way ends now, one to come is taken back. Offers that went stay where they are.

    Raises NotFound.
    """
    row = await tx.maybe("absence", handle=handle, from_at=from_at)
    if row is None:
        raise NotFound("absence", f"of {handle} from {from_at:%Y-%m-%d %H:%M} UTC")
    was = Absence.model_validate(dict(row))
    if was.from_at < at < was.until_at:
        await tx.run("end_absence", handle=handle, from_at=from_at, until_at=at)
    elif at <= was.from_at:
        await tx.run("drop_absence", handle=handle, from_at=from_at)
    before: dict[str, Json] = {"from": was.from_at.isoformat(), "until": was.until_at.isoformat()}
    note = audit.Note(at=at, actor=by, action="ended an absence", subject=f"owner {handle}", before=before)
    await audit.note(tx, note)
    return was


async def known(tx: Tx, *, at: datetime) -> tuple[Absence, ...]:
    """Who is away or will be, soonest first."""
    return tuple(Absence.model_validate(dict(row)) for row in await tx.all("team_away", at=at))


async def wake(tx: Tx, *, at: datetime, owner: str | None = None) -> int:
    """Let offers look again that lie with somebody who is away, and that nobody works. Answers how many.

    Safe to repeat: a look moves them on, and then they lie there no more.
    """
    rows = await tx.all("offers_of_absent", at=at, owner=owner, page_limit=PAGE)
    for row in rows:
        hand_offs.looks_again(tx, HandOffId(row["hand_off_id"]))
    return len(rows)


def deputy_words(book: Book, plan: Plan) -> str:
    """Who covers, in a sentence."""
    who = name_of(book.definition, plan.absence.handle)
    manager = name_of(book.definition, book.definition.routing.manager)
    if plan.deputy is None:
        return f"{who} has no deputy in the definition: new leads go by the next rule, open offers to {manager}."
    deputy = name_of(book.definition, plan.deputy)
    if plan.deputy_away:
        return (
            f"{deputy}, the deputy, is away at that time, too: new leads go by the next rule, open offers to {manager}."
        )
    return f"{deputy} covers: new leads that would be {who}’s go to {deputy}, by the rules in force."
