"""May whoever answers for a mail still hold, edit, release or skip it, and what does the mail become by that? Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, assert_never

from pydantic import Field

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import OwnerEntry
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.facts import MessageStatus
from leadloom.domain.handoffs.working_time import WorkCalendar
from leadloom.domain.mails.copy_lint import LONGEST_SUBJECT
from leadloom.domain.model import Instant, Value

SUBJECT = "subject"
"""The passage that is the subject, where a template lets it be written anew."""
LONGEST_PASSAGE = 1_000
"""Characters; the whole mail has 130 words at most."""
NOTICE_OF = "/review"
"""Ends the step of the notice that tells of a mail: its key is that of the mail, with this behind the step."""

Act = Literal["hold", "release", "edit", "skip"]


class ReviewState(StrEnum):
    """What has been said about a mail that is coming."""

    OPEN = "open"
    """Nothing: silence lets it go."""
    HELD = "held"
    """Not yet: it waits until somebody releases it, or until it is no longer worth sending."""
    RELEASED = "released"
    """Let it go."""
    SKIPPED = "skipped"
    """Not at all."""


class ReviewNow(Value):
    """A mail that is coming, as a decision about it sees it."""

    state: ReviewState
    status: MessageStatus
    """Of its row."""
    silent_until: Instant
    """When silence lets it go."""
    passages: dict[str, str] = Field(default_factory=dict)
    """What its template lets be written anew, as it reads now."""


class ReviewAct(Value):
    """What somebody does about it."""

    act: Act
    by: str
    """Handle."""
    via: str
    """`link`, `console` or `command line`."""
    passages: dict[str, str] = Field(default_factory=dict)
    """For `edit`: name → new words; those that aren't named stay."""
    why: str = ""


class Reviewed(Value):
    """What the act changes."""

    state: ReviewState
    status: MessageStatus
    goes_at: Instant | None = None
    """For a release: from when on it may go."""
    passages: dict[str, str] = Field(default_factory=dict)
    """For an edit: all of them as they read from now on."""
    changed: bool
    """False when everything was so already: then nothing is written."""


_STILL_OURS = (MessageStatus.RESERVED, MessageStatus.DEFERRED, MessageStatus.HELD, MessageStatus.CLAIMED)
"""A claimed mail is taken back: its mark before the dot fails, so it isn't sent."""


def silence_lets_go_at(definition: Definition, owner: OwnerEntry, at: datetime, working_days: float) -> datetime:
    """The end of so many working days of the owner's own calendar, counted from `at`."""
    calendar = WorkCalendar(definition.calendars[owner.calendar])
    return calendar.add(at, timedelta(seconds=calendar.day.total_seconds() * working_days))


def mean(now: ReviewNow, order: ReviewAct, at: datetime) -> Reviewed:
    """What the act means. Raises Conflict when the mail has gone or was skipped; BadInput for words that don't fit."""
    if now.state is ReviewState.SKIPPED and order.act == "skip":
        return Reviewed(state=now.state, status=now.status, changed=False)
    if now.status not in _STILL_OURS:
        raise Conflict(f"{_TOO_LATE.get(now.status, f'This mail is {now.status}')}. Nothing was changed.")
    match order.act:
        case "hold":
            changed = now.state is not ReviewState.HELD
            return Reviewed(state=ReviewState.HELD, status=MessageStatus.HELD, changed=changed)
        case "release":
            changed = now.state is not ReviewState.RELEASED
            goes_at = at if changed else None
            return Reviewed(state=ReviewState.RELEASED, status=MessageStatus.RESERVED, goes_at=goes_at, changed=changed)
        case "skip":
            return Reviewed(state=ReviewState.SKIPPED, status=MessageStatus.CANCELLED, changed=True)
        case "edit":
            edited = fitting(now.passages, order.passages)
            status = MessageStatus.HELD if now.state is ReviewState.HELD else MessageStatus.RESERVED
            return Reviewed(state=now.state, status=status, passages=edited, changed=edited != now.passages)
        case _:
            assert_never(order.act)


def fitting(passages: Mapping[str, str], anew: Mapping[str, str]) -> dict[str, str]:
    """All passages with the new words in place. Raises BadInput for an unknown name, no words, or too many."""
    if not passages:
        raise BadInput("passages", "", "This mail has no words of yours to change. Hold it, or skip it.")
    found = dict(passages)
    for name, text in anew.items():
        words = " ".join(text.split())
        if name not in passages:
            raise BadInput("passage", name, f"This mail has {', '.join(passages)}.")
        longest = LONGEST_SUBJECT if name == SUBJECT else LONGEST_PASSAGE
        if not words or len(words) > longest:
            raise BadInput(name, f"{len(words)} characters", f"Write something, in at most {longest} characters.")
        found[name] = words
    return found


_TOO_LATE = {
    MessageStatus.SENT: "This mail has gone",
    MessageStatus.AT_DOT: "This mail is going this moment",
    MessageStatus.UNCERTAIN: "This mail may have gone",
    MessageStatus.REFUSED: "The relay refused this mail",
    MessageStatus.EXPIRED: "This mail was no longer worth sending",
    MessageStatus.SUPPRESSED: "This mail may not be sent",
    MessageStatus.CANCELLED: "This mail was taken back",
}
