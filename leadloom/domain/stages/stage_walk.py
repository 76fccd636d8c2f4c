"""May a lead move to a stage, and what does the stage log say about it? The definition's `next` decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from pydantic import Field as ModelField

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.move_reasons import leads_back, reason_codes
from leadloom.domain.definitions.needs import Field, lacking
from leadloom.domain.definitions.parts import Part
from leadloom.domain.handoffs.working_time import WorkCalendar
from leadloom.domain.lead import Event, EventDraft
from leadloom.domain.model import Instant, Json, Value
from leadloom.domain.standing import Standing


class StageChange(Value):
    """One line of the stage log."""

    track: str
    no: int
    """Without gaps from 1 per lead and track."""
    from_stage: str | None
    """None for the first."""
    to_stage: str
    at: Instant
    actor: str
    reason: str
    """A code of the definition for a move back (`move_reasons` says which those are); else a few words."""
    evidence: dict[str, Json] = ModelField(default_factory=dict)
    """The event and the values that decided it, `why` in words (law 8)."""
    waiting_for: str | None = None
    """What the new stage waits for, in words: a promise, or the date to come back (law 7)."""
    waits_until: Instant | None = None
    was_since: Instant | None = None
    """When the lead came to `from_stage`: the log keeps how long it stayed there."""


class OpenHandOff(Value):
    """Offer the lead to an owner (or let it join the company's open hand-off: the store knows)."""

    kind: str
    track: str
    asked_by: str
    """`gate:asks`, `gate:scored`, or the event that asked for it."""
    why: tuple[str, ...]
    """In words for the owner's notice, most telling first."""
    prefer: str | None = None
    """Handle of the owner it should go back to."""


class Ignored(Value):
    """A stage change that an event asked for and the definition doesn't allow."""

    event_no: int
    track: str
    to_stage: str
    why: str


class Moved(NamedTuple):
    """What one event changed about where the lead stands."""

    changes: tuple[StageChange, ...] = ()
    hand_offs: tuple[OpenHandOff, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    joins_deal: tuple[str, ...] = ()


def first_change(
    definition: Definition, standing: Standing, *, at: datetime, evidence: Mapping[str, Json]
) -> tuple[StageChange, ...]:
    """The first stage of a lead that has none yet; nothing for any other. `evidence` is kept beside the source."""
    track = definition.tracks[0]
    if track in standing.stages:
        return ()
    kept: dict[str, Json] = {"source": standing.lead.source, **evidence}
    return (_first(definition, track, at=at, reason="captured", evidence=kept),)


def precision_of(event: EventDraft) -> dict[str, Json]:
    """How exactly the source knew the instant, as evidence: `day` when it told only the day; else nothing."""
    return {name: event.data[name] for name in ("precision",) if name in event.data}


def promise_due(definition: Definition, promise: str, *, owner: str | None, at: datetime) -> datetime:
    """When the promise runs out on the owner's calendar; on the routing manager's when nobody has the lead."""
    handles = {entry.handle for entry in definition.owners}
    whose = owner if owner in handles else definition.routing.manager
    calendar = WorkCalendar(definition.calendars[definition.person(whose).calendar])
    return calendar.add(at, definition.promises[promise].working_days * calendar.day)


class StageWalk:
    """One event's way through the stages: a lead may pass several at once (aware, inquiry, mql)."""

    def __init__(self, definition: Definition, standing: Standing, *, event: Event, at: datetime) -> None:
        self.definition, self.standing, self.event, self.at = definition, standing, event, at
        self.stages = dict(standing.stages)
        self.hand_offs: list[OpenHandOff] = []
        self.joins_deal: tuple[str, ...] = ()
        self._nos = dict(standing.last_change_no)
        self._since = dict(standing.since)
        self._changes: list[StageChange] = []
        self._ignored: list[Ignored] = []

    def named(self, part: Part) -> str:
        """What the definition calls the stage that plays this part."""
        return self.definition.named(part)

    def allows(self, track: str, to_stage: str) -> bool:
        """Whether the lead's stage in this track may be followed by that one."""
        now = self.stages.get(track)
        return now is not None and to_stage in self.definition.stage(now).next

    def track_for(self, to_stage: str) -> str:
        """The track the event names, else the first whose stage may move there, else the first."""
        named = self.event.data.get("track")
        if isinstance(named, str) and named in self.definition.tracks:
            return named
        tracks = self.definition.tracks
        return next((track for track in tracks if self.allows(track, to_stage)), tracks[0])

    def begin(self, track: str, *, reason: str) -> None:
        """Bring the lead into a track they were never in."""
        if track not in self.stages:
            self._note(_first(self.definition, track, at=self.at, reason=reason, evidence=self._evidence()))

    def step(
        self,
        track: str,
        to_stage: str,
        *,
        reason: str,
        evidence: dict[str, Json] | None = None,
        until: datetime | None = None,
    ) -> bool:
        """Move if the definition allows it, else remember why not. `until` is the date the lead comes back."""
        if not self.allows(track, to_stage):
            self._refuse(track, to_stage)
            return False
        now = self.stages[track]
        if leads_back(self.definition, now, to_stage) and reason not in reason_codes(self.definition):
            self.refuse(
                track, to_stage, why=f"Going back from {now} to {to_stage} needs a reason code, not `{reason}`."
            )
            return False
        needs = self.definition.stage(to_stage).needs
        if needs.block and (lacks := self._lacking(needs.block)):
            self.refuse(track, to_stage, why=f"Who comes to {to_stage} needs more: {', '.join(lacks)}.")
            return False
        if needs.flag and (lacks := self._lacking(needs.flag)):
            evidence = {**(evidence or {}), "lacking": list(lacks)}
        self._move(track, to_stage, reason=reason, evidence=evidence, until=until)
        return True

    def _lacking(self, fields: tuple[Field, ...]) -> tuple[str, ...]:
        return lacking(self.definition, self.standing.lead, self.standing.account, fields)

    def place(self, track: str, to_stage: str, *, reason: str) -> None:
        """Put the lead at a stage whatever the definition allows next: another system says that they stand there."""
        self._move(track, to_stage, reason=reason, evidence=None, until=None)

    def _move(
        self, track: str, to_stage: str, *, reason: str, evidence: dict[str, Json] | None, until: datetime | None
    ) -> None:
        waiting_for = "the date to come back" if until else None
        if promise := self.definition.stage(to_stage).promise:
            waiting_for = f"the promise {promise}"
            until = promise_due(self.definition, promise, owner=self._owner(), at=self.at)
        change = StageChange.built(
            track=track,
            no=self._nos.get(track, 0) + 1,
            from_stage=self.stages[track],
            to_stage=to_stage,
            at=self.at,
            actor=self.event.actor,
            reason=reason,
            evidence={**self._evidence(), **(evidence or {})},
            waiting_for=waiting_for,
            waits_until=until,
            was_since=self._since.get(track),
        )
        self._note(change)

    def moved(self) -> Moved:
        """Everything noted so far, in order."""
        return Moved(
            changes=tuple(self._changes),
            hand_offs=tuple(self.hand_offs),
            ignored=tuple(self._ignored),
            joins_deal=self.joins_deal,
        )

    def _evidence(self) -> dict[str, Json]:
        return {"event": self.event.kind, "event_no": self.event.no, **precision_of(self.event)}

    def _owner(self) -> str | None:
        handles = {entry.handle for entry in self.definition.owners}
        return self.event.actor if self.event.actor in handles else self.standing.owner

    def _note(self, change: StageChange) -> None:
        self.stages[change.track] = change.to_stage
        self._nos[change.track] = change.no
        self._since[change.track] = change.at
        self._changes.append(change)

    def refuse(self, track: str, to_stage: str, *, why: str) -> None:
        """Remember a change that was asked for and isn't made."""
        self._ignored.append(Ignored(event_no=self.event.no, track=track, to_stage=to_stage, why=why))

    def _refuse(self, track: str, to_stage: str) -> None:
        now = self.stages.get(track)
        if now is None:
            why = f"The lead is not in the track {track}."
        else:
            allowed = ", ".join(self.definition.stage(now).next) or "nothing"
            why = f"After {now} the definition allows {allowed}; {self.event.kind} asked for {to_stage}."
        self.refuse(track, to_stage, why=why)


def _first(definition: Definition, track: str, *, at: datetime, reason: str, evidence: dict[str, Json]) -> StageChange:
    return StageChange.built(
        track=track,
        no=1,
        from_stage=None,
        to_stage=definition.first_stage,
        at=at,
        actor="system",
        reason=reason,
        evidence=evidence,
    )
