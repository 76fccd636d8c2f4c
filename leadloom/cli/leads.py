"""Who is this lead? Their way so far, why they stand where they stand, and everything we hold about them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.cli import _calendar, _checklists, _enrichment, _erasure, _imports, _listed, _scores, _why_not
from leadloom.cli._data import AsJson, Limit, ask, table, write
from leadloom.domain.consent.reach import Reach
from leadloom.domain.lead import Lead
from leadloom.domain.model import Value
from leadloom.runtime import why as reasons
from leadloom.runtime import why_not as reasons_not
from leadloom.runtime.import_leads import LeadList
from leadloom.runtime.why import JourneyWhy, LeadWhy
from leadloom.runtime.why_not import Told
from leadloom.runtime.wiring import House
from leadloom.store import held, lead_calendar, lead_story, leads, published, rows
from leadloom.store.held import HeldRow
from leadloom.store.lead_calendar import LeadCalendar
from leadloom.store.lead_story import Chapter, ComingMail, StageNow
from leadloom.store.rows import LeadFilter, LeadRow, Order

app = typer.Typer(no_args_is_help=True, help="Leads: list, show, score, why, why-not, calendar, export, erase, import.")

Who = Annotated[str, typer.Argument(metavar="LEAD", help="Lead id, mail address or external id.")]


class Shown(Value):
    """A lead with their story."""

    lead: Lead
    owner: str | None
    stages: tuple[StageNow, ...]
    reach: tuple[Reach, ...]
    """Whether marketing may mail and call them, and why."""
    coming: tuple[ComingMail, ...]
    story: tuple[Chapter, ...]
    """Oldest first."""


@app.command("list")
def list_(
    stage: Annotated[str | None, typer.Option("--stage", help="Only at this stage.")] = None,
    track: Annotated[str | None, typer.Option("--track", help="Only in this track.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only of this owner (handle).")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Only from this source.")] = None,
    words: Annotated[str | None, typer.Option("--words", help="Part of a name, an address or a company.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Leads, one row per track, who moved last first."""
    which = LeadFilter(stage=stage, track=track, owner=owner, source=source, words=words)

    async def read(house: House) -> tuple[LeadRow, ...]:
        async with house.db.read() as tx:
            return (await rows.leads(tx, which, Order(sort="since", descending=True, limit=limit))).rows

    found = ask(read)
    drawn = table(
        "lead", "name", "company", "track", "stage", "since", "owner", "waits for",
        rows=(
            (row.lead_id, row.person, row.company, row.track, row.stage, row.since, row.owner, row.waiting_for)
            for row in found
        ),
        empty="No leads.",
    )  # fmt: skip
    write(found, drawn, as_json=as_json)


@app.command()
def show(lead: Who, as_json: AsJson = False) -> None:
    """A lead's whole story, oldest first: permissions, events, stages, journeys, offers and mails."""
    shown = ask(lambda house: _show(house, lead))
    write(shown, *_draw_shown(shown), as_json=as_json)


@app.command()
def why(
    lead: Who,
    journey: Annotated[str | None, typer.Option("--journey", help="Why they are in this journey, or why not.")] = None,
    as_json: AsJson = False,
) -> None:
    """Why a lead stands where they stand: score, stages, permission; or one journey, step by step."""

    async def about_lead(house: House) -> LeadWhy:
        at = house.now()
        async with house.db.read() as tx:
            return await reasons.why_lead(tx, await leads.find(tx, lead), book=await published.book(tx), at=at)

    async def about_journey(house: House, name: str) -> JourneyWhy:
        at = house.now()
        async with house.db.read() as tx:
            lead_id, book = await leads.find(tx, lead), await published.book(tx)
            return await reasons.why_journey(tx, lead_id, name, book=book, at=at)

    if journey is None:
        told = ask(about_lead)
        write(told, *_draw_why(told), as_json=as_json)
    else:
        answer = ask(lambda house: about_journey(house, journey))
        write(answer, *_draw_journey(answer), as_json=as_json)


