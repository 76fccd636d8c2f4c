"""What would a draft of the definition change for the leads there are? Figures whose rows are kept with them."""

from __future__ import annotations

from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.stages.reevaluation import Case


class StageCount(Value):
    """Leads at a stage, now and under the draft."""

    stage: str
    track: str
    before: int
    after: int


class Affected(Value):
    """A lead the draft means something for."""

    lead_id: LeadId
    case: Case
    track: str
    from_stage: str
    to_stage: str | None
    owner: str | None
    """Who would be offered it: a handle or `pool NAME`; None for nobody, or who joins a colleague's hand-off."""
    why: tuple[str, ...]


class Load(Value):
    """Open offers of an owner or a pool."""

    who: str
    """A handle, or `pool NAME`."""
    open_now: int
    added: int


class Preview(Value):
    """Old against new, on the leads there are at an instant."""

    draft_no: int
    hash: str
    """Of the body that was looked at."""
    at: Instant
    from_version: int
    looked_at: int
    """Leads before the gate or in it."""
    stages: tuple[StageCount, ...]
    """In the order of the definition; only those where somebody stands."""
    affected: tuple[Affected, ...]
    """In the order of their ids; those that move first of all."""
    joining: int
    """Of those handed over, leads that join a hand-off their company has."""
    load: tuple[Load, ...]
    """Most added first."""

    def of(self, case: Case) -> tuple[Affected, ...]:
        """The leads of one case."""
        return tuple(one for one in self.affected if one.case == case)
