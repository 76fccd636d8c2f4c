"""What do engineers do with a journey's files? Schema for editors, lint, export and import; part of `journeys`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leadloom.cli._data import AsJson, write, write_json
from leadloom.cli._door import talk
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.model import Value
from leadloom.runtime import catalog
from leadloom.runtime.journey_archive import export_journey, import_journey
from leadloom.runtime.journey_lint import lint_journeys
from leadloom.runtime.journey_schema import journey_schema

app = typer.Typer()


class Exported(Value):
    """A journey that was written into a folder or a zip."""

    journey: str
    to: str
    files: tuple[str, ...]


@app.command()
def schema() -> None:
    """The JSON schema of a journey's file, for editors and other programs (GET /v1/journeys/schema serves it, too)."""
    write_json(journey_schema())


@app.command()
def lint(
    journey: Annotated[str | None, typer.Argument(metavar="[JOURNEY]", help="Only this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check drafts as publishing does, and say what it allows and is still a mistake; exit 6 when there is anything."""
    found = lint_journeys(journey)
    lines = [f"{each.level}: {each.place}: {each.words}" for each in found]
    write(found, *(lines or ["Nothing to mend."]), as_json=as_json)
    if found:
        raise typer.Exit(6)


@app.command("export")
def export_(
    journey: Annotated[str, typer.Argument(metavar="JOURNEY", help="Its name, as `journeys list` prints it.")],
    to: Annotated[Path, typer.Argument(metavar="DIR|FILE.zip", help="A new folder, or a new zip.")],
    as_json: AsJson = False,
) -> None:
    """Write the draft of a journey with its mails into one folder or zip, for `journeys import` elsewhere."""
    files = export_journey(journey, to)
    write(Exported(journey=journey, to=str(to), files=files), *files, as_json=as_json)


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="What `journeys export` wrote, or `show --json`.")],
    name: Annotated[str | None, typer.Option("--as", help="Call it so; default: as it is called.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a draft of that name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a journey with its mails in as a draft. It is checked, and nobody enters it before it is published."""
    arrived = import_journey(source, _definition(), name=name, replace=replace)
    talk.print(f"{arrived.journey} is a draft. Next: {arrived.next}.", highlight=False, soft_wrap=True)
    write(arrived, *arrived.files, as_json=as_json)


def _definition() -> Definition:
    path = catalog.DEFINITION
    return read_definition(DraftText(path.name, path.read_text(encoding="utf-8")))
