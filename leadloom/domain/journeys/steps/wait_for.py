"""`do: wait_for`: wait for something to happen, or to be so, with a deadline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.journeys import moves, turns, waits
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import either, holds, in_words, looked_at, span_words, words
from leadloom.domain.journeys.day_range import Days
from leadloom.domain.journeys.spans import Span
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import AStep, Way
from leadloom.domain.lead import Event, Verdict
from leadloom.domain.model import Json


class WaitFor(AStep):
    """Wait for one of some events by a human since arrival, or until a condition holds, with a deadline."""

    do: Literal["wait_for"]
    events: tuple[str, ...] = ()
    """Any one of these kinds …"""
    when: Condition | None = None
    """… or until this holds; asked at once, and whenever something happens to the lead."""
    within: Span | None = None
    """The deadline counts from the last mail's sent_at (else its plan, else arrival) …"""
    to_day: float | None = None
    """… or is this day of the journey."""
    then: str
    """The step to go to when one came."""
    otherwise: str
    """The step to go to when the deadline did."""

    def said(self) -> str:
        """`Wait for reply or link clicked, at most 5 days`."""
        most = f"until day {self.to_day:g}" if self.to_day is not None else span_words(self.within or timedelta())
        return f"Wait for {self._names()}, at most {most}"

    def ways(self, following: str) -> tuple[Way, ...]:
        """What came, and the deadline."""
        del following
        return Way("when it happens", self.then), Way("otherwise", self.otherwise, late=True)

    def days_over(self, here: Days, dated: Mapping[str, float]) -> Days | None:
        """Its deadline."""
        del dated
        return here.not_before(self.to_day) if self.to_day is not None else here.later(self.within or timedelta())

    @property
    def takes_time(self) -> bool:
        """An event since arrival takes a moment; a condition may hold already."""
        return self.when is None

    def conditions(self) -> tuple[tuple[Path, Condition], ...]:
        """What it waits for to be so."""
        return () if self.when is None else ((("when",), self.when),)

    def events_named(self) -> tuple[tuple[Path, tuple[str, ...]], ...]:
        """What it waits for to happen."""
        return ((("events",), self.events),)

    def move(self, scene: Scene) -> moves.Do | moves.Wait:
        """On at once when it has happened or is so, even if we look after the deadline: the lead did act."""
        if (heard := self._heard(scene)) is not None:
            then = scene.arrive(self.then, due_at=max(heard.at, scene.run.due))
            return scene.skip(in_words(heard.kind), then, {"event": heard.kind, "event no": heard.no})
        seen = looked_at(self.when, scene.facts, scene.at) if self.when else {}
        if self.when is not None and holds(self.when, scene.facts, scene.at):
            return scene.skip(words(self.when), scene.arrive(self.then, due_at=scene.at), seen)
        deadline = waits.by_deadline(scene, self.id, span=self.within, to_day=self.to_day)
        if scene.at < deadline.until:
            return self._wait(scene, deadline)
        why: dict[str, Json] = {"until": deadline.until.isoformat(), "counted from": deadline.counted_from}
        then = scene.arrive(self.otherwise, due_at=deadline.until)
        return scene.skip(f"no {self._names()} by {deadline.words}", then, why | seen)

    @property
    def lets_time_pass(self) -> bool:
        """It may wait."""
        return True

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """Nothing to wait for, or no single deadline."""
        del checked
        if not self.events and self.when is None:
            yield Fault(path=("events",), words="No event is named. Name at least one, or say `when`.")
        if (self.within is None) == (self.to_day is None):
            yield Fault(path=("id",), words="Waiting for events has one deadline: `within` or `to_day`.")

    def _wait(self, scene: Scene, deadline: waits.Due) -> moves.Wait:
        until, listens = deadline.until, self.events
        if self.when is not None:
            turn = turns.next_look(self.when, scene.facts, scene.at)
            until, listens = min(until, turn or until), (waits.ANY_EVENT,)
        waiting_for = f"{deadline.words}, or {self._names()}"
        return moves.Wait(until=until, waiting_for=waiting_for, listens=listens, progress=scene.run)

    def _names(self) -> str:
        names = [in_words(kind) for kind in self.events]
        return either([*names, words(self.when)] if self.when is not None else names or ["nothing"])

    def _heard(self, scene: Scene) -> Event | None:
        for event in scene.facts.events:
            if event.no > scene.run.arrived_no and event.kind in self.events and event.verdict is Verdict.HUMAN:
                return event
        return None
