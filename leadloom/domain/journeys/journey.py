"""What a journey is: steps a lead takes, as data that a marketer can read and a checker can refuse.

A journey is one YAML file in `workflows/journeys/`, this model is its grammar. Each kind of step is a file in
`steps/`. Step ids are stable across versions: the key of a mail is (enrolment, step, visit), so renaming a step is a
new mail.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from leadloom.domain.facts import PauseClock
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.preview import Preview
from leadloom.domain.journeys.spans import Clock, Span
from leadloom.domain.journeys.steps.branch import Branch
from leadloom.domain.journeys.steps.call import Call
from leadloom.domain.journeys.steps.go import Go
from leadloom.domain.journeys.steps.hand_off import HandOffStep
from leadloom.domain.journeys.steps.notify import Notify
from leadloom.domain.journeys.steps.record import Record
from leadloom.domain.journeys.steps.score import ScoreStep
from leadloom.domain.journeys.steps.send import Send
from leadloom.domain.journeys.steps.set_field import SetStep
from leadloom.domain.journeys.steps.split import Split
from leadloom.domain.journeys.steps.stage import StageStep
from leadloom.domain.journeys.steps.start import StartStep
from leadloom.domain.journeys.steps.step import END
from leadloom.domain.journeys.steps.stop import StopStep
from leadloom.domain.journeys.steps.stream import StreamItem, StreamStep
from leadloom.domain.journeys.steps.tag import TagStep
from leadloom.domain.journeys.steps.task import TaskStep
from leadloom.domain.journeys.steps.wait import Wait
from leadloom.domain.journeys.steps.wait_for import WaitFor
from leadloom.domain.journeys.steps.webhook import Webhook
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.model import Json, Value

Step = Annotated[
    Send
    | StreamStep
    | Wait
    | WaitFor
    | Branch
    | Split
    | Go
    | HandOffStep
    | TaskStep
    | Record
    | SetStep
    | TagStep
    | ScoreStep
    | StageStep
    | StartStep
    | StopStep
    | Notify
    | Webhook
    | Call,
    Field(discriminator="do"),
]


class DateEntry(Value):
    """A date of the lead that lets them in."""

    field: str
    """The attribute that holds it, such as `renewal_date`; a date that moves lets in anew."""
    before: Span | None = None
    """So long before the beginning of that day, where the lead lives …"""
    after: Span | None = None
    """… or so long after it; with neither, at its beginning."""


class RecurringEntry(Value):
    """Days that come round and let many leads in at once, each round by a run of its own."""

    rrule: str
    """The days, as RFC 5545 writes them: `FREQ=MONTHLY;BYDAY=1MO` is the first Monday of each month."""
    at: Clock
    """The time of day."""
    zone: str | None = None
    """On whose clock, such as `Europe/Berlin`; left out, the company's own."""
    starts: date | None = None
    """The first day there may be, for rules that count from one: every second week, ten times."""
    whom: Condition
    """For whom it comes round: asked each time, of all leads at once."""
    missed: Literal["catch up", "skip"] = "catch up"
    """When nobody of ours was there to see it come: the last round that was missed is made up for, once, or left out.
    """


class RunLimit(Value):
    """So many runs of a lead."""

    count: int
    """Runs at most, ended ones included …"""
    within: Span | None = None
    """… that began in any span of this length; left out, ever."""


class Entry(Value):
    """How a lead comes in; each way that is said here is one."""

    events: tuple[str, ...] = ()
    """One event of any of these kinds, by a human, lets the lead in …"""
    data: dict[str, Json] | None = None
    """… if it carries these values, such as `{form: guide}`."""
    stages: tuple[str, ...] = ()
    """Coming to one of these stages of the journey's track lets the lead in."""
    date: DateEntry | None = None
    """A date of the lead's lets them in."""
    every: RecurringEntry | None = None
    """Days that come round let leads in."""
    holds: Condition | None = None
    """It comes to hold: that lets the lead in."""
    who: Literal["now", "from now on", "both"] = "from now on"
    """With `holds` and `date`: those for whom it is so when the journey is published, those for whom it comes to be so
    later, or both."""
    when: Condition | None = None
    """Whichever way, only if this holds at that moment."""
    again: Literal["never", "after exit", "concurrent"] = "never"
    """Whether the same lead may come in twice: never, when its run before has ended, or also beside it."""
    rest: Span | None = None
    """With `after exit`: so long after its last run has ended."""
    at_most: RunLimit | None = None
    """How many runs of it one lead may have, whoever begins them."""
    key: str | None = None
    """The name of a value the event carries, such as `deal`: one run for each value, and `again` speaks of that one."""
    by_hand: bool = True
    """Whether people (and campaigns, and the API) may let leads in."""


