"""How would one run go? Plays one lead through one journey in memory, by the interpreter that production runs.

The one-lead player: tests of journeys (leadloom/testing) and recordings of runs play on it, and an audience is many of
these. Its world is three things one can exchange: the facts it begins with, what happens (happenings.py), and who gives
mails their slots (postings.py). It asks `next_move` at the same instants as `Nurture` does: when a wait is over, and
when something happens that the run listens to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, assert_never

from leadloom.domain.facts import BegunRun, Facts, MessageStatus, Progress, TaskFact
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.entry import ends, hears
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.progress import begin, next_move, when_failed
from leadloom.domain.journeys.steps.start import ENDED
from leadloom.domain.journeys.steps.task import ANSWERED
from leadloom.domain.journeys.waits import ANY_EVENT
from leadloom.domain.lead import Event, Lead, Verdict
from leadloom.domain.model import EnrolmentId, Instant, Json, Value
from leadloom.domain.rehearsal.happenings import Answers, Ends, Happening, Happens, Leaves, Moves, Permits, Tells
from leadloom.domain.rehearsal.letterbox import ENDS_MARKETING, Letterbox
from leadloom.domain.rehearsal.postings import AtOnce, Letter, Postings

ARTICLE_READ = "article_read"
"""The event that says which piece of content somebody has read."""
MOST_MOVES = 10_000
"""A journey that passed its checks ends long before."""


class NeverEnds(Exception):
    """The run goes round without end: the journey would not pass its checks."""


class Did(Value):
    """One decision of a played run."""

    at: Instant
    step: str
    visit: int
    effect: moves.Effect | moves.Call | moves.Wait | moves.Finish
    why: dict[str, Json]


class Played(Value):
    """How far a run came."""

    did: tuple[Did, ...] = ()
    letters: tuple[Letter, ...] = ()
    outcome: str | None = None
    """None while it is open."""
    blocked: str | None = None
    """The error of an outside effect that holds it for a person."""
    at: Instant
    """When it ended, or the last instant that was played."""
    waits: moves.Wait | None = None
    """What it waits for when it was left open."""
    facts: Facts
    """As they are at the end."""


class Player:
    """Plays one run from its beginning; `play` may be called again to go on to a later instant."""

    def __init__(
        self,
        journey: Journey,
        facts: Facts,
        happenings: Sequence[Happening] = (),
        *,
        postings: Postings | None = None,
        failing: Mapping[str, str] | None = None,
        run_id: EnrolmentId | None = None,
    ) -> None:
        """`facts` are those at entry; `failing` says of outside steps which error they end in.

        With `run_id` mails are called, and so spread at a window's edge, as production does for that run.
        """
        self.journey, self.facts, self.at = journey, facts, facts.entered_at
        self._ahead = sorted(happenings, key=lambda one: one.at)
        self._letterbox, self._failing = Letterbox(postings or AtOnce(), run_id), failing or {}
        last = max((event.no for event in facts.events), default=0)
        self._run: Progress = begin(journey, self.at, last)
        self._last_no = last
        self._did: list[Did] = []
        self._outcome: str | None = None
        self._blocked: str | None = None
        self._wait: moves.Wait | None = None
        self._waiting_for: str | None = None

    def play(self, until: datetime | None = None) -> Played:
        """Play to the end of the run, or of what happens by `until`. Raises NeverEnds."""
        while self._outcome is None and self._blocked is None:
            if self._wait is None:
                self._look()
                continue
            next_at = min([self._wait.until, *(one.at for one in self._ahead[:1])])
            if until is not None and next_at > until:
                self._pass_time(max(self.at, until))
                break
            self._live(next_at)
        at = self.at
        if self._outcome is not None:
            self._let_go_the_rest(until)
        return Played(
            did=tuple(self._did),
            letters=self._letterbox.letters,
            outcome=self._outcome,
            blocked=self._blocked,
            at=at,
            waits=self._wait if self._outcome is None and self._blocked is None else None,
            facts=self.facts,
        )

    def _live(self, next_at: datetime) -> None:
        """Let time pass until the next thing happens, or the wait is over."""
        self._pass_time(max(self.at, next_at))
        if self._ahead and self._ahead[0].at <= self.at:
            self._take(self._ahead.pop(0))
        else:
            self._wait = None

    def _pass_time(self, at: datetime) -> None:
        self.at = at
        self._learn(**self._letterbox.pass_time(self.facts, at))

    def _let_go_the_rest(self, until: datetime | None) -> None:
        """The run is over; mail it planned last meets what happens before its slot."""
        while (last := self._letterbox.last_slot) is not None and (until is None or last <= until):
            if not self._ahead or self._ahead[0].at > last:
                self._pass_time(last)
                return
            happening = self._ahead.pop(0)
            self._pass_time(max(self.at, happening.at))
            self._take(happening)

    def _look(self) -> None:
        """Ask for moves until the run waits, is blocked or is over."""
        for _ in range(MOST_MOVES):
            match move := next_move(self.journey, self._run, self.facts, self.at):
                case moves.Wait():
                    self._stand(move)
                    return
                case moves.Finish():
                    self._note(move, move.why)
                    self._over(move.outcome)
                case moves.Call():
                    self._call(move)
                case moves.Do():
                    self._note(move.effect, move.why)
                    self._do(move.effect)
                    self._run = move.then
                case _:
                    assert_never(move)
            if self._outcome is not None or self._blocked is not None:
                return
        raise NeverEnds(f"{self.journey.name} made {MOST_MOVES} moves at {self._run.step} on {self.at:%Y-%m-%d}")

    def _stand(self, wait: moves.Wait) -> None:
        """Only a new wait is noted: a run that looks again because its deadline moved has decided nothing."""
        if self._waiting_for != wait.waiting_for:
            self._note(wait, {"until": wait.until.isoformat(), "listens": list(wait.listens)})
        self._wait, self._waiting_for, self._run = wait, wait.waiting_for, wait.progress

    def _call(self, call: moves.Call) -> None:
        self._note(call, {})
        self._pass_time(self.at)  # it takes a moment, in which what is due goes
        self._waiting_for = None  # production waits for the effect in between, so the next wait is a new one
        error = self._failing.get(call.step)
        if error is None:
            self._run = call.then
            return
        match rescue := when_failed(self.journey, self._run, self.facts, self.at, error=error):
            case None:
                self._blocked = error
            case moves.Finish():
                self._note(rescue, rescue.why)
                self._over(rescue.outcome)
            case moves.Do():
                self._note(rescue.effect, rescue.why)
                self._run = rescue.then

    def _do(self, effect: moves.Effect) -> None:
        match effect:
            case moves.PlanMail():
                self._post(effect)
            case moves.RecordEvent(kind=kind):
                self._hear(kind, {"journey": self.journey.name})
            case moves.SetField(field=field, value=value):
                self._tell(field, value)
            case moves.CloseTask(step=step):
                self._settle_task(step, status="cancelled", outcome=None)
            case moves.StopRun(journey=journey, outcome=outcome):
                if journey in self.facts.in_journeys:
                    self._settle_runs(journey, outcome)
            case _:
                self._learn(**learnt(effect, self.facts, self.at))

    def _post(self, asked: moves.PlanMail) -> None:
        mail = self._letterbox.ask(asked, self.facts, self.at)
        expired = mail.status is MessageStatus.EXPIRED
        seen = self.facts.seen_mails if expired else (*self.facts.seen_mails, asked.mail)
        self._learn(mails=(*self.facts.mails, mail), seen_mails=seen)

    def _take(self, happening: Happening) -> None:
        """Something happens: the facts change, and the run looks if it listens to that."""
        match happening:
            case Happens(kind=kind, data=data):
                self._hear(kind, data, happening)
            case Answers(step=step, outcome=outcome):
                if self._settle_task(step, status="done", outcome=outcome):
                    self._hear(ANSWERED, {"step": step, "outcome": outcome})
            case Ends(journey=journey, outcome=outcome):
                self._settle_runs(journey, outcome, most=1)
                self._wake_if_it_listens_to(ENDED)
            case Leaves(outcome=outcome):
                self._over(outcome)
            case Tells(field=field, value=value):
                self._tell(field, value)
                self._wake_if_it_listens_to(ANY_EVENT)
            case Moves(stage=stage):
                self._learn(stage=stage)
                self._wake_if_it_listens_to(ANY_EVENT)
            case Permits(may_market=may_market):
                self._learn(may_market=may_market)
                if may_market:
                    self._letterbox.permit()
                self._wake_if_it_listens_to(ANY_EVENT)
            case _:
                assert_never(happening)

    def _hear(self, kind: str, data: Mapping[str, Json], happening: Happens | None = None) -> None:
        self._last_no += 1
        event = Event(lead_id=self.facts.lead.lead_id, no=self._last_no, kind=kind, at=self.at, data=dict(data))
        if happening is not None:
            event = event.but(verdict=happening.verdict)
        self._learn(events=(*self.facts.events, event), read_pieces=(*self.facts.read_pieces, *_read_by(event)))
        self._letterbox.hear(kind)
        if kind in ENDS_MARKETING:
            self._learn(may_market=False)
        if (outcome := ends(self.journey, event)) is not None:
            self._over(outcome)
        elif self._wait is not None and hears(self._wait.listens, [event]):
            self._wait = None

    def _wake_if_it_listens_to(self, kind: str) -> None:
        if self._wait is not None and {kind, ANY_EVENT} & set(self._wait.listens):
            self._wait = None

    def _tell(self, field: str, value: Json) -> None:
        lead = self.facts.lead
        if field in Lead.model_fields:
            self._learn(lead=lead.but(**{field: value}))
        else:
            self._learn(lead=lead.but(attributes={**lead.attributes, field: value}))

    def _settle_task(self, step: str, *, status: Literal["done", "cancelled"], outcome: str | None) -> bool:
        """Whether there was one to settle: the step's oldest open task."""
        tasks = list(self.facts.tasks)
        no = next((no for no, one in enumerate(tasks) if (one.step, one.status) == (step, "open")), None)
        if no is None:
            return False
        tasks[no] = tasks[no].but(status=status, outcome=outcome)
        self._learn(tasks=tuple(tasks))
        return True

    def _settle_runs(self, journey: str, outcome: str, *, most: int | None = None) -> None:
        """The lead's open runs of another journey end, the oldest first; None: all of them."""
        facts = self.facts
        open_now = [no for no, run in enumerate(facts.runs_begun) if (run.journey, run.status) == (journey, "active")]
        ending = set(open_now[:most])
        runs = tuple(
            run.but(status="finished", outcome=outcome) if no in ending else run
            for no, run in enumerate(facts.runs_begun)
        )
        still_in = len(ending) < len(open_now)
        self._learn(
            runs_begun=runs,
            in_journeys=tuple(one for one in facts.in_journeys if one != journey or still_in),
            was_in=(*facts.was_in, journey),
            busy_with=None if facts.busy_with == journey else facts.busy_with,
        )

    def _learn(self, **facts: object) -> None:
        self.facts = self.facts.but(**facts)

    def _note(self, effect: moves.Effect | moves.Call | moves.Wait | moves.Finish, why: Mapping[str, Json]) -> None:
        step = self._run.step
        self._did.append(Did(at=self.at, step=step, visit=self._run.visits.get(step, 1), effect=effect, why=dict(why)))

    def _over(self, outcome: str) -> None:
        """The run is over. Mail that has not gone yet never goes, but at the journey's own end: the last one does."""
        if self._outcome is not None:
            return
        self._outcome = outcome
        if outcome != moves.FINISHED:
            self._learn(**self._letterbox.cancel(self.facts))


