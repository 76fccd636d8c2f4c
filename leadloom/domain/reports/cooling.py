"""How warm is each lead, and when will it have cooled? Engagement decays as one exponential, so the day is exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.reports.figures import Frame, days, frame
from leadloom.domain.stages.scoring import cools_at, engagement
from leadloom.domain.standing import ScoreEntry


class LeadWarmth(Value):
    """The engagement of one lead at the as-of date."""

    lead_id: LeadId
    engagement: float
    entries: int
    """Events that earned points."""
    cools_at: Instant | None
    """When it falls to the threshold if nothing more happens; None when it is there already."""
    cools_in_days: float | None


class ScoresReport(Value):
    """Engagement of all leads that ever earned points, warmest first."""

    frame: Frame
    basis: str
    half_life_days: float
    threshold: float
    leads: tuple[LeadWarmth, ...]


def scores(
    definition: Definition,
    entries: Mapping[LeadId, Sequence[ScoreEntry]],
    *,
    as_of: Instant,
    threshold: float | None = None,
) -> ScoresReport:
    """Engagement at `as_of` and the cooling to `threshold`, by default the one the definition cools leads at."""
    limit = definition.cooling_below if threshold is None else threshold
    warmths = [_warmth(definition, lead_id, own, as_of, limit) for lead_id, own in entries.items()]
    return ScoresReport(
        frame=frame(definition, as_of),
        basis="decayed sum of score entries, machine events left out; cools when nothing more happens",
        half_life_days=definition.half_life_days(),
        threshold=limit,
        leads=tuple(sorted(warmths, key=lambda lead: (-lead.engagement, lead.lead_id))),
    )


def _warmth(
    definition: Definition, lead_id: LeadId, entries: Sequence[ScoreEntry], as_of: Instant, threshold: float
) -> LeadWarmth:
    known = tuple(entry for entry in entries if entry.at <= as_of)
    cold_at = cools_at(known, definition.half_life, threshold=threshold, at=as_of)
    return LeadWarmth(
        lead_id=lead_id,
        engagement=engagement(known, definition.half_life, at=as_of),
        entries=len(known),
        cools_at=cold_at,
        cools_in_days=None if cold_at is None else days(cold_at - as_of),
    )
