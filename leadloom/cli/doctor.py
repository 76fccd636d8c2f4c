"""Is this installation well? One line for each thing that must hold, and the cure beside what doesn't."""

from __future__ import annotations

import asyncio

import typer
from rich.text import Text

from leadloom.cli._data import AsJson, write
from leadloom.runtime import doctor as installation
from leadloom.runtime.doctor import Finding
from leadloom.runtime.wiring import settings_of_running_stack, wall_now

SINGLE = True
app = typer.Typer()

_MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look at everything this installation needs. Changes nothing; exit 6 when something fails."""
    findings = asyncio.run(installation.examine(settings_of_running_stack(), wall_at=wall_now()))
    write(findings, *(line for finding in findings for line in _lines(finding)), as_json=as_json)
    if not installation.is_well(findings):
        raise typer.Exit(6)


def _lines(finding: Finding) -> list[Text]:
    mark, colour = _MARKS[finding.verdict]
    said = Text.assemble((mark, colour), f" {finding.verdict:<4} {finding.what:<20} {finding.says}")
    return [said, Text(f"{'':28}→ {finding.fix}", style="dim")] if finding.fix else [said]
