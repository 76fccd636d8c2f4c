"""Is this installation well, and will mail be taken? One line for each thing that must hold, and the cure beside."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from leadloom.cli._data import AsJson, write
from leadloom.domain.finding import Finding, is_well
from leadloom.runtime import doctor as installation
from leadloom.runtime.dns import Dns
from leadloom.runtime.mail_doctor import Look, examine_mail
from leadloom.runtime.wiring import settings_of_running_stack, wall_now

app = typer.Typer()

_MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


@app.callback(invoke_without_command=True)
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Look at everything this installation needs. Changes nothing; exit 6 when something fails."""
    if context.invoked_subcommand is None:
        _tell(asyncio.run(installation.examine(settings_of_running_stack(), wall_at=wall_now())), as_json=as_json)


@app.command()
def mail(
    domain: Annotated[
        list[str] | None, typer.Option("--domain", help="A sender domain; else the definition's. May be repeated.")
    ] = None,
    selector: Annotated[
        list[str] | None, typer.Option("--selector", help="Of the relay's DKIM key, when it signs. May be repeated.")
    ] = None,
    resolver: Annotated[
        str | None, typer.Option("--resolver", metavar="ADDRESS[:PORT]", help="Whom to ask; else the machine's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Will mailbox providers take our mail? DNS, relay, unsubscribe page, complaints; exit 6 when something fails."""
    settings = settings_of_running_stack()
    look = Look(
        settings=settings,
        dns=Dns(resolver or settings.dns_resolver),
        at=wall_now() + settings.clock_ahead,
        domains=tuple(domain or ()),
        selectors=tuple(selector or ()),
    )
    _tell(asyncio.run(examine_mail(look)), as_json=as_json)


def _tell(findings: tuple[Finding, ...], *, as_json: bool) -> None:
    width = max(len(finding.what) for finding in findings)
    write(findings, *_lines(findings, width), as_json=as_json)
    if not is_well(findings):
        raise typer.Exit(6)


def _lines(findings: Sequence[Finding], width: int) -> list[Text]:
    lines: list[Text] = []
    for finding in findings:
        mark, colour = _MARKS[finding.verdict]
        lines.append(Text.assemble((mark, colour), f" {finding.verdict:<4} {finding.what:<{width}} {finding.says}"))
        if finding.fix:
            lines.append(Text(f"{'':{width + 8}}→ {finding.fix}", style="dim"))
    return lines
