"""How does one lead go through a journey, a thing at a time? Whoever steps says what happens, and sees what follows.

Each step plays the whole story again from its beginning: it is short, and so there is nothing to take back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.steps.step import END
from leadloom.domain.journeys.steps.task import TaskStep
from leadloom.domain.journeys.waits import ANY_EVENT
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.model import LeadId
from leadloom.domain.rehearsal.audience import play
from leadloom.domain.rehearsal.cast import Cue, Decides, LeadAtStart, LetsIn, Setting
from leadloom.domain.rehearsal.happenings import Answers, Happens, Tells
from leadloom.domain.rehearsal.tally import Noted
from leadloom.domain.standing import PublishedJourney

_MOMENT = timedelta(microseconds=1)
_A_MINUTE = timedelta(minutes=1)

Thing = Happens | Tells | Answers | Decides | LetsIn


class Now(NamedTuple):
    """Where the run stands."""

    at: datetime
    step: str
    waiting_for: str | None
    """None: nothing, the run is over (or never began)."""
    until: datetime | None
    hears: tuple[str, ...]
    """Kinds of event that wake it now; `*` is every kind."""
    ends_by: tuple[str, ...]
    """Kinds of event that end it at once."""
    asks: tuple[str, ...]
    """`STEP OUTCOME` of what an owner may answer now."""
    outcome: str | None


class StepThrough:
    """One lead in one journey."""

    def __init__(self, definition: Definition, journey: Journey, lead: LeadAtStart, begins_at: datetime) -> None:
        self.definition, self.journey, self._lead, self.begins_at = definition, journey, lead, begins_at
        self._rules, self._things = SendRules(definition), list[Thing]()
        self._told, self.at = 0, begins_at
        self._story: tuple[Noted, ...] = ()

    def begin(self) -> tuple[Noted, ...]:
        """Let the lead in, by the event that lets leads in or by hand; what follows at once."""
        enter = self.journey.enter
        if enter.events:
            data = dict(enter.data or {}) | ({enter.key: "one"} if enter.key else {})
            return self.happens(Happens(at=self.begins_at, kind=enter.events[0], data=data))
        return self.happens(LetsIn(at=self.begins_at, journey=self.journey.name, asks=False))

    def happens(self, thing: Thing) -> tuple[Noted, ...]:
        """This happens, after what has happened already; what follows, up to that instant."""
        at = thing.at if thing.at > self.at or not self._things else self.at + _A_MINUTE
        self._things.append(thing.but(at=at))
        return self._play_to(at)

    def waits(self) -> tuple[Noted, ...]:
        """Nobody does anything until the run's wait is over, or the next mail has gone; what follows."""
        now = self.now
        return self._play_to(now.until or self.at)

    def pass_time(self, span: timedelta) -> tuple[Noted, ...]:
        """So much time passes; what follows."""
        return self._play_to(self.at + span)

    @property
    def lead_id(self) -> LeadId:
        """Whom it is played with."""
        return self._lead.standing.lead.lead_id

    @property
    def now(self) -> Now:
        """Where the run stands after all that."""
        mine = [line for line in self._story if line.journey == self.journey.name]
        ended = next((line for line in reversed(mine) if line.kind == "ended"), None)
        wait = next((line for line in reversed(mine) if line.kind == "did"), None)
        is_over = not mine or (ended is not None and ended is mine[-1]) or wait is None
        if is_over or wait is None or "until" not in wait.why:
            outcome = ended.words if ended else None
            return Now(self.at, ended.step if ended else END, None, None, (), (), (), outcome)
        heard = wait.why["listens"]
        hears = tuple(str(kind) for kind in heard) if isinstance(heard, list) else ()
        until = datetime.fromisoformat(str(wait.why["until"]))
        words = wait.words.removeprefix("waits for ")
        return Now(self.at, wait.step, words, until, hears, self._ends_by(), tuple(self._asks(wait.step)), None)

    def may_happen(self) -> tuple[str, ...]:
        """Kinds of event worth trying here: what wakes the run, or what it asks about anywhere, and what ends it."""
        now = self.now
        asked = [kind for step in self.journey.steps for kind in getattr(step, "events", ()) or ()]
        woken = asked if ANY_EVENT in now.hears else [kind for kind in now.hears if kind in self.definition.events]
        return tuple(dict.fromkeys([*woken, *now.ends_by]))

    def _ends_by(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.journey.goal, *(kind for rule in self.journey.exit for kind in rule.events)]))

    def _asks(self, step_id: str) -> list[str]:
        step = self.journey.step(step_id) if step_id != END else None
        return [f"{step_id} {outcome}" for outcome in step.outcomes] if isinstance(step, TaskStep) else []

    def _play_to(self, at: datetime) -> tuple[Noted, ...]:
        self.at = max(self.at, at)
        setting = Setting(
            definition=self.definition, journeys=(PublishedJourney(hash="draft", journey=self.journey),),
            begins_at=self.begins_at, ends_at=self.at + _MOMENT,
        )  # fmt: skip
        cues = [Cue(lead_id=self.lead_id, what=one) for one in self._things]
        self._story = tuple(play(setting, [self._lead], cues, rules=self._rules, tells=True).story or ())
        fresh, self._told = self._story[self._told :], len(self._story)
        return fresh
