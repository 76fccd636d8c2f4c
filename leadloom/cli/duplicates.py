"""Who is one person twice? Found in lists and among leads, merged, parted again, or kept apart."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.cli._data import AsJson, By, Limit, ask, read_id, table, write
from leadloom.cli._door import talk
from leadloom.cli._imports import Encoding, File, Separator
from leadloom.domain.model import LeadId, Value
from leadloom.domain.people.pairs import SURE_ENOUGH
from leadloom.runtime.duplicates_in_list import FoundInList, duplicates_in
from leadloom.runtime.how_to_read import HowToRead
from leadloom.runtime.table_file import SEPARATORS
from leadloom.runtime.wiring import House
from leadloom.store import duplicates, leads, match_faults, merge_preview, merges, merging, parting, published
from leadloom.store.duplicates import Suggested
from leadloom.store.match_faults import MatchFault
from leadloom.store.merge_preview import Preview
from leadloom.store.merges import Merge
from leadloom.store.merging import Merged, MergeOrder
from leadloom.store.parting import Parted, Undo
from leadloom.store.tx import Tx

app = typer.Typer(no_args_is_help=True, help="Who is one person twice: list, show, merge, keep apart, undo.")

One = Annotated[str, typer.Argument(metavar="LEAD", help="Lead id, mail address or external id.")]
Other = Annotated[str, typer.Argument(metavar="OTHER", help="The other one, likewise.")]
Why = Annotated[str, typer.Option("--why", help="Why, in words; kept.")]
_SHOWN = 50


@app.command("find")
def find_(
    file: File,
    map_: Annotated[
        list[str] | None, typer.Option("--map", help="FIELD=COLUMN, or FIELD= for no column. As often as needed.")
    ] = None,
    least: Annotated[float, typer.Option("--least", help="Bits above even from which a pair is told.")] = SURE_ENOUGH,
    encoding: Encoding = None,
    separator: Separator = None,
    as_json: AsJson = False,
) -> None:
    """Pairs of rows of a CSV file that are one person, with the reasons. Asks no database and writes nothing."""
    sign = {name: sign for sign, name in SEPARATORS.items()}.get(separator or "", separator)
    how = HowToRead(encoding=encoding, separator=sign)
    found = asyncio.run(duplicates_in(file, how, asked=map_ or (), least=least))
    write(found, _drawn(found), as_json=as_json)
    compared = ", ".join(f"{field} ({column})" for field, column in found.columns.items())
    talk.print(f"Compared by {compared}.", soft_wrap=True)
    talk.print(f"{found.rows} rows, {found.people} people, {len(found.pairs)} pairs.", soft_wrap=True)
    if found.unread:
        talk.print(f"{len(found.unread)} rows couldn't be read: {', '.join(map(str, found.unread[:10]))}.")


def _drawn(found: FoundInList) -> RenderableType:
    shown = found.pairs[:_SHOWN]
    return table(
        "row", "id", "row", "id", "bits", "because",
        rows=((p.one.row, p.one.id, p.other.row, p.other.id, p.bits, ", ".join(p.reasons)) for p in shown),
        title="" if len(found.pairs) <= _SHOWN else f"The first {_SHOWN} pairs; all of them: --json.",
        empty="Nobody is in it twice.",
    )  # fmt: skip


@app.command("list")
def list_(
    merged: Annotated[bool, typer.Option("--merged", help="Merges, with those that were undone.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Suggestions, the likeliest first; with --merged who became one, by whom and why."""
    if merged:
        done = ask(lambda house: _merges(house, limit))
        drawn = table(
            "merge", "lead", "was", "by", "rule", "why", "at", "undone",
            rows=((m.merge_id, m.lead_id, m.loser_id, m.by, m.rule, m.why, m.at, m.undone_at) for m in done),
            empty="Nobody was merged.",
        )  # fmt: skip
        write(done, drawn, as_json=as_json)
        return
    found = ask(lambda house: _suggested(house, limit))
    drawn = table(
        "lead", "other", "names", "bits", "because", "found",
        rows=((d.lead_id, d.other_id, d.names, d.bits, ", ".join(d.reasons), d.found_at) for d in found),
        empty="Nobody looks like somebody else.",
    )  # fmt: skip
    write(found, drawn, as_json=as_json)


