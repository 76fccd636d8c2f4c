"""How does a colleague get to see a mail as a lead would? The command `mail test`."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, ask, write
from leadloom.runtime.publishing import read_drafts
from leadloom.runtime.trial_mails import Trial, Tried, draft_of, send
from leadloom.runtime.wiring import House, tools_of


def test(  # noqa: PLR0913  a command's options are its parameters
    mail: Annotated[str, typer.Argument(metavar="MAIL", help="Journey and mail: welcome-four-degrees/meridian.")],
    to: Annotated[list[str], typer.Option("--to", help="A colleague's address; again for another.")],
    as_lead: Annotated[str, typer.Option("--as", metavar="LEAD", help="Lead id, mail address or external id.")],
    by: By,
    draft: Annotated[bool, typer.Option("--draft", help="The files, not what is published.")] = False,
    anyone: Annotated[bool, typer.Option("--anyone", help="Also to who is no colleague; say why.")] = False,
    why: Annotated[str, typer.Option("--why", help="In words; kept with what you did.")] = "",
    as_json: AsJson = False,
) -> None:
    """Send a mail exactly as that lead would get it now, marked [Test]. It counts nowhere and its links do nothing."""
    body = draft_of(mail, tuple(read_drafts().templates.items())) if draft else None
    trial = Trial(mail=mail, as_lead=as_lead, to=tuple(to), by=by, anyone=anyone, why=why)

    async def act(house: House) -> Tried:
        async with tools_of(house) as tools:
            return await send(tools, trial, draft=body, at=house.now())

    tried = ask(act)
    write(tried, f"Sent “{tried.subject}” in {tried.language} to {tried.sent} address(es).", as_json=as_json)
