"""What do runs do while an audience is rehearsed? Their looks, their effects, who comes in and who leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from leadloom.domain.consequences import Consequences, decide
from leadloom.domain.facts import MessageStatus, TaskFact
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.entry import hears
from leadloom.domain.journeys.progress import next_move
from leadloom.domain.journeys.steps.task import ANSWERED
from leadloom.domain.journeys.waits import ANY_EVENT
from leadloom.domain.lead import Event, EventDraft, Lead
from leadloom.domain.mails.mail_key import mail_id
from leadloom.domain.mails.review import silence_lets_go_at
from leadloom.domain.mails.send_rules import jitter_of, priority_of
from leadloom.domain.model import Json
from leadloom.domain.rehearsal.cast import Setting
from leadloom.domain.rehearsal.doors import Around, Doors
from leadloom.domain.rehearsal.life import Life, RehearsedMail, RehearsedRun, settled
from leadloom.domain.rehearsal.said import said
from leadloom.domain.rehearsal.tally import Tally
from leadloom.domain.rehearsal.vetoes import is_off
from leadloom.domain.stages.clocks import DropClock, SetClock
from leadloom.domain.stages.ledger import POINTS_GIVEN
from leadloom.domain.stages.stage_moves import STAGE_GIVEN
from leadloom.domain.stages.stage_walk import OpenHandOff
from leadloom.domain.standing import Clock

ENDS_MARKETING = frozenset({"unsubscribed", "let_go"})
"""What ends marketing mail until the person allows it again (store.events)."""
NO_MORE_MAIL = frozenset({"bounced", "complained"})
_DEALS = {"deal_opened": True, "deal_won": False, "deal_lost": False}
NO_BASIS = "may get none"
"""What the story says of a marketing mail that was asked for without a permission."""
_MOST_MOVES = 10_000
"""A journey that passed its checks ends a look long before."""


_Recorded = moves.RecordEvent | moves.GivePoints | moves.MoveStage
"""Effects that are an event."""


class RunsPlay:
    """The runs of one company's leads. Every verb does what the store does in one transaction."""

    def __init__(self, setting: Setting, tally: Tally, around: Around, doors: Doors) -> None:
        self._setting, self._tally, self._around = setting, tally, around
        self._definition = setting.definition
        self._doors = doors

    # -- looks

    def look(self, life: Life, run: RehearsedRun, at: datetime) -> None:
        """Decide until the run waits or is over, as `advance` does. What is recorded has happened: never before it."""
        if not run.is_open:
            return
        recent = life.standing.recent
        at = max(at, recent[-1].at) if recent else at
        facts, name = life.facts(run, at), run.journey.name
        for _ in range(_MOST_MOVES):
            match move := next_move(run.journey, run.progress, facts, at):
                case moves.Wait():
                    self._waits(run, move, at)
                    return
                case moves.Finish():
                    self._doors.finish(life, run, move.outcome, at)
                    return
                case moves.Call():
                    self._tally.note(at, "did", said(move), journey=name, step=run.progress.step)
                    self._goes_on(run, move.then.step)
                    run.progress = move.then
                case moves.Do():
                    self._tally.note(at, "did", said(move.effect), journey=name, step=run.progress.step, why=move.why)
                    self._effect(life, run, move.effect, at)
                    if not run.is_open:
                        return  # an event it recorded itself ended it
                    self._goes_on(run, move.then.step)
                    run.progress = move.then
                    if not isinstance(move.effect, moves.Skip):
                        facts = life.facts(run, at)
                case _:
                    assert_never(move)

    def _waits(self, run: RehearsedRun, move: moves.Wait, at: datetime) -> None:
        if run.wait is None or (run.waiting_for, run.wait.until) != (move.waiting_for, move.until):
            why: dict[str, Json] = {"until": move.until.isoformat(), "listens": list(move.listens)}
            self._tally.note(at, "did", said(move), journey=run.journey.name, step=run.progress.step, why=why)
        run.wait, run.waiting_for, run.progress = move, move.waiting_for, move.progress
        self._around.looks(run, move.until)

    def _goes_on(self, run: RehearsedRun, to: str) -> None:
        name, step = run.journey.name, run.progress.step
        if to != step:
            self._tally.took[name, step, to] += 1
            self._tally.arrived[name, to] += 1

    def _effect(self, life: Life, run: RehearsedRun, effect: moves.Effect, at: datetime) -> None:  # noqa: C901  one arm an effect
        match effect:
            case moves.PlanMail():
                self._plan(life, run, effect, at)
            case moves.RaiseHandOff(kind=kind):
                why = (f"{run.journey.name}: {run.journey.purpose}",)
                order = OpenHandOff(kind=kind, track=run.journey.track, asked_by=f"journey:{run.journey.name}", why=why)
                self._around.offered(self._around.hand_offs.open(life, order, at), at)
            case moves.RecordEvent() | moves.GivePoints() | moves.MoveStage():
                self._records(life, run, effect, at)
            case moves.SetField(field=field, value=value):
                self.tell(life, field, value, at, but=run)
            case moves.PutTag(tag=tag, remove=remove):
                left = tuple(one for one in life.standing.tags if one != tag)
                life.standing = life.standing.but(tags=left if remove else (*left, tag))
                self._changed(life, at, but=run)
            case moves.OpenTask():
                self._open_task(life, run, effect, at)
            case moves.CloseTask():
                run.tasks = settled(run.tasks, effect.step, "cancelled", None)
            case moves.StartRun(journey=journey, key=begun):
                self._doors.start(life, run, journey, begun, at)
            case moves.StopRun(journey=journey, outcome=outcome):
                for other in life.open_runs():
                    if other.journey.name == journey and other is not run:
                        self._doors.leave(life, other, outcome, at)
            case moves.Skip():
                pass
            case _:
                assert_never(effect)

    def _records(
        self,
        life: Life,
        run: RehearsedRun,
        effect: moves.RecordEvent | moves.GivePoints | moves.MoveStage,
        at: datetime,
    ) -> None:
        """An event that tells what a journey says about the lead; once for each visit of its step."""
        step, data = run.progress.step, dict[str, Json](journey=run.journey.name)
        key = f"run:{run.enrolment_id}:{step}:{run.progress.visits.get(step, 1)}"
        match effect:
            case moves.RecordEvent(kind=kind):
                self._of_ours(life, kind, key, data, at)
            case moves.GivePoints(points=points, why=why):
                self._of_ours(life, POINTS_GIVEN, key, {**data, "points": points, "why": why}, at)
            case moves.MoveStage(to=to, why=why, reason=reason):
                told: dict[str, Json] = {"to": to, "track": run.journey.track, "why": why, "reason": reason}
                self._of_ours(life, STAGE_GIVEN, key, {**data, **told}, at)

    def _of_ours(self, life: Life, kind: str, key: str, data: dict[str, Json], at: datetime) -> None:
        self.record(life, [EventDraft(kind=kind, at=at, key=key, actor="system", data=data)], at)

    # -- mails

    def _plan(self, life: Life, run: RehearsedRun, plan: moves.PlanMail, at: datetime) -> None:
        """Ask for a slot in the lead's calendar. What an owner gets goes at once and takes no room: it isn't kept."""
        if plan.to is not None:
            return
        message_id = mail_id(run.enrolment_id, plan.step, plan.visit)
        if message_id in life.mails:
            return
        policy, not_before = self._definition.mail.classes[plan.mail_class], at
        if run.journey.preview is not None:
            who = plan.sender if plan.sender != "owner" else life.standing.owner or self._definition.routing.manager
            entry = self._definition.person(self._at_desk(who))
            not_before = silence_lets_go_at(self._definition, entry, at, run.journey.preview.working_days)
        mail = RehearsedMail(
            life, message_id, run, run.journey.name, plan.step, plan.visit, plan.mail, plan.mail_class,
            run.journey.topic, priority_of(policy, run.journey.priority), at, not_before, not_before + plan.worth,
            jitter_of(policy, message_id), policy.capped, policy.windowed, not_before,
        )  # fmt: skip
        life.mails[message_id] = mail
        run.mails.append(mail)
        if policy.basis and self._tally.story is not None:
            words = "may get marketing mail" if life.may_market(at) else NO_BASIS
            self._tally.note(at, "asked", words, journey=run.journey.name, step=plan.step)
        if is_off(mail, life):
            mail.status = MessageStatus.SUPPRESSED
            self._around.lost(life, mail)
        self._around.replan(life, at)

    def _at_desk(self, handle: str) -> str:
        """Them, or their deputy while they are away."""
        entry = self._definition.person(handle)
        return entry.deputy if handle in self._setting.away and entry.deputy else handle

    # -- tasks

    def _open_task(self, life: Life, run: RehearsedRun, task: moves.OpenTask, at: datetime) -> None:
        to = life.standing.owner or self._definition.routing.manager if task.to == "owner" else task.to
        self._tally.load[self._at_desk(to), f"{at:%Y-%m-%d}", "task"] += 1
        opened = TaskFact.built(step=task.step, visit=task.visit, status="open", outcome=None, due_at=at + task.due)
        run.tasks = (*run.tasks, opened)

    def answer(self, life: Life, step: str, outcome: str, at: datetime) -> None:
        """An owner answers the open task of a step; nothing when nobody was asked."""
        for run in life.open_runs():
            if any(task.step == step and task.status == "open" for task in run.tasks):
                run.tasks = settled(run.tasks, step, "done", outcome)
                self._of_ours(life, ANSWERED, f"task:{run.enrolment_id}:{step}:{at.isoformat()}", {"step": step}, at)
                return

    # -- what happens

    def record(self, life: Life, drafts: Sequence[EventDraft], at: datetime) -> None:
        """What happened and all that follows, as store.events writes it."""
        then = decide(
            self._definition, self._setting.journeys, code_journeys=(), standing=life.stands(at), drafts=drafts, at=at
        )
        life.lives(then)
        self._tell(then, at)
        if then.entries:
            self._company_moved(life, at)
        kinds = {event.kind for event in then.events}
        if kinds & ENDS_MARKETING:
            life.falls_silent(at)
        life.silenced = life.silenced or bool(kinds & NO_MORE_MAIL)
        for exit_ in then.exits:
            self._doors.leave(life, life.runs[exit_.enrolment_id], exit_.outcome, at)
        for order in then.enrol:
            self._doors.enter(life, order, at)
        for enrolment_id in then.wakes:
            if enrolment_id in life.runs:
                self._around.looks(life.runs[enrolment_id], at)
        self._tell_colleagues(life, then.events, at)
        if then.clocks:
            self._around.clocks(life)
        for kind in kinds & _DEALS.keys():
            self._around.deal(at, is_open=_DEALS[kind])
        for hand_off in then.hand_offs:
            self._around.offered(self._around.hand_offs.open(life, hand_off, at), at)

    def _tell_colleagues(self, life: Life, told: Sequence[Event], at: datetime) -> None:
        """Runs whose exits name the company look for themselves."""
        for other in self._around.colleagues(life):
            for run in other.open_runs():
                if hears(run.asks.company, told):
                    other.hears_of_company(told)
                    self._around.looks(run, at)

    def _tell(self, then: Consequences, at: datetime) -> None:
        for event in then.events:
            self._tally.note(at, "happened", event.kind, why=event.data)
        for change in then.changes:
            self._tally.note(at, "came to", change.to_stage, journey=change.track)

    def tell(self, life: Life, field: str, value: Json, at: datetime, *, but: RehearsedRun | None = None) -> None:
        """Something is known of the lead under a name; None forgets it."""
        lead = life.lead
        self._tally.note(at, "happened", f"{field} is {value}")
        if field in Lead.model_fields:
            life.tells(lead.but(**{field: value}))
        else:
            kept = {name: known for name, known in lead.attributes.items() if name != field}
            life.tells(lead.but(attributes=kept if value is None else {**kept, field: value}))
        self._changed(life, at, but=but)

    def _changed(self, life: Life, at: datetime, *, but: RehearsedRun | None = None) -> None:
        """Runs that hear everything look again (store.listeners)."""
        for run in life.open_runs():
            if run is not but and run.wait is not None and ANY_EVENT in run.wait.listens:
                self._around.looks(run, at)

    def _company_moved(self, life: Life, at: datetime) -> None:
        """Runs of colleagues look that ask how their company stands (store.account_news)."""
        for other in self._around.colleagues(life):
            for run in other.open_runs():
                if run.asks.company_stand and run.wait is not None and ANY_EVENT in run.wait.listens:
                    self._around.looks(run, at)

    def move_clocks(self, life: Life, changes: Sequence[SetClock | DropClock]) -> None:
        """Start, move and stop clocks of the lead's lifecycle."""
        clocks = {clock.kind: clock for clock in life.standing.clocks}
        for one in changes:
            if isinstance(one, SetClock):
                clocks[one.kind] = Clock.built(kind=one.kind, due_at=one.due_at, data=one.data)
            else:
                clocks.pop(one.kind, None)
        life.standing = life.standing.but(clocks=tuple(clocks.values()))
