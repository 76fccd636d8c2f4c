"""What is to happen to leads? The journeys in force and their drafts: list, show, check, preview, new, publish."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import RenderableType

from leadloom.cli import (
    _journey_entries,
    _journey_files,
    _journey_pauses,
    _journey_rehearsal,
    _journey_steps,
    _journey_versions,
    _journey_walk,
)
from leadloom.cli._data import AsJson, ask, table, write, write_json
from leadloom.cli._door import talk
from leadloom.cli._preview_page import page_of
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Faulty, NotFound
from leadloom.domain.journeys.door_words import how_often, promised, ways_out
from leadloom.domain.journeys.entry import ways_in
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import read_journey
from leadloom.domain.journeys.journey_words import step_words, ways
from leadloom.domain.model import Instant, Value
from leadloom.runtime import catalog
from leadloom.runtime.draft_letters import lint_drafts
from leadloom.runtime.new_journey import NewJourney, write_new
from leadloom.runtime.preview import JourneyPreview, preview
from leadloom.runtime.promise_search import Searched, said, search_all
from leadloom.runtime.publishing import read_drafts
from leadloom.runtime.wiring import House
from leadloom.store import journeys_now, leads, pauses, published
from leadloom.store.journeys_now import Outcome, Version
from leadloom.store.pauses import JourneyPause
from leadloom.store.published import hash_of

app = typer.Typer(no_args_is_help=True, help="Journeys: list, show, check, preview, new, publish.")
app.add_typer(_journey_files.app)
app.add_typer(_journey_versions.app)
app.add_typer(_journey_pauses.app)
app.add_typer(_journey_entries.app)
app.add_typer(_journey_steps.app)
app.add_typer(_journey_rehearsal.app)
app.add_typer(_journey_walk.app)

Name = Annotated[str, typer.Argument(metavar="JOURNEY", help="Its name, as `journeys list` prints it.")]


class JourneyLine(Value):
    """A journey and how it goes."""

    name: str
    kind: str
    """`data` or `code`."""
    version: int | None
    """The published version; None for a draft that was never published."""
    state: Literal["in force", "paused", "not published"]
    paused_at: Instant | None
    review_at: Instant | None
    """When somebody looks whether the pause shall last."""
    draft: str
    """How its file stands to what is in force: `in force`, `changed`, `new`, `faulty` or `no file`."""
    open: int
    paused: int
    """Of the open runs, those that stand still with their journey."""
    ended: int


class Checked(Value):
    """What stands against the drafts."""

    faults: list[str]


class Shown(Value):
    """A journey."""

    version: int | None
    journey: Journey


class Written(Value):
    """Files that were written."""

    files: list[str]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every journey, in force or drafted, with its runs."""
    lines = ask(_lines)
    drawn = table(
        "journey", "kind", "version", "state", "draft", "open runs", "paused", "ended",
        rows=(
            (line.name, line.kind, line.version, _state(line), line.draft, line.open, line.paused, line.ended)
            for line in lines
        ),
        empty="No journeys.",
    )  # fmt: skip
    write(lines, drawn, as_json=as_json)


@app.command()
def show(
    journey: Name,
    draft: Annotated[bool, typer.Option("--draft", help="The file, not what is in force.")] = False,
    as_json: AsJson = False,
) -> None:
    """A journey's steps as a marketer would say them."""
    shown = Shown(version=None, journey=_draft(journey)) if draft else ask(lambda house: _in_force(house, journey))
    if as_json:
        # As its file says it, so that `journeys import` reads it and the published schema fits.
        write_json(shown.model_dump(mode="json", by_alias=True))
    else:
        write(shown, *_draw(shown), as_json=False)


