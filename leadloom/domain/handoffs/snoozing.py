"""May an owner hide a card until later? It moves no clock, so not past the one that runs."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.hand_off import HandOffState, name_of

_INSTEAD = "answer it, or recycle it with a date"


def check_snooze(definition: Definition, state: HandOffState, by: str, until: datetime, at: datetime) -> None:
    """Raises Conflict when its card isn't theirs to hide or its time is over; BadInput for an instant that isn't
    between `at` and the clock that runs.
    """
    is_open = state.state == "offered" or (state.state == "accepted" and state.first_try_at is None)
    if not is_open or state.answer is not None:
        raise Conflict("Nothing waits for its owner now, so there is no card to hide.")
    if state.owner is None:
        raise Conflict("It lies in a pool, for everybody to see: take it first, then hide it.")
    if state.owner != by:
        raise Conflict(f"It is the card of {name_of(definition, state.owner)}: only they hide it.")
    deadline = state.first_try_by if state.state == "accepted" else state.accept_by
    if deadline is None or deadline <= at:
        raise Conflict(f"Its time is over, and hiding it moves no clock: {_INSTEAD}.")
    if until <= at:
        raise BadInput("until", until.isoformat(), "Name an instant that is still to come.")
    if until >= deadline:
        remedy = (
            f"Its clock ends on {deadline:%Y-%m-%d %H:%M} UTC and waits for nobody: name an earlier one, or {_INSTEAD}."
        )
        raise BadInput("until", until.isoformat(), remedy)
