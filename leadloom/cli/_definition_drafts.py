"""How is the definition changed? Proposed, looked at on all leads, signed by those whose word it takes, in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.cli._data import AsJson, ask, table, write
from leadloom.cli._door import talk
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.definitions.drafting import Draft, Proposal, Said, Word
from leadloom.domain.definitions.preview import Preview
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.stages.reevaluation import CASE_WORDS
from leadloom.runtime import catalog
from leadloom.runtime.wiring import House
from leadloom.store import definition_drafts, governing, published
from leadloom.store.definition_drafts import DraftView, VersionRow

app = typer.Typer()

As = Annotated[str, typer.Option("--as", envvar="LEADLOOM_BY", help="Your handle: what you say is kept under it.")]
No = Annotated[int, typer.Argument(help="The number of the draft, as the list prints it.")]
Why = Annotated[str, typer.Option("--why", help="Why; kept with what you said.")]
SHOWN = 20
"""Leads that move and cases, of those a table shows; --json has all."""


@app.command()
def propose(
    by: As,
    why: Annotated[str, typer.Option("--why", help="Why the change is worth it; whoever signs reads it.")],
    file: Annotated[Path | None, typer.Option("--file", help="The file; left out: definition.yaml.")] = None,
    effective: Annotated[
        str | None, typer.Option("--effective", help="The day it comes into force: 2026-12-01.")
    ] = None,
    region: Annotated[list[str] | None, typer.Option("--region", help="Only there at first; again for more.")] = None,
    hold: Annotated[bool, typer.Option("--hold", help="Keep it as a draft; `definitions submit` asks later.")] = False,
    as_json: AsJson = False,
) -> None:
    """Propose a definition: what it changes is told, and it waits for the signatures it takes."""
    path = file or catalog.DEFINITION
    if not path.is_file():
        raise NotFound("file", str(path))
    definition = read_definition(DraftText(path.name, path.read_text(encoding="utf-8")))
    begins, first = read_day("effective", effective), tuple(region) if region else None
    proposal = Proposal(definition=definition, effective_at=begins, regions=first)

    async def within(house: House) -> DraftView:
        async with house.db.transaction() as tx:
            book, word = await published.book(tx), Word(by=by, at=house.now(), why=why)
            draft = await definition_drafts.draw_up(tx, proposal, word, book=book)
            if not hold:
                await definition_drafts.submit(tx, draft.draft_no, word, book=book)
            return await definition_drafts.view(tx, draft.draft_no, book=book)

    _show(ask(within), as_json=as_json)


@app.command()
def submit(draft: No, by: As, as_json: AsJson = False) -> None:
    """Ask for the signatures of a draft that was kept back."""
    _act(definition_drafts.submit, draft, by, "", as_json=as_json)


@app.command()
def approve(draft: No, by: As, why: Why = "", as_json: AsJson = False) -> None:
    """Sign a draft. The last signature approves it: it is in force at once, or when its date comes."""
    view = _acted(definition_drafts.sign, draft, by, why)
    if view.draft.state == "in force":
        done = ask(lambda house: governing.apply(house.db, told=tell))
        talk.print(f"{done.judged} leads judged anew by version {view.draft.version}.", highlight=False)
    _show(view, as_json=as_json)


@app.command()
def reject(
    draft: No, by: As, why: Annotated[str, typer.Option("--why", help="What is to be mended.")], as_json: AsJson = False
) -> None:
    """Say no to a draft, with a reason. Nothing else changes."""
    _act(definition_drafts.reject, draft, by, why, as_json=as_json)


@app.command()
def withdraw(draft: No, by: As, why: Why = "", as_json: AsJson = False) -> None:
    """Take a draft back before it is in force. Nothing else changes."""
    _act(definition_drafts.withdraw, draft, by, why, as_json=as_json)


@app.command("drafts")
def drafts(as_json: AsJson = False) -> None:
    """All drafts, newest first: where each stands, and whom it waits for."""

    async def within(house: House) -> tuple[Draft, ...]:
        async with house.db.read() as tx:
            return await definition_drafts.listed(tx)

    found = ask(within)
    lines = table(
        "draft", "state", "by", "waits for", "until", "version", "why",
        rows=((d.draft_no, d.state, d.author, d.waiting_for, d.waits_until, d.version, d.why) for d in found),
        empty="Nobody has proposed anything. `definitions propose --as YOU --why …` does.",
    )  # fmt: skip
    write(found, lines, as_json=as_json)


@app.command()
def diff(draft: No, as_json: AsJson = False) -> None:
    """A draft in words against the definition in force: what changes, for whom, and whose word it takes."""

    async def within(house: House) -> DraftView:
        async with house.db.read() as tx:
            return await definition_drafts.view(tx, draft, book=await published.book(tx))

    _show(ask(within), as_json=as_json)


@app.command()
def audit(as_json: AsJson = False) -> None:
    """Who said what of which draft, oldest first."""

    async def within(house: House) -> tuple[Said, ...]:
        async with house.db.read() as tx:
            return await definition_drafts.said(tx)

    said = ask(within)
    write(said, *_draw_said(said, empty="Nobody has proposed anything yet."), as_json=as_json)


@app.command()
def versions(as_json: AsJson = False) -> None:
    """Every version of the definition: since when, by whom, and who signed it."""

    async def within(house: House) -> tuple[VersionRow, ...]:
        async with house.db.read() as tx:
            return await definition_drafts.versions(tx, (await published.book(tx)).definition.name)

    found = ask(within)
    rows = ((v.version, v.published_at, v.published_by, v.approved_by, v.draft_no, v.hash[:12]) for v in found)
    write(found, table("version", "in force since", "by", "signed by", "draft", "hash", rows=rows), as_json=as_json)


@app.command()
def preview(draft: No, as_json: AsJson = False) -> None:
    """A draft on the leads there are: stages old against new, load per rep, who would move, cases to look at."""
    found = ask(lambda house: governing.preview(house.db, draft, at=house.now(), told=tell))
    write(found, *_draw_preview(found), as_json=as_json)


@app.command()
def apply(as_json: AsJson = False) -> None:
    """Put in force what is due, and go on judging leads by it. The sweep does the same each minute; twice is once."""

    async def within(house: House) -> governing.Applied:
        await governing.come_into_force(house.db, at=house.now())
        return await governing.apply(house.db, told=tell)

    done = ask(within)
    words = f"{done.judged} leads judged anew." if done.judged else "Every lead is judged by the version in force."
    write(done, words, as_json=as_json)


def _act(what: definition_drafts.Acts, draft: int, by: str, why: str, *, as_json: bool) -> None:
    _show(_acted(what, draft, by, why), as_json=as_json)


def _acted(what: definition_drafts.Acts, draft: int, by: str, why: str) -> DraftView:
    async def within(house: House) -> DraftView:
        async with house.db.transaction() as tx:
            await what(tx, draft, Word(by=by, at=house.now(), why=why), book=await published.book(tx))
            return await definition_drafts.view(tx, draft, book=await published.book(tx))

    return ask(within)


def _show(view: DraftView, *, as_json: bool) -> None:
    write(view, *_draw(view), as_json=as_json)


def _draw(view: DraftView) -> Iterable[RenderableType]:
    draft = view.draft
    waits = f": waits for {draft.waiting_for}" if draft.waiting_for else ""
    until = f" ({draft.waits_until:%Y-%m-%d})" if draft.waits_until else ""
    became = f", version {draft.version}" if draft.version else ""
    yield f"Draft {draft.draft_no} by {draft.author} is {draft.state}{became}{waits}{until}"
    yield f"from version {draft.based_on}: {draft.why}"
    yield ""
    yield table(
        "what changes", "before", "after", "for whom", "matter",
        rows=((one.place, one.before or "(new)", one.after or "(gone)", one.whom, one.matter)
              for one in view.differences),
    )  # fmt: skip
    yield ""
    yield table(
        "signature of", "because they", "given", rows=((one.name, one.because, one.at) for one in view.signatures)
    )
    yield ""
    yield from _draw_said(view.said)


def _draw_said(said: Iterable[Said], *, empty: str = "Nothing.") -> Iterable[RenderableType]:
    rows = ((one.at, one.draft_no, one.by, one.act, one.why, one.hash[:12]) for one in said)
    yield table("when (UTC)", "draft", "who", "did", "why", "of the body", rows=rows, empty=empty)


def _draw_preview(found: Preview) -> Iterable[RenderableType]:
    when = f"{found.at:%Y-%m-%d %H:%M} UTC"
    yield f"Draft {found.draft_no} on {found.looked_at} leads before the gate or in it, as of {when}"
    yield ""
    yield table(
        "stage", "track", "now", "under the draft", "difference",
        rows=((s.stage, s.track, s.before, s.after, f"{s.after - s.before:+d}" if s.after != s.before else "")
              for s in found.stages),
    )  # fmt: skip
    yield ""
    rows = ((one.who, one.open_now, one.added, one.open_now + one.added) for one in found.load)
    yield table("open offers of", "now", "more", "then", rows=rows, empty="No offer is open, and none would be.")
    if found.joining:
        yield f"{found.joining} more join a hand-off their company has."
    for case, words in CASE_WORDS.items():
        of_case = found.of(case)
        if of_case:
            yield ""
            rest = f" (the first {SHOWN}; --json has all)" if len(of_case) > SHOWN else ""
            yield f"{len(of_case)} {words}{rest}"
            shown = (
                (one.lead_id, one.from_stage, one.to_stage, one.owner, " ".join(one.why)) for one in of_case[:SHOWN]
            )
            yield table("lead", "from", "to", "to whom", "why", rows=shown)


def read_day(field: str, text: str | None) -> datetime | None:
    """The first instant of a day, in UTC; None for none. Raises BadInput."""
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
    except ValueError:
        raise BadInput(field, text, "Write the day as 2026-12-01.") from None


def tell(done: int, whole: int) -> None:
    """Say how far it is, to whoever watches."""
    talk.print(f"{done} of {whole} leads", highlight=False)
