"""Who was offered which lead? The open offers, and a rep's answer from the command line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

import typer

from leadloom.cli import _appeals
from leadloom.cli._data import AsJson, By, ask, read_id, table, write
from leadloom.cli._door import talk
from leadloom.cli.reports import read_instant
from leadloom.domain.handoffs.answers import UNDO_FOR, Decision
from leadloom.domain.handoffs.deciding import Decided
from leadloom.domain.model import HandOffId
from leadloom.runtime.wiring import House
from leadloom.store import answering, attempts, hand_offs, inbox, published, reassigning, snoozing
from leadloom.store.attempts import Attempt, Evidence
from leadloom.store.hand_offs import HandOff
from leadloom.store.inbox import InboxRow
from leadloom.store.published import Book
from leadloom.store.reassigning import Word
from leadloom.store.tx import Tx

app = typer.Typer(no_args_is_help=True, help="Open hand-offs, and the answers to them.")
app.add_typer(_appeals.app)

Which = Annotated[str, typer.Argument(metavar="HAND_OFF", help="Its id, as `handoffs list` prints it.")]
OfferNo = Annotated[
    int | None, typer.Option("--offer", help="Only if it is still this offer (its number); default: whichever it is.")
]
GiveBack = Annotated[bool, typer.Option("--give-back", help="It was accepted, and is given back now.")]
Undoable = Annotated[
    bool, typer.Option("--undoable", help="It may be taken back for 10 seconds; what follows from it follows then.")
]
Text = Annotated[str | None, typer.Option("--text", help="What the chip asks for: who is right, or what else.")]


@app.command("list")
def list_(
    owner: Annotated[str | None, typer.Option("--owner", help="Only those of this owner (handle).")] = None,
    as_json: AsJson = False,
) -> None:
    """Open offers, then accepted leads nobody has tried to reach; most urgent first."""

    async def read(house: House) -> tuple[InboxRow, ...]:
        async with house.db.read() as tx:
            return await inbox.list_open(tx, owner)

    rows = ask(read)
    drawn = table(
        "hand-off", "offer", "state", "kind", "with", "lead", "company", "until", "why",
        rows=(
            (row.hand_off_id, row.assignment_no, row.stands, row.kind, row.owner or row.pool, _name(row), row.company,
             row.due_at, "; ".join(row.why))
            for row in rows
        ),
        empty="No open hand-offs.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@app.command()
def accept(hand_off: Which, by: By, offer: OfferNo = None, undoable: Undoable = False, as_json: AsJson = False) -> None:
    """Take the lead. Whoever answers first has it; the other is told who (exit 4)."""
    _decide(hand_off, Decision(kind="accept", by=by, via="cli"), _How(offer, undoable=undoable), as_json=as_json)


@app.command()
def reject(  # noqa: PLR0913  a command's options are its parameters
    hand_off: Which,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="A key of the definition's reject reasons: no-fit, junk …")],
    text: Text = None,
    sub_reason: Annotated[str | None, typer.Option("--sub-reason", help="Which kind of it, where asked.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="When to come back, where the reason asks.")] = None,
    give_back: GiveBack = False,
    offer: OfferNo = None,
    undoable: Undoable = False,
    as_json: AsJson = False,
) -> None:
    """Give the lead back with a reason; the reason says what happens to it."""
    back = read_instant(until) if until else None
    decision = Decision(kind="reject", by=by, via="cli", reason=reason, text=text, sub_reason=sub_reason, until=back)
    _decide(hand_off, decision, _How(offer, give_back, undoable), as_json=as_json)


@app.command()
def recycle(
    hand_off: Which,
    by: By,
    until: Annotated[str, typer.Option("--until", help="The date it comes back: 2026-06-15.")],
    give_back: GiveBack = False,
    offer: OfferNo = None,
    undoable: Undoable = False,
    as_json: AsJson = False,
) -> None:
    """Give the lead back until a date: it returns by itself."""
    decision = Decision(kind="recycle", by=by, via="cli", until=read_instant(until))
    _decide(hand_off, decision, _How(offer, give_back, undoable), as_json=as_json)


@app.command()
def undo(hand_off: Which, by: By, as_json: AsJson = False) -> None:
    """Take back an answer given with --undoable: as if it had never been given. Once it is final: exit 4."""
    _move(hand_off, lambda tx, about, book, at: answering.undo(tx, about, by, book=book, at=at), as_json)


@app.command()
def snooze(
    hand_off: Which,
    by: By,
    until: Annotated[str, typer.Option("--until", help="When to show it again: 2026-06-15T09:00Z.")],
    as_json: AsJson = False,
) -> None:
    """Hide the card from its owner until then, at the latest before its deadline; no clock moves."""
    then = read_instant(until)
    _move(hand_off, lambda tx, about, book, at: snoozing.snooze(tx, about, by, then, book=book, at=at), as_json)


@app.command()
def wake(hand_off: Which, as_json: AsJson = False) -> None:
    """Show a hidden card again."""
    _move(hand_off, lambda tx, about, _book, _at: snoozing.wake(tx, about), as_json)


@app.command()
def reassign(
    hand_off: Which,
    to: Annotated[str, typer.Option("--to", help="Handle of who gets it.")],
    by: By,
    why: Annotated[str, typer.Option("--why", help="Why; whoever loses it reads that.")],
    as_json: AsJson = False,
) -> None:
    """Give an open offer to somebody else: a new clock, a notice of its own. What is being worked stays (exit 4)."""
    _move(
        hand_off, lambda tx, about, book, at: reassigning.give(tx, about, to, Word(by, why), book=book, at=at), as_json
    )


@app.command()
def reroute(
    hand_off: Which,
    by: By,
    why: Annotated[str, typer.Option("--why", help="Why; kept with what the rules answer.")],
    as_json: AsJson = False,
) -> None:
    """Ask the rules in force once more for an open offer. What is being worked stays (exit 4)."""
    _move(
        hand_off,
        lambda tx, about, book, at: reassigning.route_again(tx, about, Word(by, why), book=book, at=at),
        as_json,
    )


@app.command("try")
def try_(
    hand_off: Which,
    by: By,
    reached: Annotated[bool, typer.Option("--reached", help="You spoke.")] = False,
    evidence: Annotated[Evidence, typer.Option("--evidence", help="What shows it.")] = "self-said",
    reference: Annotated[
        str | None, typer.Option("--reference", help="Where it is found: the id of the call, mail or activity.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Note that you tried to reach the lead: the first try stops the clock."""
    about = HandOffId(read_id("hand-off", hand_off))

    async def note(house: House) -> HandOff:
        at = house.now()
        async with house.db.transaction() as tx:
            key = f"try:{about}:{evidence}:{reference}" if reference else None
            made = Attempt(by=by, via="cli", reached=reached, evidence=evidence, reference=reference, key=key)
            await attempts.attempt(tx, about, made, book=await published.book(tx), at=at)
            return await hand_offs.get(tx, about)

    now = ask(note)
    talk.print("Noted.", highlight=False)
    first = f"{now.first_try_at:%Y-%m-%d %H:%M} UTC" if now.first_try_at else "not yet by what counts"
    write(now, f"{now.hand_off_id} first tried: {first}", as_json=as_json)


