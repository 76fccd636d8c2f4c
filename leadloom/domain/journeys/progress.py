"""What does a run do next? The whole interpreter of journeys: one pure question, asked again and again.

`next_move` looks at one step and answers one move. The caller applies it, stores `then`, reads the facts again and
asks on, until the answer is Wait, Call or Finish. Asked twice with nothing new, it answers the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from leadloom.domain.facts import Facts, Progress
from leadloom.domain.journeys import waits
from leadloom.domain.journeys.conditions import either, holds, in_words, looked_at, words
from leadloom.domain.journeys.journey import (
    END,
    Branch,
    Go,
    HandOffStep,
    Journey,
    MailClass,
    Record,
    Send,
    WaitFor,
)
from leadloom.domain.journeys.journey import Call as CallStep
from leadloom.domain.journeys.journey import Wait as WaitStep
from leadloom.domain.lead import Event, Verdict
from leadloom.domain.model import Instant, Json, Value

FINISHED = "finished"
"""The outcome of a run that reached the end of its journey."""


class PlanMail(Value):
    """Ask for a slot for this mail. Its key is (enrolment, step, visit)."""

    step: str
    visit: int
    mail: str
    mail_class: str
    sender: str
    """Handle, or `owner` for the lead's own."""
    to: str | None = None
    """Handle of an owner to notify, or `owner`; None is the lead."""
    worth: timedelta


class RaiseHandOff(Value):
    """Offer the lead to an owner."""

    kind: str


class RecordEvent(Value):
    """Record that something happened to the lead."""

    kind: str


class Skip(Value):
    """Nothing is done outside: the run goes on, and why."""

    why: str


Effect = PlanMail | RaiseHandOff | RecordEvent | Skip


class Do(Value):
    """Apply the effect and store `then`, in one transaction; then ask again."""

    effect: Effect
    then: Progress
    why: dict[str, Json]
    """The values that made this move (law 8)."""


class Wait(Value):
    """Nothing to do before `until`, unless one of the events in `listens` happens."""

    until: Instant
    waiting_for: str
    """In words a marketer reads, such as `day 8, or calculator finished`. Names nobody: Temporal may see it."""
    listens: tuple[str, ...]
    """Event kinds that must wake the run (see entry.hears)."""
    progress: Progress


class Call(Value):
    """Let a regular activity of that name happen, then store `then` and ask again."""

    activity: str
    step: str
    visit: int
    then: Progress


class Finish(Value):
    """The run is over."""

    outcome: str
    why: dict[str, Json]


Move = Do | Wait | Call | Finish


def begin(journey: Journey, at: datetime, event_no: int) -> Progress:
    """Where a run stands when it begins; `event_no` is the number of the event that let the lead in."""
    first = journey.steps[0].id if journey.steps else END
    return Progress(step=first, arrived_at=at, arrived_no=event_no, visits={first: 1})


def next_move(journey: Journey, run: Progress, facts: Facts, at: datetime) -> Move:
    """The one move a run makes now. Raises KeyError when the journey has no such step, BadInput for a wait without end.

    Args:
        journey: The version the run began with.
        run: Where it stands.
        facts: Read in the transaction that applies the move.
        at: Now, in business time.
    """
    if run.step == END:
        return Finish(outcome=FINISHED, why={"arrived at the end": run.arrived_at.isoformat()})
    step = journey.step(run.step)
    match step:
        case Send():
            return _send(journey, step, run, facts, at)
        case WaitStep():
            return _wait(journey, step, run, facts, at)
        case WaitFor():
            return _wait_for(journey, step, run, facts, at)
        case Branch():
            return _branch(step, run, facts, at)
        case HandOffStep():
            effect = RaiseHandOff(kind=step.kind)
            return Do(effect=effect, then=_next(journey, run, facts, at), why={"stage": facts.stage})
        case Record():
            return Do(effect=RecordEvent(kind=step.event), then=_next(journey, run, facts, at), why={"step": step.id})
        case CallStep():
            then = _arrive(run, step.then or journey.after(step.id), facts, at)
            return Call(activity=step.activity, step=step.id, visit=_visit(run), then=then)
        case Go():
            return _go(journey, step, run, facts, at)
    assert_never(step)


