"""Which way did a lead take? Its entries to stages, as funnel and velocity read them from the log."""

from __future__ import annotations

from leadloom.domain.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Instant, LeadId, Value

QUALIFIED = "mql"
ACCEPTED = "sal"
DEAL = "sql"
WON = "won"
RECYCLED = "recycled"
"""The stages reports ask for by name; a definition gives each its meaning and its neighbours."""


class StageEntry(Value):
    """A lead entered a stage."""

    stage: str
    at: Instant
    definition_version: int = 1
    """The definition under which it was decided; figures across two versions are not joined."""


class Way(Value):
    """The way of one lead in one track."""

    lead_id: LeadId
    source: str | None = None
    """A key of the definition's sources; None when nobody told us."""
    entries: tuple[StageEntry, ...]
    """Oldest first."""
    reject_reasons: tuple[str, ...] = ()
    """Keys of the reasons it was rejected or recycled with."""

    def first(self, stage: str) -> StageEntry | None:
        """Its first entry to `stage`."""
        return next((entry for entry in self.entries if entry.stage == stage), None)

    def entries_to(self, stage: str) -> tuple[StageEntry, ...]:
        """All its entries to `stage`, oldest first."""
        return tuple(entry for entry in self.entries if entry.stage == stage)


def forward_stages(definition: Definition, *, start: str, end: str) -> tuple[str, ...]:
    """The stages from `start` to `end` in the order of the definition, detours left out.

    Raises BadInput when one of them is no forward stage or `end` is not after `start`.
    """
    forward = [stage.name for stage in definition.stages if not stage.detour]
    for field, name in (("from", start), ("to", end)):
        if name not in forward:
            raise BadInput(field, name, f"Name one of {', '.join(forward)}.")
    if forward.index(end) <= forward.index(start):
        raise BadInput("to", end, f"Name a stage after {start}: the order is {', '.join(forward)}.")
    return tuple(forward[forward.index(start) : forward.index(end) + 1])
