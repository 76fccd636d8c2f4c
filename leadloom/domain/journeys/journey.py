"""What a journey is: steps a lead takes, as data that a marketer can read and a checker can refuse.

A journey is one YAML file in `workflows/journeys/`, this model is its grammar. Step ids are stable across
versions: the key of a mail is (enrolment, step, visit), so renaming a step is a new mail.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from leadloom.domain.model import Json, Value

END = "end"
"""Where a branch goes when the journey is over."""

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_span(value: Any) -> Any:
    """Read `3d`, `45m`, `2h`, `1w` as a timedelta; leaves anything else to pydantic."""
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([mhdw])\s*", value)):
        return timedelta(**{_UNITS[match.group(2)]: float(match.group(1))})
    return value


def write_span(span: timedelta) -> str:
    """Write a timedelta the way `parse_span` reads it, in the largest unit that keeps it whole."""
    minutes = span.total_seconds() / 60
    for unit, size in (("w", 7 * 24 * 60), ("d", 24 * 60), ("h", 60)):
        if minutes and minutes % size == 0:
            return f"{int(minutes // size)}{unit}"
    return f"{minutes:g}m"


Span = Annotated[timedelta, BeforeValidator(parse_span), PlainSerializer(write_span, return_type=str)]
"""A length of time, written `45m`, `2h`, `3d`, `1w`."""


class MailClass:
    """Names of the message classes; the definition's mail policy says what each may do."""

    SERVICE = "service"
    MARKETING = "marketing"
    ONE_TO_ONE = "one-to-one"
    OWNER_NOTICE = "owner-notice"


class Condition(Value):
    """A question about a lead with a yes or no. All fields given must hold (and); `any` and `not` nest.

    Empty means yes.
    """

    event: str | None = None
    """An event of this kind by a human happened …"""
    within: Span | None = None
    """… in this span before now (with `event` only); without it, since the lead entered the journey."""
    basis: str | None = None
    """The lead's permission suffices for marketing mail on this purpose."""
    field: str | None = None
    """An attribute of the lead or its account …"""
    is_: Json = Field(default=None, alias="is")
    """… equals this; with neither `is` nor `one_of`, is known at all."""
    one_of: tuple[str, ...] | None = None
    """… or equals one of these."""
    stage: tuple[str, ...] | None = None
    """The lead's stage in the journey's track is one of these."""
    fit: tuple[str, ...] | None = None
    """The lead's fit letter is one of these (A–D)."""
    engagement: tuple[int, ...] | None = None
    """The lead's engagement digit is one of these (1–4)."""
    recycled_for: tuple[str, ...] | None = None
    """The last reject reason is one of these keys of the definition."""
    any: tuple[Condition, ...] | None = None
    """At least one of these holds."""
    not_: Condition | None = Field(default=None, alias="not")
    """This does not hold."""


class Send(Value):
    """Mail the lead (or, with `to`, an owner): plans a slot and goes on to the next step."""

    do: Literal["send"]
    id: str
    mail: str
    """Folder below templates/journeys/<journey>/."""
    mail_class: str | None = Field(default=None, alias="class")
    """None takes the journey's."""
    sender: str | None = None
    """Handle of the owner who signs; None takes the journey's; `owner` means the lead's own."""
    to: str | None = None
    """Handle of an owner to notify instead of the lead, or `owner` for the lead's own."""
    worth: Span = timedelta(days=7)
    """How long after it was asked for the mail is still worth sending; then it expires with the reason."""
    unless: Condition | None = None
    """Skip the mail when this holds (content already read counts as seen)."""


class Wait(Value):
    """Let time pass: `for` counts from the last mail's sent_at (else its plan, else arrival); `to_day` from entry."""

    do: Literal["wait"]
    id: str
    for_: Span | None = Field(default=None, alias="for")
    """This long."""
    to_day: float | None = None
    """Day of the journey (0 = entry)."""
    before: Span | None = None
    """With `field`: until this long before the date in the lead's attribute; a date that moves moves the wait."""
    field: str | None = None
    """The attribute that holds the date, such as `audit_date`."""


