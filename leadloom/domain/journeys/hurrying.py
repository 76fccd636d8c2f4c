"""May a person let a run go on before its wait is over, and where does it go then?"""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.errors import Conflict
from leadloom.domain.facts import Facts, Progress
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import Do, Wait
from leadloom.domain.journeys.progress import next_move
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Acts, Way
from leadloom.domain.model import Json

BY_HAND = "let on by"
"""Names the person in the log of a run that did not wait to the end."""
TO = "to"
"""Names the step it went to."""


def hurried(journey: Journey, run: Progress, facts: Facts, at: datetime, *, by: str, why: str = "") -> Do:
    """The move of a run whose wait a person ends: as if its whole time were over and nothing had happened.

    Only waits for time or for something of the lead can be ended so; what somebody of ours owes, or a mail that is on
    its way, is another person's to end. Caps and windows of the next mail stay as they are.

    Raises Conflict with the remedy, where something else is waited for, or nothing is.
    """
    scene = Scene(journey, run, facts, at)
    move = next_move(journey, run, facts, at)
    if not isinstance(move, Wait):
        raise Conflict("The run isn't waiting: it goes on by itself this moment. Nothing was changed.")
    way = _way_on(scene, move)
    told: dict[str, Json] = {BY_HAND: by, TO: way.to, "until": move.until.isoformat()}
    told |= {"because": why} if why else {}
    return scene.skip(f"{by} let it go on before {move.waiting_for}", scene.arrive(way.to), told)


def _way_on(scene: Scene, move: Wait) -> Way:
    """Where the run goes when its whole time is over."""
    if scene.facts.paused is not None:
        raise Conflict("The journey stands still, and all its runs with it. Let it go on at the journey's page.")
    if move.progress.awaits_turn:
        raise Conflict(f"It waits for {move.waiting_for}. End that run, or wait.")
    step = scene.journey.step(scene.run.step)
    late = next((way for way in step.ways(scene.journey.after(step.id)) if way.late), None)
    if late is None or isinstance(step, Acts):
        raise Conflict(f"It waits for {move.waiting_for}, which only that can end. Skip the mail, or answer the task.")
    return late