@app.command("why-not")
def why_not(lead: Who, about: _why_not.About, as_json: AsJson = False) -> None:
    """The first thing between a lead and a mail, journey or campaign, what it saw, and the earliest it could pass."""

    async def tell(house: House) -> Told:
        at = house.now()
        async with house.db.read() as tx:
            return await reasons_not.tell(tx, await leads.find(tx, lead), about, book=await published.book(tx), at=at)

    told = ask(tell)
    write(told, *_why_not.draw(told), as_json=as_json)


@app.command()
def calendar(lead: Who, as_json: AsJson = False) -> None:
    """What mail a lead gets next by their own clock, why then, what holds it, and what was lost and why."""

    async def read(house: House) -> LeadCalendar:
        at = house.now()
        async with house.db.read() as tx:
            return await lead_calendar.read(tx, await leads.find(tx, lead), book=await published.book(tx), at=at)

    found = ask(read)
    write(found, *_calendar.draw(found), as_json=as_json)


@app.command()
def export(lead: Who) -> None:
    """Everything we hold about a lead, one JSON object a line: {"noun": …, "row": …}. For whoever asks for it."""

    async def read(house: House) -> tuple[HeldRow, ...]:
        async with house.db.read() as tx:
            return await held.of_lead(tx, await leads.find(tx, lead))

    for row in ask(read):
        sys.stdout.write(json.dumps(row.model_dump(mode="json"), ensure_ascii=False) + "\n")


app.command("score")(_scores.score)
app.command("rescore")(_scores.rescore)
app.command("reset-score")(_scores.reset_score)
app.command("checklist")(_checklists.checklist)
app.command("answer")(_checklists.answer)
app.command("take-back-answer")(_checklists.take_back_answer)
app.command("enrich")(_enrichment.enrich_lead)
app.command("erase")(_erasure.erase)


@app.command("import")
def import_(  # noqa: PLR0913  a command's options are its parameters
    file: _imports.File,
    map_: _imports.Map = None,
    value: _imports.Values = None,
    basis: Annotated[
        str | None, typer.Option("--basis", help="Why they may be written to: express, double-opt-in, implied …")
    ] = None,
    collected_on: Annotated[str | None, typer.Option("--collected-on", help="The day of it, as 2026-03-02.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Where it was given, in words.")] = None,
    list_source: Annotated[
        str | None, typer.Option("--list-source", help="Source of leads whose row names none: a definition's key.")
    ] = None,
    stage: Annotated[str | None, typer.Option("--stage", help="Where new leads stood, unless their row says.")] = None,
    keep_existing: Annotated[bool, typer.Option("--keep-existing", help="Of known leads fill blanks only.")] = False,
    start_journeys: Annotated[
        bool, typer.Option("--start-journeys", help="Take the rows as happening now: journeys and workflows start.")
    ] = False,
    event: _listed.Event = None,
    when: _listed.When = None,
    held_at: _listed.Held = None,
    came: _listed.Came = None,
    missed: _listed.Missed = None,
    tells: _listed.Tells = None,
    programme: _listed.Programme = None,
    encoding: _imports.Encoding = None,
    separator: _imports.Separator = None,
    sheet: _imports.Sheet = None,
    afresh: _imports.Afresh = False,
    dates: _imports.DatesAre = None,
    zone: _imports.Zone = "UTC",
    dry_run: _imports.DryRun = False,
    faults: _imports.Faults = None,
    by: _imports.BroughtBy = "operator",
    as_json: AsJson = False,
) -> None:
    """Bring in a list of leads, CSV or Excel, whoever made it. Killed and run again, it goes on where it stopped.

    Without --basis, --collected-on and --source nobody in it may get marketing mail. It starts no journey and no
    workflow unless --start-journeys asks, or --event says what happened: who came to a webinar, and who did not.
    """
    how = LeadList(
        map=tuple(map_ or ()), value=tuple(value or ()), encoding=encoding, dates=dates, zone=zone,
        separator=_imports.separator_of(separator), sheet=sheet, basis=basis, collected_on=collected_on, source=source,
        list_source=list_source, stage=stage, keep_existing=keep_existing, start_journeys=start_journeys,
        event=_listed.listed(event, when=when, held=held_at, came=came, missed=missed, tells=tells, of=programme),
    )  # fmt: skip
    begin = _imports.lead_work(rehearsal=dry_run)
    _imports.bring_in(
        file, how, begin, noun="leads", afresh=afresh, by=by, dry_run=dry_run, faults=faults, as_json=as_json
    )


