"""May what was turned down be appealed, who decides by when, and what does that mean? It always ends.

open ──the lead-management owner──▶ upheld | dismissed
  └─ no word in time ─▶ the sponsor is asked ─ no word in time ─▶ lapsed: the rejection stands
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.hand_off import calendar_of, name_of
from leadloom.domain.model import Instant, Value

MOST_WORDS = 500
_BY_NOBODY = ("erasure", "merge", "clock")
"""Ways a hand-off ends that no rep is to answer for."""


class Appeal(Value):
    """Where an appeal stands."""

    state: Literal["open", "upheld", "dismissed", "lapsed"]
    raised_by: str
    asked: str
    """Handle of who is to decide now."""
    asked_at: Instant
    decide_by: Instant
    passed_on_at: Instant | None = None
    """When it went on to the sponsor; None before."""


class TurnedDown(Value):
    """What an appeal looks at of a hand-off."""

    state: str
    reason: str | None
    decided_via: str | None
    ended_at: Instant | None
    """When it was rejected, recycled or given back; None while it is open."""


class AskNext(Value):
    """Nobody decided in time: ask them, until then."""

    asked: str
    decide_by: Instant


class Lapse(Value):
    """Nobody decided in time, twice: the rejection stands."""


class WaitFor(Value):
    """Nothing to do until then."""

    until: Instant
    waiting_for: str


def raised(definition: Definition, hand_off: TurnedDown, by: str, words: str, at: datetime) -> Appeal:
    """The appeal as it begins. Raises Conflict for what can't be appealed, or not any more; BadInput."""
    if by not in {entry.handle for entry in definition.owners}:
        raise BadInput("by", by, "Only an owner of the definition appeals.")
    if not words.strip() or len(words) > MOST_WORDS:
        raise BadInput("words", words[:60], f"Say in a few words why, at most {MOST_WORDS} characters: sales reads it.")
    if hand_off.ended_at is None or hand_off.reason is None or hand_off.decided_via in _BY_NOBODY:
        raise Conflict(f"It is {hand_off.state}: only what a rep turned down with a reason can be appealed.")
    last = hand_off.ended_at + definition.contract.appeals.raise_within
    if at > last:
        raise Conflict(f"It could be appealed until {last:%Y-%m-%d %H:%M} UTC. Keep a decision with sales instead.")
    return Appeal(
        state="open", raised_by=by, asked=definition.owner, asked_at=at, decide_by=_by(definition, definition.owner, at)
    )


def next_appeal_move(definition: Definition, appeal: Appeal, at: datetime) -> WaitFor | AskNext | Lapse | None:
    """What is to be done at `at`; None when it has ended. The clock runs on the calendar of who is asked."""
    if appeal.state != "open":
        return None
    decide_by = _by(definition, appeal.asked, appeal.asked_at)
    if at < decide_by:
        return WaitFor(until=decide_by, waiting_for=f"{name_of(definition, appeal.asked)} to decide the appeal")
    if appeal.passed_on_at is None and definition.sponsor != appeal.asked:
        return AskNext(asked=definition.sponsor, decide_by=_by(definition, definition.sponsor, at))
    return Lapse()


def check_decision(definition: Definition, appeal: Appeal, by: str, words: str, to: str | None) -> None:
    """Raises Conflict when it has ended or isn't theirs to decide; BadInput for words or an owner it can't take."""
    if appeal.state != "open":
        raise Conflict(f"The appeal is {appeal.state} already: nothing was changed.")
    may = {definition.owner, definition.sponsor}
    if by not in may:
        who = " or ".join(name_of(definition, handle) for handle in (definition.owner, definition.sponsor))
        raise Conflict(f"{who} decides appeals. Nothing was changed.")
    if by == appeal.raised_by:
        raise Conflict("Nobody decides their own appeal. Nothing was changed.")
    if not words.strip() or len(words) > MOST_WORDS:
        raise BadInput("words", words[:60], f"Say in a few words why, at most {MOST_WORDS} characters.")
    if to is not None and to not in {entry.handle for entry in definition.owners}:
        raise BadInput("to", to, "Name an owner of the definition, or leave it to the rules.")


def _by(definition: Definition, handle: str, since: datetime) -> datetime:
    return calendar_of(definition, handle).add(since, definition.contract.appeals.decide_within)
