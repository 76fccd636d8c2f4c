"""What does a new version of a journey mean for the runs that are under way? What changed, and each run's fate (D20).

A run goes by a version of its own. It may finish on it, go on with the new one from the step its map names, or end.
Whoever goes on is asked for nothing twice: visits never go down, and a step an edit moves ahead of a run that has
played it is passed over once.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Literal

from pydantic import Field

from leadloom.domain.errors import BadInput
from leadloom.domain.facts import Progress
from leadloom.domain.journeys.journey import Journey, Step
from leadloom.domain.journeys.steps.step import END, Acts
from leadloom.domain.model import Instant, Value

EXITED = "ended by a new version"
"""The outcome of a run that a publication ends, unless it names another."""

Runs = Literal["finish", "migrate", "exit"]
"""What a publication does with a run: it finishes on its own version, goes on with the new one, or ends."""

StepMap = Mapping[str, str]
"""Each step of an old version → where its runs go on in the new one: a step's id, or `end`."""


class Diff(Value):
    """What a new version changed. Steps by their ids, in the reading order of the version that has them."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    """The fewest steps whose moving explains the new order."""
    changed: tuple[str, ...] = ()
    """Steps that say something else than before."""
    rules: tuple[str, ...] = ()
    """What changed beside the steps, such as `exit`."""

    @property
    def is_empty(self) -> bool:
        """Whether the two versions say the same."""
        return not (self.added or self.removed or self.moved or self.changed or self.rules)


class Choice(Value):
    """What a publication says about the runs under way."""

    runs: Runs = "finish"
    """The fate of all of them …"""
    at: dict[str, Runs] = Field(default_factory=dict[str, Runs])
    """… but for those that stand at these steps of their version."""
    moves: dict[str, str] = Field(default_factory=dict[str, str])
    """Where runs at a step go on, if not by the default map."""
    outcome: str = EXITED
    """What those that end are remembered by."""

    @property
    def moves_runs(self) -> bool:
        """Whether anybody under way is touched."""
        return {self.runs, *self.at.values()} != {"finish"}


class InFlight(Value):
    """A run at the instant its fate is decided."""

    progress: Progress
    at: Instant
    last_event_no: int = 0
    """The number of the lead's last event: what happened before isn't waited for at a step the run is moved to."""


class Migrated(Value):
    """The run goes on with the new version."""

    kind: Literal["migrated"] = "migrated"
    progress: Progress
    is_calm: bool = False
    """Nothing that it waits for has changed: it needn't even look."""
    misses: tuple[str, ...] = ()
    """Mails it was still to get that the edit moved behind it."""


class FinishesOld(Value):
    """The run keeps its version to its end."""

    kind: Literal["finishing"] = "finishing"


class Exits(Value):
    """The run ends now."""

    kind: Literal["exited"] = "exited"
    outcome: str


Fate = Migrated | FinishesOld | Exits


def diff(old: Journey, new: Journey) -> Diff:
    """What `new` says that `old` didn't."""
    before, after = [step.id for step in old.steps], [step.id for step in new.steps]
    kept_before = [step for step in before if step in set(after)]
    kept_after = [step for step in after if step in set(before)]
    blocks = SequenceMatcher(None, kept_before, kept_after, autojunk=False).get_matching_blocks()
    in_order = {step for block in blocks for step in kept_after[block.b : block.b + block.size]}
    heads = old.model_dump(exclude={"steps"}), new.model_dump(exclude={"steps"})
    return Diff(
        added=tuple(step for step in after if step not in set(before)),
        removed=tuple(step for step in before if step not in set(after)),
        moved=tuple(step for step in kept_after if step not in in_order),
        changed=tuple(step for step in kept_after if old.step(step) != new.step(step)),
        rules=tuple(name for name in heads[1] if heads[0].get(name) != heads[1][name]),
    )


def step_map(old: Journey, new: Journey, moves: Mapping[str, str]) -> dict[str, str]:
    """Where the runs at each step of `old` go on: as told, else at the same step, else at the next one that is left.

    "Next" is in the reading order of `old`; behind the last one a run is at its end. Raises BadInput for a move to a
    step that `new` doesn't have.
    """
    kept, known = {step.id for step in new.steps}, {step.id for step in old.steps}
    wrong = next((name for name in moves.values() if name not in kept and name != END), None)
    if wrong is not None:
        raise BadInput("map", wrong, f"The new version has the steps {', '.join(sorted(kept))}, and {END}.")
    found: dict[str, str] = {END: END}
    following = END
    for step in reversed(old.steps):
        target = moves.get(step.id, step.id if step.id in kept else following)
        found[step.id] = target
        if step.id in kept or target not in known:  # what was only renamed is left, too
            following = target
    return found