class Exit(Value):
    """A rule that ends the run at once, also inside a wait: by an event, or as soon as a condition holds."""

    events: tuple[str, ...] = ()
    """Any one of these kinds …"""
    when: Condition | None = None
    """… or, in a rule without events, this comes to hold."""
    of: Literal["lead", "company"] = "lead"
    """With `events`: whose. `company` also ends the run when a colleague at the lead's company is who it happens to."""
    outcome: str
    """What the run is remembered by, such as `asked to talk`."""


class Exclusive(Value):
    """A lead is in one journey of a group at a time."""

    group: str
    """Its name; journeys that name the same are one group."""
    when_busy: Literal["wait", "replace", "refuse"] = "wait"
    """What happens to a lead that is in another journey of the group: it waits its turn, leaves that one, or stays out.
    """
    at_most: Span | None = None
    """With `wait`: how long; then the run ends with the outcome `no turn`."""


class AtMost(Value):
    """So many in a span."""

    count: int
    """Mails to the lead."""
    within: Span
    """In any span of this length."""


class Promises(Value):
    """What must be so whatever happens; searched for a counter-example before the journey is published."""

    never_after: tuple[str, ...] = ()
    """Stages after which no mail of it goes to the lead, until sales gives them back."""
    at_most: AtMost | None = None
    """How many mails at most."""
    ends_within: Span | None = None
    """The longest a run may last."""
    never_without_basis: bool = False
    """No marketing mail is planned for a lead who may get none."""


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
    audience: Literal["prospect", "customer", "hand-raise", "deal"] = "prospect"
    """Prospect journeys hold while sales is in conversation with the lead's company."""
    preview: Preview | None = None
    """Whoever signs a mail to the lead sees it first, and may hold, edit or skip it; silence lets it go."""
    mail_class: str = Field(default=MailClass.MARKETING, alias="class")
    """The class of its mails where a mail says none."""
    topic: str | None = None
    """What its mails are about; caps and preferences may speak of it."""
    priority: int = Field(default=3, ge=1, le=5)
    """Whose mail goes first when there are too many for one lead: 1 before 5, within its class."""
    sender: str
    """Handle of who signs its mails where a mail says none; `owner` means the lead's own."""
    enter: Entry
    exclusive: Exclusive | None = None
    """The group of journeys of which a lead is in one at a time."""
    exit: tuple[Exit, ...] = ()
    """Rules that end a run at once."""
    goal: tuple[str, ...] = ()
    """Events that are what the journey is for: the run ends at once with the outcome `goal`."""
    goal_when: Condition | None = None
    """When this comes to hold, that is what the journey is for, too."""
    on_pause: PauseClock = "keep counting"
    """What its waits do while it is paused: go on, begin anew at the resume, or count only active time."""
    promises: Promises | None = None
    """What must be so whatever happens."""
    values: dict[str, Json] = Field(default_factory=dict)
    """What its mails may quote: a variable of theirs says `from: journey.<name>`."""
    streams: dict[str, tuple[StreamItem, ...]] = Field(default_factory=dict)
    """Pools of mails, each in the order they are sent; `do: stream` sends the next."""
    steps: tuple[Step, ...]
    """In reading order; a way that names no other step goes on to the next, after the last to `end`."""

    @property
    def heard_of_company(self) -> frozenset[str]:
        """Kinds of events that end a run when they happen to a colleague of its lead."""
        return frozenset(kind for rule in self.exit if rule.of == "company" for kind in rule.events)

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
