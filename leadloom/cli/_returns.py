"""What came back for our mails, and what would we make of a mail? `mail returns list|show|done|retry|read`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, Limit, ask, read_id, table, write
from leadloom.cli._door import talk
from leadloom.domain.errors import BadInput
from leadloom.domain.returns.kind import Kind
from leadloom.runtime import return_files
from leadloom.runtime import returns as taking
from leadloom.runtime.mail_intake import Gate
from leadloom.runtime.return_files import Judged
from leadloom.runtime.returns import Taken
from leadloom.runtime.wiring import House
from leadloom.store import audit, returns
from leadloom.store.returns import ReturnRow, WholeReturn

app = typer.Typer(no_args_is_help=True, help="What came back for our mails: bounces, complaints, answers.")

Which = Annotated[str, typer.Argument(metavar="RETURN", help="Its id, as `mail returns list` prints it.")]
Why = Annotated[str, typer.Option("--why", help="In words; kept with what you did.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Mails (.eml), mboxes, Maildirs, or folders.")]


@app.command("list")
def list_(
    kind: Annotated[str | None, typer.Option("--kind", help="Only bounce, complaint, auto_reply, reply …")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also what nobody needs to look at.")] = False,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """What a person should look at, newest first: what no rule knows, and what is ours to mend."""
    if kind is not None and kind not in list(Kind):
        raise BadInput("kind", kind, f"Say {', '.join(Kind)}.")

    async def read(house: House) -> tuple[ReturnRow, ...]:
        async with house.db.read() as tx:
            return await returns.every(tx, kind=kind, asks_only=not every, limit=limit)

    rows = tuple(_masked(row) for row in ask(read))
    drawn = table(
        "return", "at", "via", "kind", "reason", "code", "status", "of", "known by", "done", "which rule",
        rows=(
            (row.return_id, row.at, row.via, row.kind, row.reason, row.code, row.status, row.address, row.matched_by,
             "; ".join(row.done), row.why)
            for row in rows
        ),
        empty="Nothing came back." if every else "Nothing to look at.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@app.command()
def show(
    return_: Which,
    raw: Annotated[bool, typer.Option("--raw", help="The mail as it came, to stdout.")] = False,
    as_json: AsJson = False,
) -> None:
    """One thing that came back, with what was said; `--raw` writes the mail itself, as long as it is kept."""
    about = read_id("return", return_)

    async def read(house: House) -> WholeReturn:
        async with house.db.read() as tx:
            return await returns.get(tx, about)

    row = ask(read)
    if raw:
        if row.raw is None:
            raise BadInput("return", return_, "Its bytes are gone, or it was no mail; show it without --raw.")
        sys.stdout.buffer.write(row.raw)
        return
    shown = row.model_copy(update={"raw": None})
    lines = [f"{name}: {value}" for name, value in shown.model_dump(mode="json").items() if value not in (None, "", [])]
    write(shown, *lines, as_json=as_json)


@app.command()
def done(return_: Which, why: Why, by: By, as_json: AsJson = False) -> None:
    """Say that you looked at it: it asks no more."""
    about = read_id("return", return_)

    async def look(house: House) -> ReturnRow:
        async with house.db.transaction() as tx:
            await returns.look_at(tx, about, by=by, why=why, at=house.now())
            note = audit.Note(at=house.now(), actor=by, action="looked at a return", subject=f"return {about}", why=why)
            await audit.note(tx, note)
            return _masked(await returns.get(tx, about))

    write(ask(look), f"Return {about} is looked at.", as_json=as_json)


@app.command()
def retry(
    return_: Annotated[str, typer.Argument(metavar="RETURN", help="Its id; `all` for every unknown one.")],
    as_json: AsJson = False,
) -> None:
    """Read it again by the rules of today, and let follow what they say now. Twice changes nothing."""

    async def again(house: House) -> tuple[Taken, ...]:
        if return_ != "all":
            return (await taking.retry(house, read_id("return", return_), at=house.now()),)
        async with house.db.read() as tx:
            rows = await returns.every(tx, asks_only=True, limit=10_000)
        unknown = [row.return_id for row in rows if "unknown" in (row.kind, row.reason)]
        return tuple([await taking.retry(house, each, at=house.now()) for each in unknown])

    rows = ask(again)
    drawn = table(
        "return", "kind", "reason", "done", "to look at",
        rows=((row.return_id, row.kind, row.reason, "; ".join(row.done), "yes" if row.asks else "no") for row in rows),
        empty="Nothing to read again.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@app.command()
def welcome(return_: Which, by: By, as_json: AsJson = False) -> None:
    """It is who it says: make the lead who wrote to a mailbox of ours, and their mail an answer of theirs."""

    async def make(house: House) -> Taken:
        gate = Gate.of(house.settings)
        return await taking.welcome(house, read_id("return", return_), by=by, gate=gate, at=house.now())

    made = ask(make)
    write(made, f"It is lead {made.lead_id} now: {'; '.join(made.done)}.", as_json=as_json)


@app.command("read")
def read_(files: Files, as_json: AsJson = False) -> None:
    """Say how mails would be classed, a line for each (JSON lines with --json), counts on stderr. Changes nothing."""
    counts: Counter[str] = Counter()
    for path in files:
        for found in return_files.mails_in(path):
            one = return_files.judged(found)
            counts[f"{one.kind}: {one.reason}" if one.reason else f"{one.kind}"] += 1
            sys.stdout.write((_line(one) if not as_json else json.dumps(one.model_dump(mode="json"))) + "\n")
    for name, count in sorted(counts.items(), key=lambda each: -each[1]):
        talk.print(f"{count:>7}  {name}", highlight=False)
    talk.print(f"{counts.total():>7}  mails", highlight=False)


def _line(one: Judged) -> str:
    suppress = "suppress" if one.suppress else "-"
    more = f" (back on {one.returns_on})" if one.returns_on else " (left)" if one.left else ""
    return "\t".join((one.file, one.kind, one.reason or "-", suppress, f"{one.why}{more}"))


def _masked(row: ReturnRow) -> ReturnRow:
    """Enough for its owner to know it by; what was written stays behind `show`."""
    hidden = {"address": _mask(row.address), "sender": _mask(row.sender), "said": "", "subject": "", "diagnostic": None}
    return ReturnRow.model_validate({**row.model_dump(include=set(ReturnRow.model_fields)), **hidden})


def _mask(address: str | None) -> str | None:
    local, _, domain = (address or "").rpartition("@")
    return f"{local[:1]}•••@{domain}" if domain else None