def _send(journey: Journey, step: Send, run: Progress, facts: Facts, at: datetime) -> Do | Wait:
    then = _next(journey, run, facts, at)
    if step.unless is not None and holds(step.unless, facts, at):
        skip = Skip(why=f"the mail {step.mail} isn't needed: {words(step.unless)}")
        return Do(effect=skip, then=then, why=looked_at(step.unless, facts, at))
    mail_class = step.mail_class or (MailClass.OWNER_NOTICE if step.to else journey.mail_class)
    if mail_class == MailClass.MARKETING and (pending := waits.for_mail_before(journey, facts, at)) is not None:
        return Wait(until=pending.until, waiting_for=pending.words, listens=(), progress=run)
    effect = PlanMail(
        step=step.id,
        visit=_visit(run),
        mail=step.mail,
        mail_class=mail_class,
        sender=step.sender or journey.sender,
        to=step.to,
        worth=step.worth,
    )
    why: dict[str, Json] = {"stage": facts.stage, "may market": facts.may_market}
    return Do(effect=effect, then=then, why=why | (looked_at(step.unless, facts, at) if step.unless else {}))


def _wait(journey: Journey, step: WaitStep, run: Progress, facts: Facts, at: datetime) -> Do | Wait:
    due = waits.due(journey, step, run, facts)
    if due is None:
        skip = Skip(why=f"no date is known for {in_words(step.field or '')}")
        why: dict[str, Json] = {step.field or "": facts.lead.attributes.get(step.field or "")}
        return Do(effect=skip, then=_next(journey, run, facts, at), why=why)
    if at < due.until:
        return Wait(until=due.until, waiting_for=due.words, listens=due.listens, progress=run)
    return Do(effect=Skip(why=f"{due.words} has come"), then=_next(journey, run, facts, at), why=_due_why(due))


def _wait_for(journey: Journey, step: WaitFor, run: Progress, facts: Facts, at: datetime) -> Do | Wait:
    heard = _heard(step, run, facts)
    if heard is not None:
        then = _arrive(run, step.then, facts, at)
        return Do(effect=Skip(why=in_words(heard.kind)), then=then, why={"event": heard.kind, "event no": heard.no})
    deadline = waits.deadline(journey, step, run, facts)
    names = either(in_words(kind) for kind in step.events)
    if at < deadline.until:
        waiting_for = f"{deadline.words}, or {names}"
        return Wait(until=deadline.until, waiting_for=waiting_for, listens=step.events, progress=run)
    then = _arrive(run, step.otherwise, facts, at)
    return Do(effect=Skip(why=f"no {names} by {deadline.words}"), then=then, why=_due_why(deadline))


def _branch(step: Branch, run: Progress, facts: Facts, at: datetime) -> Do:
    why: dict[str, Json] = {}
    for case in step.cases:
        why |= looked_at(case.when, facts, at)
        if holds(case.when, facts, at):
            return Do(effect=Skip(why=words(case.when)), then=_arrive(run, case.go, facts, at), why=why)
    none_held = "; ".join(words(case.when) for case in step.cases)
    return Do(effect=Skip(why=f"none of: {none_held}"), then=_arrive(run, step.otherwise, facts, at), why=why)


def _go(journey: Journey, step: Go, run: Progress, facts: Facts, at: datetime) -> Do:
    visit = _visit(run)
    why: dict[str, Json] = {"visit": visit, "visits allowed": step.visits}
    if step.visits is not None and visit > step.visits:
        skip = Skip(why=f"went back to {step.to} {step.visits} times already")
        return Do(effect=skip, then=_next(journey, run, facts, at), why=why)
    return Do(effect=Skip(why=f"on to {step.to}"), then=_arrive(run, step.to, facts, at), why=why)


def _heard(step: WaitFor, run: Progress, facts: Facts) -> Event | None:
    """The first event waited for; also one after the deadline, when we look that late: the lead did act."""
    for event in facts.events:
        if event.no > run.arrived_no and event.kind in step.events and event.verdict is Verdict.HUMAN:
            return event
    return None


def _due_why(due: waits.Due) -> dict[str, Json]:
    return {"until": due.until.isoformat(), "counted from": due.counted_from}


def _visit(run: Progress) -> int:
    return run.visits.get(run.step, 1)


def _next(journey: Journey, run: Progress, facts: Facts, at: datetime) -> Progress:
    return _arrive(run, journey.after(run.step), facts, at)


def _arrive(run: Progress, step_id: str, facts: Facts, at: datetime) -> Progress:
    """The progress of a run that comes to a step now: later events count, earlier ones don't."""
    last_no = max((event.no for event in facts.events), default=0)
    visits = {**run.visits, step_id: run.visits.get(step_id, 0) + 1}
    return Progress(step=step_id, arrived_at=at, arrived_no=max(run.arrived_no, last_no), visits=visits)
