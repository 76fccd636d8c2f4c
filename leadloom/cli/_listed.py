"""What does an operator say that each row of a list is, beside a person? Options of `leads import`."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli.reports import read_instant
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.listed_event import ListedEvent

Event = Annotated[
    str | None, typer.Option("--event", help="What each row is, too: webinar_attended. Journeys hear of it.")
]
When = Annotated[str | None, typer.Option("--when", help="The column that says when it happened.")]
Held = Annotated[str | None, typer.Option("--held", help="When it happened to rows that don't say.")]
Came = Annotated[str | None, typer.Option("--came", help="The column that says yes or no.")]
Missed = Annotated[str | None, typer.Option("--missed", help="What a row that says no is: webinar_missed.")]
Programme = Annotated[
    str | None, typer.Option("--programme", help="The programme they came to, as the definition calls it.")
]
Tells = Annotated[
    list[str] | None, typer.Option("--tells", help="NAME=COLUMN kept with the event: question='Questions asked'.")
]


def listed(
    event: str | None,
    *,
    when: str | None,
    held: str | None,
    came: str | None,
    missed: str | None,
    tells: list[str] | None,
    of: str | None,
) -> ListedEvent | None:
    """What each row is, `of` which programme; None when nobody says. Raises BadInput."""
    if event is None:
        if when or held or came or missed or tells or of:
            raise BadInput("event", None, "Say what each row is: --event webinar_attended.")
        return None
    pairs = [one.partition("=") for one in tells or ()]
    if bad := next((name for name, sign, _ in pairs if not sign), None):
        raise BadInput("tells", bad, "Write NAME=COLUMN, such as --tells question='Questions asked'.")
    return ListedEvent(
        kind=event,
        missed=missed,
        held_at=read_instant(held) if held else None,
        when=when,
        came=came,
        programme=of,
        tells={name.strip(): column.strip() for name, _, column in pairs},
    )
