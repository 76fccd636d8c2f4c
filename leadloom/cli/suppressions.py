"""Whom must we leave alone? Addresses, domains and people that get no mail, who said so, and what lifts it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, Limit, ask, read_id, table, write
from leadloom.cli._door import talk
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Value
from leadloom.runtime.suppression_list import Brought, ListOrder, bring_in
from leadloom.runtime.wiring import House
from leadloom.store import leads, permissions, published, suppressions
from leadloom.store.suppressions import Kept, Order

app = typer.Typer(no_args_is_help=True, help="Whom to leave alone: list, add, import, undo, lift.")

Why = Annotated[str, typer.Option("--why", help="Why, in words; shown on the lead's page and kept.")]
Topic = Annotated[str | None, typer.Option("--topic", help="Only marketing mail about this topic of the definition.")]
Everything = Annotated[bool, typer.Option("--everything", help="All mail, also what they ask for; else marketing.")]
_SCOPES = ("address", "domain", "person", "hash")


class Undone(Value):
    """What taking a list back did."""

    lifted: int
    """Entries that stood because of it alone."""


@app.command("list")
def list_(
    lead: Annotated[str | None, typer.Option("--lead", help="What stands against this lead, by any scope.")] = None,
    scope: Annotated[str | None, typer.Option("--scope", help="Only address, domain, person or hash.")] = None,
    lifted: Annotated[bool, typer.Option("--lifted", help="Lifted ones, too.")] = False,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """What stands, newest first: whom, what mail, why, by whom and since when."""
    if scope is not None and scope not in _SCOPES:
        raise BadInput("scope", scope, f"Write one of {', '.join(_SCOPES)}.")

    async def read(house: House) -> tuple[Kept, ...]:
        async with house.db.read() as tx:
            if lead is None:
                return await suppressions.listed(tx, scope=scope, lifted_too=lifted, limit=limit)
            person = await leads.get(tx, await leads.find(tx, lead))
            standing = await permissions.suppressions_of(tx, person.email, person.lead_id)
            return tuple(Kept(**one.model_dump()) for one in standing)

    found = ask(read)
    drawn = table(
        "suppression", "scope", "value", "mail", "why", "by", "since", "lifted", "by", "because",
        rows=(
            (one.suppression_id, one.scope, one.value, one.words, one.reason, one.by, one.at, one.lifted_at,
             one.lifted_by, one.lifted_why)
            for one in found
        ),
        empty="Nobody.",
    )  # fmt: skip
    write(found, drawn, as_json=as_json)


@app.command()
def add(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="An address, a mail domain; with --person a lead.")],
    why: Why,
    by: By,
    person: Annotated[bool, typer.Option("--person", help="The lead, whatever address they have.")] = False,
    topic: Topic = None,
    everything: Everything = False,
    as_json: AsJson = False,
) -> None:
    """Leave it alone from now on; mail that a worker has claimed already is not sent either."""
    purpose = None if everything else permissions.MARKETING
    order = Order(what=what, person=person, purpose=purpose, topic=topic, why=why, by=by)

    async def work(house: House) -> Kept:
        async with house.db.transaction() as tx:
            await _known(house, topic)
            return await suppressions.add(tx, order, at=house.now())

    kept = ask(work)
    write(kept, f"{kept.scope} {kept.value}: no {kept.words} from {kept.at:%Y-%m-%d %H:%M} UTC on.", as_json=as_json)
    talk.print(f"Undo: python starter.py suppressions lift {kept.suppression_id} --why …", soft_wrap=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or text file: one address or domain a line.")],
    why: Why,
    by: By,
    topic: Topic = None,
    everything: Everything = False,
    as_json: AsJson = False,
) -> None:
    """Leave everybody of somebody's list alone. Said twice, the first reason stands. Exit 6 for refused lines."""
    order = ListOrder(file, None if everything else permissions.MARKETING, topic, why, by)

    async def work(house: House) -> Brought:
        await _known(house, topic)
        return await bring_in(house.db, order, at=house.now())

    brought = ask(work)
    lines = [f"{brought.new} new, {brought.stood} stood already, {brought.refused} lines refused."]
    lines += [f"  line {fault.line}: {fault.why}" for fault in brought.faults]
    write(brought, *lines, as_json=as_json)
    talk.print(f"Undo: python starter.py suppressions undo {brought.list_id} --why …", soft_wrap=True)
    if brought.refused:
        raise typer.Exit(6)


@app.command()
def undo(
    list_: Annotated[str, typer.Argument(metavar="LIST", help="The id that `suppressions import` printed.")],
    why: Why,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Lift what a list brought in and nobody else said. What stood before it stands on."""
    list_id = read_id("suppression list", list_)

    async def work(house: House) -> Undone:
        async with house.db.transaction() as tx:
            lifted = await suppressions.undo_list(tx, list_id, why=why, by=by, at=house.now())
        return Undone(lifted=lifted)

    undone = ask(work)
    write(undone, f"{undone.lifted} lifted.", as_json=as_json)


@app.command()
def lift(
    suppression: Annotated[str, typer.Argument(metavar="SUPPRESSION", help="Its id, as `list` prints it.")],
    why: Why,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Let mail go there again, with a note. What the person said themselves only they can lift (exit 4)."""
    suppression_id = read_id("suppression", suppression)

    async def work(house: House) -> Kept:
        async with house.db.transaction() as tx:
            return await suppressions.lift(tx, suppression_id, why=why, by=by, at=house.now())

    kept = ask(work)
    words = f"{kept.scope} {kept.value}: {kept.words} may go there again. It was: {kept.reason}."
    write(kept, words, as_json=as_json)


async def _known(house: House, topic: str | None) -> None:
    if topic is None:
        return
    async with house.db.read() as tx:
        topics = (await published.book(tx)).definition.mail.topics
    if topic not in topics:
        raise BadInput("topic", topic, f"The definition has {', '.join(topics) or 'no topics'} (mail.topics).")