_Moves = Callable[[Tx, HandOffId, Book, datetime], Awaitable[HandOff]]


def _move(hand_off: str, moves: _Moves, as_json: bool) -> None:
    about = HandOffId(read_id("hand-off", hand_off))

    async def move(house: House) -> HandOff:
        at = house.now()
        async with house.db.transaction() as tx:
            return await moves(tx, about, await published.book(tx), at)

    now = ask(move)
    write(now, _stands(now), as_json=as_json)


def _stands(now: HandOff) -> str:
    holder = now.owner or f"the pool {now.pool}"
    if now.state == "accepted":
        return f"{holder} has accepted it."
    if now.accept_by is None:
        return f"It waits for somebody of {now.pool} to have room, until {now.room_by:%Y-%m-%d %H:%M} UTC at most."
    hidden = f" Its card is hidden until {now.snoozed_until:%Y-%m-%d %H:%M} UTC." if now.snoozed_until else ""
    return f"It is with {holder}, to be answered by {now.accept_by:%Y-%m-%d %H:%M} UTC.{hidden}"


class _How(NamedTuple):
    offer: int | None
    give_back: bool = False
    undoable: bool = False


def _decide(hand_off: str, decision: Decision, how: _How, *, as_json: bool) -> None:
    about = HandOffId(read_id("hand-off", hand_off))
    undo_for = UNDO_FOR if how.undoable else timedelta()

    async def decide(house: House) -> Decided:
        at = house.now()
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            if how.give_back:
                return await answering.give_back(tx, about, decision, undo_for=undo_for, book=book, at=at)
            number = how.offer if how.offer is not None else (await hand_offs.get(tx, about)).assignment_no
            return await answering.decide(tx, about, number, decision, undo_for=undo_for, book=book, at=at)

    decided = ask(decide)
    write(decided, *_says(decided), as_json=as_json)


def _says(decided: Decided) -> list[str]:
    said = [f"{decided.state}{f' by {decided.owner}' if decided.owner else ''}: {decided.why}"]
    if decided.first_try_by is not None:
        said.append(f"Try to reach the lead by {decided.first_try_by:%Y-%m-%d %H:%M} UTC.")
    if decided.recycle_until is not None:
        said.append(f"It comes back on {decided.recycle_until:%Y-%m-%d}.")
    return said


def _name(row: InboxRow) -> str:
    return " ".join(part for part in (row.first_name, row.last_name) if part)
