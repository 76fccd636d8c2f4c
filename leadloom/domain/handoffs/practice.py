"""What does the definition say about an answer to a practice lead? The very functions of real hand-offs, on no lead.

Clocks are shown as they'd run from the moment the round began; nothing runs out, and nobody is told.
"""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.practice import ACCEPT, PracticeLead
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.handoffs.deciding import decide
from leadloom.domain.handoffs.hand_off import (
    HandOffState,
    Offer,
    Remind,
    Wait,
    calendar_of,
    name_of,
    next_hand_off_move,
)
from leadloom.domain.journeys.conditions import span_words
from leadloom.domain.model import Instant, Value

_MOVES = 20
"""No ladder is longer; a definition that says otherwise must not keep a page from opening."""


class Silent(Value):
    """What would happen at an instant if nobody answered."""

    at: Instant
    words: str


class Feedback(Value):
    """What the definition says about one answer."""

    fits: bool
    answer: str
    """What was answered, in the words of the chip."""
    does: str
    """What it would do to a real lead."""
    better: tuple[str, ...]
    """Answers that fit, in words; empty when it does."""
    because: str


def offered(definition: Definition, lead: PracticeLead, by: str, at: datetime) -> HandOffState:
    """The offer as it would stand, made to `by` at `at`."""
    accept = definition.hand_offs[lead.kind].accept
    return HandOffState(
        kind=lead.kind,
        state="offered",
        owner=by,
        pool=None,
        assignment_no=1,
        level=0,
        opened_at=at,
        offered_at=at,
        accept_by=calendar_of(definition, by).add(at, accept),
        accept_in=accept,
    )


def if_silent(definition: Definition, lead: PracticeLead, by: str, at: datetime) -> tuple[Silent, ...]:
    """What its clocks would do by themselves, until it lies in the pool, oldest first."""
    state, now, found = offered(definition, lead, by, at), at, list[Silent]()
    for _ in range(_MOVES):
        match next_hand_off_move(definition, state, calendar_of(definition, state.owner), (), now):
            case Wait(until=until):
                now = until
            case Remind():
                if state.owner == by:
                    found.append(Silent(at=now, words="you get a reminder"))
                state = state.but(reminded_at=now)
            case Offer() as offer:
                to = name_of(definition, offer.owner) if offer.owner else f"the pool {offer.pool}"
                found.append(Silent(at=now, words=f"it is offered to {to}"))
                state = state.but(
                    owner=offer.owner, pool=offer.pool, level=offer.level, offered_at=now, accept_by=offer.accept_by,
                    accept_in=offer.accept_in, reminded_at=None, assignment_no=state.assignment_no + 1,
                )  # fmt: skip
                if offer.owner is None:
                    break
            case _:
                break
    return tuple(found)


def feedback(definition: Definition, lead: PracticeLead, decision: Decision, offered_at: datetime) -> Feedback:
    """Whether the answer fits, and what it would have done.

    Raises BadInput as the real thing does: a chip that asks for more, or that needs tries nobody made.
    """
    given = ACCEPT if decision.kind == "accept" else decision.reason or ""
    decided = decide(definition, offered(definition, lead, decision.by, offered_at), decision, 0, offered_at)
    if decided.first_try_by is not None:
        first_try = span_words(definition.hand_offs[lead.kind].first_try)
        does = f"It is yours. Accepting is not contact: the first try has its own clock, {first_try} of your time."
    elif decided.recycle_until is not None:
        does = f"It goes back to marketing and comes again on {decided.recycle_until:%Y-%m-%d}."
    else:
        does = "It leaves the pipeline; nobody writes to them about this again."
    return Feedback(
        fits=given in lead.fits,
        answer=_words(definition, given),
        does=does,
        better=() if given in lead.fits else tuple(_words(definition, one) for one in lead.fits),
        because=lead.because,
    )


def _words(definition: Definition, answer: str) -> str:
    return "Accept" if answer == ACCEPT else definition.reject_reasons[answer].label
