"""What does one lead live through in a journey, a thing at a time? `journeys step`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from leadloom.cli._data import console, read_span, write_json
from leadloom.cli._door import talk
from leadloom.cli._journey_rehearsal import read_instant
from leadloom.domain.errors import BadInput, LeadloomError, NotFound
from leadloom.domain.journeys.conditions import in_words
from leadloom.domain.lead import Lead
from leadloom.domain.model import Json
from leadloom.domain.rehearsal.cast import LeadAtStart
from leadloom.domain.rehearsal.happenings import Answers, Happens, Tells
from leadloom.domain.rehearsal.script import read_script
from leadloom.domain.rehearsal.step_through import Now, StepThrough, Thing
from leadloom.domain.rehearsal.strangers import strangers
from leadloom.domain.rehearsal.tally import Noted
from leadloom.runtime.publishing import Drafts, read_drafts
from leadloom.runtime.wiring import opened, wall_now
from leadloom.store import leads, published, rehearsals

app = typer.Typer()

_LAST_MAIL = timedelta(days=30)
"""How long after a run's end its last mail is looked for."""
_HELP = (
    "Enter: wait. 3d: let 3 days pass. EVENT [NAME=VALUE …]: it happens. tell FIELD=VALUE: it is known. "
    "answer STEP OUTCOME: an owner answers. quit."
)
_SAID = {
    "came in": "comes in by ",
    "happened": "",
    "came to": "comes to ",
    "went": "✉ ",
    "lost": "✗ ",
    "ended": "ends: ",
}


