"""Which way did a lead take? Its entries to stages, as funnel and velocity read them from the log."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.parts import Part
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.reports.groups import Facets


class StageEntry(Value):
    """A lead entered a stage."""

    stage: str
    at: Instant
    definition_version: int = 1
    """The definition under which it was decided; figures across two versions are not joined."""
    day_only: bool = False
    """The source knew the day and no hour."""
    placed: bool = False
    """An imported file said that the lead stood there: where it stood, not a step whose time anybody knew."""


class Way(Facets):
    """The way of one lead in one track."""

    lead_id: LeadId
    entries: tuple[StageEntry, ...]
    """Oldest first."""
    reject_reasons: tuple[str, ...] = ()
    """Keys of the reasons it was rejected or recycled with."""
    history: bool = False
    """Imported, and on its way before the import: what it did until then is known as far as somebody recorded it."""

    def first(self, stage: str) -> StageEntry | None:
        """Its first entry to `stage`."""
        for entry in self.entries:  # no generator: asked millions of times by a report over many leads
            if entry.stage == stage:
                return entry
        return None

    def entries_to(self, stage: str) -> tuple[StageEntry, ...]:
        """All its entries to `stage`, oldest first."""
        return tuple(entry for entry in self.entries if entry.stage == stage)


def elapsed(one: StageEntry, two: StageEntry) -> timedelta:
    """From one entry to the other; whole calendar days (UTC) where of either only the day is known."""
    return _between(one.at, two.at, whole_days=one.day_only or two.day_only)


def age(entry: StageEntry, as_of: Instant) -> timedelta:
    """How long ago the entry was; whole calendar days (UTC) where only its day is known."""
    return _between(entry.at, as_of, whole_days=entry.day_only)


def _between(one: datetime, two: datetime, *, whole_days: bool) -> timedelta:
    return _day(two) - _day(one) if whole_days else two - one


def _day(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)


def forward_stages(definition: Definition, *, start: str | None, end: str | None) -> tuple[str, ...]:
    """The stages from `start` to `end` in the order of the definition, detours left out.

    None is where a report begins and ends by itself: the first answer, and the won deal.

    Raises BadInput when one of them is no forward stage or `end` is not after `start`.
    """
    start, end = start or definition.named(Part.ANSWERED), end or definition.named(Part.CUSTOMER)
    forward = [stage.name for stage in definition.stages if not stage.detour]
    for field, name in (("from", start), ("to", end)):
        if name not in forward:
            raise BadInput(field, name, f"Name one of {', '.join(forward)}.")
    if forward.index(end) <= forward.index(start):
        raise BadInput("to", end, f"Name a stage after {start}: the order is {', '.join(forward)}.")
    return tuple(forward[forward.index(start) : forward.index(end) + 1])