def learnt(effect: moves.Effect, facts: Facts, at: datetime) -> dict[str, object]:
    """The facts that an effect on the lead changes. What is decided here and lived elsewhere changes none: a script
    says what comes of it.
    """
    match effect:
        case moves.PutTag(tag=tag, remove=remove):
            left = tuple(one for one in facts.tags if one != tag)
            return {"tags": left if remove else (*left, tag)}
        case moves.GivePoints(points=points):
            return {"score": facts.score.but(engagement=facts.score.engagement + points)}
        case moves.MoveStage(to=stage):
            return {"stage": stage}
        case moves.OpenTask(step=step, visit=visit, due=due):
            return {"tasks": (*facts.tasks, TaskFact(step=step, visit=visit, status="open", due_at=at + due))}
        case moves.StartRun(journey=journey, key=key):
            begun = BegunRun(journey=journey, key=key, status="active")
            in_now = tuple(dict.fromkeys((*facts.in_journeys, journey)))
            return {"runs_begun": (*facts.runs_begun, begun), "in_journeys": in_now}
        case _:
            return {}


def _read_by(event: Event) -> tuple[str, ...]:
    """The piece that a person has read by itself with this event, if it tells one."""
    piece = event.data.get("piece")
    is_read = event.kind == ARTICLE_READ and event.verdict is Verdict.HUMAN
    return (piece,) if is_read and isinstance(piece, str) else ()