@app.command()
def step(  # noqa: PLR0913  a command's options are its parameters
    journey: Annotated[str, typer.Argument(metavar="JOURNEY", help="The draft's name.")],
    lead: Annotated[
        str | None, typer.Option("--lead", help="A lead as they stand: id, mail address or external id.")
    ] = None,
    country: Annotated[str | None, typer.Option("--country", help="Of an invented lead, such as DE.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="Of an invented lead, such as de.")] = None,
    knows: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=VALUE that is known of an invented lead; again for more.")
    ] = None,
    no_basis: Annotated[bool, typer.Option("--no-basis", help="They may get no marketing mail.")] = False,
    events: Annotated[
        Path | None, typer.Option("--events", help="A script, as `simulate` reads it; then no questions.")
    ] = None,
    begins: Annotated[str | None, typer.Option("--begins", help="When they come in; default: now.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON; with --events.")] = False,
) -> None:
    """Step through a draft with one lead: where the run stands, what it waits for, why it decides. Sends nothing."""
    if as_json and events is None:
        raise BadInput("json", "alone", "Give --events, too: a conversation is for people.")
    drafts = read_drafts()
    found = next((one for one in drafts.journeys if one.name == journey), None)
    if found is None:
        raise NotFound("draft of a journey as data", journey)
    at = wall_now().replace(microsecond=0) if begins is None else read_instant(begins)
    told = [f"country={country}"] * bool(country) + [f"language={language}"] * bool(language) + (knows or [])
    whom = asyncio.run(_known(lead)) if lead else _invented(drafts, at, told, no_basis=no_basis)
    through = StepThrough(drafts.definition, found, whom, at)
    if as_json and events is not None:
        _write(through, [*through.begin(), *chain.from_iterable(_scripted(through, drafts, events))])
        return
    _show(through, through.begin())
    if events is None:
        _converse(through)
        return
    for lines in _scripted(through, drafts, events):
        _show(through, lines)


def _converse(through: StepThrough) -> None:
    """Ask what happens next until there is nothing more, or nobody answers."""
    talk.print(_HELP, highlight=False, soft_wrap=True)
    while through.now.waiting_for is not None:
        try:
            said = talk.input("> ") if sys.stdin.isatty() else input()
        except EOFError:
            return
        if said.strip() in ("quit", "q"):
            return
        try:
            _show(through, _taken(through, said.split()))
        except LeadloomError as error:
            talk.print(f"✗ {error}", highlight=False, soft_wrap=True)


def _scripted(through: StepThrough, drafts: Drafts, path: Path) -> Iterator[tuple[Noted, ...]]:
    """What each thing of the script leads to, then what waiting does until nothing more comes."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("events", str(path), f"The file can't be read: {error}.") from error
    script = read_script(path.name, text, drafts.definition, [through.journey.name])
    who = dict.fromkeys(script.names, through.lead_id)
    for cue in sorted(script.cues(who, [through.lead_id], begins_at=through.begins_at), key=lambda one: one.what.at):
        yield through.happens(cue.what)
    while through.now.waiting_for is not None and through.now.until != through.at:
        yield through.waits()


def _write(through: StepThrough, lines: Sequence[Noted]) -> None:
    """The whole story and where it ended, with the mail that still goes after it."""
    now = through.now
    last = through.pass_time(_LAST_MAIL) if now.waiting_for is None else ()
    story = [*lines, *(line for line in last if line.kind in ("went", "lost"))]
    write_json(
        {
            "journey": through.journey.name,
            "lead_id": str(through.lead_id),
            "lines": [_plain(line) for line in story],
            "now": _plain(now),
        }
    )


def _plain(told: Noted | Now) -> dict[str, Json]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in told._asdict().items()}


def _taken(through: StepThrough, words: Sequence[str]) -> tuple[Noted, ...]:
    match list(words):
        case []:
            return through.waits()
        case [span] if span[0].isdigit():
            return through.pass_time(read_span("time", span))
        case ["tell", *pairs] if pairs:
            return tuple(line for one in _told(through.at, pairs) for line in through.happens(one))
        case ["answer", step_id, *outcome] if outcome:
            return through.happens(Answers(at=through.at, step=step_id, outcome=" ".join(outcome)))
        case [kind, *pairs]:
            if kind not in through.definition.events:
                raise BadInput("event", kind, f"The definition has no such event. {_HELP}")
            return through.happens(Happens(at=through.at, kind=kind, data=dict(_pairs(pairs))))
        case _:
            raise BadInput("answer", " ".join(words), _HELP)


def _told(at: datetime, pairs: Sequence[str]) -> Iterator[Thing]:
    for field, value in _pairs(pairs):
        yield Tells(at=at, field=field, value=value)


def _pairs(said: Sequence[str]) -> Iterator[tuple[str, Json]]:
    for pair in said:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise BadInput("value", pair, "Write it as NAME=VALUE.")
        yield name, value


async def _known(name: str) -> LeadAtStart:
    """A lead of the house as they stand, without their runs: this one begins anew."""
    async with opened() as house, house.db.read() as tx:
        lead_id = await leads.find(tx, name)
        alone = await rehearsals.at_start(tx, [lead_id], book=await published.book(tx), at=house.now())
        [found] = await rehearsals.with_colleagues(tx, alone)
    return found.but(runs=(), standing=found.standing.but(runs=(), ended_runs=()))


def _invented(drafts: Drafts, at: datetime, told: Sequence[str], *, no_basis: bool) -> LeadAtStart:
    [stranger] = strangers(drafts.definition, 1, at=at - timedelta(days=1))
    told_of = dict(_pairs(told))
    columns = {name: value for name, value in told_of.items() if name in Lead.model_fields}
    others = {name: value for name, value in told_of.items() if name not in Lead.model_fields}
    lead = stranger.standing.lead.but(**columns, attributes=others)
    bases = () if no_basis else tuple(one.but(kind="double-opt-in") for one in stranger.standing.bases)
    return stranger.but(standing=stranger.standing.but(lead=lead, account=None, bases=bases))


def _show(through: StepThrough, lines: Sequence[Noted]) -> None:
    for line in lines:
        if line.kind != "asked":
            day = (line.at - through.begins_at) / timedelta(days=1)
            _print(f"day {day:>6.2f}  {line.at:%a %Y-%m-%d %H:%M}  {_words(line)}")
    now = through.now
    if now.waiting_for is None:
        # The last mail of a run that came to its end still goes.
        for line in through.pass_time(_LAST_MAIL):
            if line.kind in ("went", "lost"):
                _print(f"day {(line.at - through.begins_at) / timedelta(days=1):>6.2f}  {_words(line)}")
        _print(f"The run is over: {now.outcome or 'the lead did not come in'}.")
        return
    until = f", at the latest {now.until:%a %Y-%m-%d %H:%M}" if now.until else ""
    _print(f"→ stands at {now.step}, waits for {now.waiting_for}{until} UTC")
    if may := [*now.asks, *through.may_happen()]:
        _print(f"  may happen: {', '.join(may)}")


def _print(text: str) -> None:
    console().print(text, highlight=False, markup=False, soft_wrap=True)


def _words(line: Noted) -> str:
    said = f"{_SAID.get(line.kind, '')}{in_words(line.words) if line.kind == 'happened' else line.words}"
    if line.kind == "went":
        said += f"  (templates/journeys/{line.journey}/{line.words})"
    why = {name: value for name, value in line.why.items() if name not in ("until", "listens")}
    values = f"  [{'; '.join(f'{name}: {value}' for name, value in why.items())}]" if why else ""
    return f"{line.step + ': ' if line.step else ''}{said}{values}"
