"""Which journeys does a lead enter, leave or wake up in when something happened?"""

from __future__ import annotations

from leadloom.domain.facts import Progress
from leadloom.domain.model import EnrolmentId, Value


class Enrol(Value):
    """Start a run."""

    journey: str
    journey_hash: str | None
    """None for a journey as code."""
    workflow: str
    key: str
    """Unique per lead and journey."""
    entered_by: str
    """The event that let the lead in."""
    prospect: bool
    progress: Progress


class ExitRun(Value):
    """End a run at once."""

    enrolment_id: EnrolmentId
    outcome: str