@app.command("imports")
def imports_(limit: Limit = 20, as_json: AsJson = False) -> None:
    """Lists that were brought in, newest first. One without an end was cut short: import the file again."""
    found = ask(_imports.read_imports("leads", limit))
    write(found, _imports.draw_imports(found), as_json=as_json)


async def _show(house: House, name: str) -> Shown:
    at = house.now()
    async with house.db.read() as tx:
        lead_id = await leads.find(tx, name)
        standing = await lead_story.read(tx, await leads.get(tx, lead_id), book=await published.book(tx), at=at)
        chapters: list[Chapter] = []
        page = await lead_story.chapters(tx, lead_id)
        chapters += page.chapters
        while page.next is not None:
            page = await lead_story.chapters(tx, lead_id, after=page.next)
            chapters += page.chapters
        return Shown(
            lead=standing.lead,
            reach=standing.reach,
            owner=standing.owner,
            stages=standing.stages,
            coming=await lead_story.coming(tx, lead_id, at=at),
            story=tuple(reversed(chapters)),
        )


def _draw_shown(shown: Shown) -> Iterator[RenderableType]:
    lead = shown.lead
    name = " ".join(part for part in (lead.first_name, lead.last_name) if part) or "no name yet"
    yield f"{name}, {lead.email or 'no address'}, {lead.company or 'no company'} ({lead.lead_id})"
    yield from (one.said() for one in shown.reach)
    yield table(
        "track", "stage", "since", "owner", "waits for", "until",
        rows=(
            (stage.track, stage.stage, stage.since, shown.owner, stage.waiting_for, stage.waits_until)
            for stage in shown.stages
        ),
        empty="In no track yet.",
    )  # fmt: skip
    yield ""
    yield table(
        "at", "what", "", "", "by", "because",
        rows=(
            (each.at, each.kind, each.what, each.detail, each.actor, each.reason)
            for each in shown.story
        ),
        empty="Nothing happened yet.",
    )  # fmt: skip
    if shown.coming:
        yield ""
        yield table(
            "planned", "mail", "journey", "status", "against it", "delayed by",
            rows=(
                (mail.slot_at, mail.mail, mail.journey, mail.status, mail.against, mail.delayed_by)
                for mail in shown.coming
            ),
        )  # fmt: skip


def _draw_why(told: LeadWhy) -> Iterator[RenderableType]:
    figures = told.score
    yield f"Fit {figures.letter} ({figures.fit} of 100)"
    yield from (f"  {line}" for line in told.fit)
    yield f"Engagement {figures.digit} ({figures.engagement:.1f})"
    yield from (f"  {reason.points:+.1f}  {reason.words}" for reason in told.engagement)
    for track in told.tracks:
        yield f"{track.track}: {track.stage} since {track.since:%Y-%m-%d %H:%M}, because: {track.because}"
        yield from (f"  not further: {line}" for line in track.not_yet)
    yield f"Marketing mail: {'allowed' if told.may_market else 'no permission that suffices'}"
    yield from (f"  silent for {reason}" for reason in told.silent)
    yield f"By definition version {told.definition_version}."


def _draw_journey(answer: JourneyWhy) -> Iterator[RenderableType]:
    yield f"{answer.journey}: {'in it' if answer.is_in else 'not in it'}. {answer.says[:1].upper()}{answer.says[1:]}."
    if answer.campaign is not None:
        yield f"The campaign {answer.campaign} brought them in."
    yield from (f"Drew the arm {arm} of {experiment}." for experiment, arm in answer.arms.items())
    if not answer.steps:
        yield from (f"  {name}: {value}" for name, value in answer.values.items())
        if answer.not_before is not None:
            yield f"  not before: {answer.not_before:%Y-%m-%d %H:%M} UTC"
        return
    yield table(
        "at", "step", "did", "why",
        rows=(
            (step.at, step.step, step.did, "; ".join(f"{name}: {value}" for name, value in step.why.items()))
            for step in answer.steps
        ),
    )  # fmt: skip
