"""`do: task`: give an owner something to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.facts import Progress
from leadloom.domain.journeys import moves, pauses
from leadloom.domain.journeys.conditions import either, span_words
from leadloom.domain.journeys.day_range import Days
from leadloom.domain.journeys.spans import Span
from leadloom.domain.journeys.steps.checked import Checked, unknown
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Acts, Way
from leadloom.domain.model import Json, Value

ANSWERED = "task_done"
"""The event that tells of an owner's answer."""
DONE = "done"
"""What an owner answers to a task that names no outcomes."""


class Tries(Value):
    """Which answers tell of a try to reach the lead; an answer in neither list is none."""

    by: Literal["phone", "mail", "meeting"]
    """How it was tried."""
    reached: tuple[str, ...] = ()
    """Answers that say the lead was reached."""
    in_vain: tuple[str, ...] = ()
    """Answers that say they were not."""


class TaskStep(Acts):
    """Give an owner something to do about the lead. What they answer chooses the way; no answer in time does, too."""

    do: Literal["task"]
    to: str
    """Handle of the owner, or `owner` for the lead's own."""
    words: str
    """What to do, in one sentence."""
    within: Span
    """How long the owner has; then the task is taken back (unless `blocks` is false)."""
    outcomes: dict[str, str] = Field(default_factory=dict)
    """What the owner may answer, each with the step to go to; left out, `done`, and the run goes on."""
    otherwise: str | None = None
    """The step to go to when there was no answer in time; left out, on."""
    tries: Tries | None = None
    """Its answers are tries to reach the lead: they stop the clock of the first try, and count."""
    blocks: bool = True
    """Whether the run waits for the answer; false gives the task and goes on at once."""

    def said(self) -> str:
        """`Ask the owner to call about the audit, within 3 days`."""
        whom = "the owner" if self.to == "owner" else self.to
        return f"Ask {whom}: {self.words}, within {span_words(self.within)}"

    def ways(self, following: str) -> tuple[Way, ...]:
        """One for each answer, and silence."""
        if not self.blocks:
            return (Way("", following),)
        answers = [Way(f"if {answer}", to) for answer, to in self.answers(following).items()]
        return (*answers, Way("otherwise", self.otherwise or following, late=True))

    def answers(self, following: str) -> dict[str, str]:
        """What the owner may answer → where it leads."""
        return self.outcomes or {DONE: following}

    def days_over(self, here: Days, dated: Mapping[str, float]) -> Days | None:
        """When the owner's time is over."""
        del dated
        return here.later(self.within) if self.blocks else None

    @property
    def takes_time(self) -> bool:
        """Nobody answers in the instant they are asked."""
        return self.blocks

    def passed_by(self, scene: Scene) -> Progress:
        """As if nobody had answered."""
        return scene.next() if self.otherwise is None or not self.blocks else scene.arrive(self.otherwise)

    def move(self, scene: Scene) -> moves.Do | moves.Wait:
        """Give the task, then look what has become of it."""
        following = scene.journey.after(self.id)
        if not scene.run.begun:
            effect = moves.OpenTask(
                step=self.id,
                visit=scene.visit,
                to=self.to,
                words=self.words,
                due=self.within,
                outcomes=tuple(self.answers(following)),
            )
            then = scene.here() if self.blocks else scene.next()
            return moves.Do(effect=effect, then=then, why={"stage": scene.facts.stage})
        task = next((one for one in scene.facts.tasks if (one.step, one.visit) == (self.id, scene.visit)), None)
        if task is None or task.status == "open":
            due_at = task.due_at if task is not None else scene.run.arrived_at + self.within
            return self._await(scene, pauses.reaches(due_at, scene.run.arrived_at, scene.facts.pauses))
        values: dict[str, Json] = {"task": task.status, "outcome": task.outcome}
        target = self.answers(following).get(task.outcome or "") if task.status == DONE else None
        if target is None:
            return scene.skip("the task was taken back", self.passed_by(scene), values, ended="failed")
        return scene.skip(f"the owner answered: {task.outcome}", scene.arrive(target, due_at=scene.at), values)

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """Nobody to do it, or answers nobody waits for."""
        yield from checked.person(("to",), self.to)
        if self.within <= timedelta():
            yield Fault(path=("within",), words="Nobody can do it in no time. Give the owner some.")
        if not self.blocks and (self.outcomes or self.otherwise):
            words = "The run doesn't wait for an answer, so none leads anywhere. Take them out, or `blocks: false`."
            yield Fault(path=("blocks",), words=words)
        if any(not answer.strip() for answer in self.outcomes):
            yield Fault(path=("outcomes",), words="An answer without words can't be given. Name it.")
        if self.tries is not None:
            yield from unknown(("tries",), (*self.tries.reached, *self.tries.in_vain), self.answers(""), "answer")
            if both := set(self.tries.reached) & set(self.tries.in_vain):
                words = f"Was the lead reached or not? {either(sorted(both))} stands in both lists."
                yield Fault(path=("tries",), words=words)
        if not self.words.strip():
            yield Fault(path=("words",), words="The owner can't see what to do. Say it in one sentence.")

    def _await(self, scene: Scene, until: datetime) -> moves.Do | moves.Wait:
        if scene.at < until:
            waiting_for = f"the owner to answer the task of step {self.id}"
            return moves.Wait(until=until, waiting_for=waiting_for, listens=(ANSWERED,), progress=scene.run)
        target = self.otherwise or scene.journey.after(self.id)
        effect = moves.CloseTask(step=self.id, visit=scene.visit)
        return moves.Do(effect=effect, then=scene.arrive(target, due_at=until), why={"until": until.isoformat()})