def fate(run: InFlight, old: Journey, new: Journey, choice: Choice, steps: StepMap) -> Fate:
    """What becomes of one run. Raises KeyError when it stands at a step its own version doesn't have."""
    was = run.progress
    match choice.at.get(was.step, choice.runs):
        case "finish":
            return FinishesOld()
        case "exit":
            return Exits(outcome=choice.outcome)
        case "migrate":
            return _migrated(run, old, new, choice, steps[was.step])


def _migrated(run: InFlight, old: Journey, new: Journey, choice: Choice, target: str) -> Migrated:
    was = run.progress
    names = _names(old, choice, was.step)
    visits = {**was.visits, **{name: was.visits[before] for name, before in names.items() if before in was.visits}}
    if was.awaits_turn and new.steps:
        first = new.steps[0].id
        return Migrated(progress=was.but(step=first, visits={first: 1}))
    if target == END or was.step == END:
        ended = Progress(step=END, arrived_at=run.at, visits=visits, day_0=was.day_0)
        return Migrated(progress=ended, is_calm=was.step == END)
    place = _Place(was, old, new, target, names)
    passed, repeated = place.played_ahead(visits)
    visits |= {step: visits[step] - 1 for step in repeated}
    misses = place.moved_behind(visits)
    if place.is_the_same:
        progress = was.but(step=target, visits=visits, passed=passed)
        return Migrated(progress=progress, is_calm=place.is_calm and not passed, misses=misses)
    if place.was_played(target, visits) and isinstance(new.step(target), Acts):
        passed = (target, *passed)
    visits[target] = visits.get(target, 0) + 1
    no = max(was.arrived_no, run.last_event_no)
    arrived = Progress(step=target, arrived_at=run.at, arrived_no=no, visits=visits, day_0=was.day_0, passed=passed)
    return Migrated(progress=arrived, misses=misses)


def _names(old: Journey, choice: Choice, here: str) -> dict[str, str]:
    """New name → old name of the steps that were renamed: a move to a step the old version didn't have."""
    known = {step.id for step in old.steps}
    names = {after: before for before, after in choice.moves.items() if after not in known and after != END}
    return names | ({choice.moves[here]: here} if choice.moves.get(here) in names else {})


class _Place:
    """Where a run stands in the old version, and where it will in the new one."""

    def __init__(self, was: Progress, old: Journey, new: Journey, target: str, names: Mapping[str, str]) -> None:
        self._was, self._old, self._new, self._target, self._names = was, old, new, target, names
        self._here, self._there = old.index(was.step), new.index(target)
        self._old_at = {step.id: index for index, step in enumerate(old.steps)}
        self._old_at |= {name: self._old_at[before] for name, before in names.items() if before in self._old_at}

    @property
    def is_the_same(self) -> bool:
        """Whether the run stays where it is, so that its wait counts on: the same step, or one that was renamed."""
        is_here = self._names.get(self._target, self._target) == self._was.step
        return is_here and self._step.do == self._old.step(self._was.step).do

    @property
    def is_calm(self) -> bool:
        """Whether the run would answer its next look as before. One that waits to act reads more than its step."""
        if not self.is_the_same or isinstance(self._step, Acts):
            return False
        heads = self._old.model_dump(exclude={"steps"}) == self._new.model_dump(exclude={"steps"})
        return heads and self._step == self._old.step(self._was.step)

    def was_played(self, step: str, visits: Mapping[str, int]) -> bool:
        """Whether the run has come to the step as often as to where it stands: in this round, when it goes round."""
        if self._names.get(step, step) == self._was.step:
            return False
        return visits.get(step, 0) >= max(1, self._was.visits.get(self._was.step, 1))

    def played_ahead(self, visits: Mapping[str, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Steps behind the run that the edit moved ahead of it: those to pass over, those to come to as before.

        A step with several ways on decides where the run goes, so it can't be passed over. It is come to under the
        number of its last visit: what it asks for has that key, and asking for a key twice is asking once.
        """
        ahead = [step for step in self._new.steps[self._there + 1 :] if self._was_behind(step)]
        played = [step for step in ahead if self.was_played(step.id, visits)]
        passed = tuple(step.id for step in played if len(step.ways(self._new.after(step.id))) == 1)
        return passed, tuple(step.id for step in played if step.id not in passed and isinstance(step, Acts))

    def moved_behind(self, visits: Mapping[str, int]) -> tuple[str, ...]:
        """Mails that were ahead of the run and are behind it now."""
        behind = self._new.steps[: self._there]
        return tuple(
            step.id
            for step in behind
            if step.letters(self._new) and self._old_at.get(step.id, -1) > self._here and not visits.get(step.id)
        )

    @property
    def _step(self) -> Step:
        return self._new.step(self._target)

    def _was_behind(self, step: Step) -> bool:
        return self._old_at.get(step.id, len(self._old_at)) < self._here