@app.command()
def check(
    journey: Annotated[str | None, typer.Argument(metavar="[JOURNEY]", help="Only this one.")] = None,
    search: Annotated[bool, typer.Option("--search", help="Search for stories that break promises, too.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Another number draws other stories.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Check the drafts of journeys and their letters; exit 6 with every fault, its place and its remedy."""
    if journey is not None and journey not in {*catalog.journey_folders(), *_files()}:
        raise NotFound("draft of a journey", journey)
    advice: tuple[str, ...] = ()
    try:
        drafts = read_drafts()
        faults, advice = lint_drafts(drafts), drafts.advice
    except Faulty as faulty:
        faults = faulty.faults
    if journey is not None:
        faults = [fault for fault in faults if journey in fault]
    searched = _searched(journey, seed) if search and not faults else []
    faults += [f"{one.journey} breaks `{one.broken}`:\n" + "\n".join(one.story) for one in searched if one.broken]
    for line in [*(each for each in advice if journey is None or journey in each), *said(searched)]:
        talk.print(line, highlight=False, soft_wrap=True)
    write(Checked(faults=faults), *(faults or ["The drafts may be published."]), as_json=as_json)
    if faults:
        raise typer.Exit(6)


def _searched(name: str | None, seed: int) -> list[Searched]:
    drafts = read_drafts()
    return search_all(drafts.definition, (one for one in drafts.journeys if name in (None, one.name)), seed=seed)


@app.command("preview")
def preview_(
    journey: Name,
    lead: Annotated[str, typer.Option("--lead", help="For whom: lead id, mail address or external id.")],
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; default: in the state folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a page with all mails and branches of a published journey, as this lead would live it; print its path."""

    async def look(house: House) -> tuple[JourneyPreview, Path]:
        async with house.db.read() as tx:
            lead_id = await leads.find(tx, lead)
        made = await preview(house.db, journey, lead_id, signer=house.signer, at=house.now())
        return made, out or house.settings.state / "preview" / f"{journey}.html"

    made, path = ask(look)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page_of(made), encoding="utf-8")
    talk.print("Open it in a browser:", highlight=False)
    write(made, str(path), as_json=as_json)


@app.command()
def new(
    journey: Name,
    on: Annotated[str, typer.Option("--on", help="The event that lets leads in.")],
    owner: Annotated[str, typer.Option("--owner", help="Handle of the marketer who answers for it.")],
    sender: Annotated[str, typer.Option("--sender", help="Handle of who signs its mails.")],
    as_json: AsJson = False,
) -> None:
    """Begin a journey: its file, a first letter and a test, all of which pass. Then rewrite them."""
    path = catalog.DEFINITION
    definition = read_definition(DraftText(path.name, path.read_text(encoding="utf-8")))
    begun = NewJourney(name=journey, event=on, owner=owner, sender=sender)
    files = [str(path.relative_to(catalog.ROOT)) for path in write_new(begun, definition)]
    talk.print(f"Next: rewrite them, then python starter.py journeys check {journey}", highlight=False)
    write(Written(files=files), *files, as_json=as_json)


async def _lines(house: House) -> list[JourneyLine]:
    async with house.db.read() as tx:
        data, code = await journeys_now.in_force(tx, "journey"), await journeys_now.in_force(tx, "code-journey")
        outcomes = await journeys_now.outcomes(tx)
        paused = {each.journey: each for each in await pauses.every_open(tx)}
    versions = data | code
    kinds = {**dict.fromkeys({*data, *_files()}, "data"), **dict.fromkeys(code, "code")}
    return [
        _line(name, kind, versions.get(name), paused.get(name), [each for each in outcomes if each.journey == name])
        for name, kind in sorted(kinds.items())
    ]


def _line(
    name: str, kind: str, version: Version | None, pause: JourneyPause | None, outcomes: Sequence[Outcome]
) -> JourneyLine:
    open_runs = sum(each.runs for each in outcomes if each.status == "active")
    return JourneyLine(
        name=name,
        kind=kind,
        version=None if version is None else version.version,
        state="not published" if version is None else "in force" if pause is None else "paused",
        paused_at=None if pause is None else pause.paused_at,
        review_at=None if pause is None else pause.review_at,
        draft="in force" if kind == "code" else _draft_state(name, version),
        open=open_runs,
        paused=0 if pause is None else open_runs,
        ended=sum(each.runs for each in outcomes if each.status != "active"),
    )


def _state(line: JourneyLine) -> str:
    if line.paused_at is None or line.review_at is None:
        return line.state
    return f"paused since {line.paused_at:%d %b}, review {line.review_at:%d %b %Y}"


def _draft_state(name: str, version: Version | None) -> str:
    if name not in _files():
        return "no file"
    try:
        same = version is not None and hash_of(_draft(name).model_dump(mode="json", by_alias=True)) == version.hash
    except Faulty:
        return "faulty"
    return "new" if version is None else "in force" if same else "changed"


def _files() -> set[str]:
    return {path.stem for path in catalog.journey_files()}


def _draft(name: str) -> Journey:
    path = next((path for path in catalog.journey_files() if path.stem == name), None)
    if path is None:
        raise NotFound("draft of a journey", name)
    return read_journey(DraftText(path.name, path.read_text(encoding="utf-8")))


async def _in_force(house: House, name: str) -> Shown:
    async with house.db.read() as tx:
        book = await published.book(tx)
        versions = await journeys_now.versions(tx, "journey", name)
    found = next((each.journey for each in book.journeys if each.journey.name == name), None)
    if found is None:
        raise NotFound("published journey as data", name)
    return Shown(version=versions[0].version, journey=found)


def _draw(shown: Shown) -> list[RenderableType]:
    journey = shown.journey
    state = "draft" if shown.version is None else f"version {shown.version}"
    outs = [f"{said} → {outcome}" for said, outcome in ways_out(journey)]
    return [
        f"{journey.name} ({state}), owner {journey.owner}, signed by {journey.sender}",
        journey.purpose,
        f"Comes in by {' or '.join(ways_in(journey))}; {', '.join(how_often(journey))}.",
        f"Ends at once by {', '.join(outs) or 'nothing'}.",
        *([f"Promises: {', '.join(promised(journey))}."] if journey.promises else ()),
        "",
        table(
            "step", "does", "ways on",
            rows=(
                (step.id, step_words(step), "; ".join(f"{when} → {to}" for when, to in ways(step)))
                for step in journey.steps
            ),
        ),
    ]  # fmt: skip
