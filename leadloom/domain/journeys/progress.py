"""What does a run do next? The whole interpreter of journeys: one pure question, asked again and again.

`next_move` looks at one step and answers one move. The caller applies it, stores `then`, reads the facts again and
asks on, until the answer is Wait, Call or Finish. Asked twice with nothing new, it answers the same. What a step of
some kind does stands in its file in `steps/`; here stands what comes before any step.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from leadloom.domain.facts import CompanyEvent, Facts, Progress
from leadloom.domain.journeys import turns
from leadloom.domain.journeys.conditions import holds, looked_at, words
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import FINISHED, GOAL, NO_TURN, Do, Finish, Move, Skip, Wait
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.start import ENDED
from leadloom.domain.journeys.steps.step import END
from leadloom.domain.journeys.waits import ANY_EVENT

_REVIEW_AGAIN = timedelta(days=1)
"""How soon a paused run looks again when the day of its review has passed."""


def begin(journey: Journey, at: datetime, event_no: int) -> Progress:
    """Where a run stands when it begins; `event_no` is the number of the event that let the lead in."""
    first = journey.steps[0].id if journey.steps else END
    return Progress.built(step=first, arrived_at=at, arrived_no=event_no, visits={first: 1})


def next_move(journey: Journey, run: Progress, facts: Facts, at: datetime) -> Move:
    """The one move a run makes now. Raises KeyError when the journey has no such step, BadInput for a wait without end.

    Args:
        journey: The version the run began with.
        run: Where it stands.
        facts: Read in the transaction that applies the move.
        at: Now, in business time.
    """
    scene = Scene(journey, run, facts, at)
    if (over := _is_over(scene)) is not None:
        return over
    if run.step == END:
        return Finish(outcome=FINISHED, why={"arrived at the end": run.arrived_at.isoformat()})
    step = journey.step(run.step)
    move = _is_paused(scene) or _awaits_turn(scene) or _passes_over(scene)
    move = move or step.overdue(scene) or step.move(scene)
    return _all_ears(scene, move) if isinstance(move, Wait) else move


def when_failed(journey: Journey, run: Progress, facts: Facts, at: datetime, *, error: str) -> Do | Finish | None:
    """The move of a run whose outside effect failed for good; None: it is blocked until a person looks.

    `error` must name nobody. Raises KeyError when the journey has no such step.
    """
    if run.step == END:
        return None
    return journey.step(run.step).failed(Scene(journey, run, facts, at), error)


def _is_over(scene: Scene) -> Finish | None:
    """The end that the goal or an exit of the journey brings as soon as its condition holds, wherever the run stands.

    What the lead's own events bring is decided in the transaction that records them (entry.ends); a colleague's are
    recorded under another lock, so they wake the run and it looks for itself.
    """
    journey, facts, at = scene.journey, scene.facts, scene.at
    if journey.goal_when is not None and holds(journey.goal_when, facts, at):
        return Finish(outcome=GOAL, why={"goal": words(journey.goal_when), **looked_at(journey.goal_when, facts, at)})
    for rule in journey.exit:
        if rule.when is not None and not rule.events and holds(rule.when, facts, at):
            return Finish(outcome=rule.outcome, why={"exit": words(rule.when), **looked_at(rule.when, facts, at)})
        if rule.of == "company" and (told := _by_colleague(rule.events, facts)) is not None:
            return Finish(outcome=rule.outcome, why={"colleague": told.kind, "at": told.at.isoformat()})
    return None


def _by_colleague(kinds: Collection[str], facts: Facts) -> CompanyEvent | None:
    """What a colleague did after the run began. What began it, perhaps for both of them, must not end it."""
    return next((one for one in facts.company_events if one.kind in kinds and one.at > facts.entered_at), None)


def _is_paused(scene: Scene) -> Wait | None:
    paused = scene.facts.paused
    if paused is None:
        return None
    until = paused.until_review if paused.until_review > scene.at else scene.at + _REVIEW_AGAIN
    return Wait(until=until, waiting_for=paused.waiting_for, listens=(), progress=scene.run)


def _passes_over(scene: Scene) -> Do | None:
    """What the run has played, and a new version moved ahead of it, isn't played again."""
    run = scene.run
    if run.step not in run.passed:
        return None
    left = tuple(step for step in run.passed if step != run.step)
    [way] = scene.journey.step(run.step).ways(scene.journey.after(run.step))  # versions.fate names no others
    then = scene.arrive(way.to).but(passed=left)
    return scene.skip("it was played before a new version moved it here", then, {"step": run.step}, ended="skipped")


def _awaits_turn(scene: Scene) -> Do | Wait | Finish | None:
    """Before its first step a run waits until no other journey of its exclusive group has the lead."""
    exclusive, run, busy_with = scene.journey.exclusive, scene.run, scene.facts.busy_with
    if exclusive is None or sum(run.visits.values()) > 1:
        return None
    if busy_with is None or exclusive.when_busy != "wait":
        if not run.awaits_turn:
            return None
        # The days of the journey begin now: else what they held back would all go at once.
        then = run.but(arrived_at=scene.at, day_0=scene.at, due_at=None, awaits_turn=False)
        waited = {"waited since": run.arrived_at.isoformat(), "group": exclusive.group}
        return Do(effect=Skip(why="it is this journey's turn"), then=then, why={**waited})
    until = None if exclusive.at_most is None else run.arrived_at + exclusive.at_most
    if until is None or scene.at >= until:
        return Finish(outcome=NO_TURN, why={"busy with": busy_with, "group": exclusive.group})
    waiting_for = f"the journey {busy_with} to end"
    return Wait(until=until, waiting_for=waiting_for, listens=(ENDED,), progress=run.but(awaits_turn=True))


def _all_ears(scene: Scene, move: Wait) -> Wait:
    """A run that may end by a condition hears everything, and looks when time alone may bring it about."""
    journey = scene.journey
    asked = [journey.goal_when, *(rule.when for rule in journey.exit if not rule.events)]
    moments = [turns.next_look(one, scene.facts, scene.at) for one in asked if one is not None]
    if not moments:
        return move
    until = min((moment for moment in moments if moment is not None), default=move.until)
    return move.but(until=min(move.until, until), listens=(ANY_EVENT,))
