"""What is a lead, as everybody here agreed? The definition in force, and its draft."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.cli import _definition_drafts, _governance, _look_back
from leadloom.cli._data import AsJson, By, ask, table, write
from leadloom.cli._door import talk
from leadloom.cli._promises import Despite, promises_kept
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Faulty
from leadloom.domain.model import Value
from leadloom.runtime import catalog
from leadloom.runtime.publishing import Governed, Published, publish_all, read_drafts
from leadloom.runtime.wiring import House
from leadloom.store import published

app = typer.Typer(no_args_is_help=True, help="The definition of a lead: show, check, propose, approve, publish.")
app.add_typer(_definition_drafts.app)
app.add_typer(_look_back.app)
app.add_typer(_governance.app)


Ungoverned = Annotated[
    str | None,
    typer.Option("--ungoverned", help="Publish a changed definition past its governors, saying why; kept."),
]


class InForce(Value):
    """The definition in force."""

    version: int
    definition: Definition


class Checked(Value):
    """What stands against a draft."""

    faults: list[str]


@app.command()
def show(
    draft: Annotated[bool, typer.Option("--draft", help="The file, not what is in force.")] = False,
    as_json: AsJson = False,
) -> None:
    """The definition in force, with its version."""
    shown = _draft() if draft else ask(_in_force)
    write(shown, *_draw(shown, is_draft=draft), as_json=as_json)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Check the draft, definition.yaml; exit 6 with every fault, its place and its remedy."""
    try:
        _draft()
        faults: list[str] = []
    except Faulty as faulty:
        faults = faulty.faults
    write(Checked(faults=faults), *(faults or ["The draft may be published."]), as_json=as_json)
    if faults:
        raise typer.Exit(6)


@app.command()
def publish(by: By, despite: Despite = None, ungoverned: Ungoverned = None, as_json: AsJson = False) -> None:
    """Publish journeys and mails that changed. A changed definition is proposed and approved instead (exit 4).

    The first definition of a house is published like everything else: nobody could have approved it.
    """
    promises_kept(read_drafts().journeys, despite, by)
    done = ask(lambda house: publish_all(house.db, at=house.now(), by=by, governed=Governed(ungoverned)))
    write(done, says(done), as_json=as_json)
    talk.print("Runs under way keep the journey they began with.", highlight=False)


def says(done: Published) -> str:
    """What is in force, in a line, and a line for each thing that is unwise about the mails."""
    line = f"In force: definition version {done.definition_version}, {done.journeys} journeys, {done.templates} mails."
    return "\n".join([line, *done.advice])


def _draft() -> InForce:
    path = catalog.DEFINITION
    definition = read_definition(DraftText(path.name, path.read_text(encoding="utf-8")))
    return InForce(version=definition.version, definition=definition)


async def _in_force(house: House) -> InForce:
    async with house.db.read() as tx:
        book = await published.book(tx)
    return InForce(version=book.definition_version, definition=book.definition)


def _draw(shown: InForce, *, is_draft: bool) -> list[RenderableType]:
    definition = shown.definition
    state = "draft" if is_draft else "in force"
    return [
        f"{definition.name}, version {shown.version} ({state}); owner {definition.owner}, sponsor {definition.sponsor}",
        definition.statement.strip(),
        "",
        table(
            "stage", "kind", "then", "means",
            rows=((each.name, each.kind, ", ".join(each.next), each.means) for each in definition.stages),
        ),
        "",
        table(
            "hand-off", "to", "answer within", "first try within",
            rows=((name, kind.to, kind.accept, kind.first_try) for name, kind in definition.hand_offs.items()),
        ),
        "",
        table(
            "reject reason", "key", "says", "then",
            rows=((name, each.key, each.label, each.then) for name, each in definition.reject_reasons.items()),
        ),
    ]  # fmt: skip