class WaitFor(Value):
    """Wait for one of some events by a human since arrival, with a deadline."""

    do: Literal["wait_for"]
    id: str
    events: tuple[str, ...]
    """Any one of these kinds."""
    within: Span | None = None
    """The deadline counts from the last mail's sent_at (else its plan, else arrival) …"""
    to_day: float | None = None
    """… or is this day of the journey."""
    then: str
    """The step to go to when one came."""
    otherwise: str
    """The step to go to when the deadline did."""


class Case(Value):
    """One arm of a branch."""

    when: Condition
    go: str
    """The step to go to."""


class Branch(Value):
    """Go where the first case that holds says."""

    do: Literal["branch"]
    id: str
    cases: tuple[Case, ...]
    """Asked in this order."""
    otherwise: str
    """The step to go to when none holds."""


class HandOffStep(Value):
    """Offer the lead to an owner; the journey goes on."""

    do: Literal["hand_off"]
    id: str
    kind: str
    """A key of the definition's hand-off kinds."""


class Record(Value):
    """Record that something happened (an event of the definition), such as `reference_asked`."""

    do: Literal["record"]
    id: str
    event: str
    """A kind of event of the definition."""


class Call(Value):
    """Let an outside effect happen: a regular activity of that name, safe to repeat, with its own retries."""

    do: Literal["call"]
    id: str
    activity: str
    """The name it is registered under."""
    then: str | None = None
    """Where to go afterwards; None is the next step."""


class Go(Value):
    """Go to another step, at most `visits` times (a loop without a limit is refused)."""

    do: Literal["go"]
    id: str
    to: str
    """The step, or `end`."""
    visits: int | None = None
    """How often at most; must be said when the way leads back."""


Step = Annotated[Send | Wait | WaitFor | Branch | HandOffStep | Record | Call | Go, Field(discriminator="do")]


class Entry(Value):
    """How a lead comes in."""

    events: tuple[str, ...]
    """One event of any of these kinds, by a human, lets the lead in."""
    when: Condition | None = None
    """Only if this holds at that moment."""
    again: Literal["never", "after exit"] = "never"
    """Whether the same lead may come in twice; one open run per lead always."""


class Exit(Value):
    """A rule that ends the run at once, also inside a wait."""

    events: tuple[str, ...]
    """Any one of these kinds."""
    outcome: str
    """What the run is remembered by, such as `asked to talk`."""


class Journey(Value):
    """A journey as data."""

    name: str
    """Lower-case words with dashes; the file and the folder of its letters are called the same."""
    purpose: str
    """What it is for, in one sentence."""
    owner: str
    """Handle of the marketer who answers for it."""
    track: str = "new-business"
    """The track whose stages its conditions ask about."""
    audience: Literal["prospect", "customer", "hand-raise"] = "prospect"
    """Prospect journeys hold while sales is in conversation with the lead's company."""
    mail_class: str = Field(default=MailClass.MARKETING, alias="class")
    """The class of its mails where a mail says none."""
    sender: str
    """Handle of who signs its mails where a mail says none; `owner` means the lead's own."""
    enter: Entry
    exit: tuple[Exit, ...] = ()
    """Rules that end a run at once."""
    goal: tuple[str, ...] = ()
    """Events that are what the journey is for: the run ends at once with the outcome `goal`."""
    steps: tuple[Step, ...]
    """In reading order; a way that names no other step goes on to the next, after the last to `end`."""

    def step(self, step_id: str) -> Step:
        """The step of that id. Raises KeyError when there is none."""
        return self.steps[self.index(step_id)]

    def index(self, step_id: str) -> int:
        """Where the step stands. Raises KeyError when there is none."""
        for index, step in enumerate(self.steps):
            if step.id == step_id:
                return index
        raise KeyError(step_id)

    def after(self, step_id: str) -> str:
        """The id that follows in reading order, or `end`."""
        following = self.index(step_id) + 1
        return self.steps[following].id if following < len(self.steps) else END