@app.command()
def show(one: One, other: Other, as_json: AsJson = False) -> None:
    """What a merge would make of two leads, field by field. Changes nothing."""

    async def read(house: House) -> Preview:
        async with house.db.read() as tx:
            pair = await _pair(tx, one, other)
            return await merge_preview.preview(tx, *pair, book=await published.book(tx))

    found = ask(read)
    drawn = table(
        "field", "survivor", "loser", "becomes", "rule",
        rows=((field, each.was, each.other, each.is_, each.rule) for field, each in found.united.items()),
        title=f"{found.survivor.lead.lead_id} stays, {found.loser.lead.lead_id} becomes them.",
        empty="They differ in nothing.",
    )  # fmt: skip
    write(found, drawn, as_json=as_json)


@app.command()
def merge(one: One, other: Other, why: Why, by: By, as_json: AsJson = False) -> None:
    """Make one lead of two. The one we met first stays; whoever names the other finds them. Twice is once."""

    async def work(house: House) -> Merged:
        async with house.db.transaction() as tx:
            first, second = await _pair(tx, one, other)
            order = MergeOrder(one=first, other=second, by=by, why=why)
            return await merging.merge(tx, order, book=await published.book(tx), at=house.now())

    done = ask(work)
    said = "merged" if done.is_new else "were one already"
    ended = f"{done.ended_runs} runs ended, {done.closed_hand_offs} hand-offs closed"
    write(done, f"{done.loser_id} and {done.lead_id}: {said}; {ended}.", as_json=as_json)
    talk.print(f"Undo: python starter.py duplicates undo {done.merge_id} --why …", soft_wrap=True)


@app.command("keep-apart")
def keep_apart(one: One, other: Other, why: Why, by: By, as_json: AsJson = False) -> None:
    """Two people: they are never suggested again, and no rule merges them."""

    async def work(house: House) -> Apart:
        async with house.db.transaction() as tx:
            first, second = await _pair(tx, one, other)
            await duplicates.keep_apart(tx, first, second, why=why, by=by, at=house.now())
            return Apart(one=first, other=second)

    kept = ask(work)
    write(kept, f"{kept.one} and {kept.other} stay two.", as_json=as_json)


@app.command()
def undo(
    merge_: Annotated[str, typer.Argument(metavar="MERGE", help="The id that `duplicates merge` printed.")],
    why: Why,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Part two leads again. Each has what they had; what happened since stays with the survivor, a no with both."""
    merge_id = read_id("merge", merge_)

    async def work(house: House) -> Parted:
        async with house.db.transaction() as tx:
            order = Undo(merge_id=merge_id, by=by, why=why)
            return await parting.undo(tx, order, book=await published.book(tx), at=house.now())

    done = ask(work)
    no = " They ended marketing meanwhile: that holds for both." if done.said_no_since else ""
    since = f"{done.events_since} events since stay with {done.survivor_id}."
    write(done, f"{done.survivor_id} and {done.loser_id} are two again; {since}{no}", as_json=as_json)


@app.command()
def faults(limit: Limit = 50, as_json: AsJson = False) -> None:
    """Leads the sweep couldn't compare with others or merge by rule, with the reason; nothing of them is lost."""

    async def read(house: House) -> tuple[MatchFault, ...]:
        async with house.db.read() as tx:
            return await match_faults.listed(tx, limit=limit)

    found = ask(read)
    drawn = table(
        "lead", "name", "error", "tries", "at",
        rows=((f.lead_id, f.name, f.error, f.tries, f.at) for f in found),
        empty="Everybody could be looked at.",
    )  # fmt: skip
    write(found, drawn, as_json=as_json)


class Again(Value):
    """How many are looked at again."""

    leads: int


@app.command()
def retry(as_json: AsJson = False) -> None:
    """Let the next round of the sweep look again at all leads of `duplicates faults`. Twice is fine."""

    async def work(house: House) -> Again:
        async with house.db.transaction() as tx:
            return Again(leads=await match_faults.retry(tx))

    done = ask(work)
    write(done, f"{done.leads} leads are looked at again within a minute.", as_json=as_json)


class Apart(Value):
    """Two leads that stay two."""

    one: LeadId
    other: LeadId


async def _merges(house: House, limit: int) -> tuple[Merge, ...]:
    async with house.db.read() as tx:
        return await merges.listed(tx, limit=limit)


async def _suggested(house: House, limit: int) -> tuple[Suggested, ...]:
    async with house.db.read() as tx:
        return await duplicates.suggested(tx, limit=limit)


async def _pair(tx: Tx, one: str, other: str) -> tuple[LeadId, LeadId]:
    return await leads.find(tx, one), await leads.find(tx, other)
