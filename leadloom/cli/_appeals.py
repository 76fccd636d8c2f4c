"""How did a hand-off come to stand so, what does support raise, and what does marketing appeal?"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid5

import typer

from leadloom.cli._data import AsJson, By, ask, read_id, table, write
from leadloom.domain.model import HandOffId, Value
from leadloom.runtime.wiring import House
from leadloom.store import appeals, hand_off_log, hand_offs, published, support
from leadloom.store.appeals import Appeal, Case, Verdict
from leadloom.store.hand_off_log import Step
from leadloom.store.hand_offs import HandOff
from leadloom.store.support import Heard, SupportRequest
from leadloom.store.tx import new_id

app = typer.Typer()

_NAMES = UUID("6f0d9a4e-6a37-5c0b-9d58-0f2f1a6f7c11")
Which = Annotated[str, typer.Argument(metavar="HAND_OFF", help="Its id, as `handoffs appeals` prints it.")]
Words = Annotated[str, typer.Option("--words", help="Why; both sides read it.")]


class Shown(Value):
    """A hand-off with its log."""

    hand_off: HandOff
    steps: tuple[Step, ...]


@app.command()
def show(hand_off: Which, as_json: AsJson = False) -> None:
    """One hand-off: how it stands, what it waits for, and each step with its reason."""
    about = HandOffId(read_id("hand-off", hand_off))

    async def read(house: House) -> Shown:
        async with house.db.read() as tx:
            return Shown(hand_off=await hand_offs.get(tx, about), steps=await hand_off_log.steps(tx, about))

    shown = ask(read)
    now = shown.hand_off
    waits = f", waits for {now.waiting_for} until {now.waits_until:%Y-%m-%d %H:%M} UTC" if now.waits_until else ""
    drawn = table("at", "who", "what", "why", rows=((one.at, one.who, one.what, one.words) for one in shown.steps))
    write(shown, f"{now.kind}: {now.state}, with {now.owner or f'the pool {now.pool}'}{waits}", drawn, as_json=as_json)


@app.command("raise")
def raise_(
    about: Annotated[str, typer.Option("--about", help="A mail address, or the name or domain of a company.")],
    said: Annotated[str, typer.Option("--said", help="What they want, in a sentence.")],
    by: By,
    once: Annotated[str | None, typer.Option("--once", help="Your name for it: said again it is the same.")] = None,
    as_json: AsJson = False,
) -> None:
    """Raise a lead from a talk with support: it is offered to sales, or joins what its company has open."""

    async def make(house: House) -> SupportRequest:
        name = new_id()
        heard = Heard(request_id=uuid5(_NAMES, once) if once else name, about=about, said=said, by=by)
        async with house.db.transaction() as tx:
            return await support.raise_lead(tx, heard, book=await published.book(tx), at=house.now())

    made = ask(make)
    write(made, f"{made.person}: {made.stands}, with {_whose(made)}", as_json=as_json)


@app.command()
def raised(
    by: Annotated[str | None, typer.Option("--by", help="Only what this owner raised (handle).")] = None,
    as_json: AsJson = False,
) -> None:
    """What support raised, and what became of it; the newest first."""

    async def read(house: House) -> tuple[SupportRequest, ...]:
        async with house.db.read() as tx:
            return await support.raised(tx, by)

    rows = ask(read)
    drawn = table(
        "raised", "by", "about", "said", "stands", "with", "reason", "back on",
        rows=((row.raised_at, row.raised_by, row.person, row.said, row.stands, _whose(row), row.reason,
               row.recycle_until)
              for row in rows),
        empty="Support has raised nothing.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@app.command()
def appeal(hand_off: Which, by: By, words: Words, as_json: AsJson = False) -> None:
    """Appeal what sales turned down: the lead-management owner decides, with a deadline."""
    about = HandOffId(read_id("hand-off", hand_off))

    async def make(house: House) -> Appeal:
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            return await appeals.raise_one(tx, about, by, words, book=book, at=house.now())

    made = ask(make)
    write(made, f"{made.asked} decides until {made.decide_by:%Y-%m-%d %H:%M} UTC.", as_json=as_json)


@app.command()
def rule(
    hand_off: Which,
    by: By,
    words: Words,
    uphold: Annotated[bool, typer.Option("--uphold/--dismiss", help="Offer it anew, or let the rejection stand.")],
    to: Annotated[str | None, typer.Option("--to", help="Offer it to them; default: whom the rules find.")] = None,
    as_json: AsJson = False,
) -> None:
    """Decide an appeal: uphold it, and the lead is offered anew, or dismiss it. Once only (exit 4)."""
    about = HandOffId(read_id("hand-off", hand_off))

    async def make(house: House) -> Appeal:
        verdict = Verdict(by=by, uphold=uphold, words=words, to=to)
        async with house.db.transaction() as tx:
            return await appeals.decide(tx, about, verdict, book=await published.book(tx), at=house.now())

    made = ask(make)
    anew = f"; the offer is {made.new_hand_off_id}" if made.new_hand_off_id else ""
    write(made, f"{made.state}{anew}", as_json=as_json)


@app.command("appeals")
def list_(as_json: AsJson = False) -> None:
    """Appeals with both sides' words: open ones by their clock, then the others."""

    async def read(house: House) -> tuple[Case, ...]:
        async with house.db.read() as tx:
            return await appeals.cases(tx)

    cases = ask(read)
    drawn = table(
        "hand-off", "lead", "turned down by", "reason", "appealed by", "words", "state", "asked", "until", "answer",
        rows=(
            (one.rejection.hand_off_id, one.rejection.person, one.rejection.turned_down_by, one.rejection.reason,
             one.appeal.raised_by, one.appeal.words, one.appeal.state, one.appeal.asked, one.appeal.decide_by,
             one.appeal.answer)
            for one in cases if one.appeal is not None
        ),
        empty="Nothing was appealed.",
    )  # fmt: skip
    write(cases, drawn, as_json=as_json)


def _whose(one: SupportRequest) -> str:
    return one.owner or one.deal_owner or f"the pool {one.pool}"
