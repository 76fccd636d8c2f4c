"""Which letters go in an owner's name soon, and what does the owner say about one? Commands of `mail`."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, ask, read_id, table, write
from leadloom.domain.errors import BadInput
from leadloom.domain.mails.review import Act, ReviewAct
from leadloom.domain.model import MessageId, Value
from leadloom.runtime import reviews as looking
from leadloom.runtime.wiring import House
from leadloom.store import hurrying, published, reviews
from leadloom.store.hurrying import Wish
from leadloom.store.reviews import Coming

_VIA = "cli"

Which = Annotated[str, typer.Argument(metavar="MESSAGE", help="Its id, as `mail upcoming` prints it.")]
Why = Annotated[str, typer.Option("--why", help="In words; kept with what you did.")]
Anew = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="PASSAGE=WORDS, such as subject='Two pages'. As often as needed; without it, shows them."
    ),
]


class Skipped(Value):
    """A letter that doesn't go."""

    message_id: MessageId
    state: str = "skipped"


def upcoming(
    owner: Annotated[
        str | None, typer.Option("--owner", help="Handle of whoever sees them first; default: all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Letters that go when silence lets them, and those somebody holds: soonest first."""

    async def read(house: House) -> tuple[Coming, ...]:
        async with house.db.read() as tx:
            return await reviews.coming(tx, owner)

    rows = ask(read)
    drawn = table(
        "message", "goes", "state", "seen by", "to", "company", "letter", "by",
        rows=(
            (row.message_id, None if row.state == "held" else row.slot_at, row.state, row.owner, row.person,
             row.company, f"{row.journey}/{row.mail}", row.decided_by or row.edited_by)
            for row in rows
        ),
        empty="No letter waits for anybody's word.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


def hold(message: Which, by: By, why: Why = "", as_json: AsJson = False) -> None:
    """Keep a letter back until somebody releases it, or it is no longer worth sending."""
    _act(message, "hold", by=by, why=why, as_json=as_json)


def release(message: Which, by: By, why: Why = "", as_json: AsJson = False) -> None:
    """Let a letter go now, held or not."""
    _act(message, "release", by=by, why=why, as_json=as_json)


def skip(message: Which, by: By, why: Why = "", as_json: AsJson = False) -> None:
    """Take any letter to a lead back for good, before it goes; its journey goes on behind it."""
    about = MessageId(read_id("message", message))

    async def do(house: House) -> Skipped:
        async with house.db.transaction() as tx:
            wish = Wish(by=by, via=_VIA, why=why)
            await hurrying.skip_mail(tx, about, wish, book=await published.book(tx), at=house.now())
        return Skipped(message_id=about)

    write(ask(do), "Skipped. It doesn't go.", as_json=as_json)


def edit(message: Which, by: By, anew: Anew = None, why: Why = "", as_json: AsJson = False) -> None:
    """Write passages of this one letter anew; it must still be one we would send. Without --set, shows them."""
    if not anew:
        return _show(message, as_json=as_json)
    told = [one.partition("=") for one in anew]
    if bad := next((name for name, sign, _ in told if not sign), None):
        raise BadInput("set", bad, "Write PASSAGE=WORDS; `mail edit MESSAGE` without --set shows the passages.")
    return _act(
        message, "edit", by=by, why=why, passages={name.strip(): words for name, _, words in told}, as_json=as_json
    )


def _act(message: str, act: Act, *, by: str, why: str, passages: dict[str, str] | None = None, as_json: bool) -> None:
    about = MessageId(read_id("message", message))
    order = ReviewAct(act=act, by=by, via=_VIA, why=why, passages=passages or {})

    async def do(house: House) -> Coming:
        async with house.db.transaction() as tx:
            await looking.act(tx, about, order, at=house.now())
            return await reviews.get(tx, about)

    now = ask(do)
    write(now, _says(now), as_json=as_json)


def _show(message: str, *, as_json: bool) -> None:
    about = MessageId(read_id("message", message))

    async def read(house: House) -> looking.Wording:
        async with house.db.read() as tx:
            return (await looking.look(tx, about, at=house.now())).wording

    wording = ask(read)
    drawn = table(
        "passage", "reads", rows=wording.passages.items(), empty="Nothing of this letter can be written anew."
    )
    write(wording, drawn, as_json=as_json)


def _says(now: Coming) -> str:
    match now.state:
        case "held":
            return f"Held. It is worth sending until {now.deadline:%Y-%m-%d %H:%M} UTC; `mail release` lets it go."
        case "skipped":
            return "Skipped. It doesn't go."
        case _:
            anew = " as written anew" if now.edited_by else ""
            return f"It goes{anew} at {now.slot_at:%Y-%m-%d %H:%M} UTC."
