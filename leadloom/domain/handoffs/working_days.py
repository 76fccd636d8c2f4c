"""On whose calendar does what is done about a lead count its working days?"""

from __future__ import annotations

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import Calendar


def days_of(definition: Definition, handle: str | None) -> Calendar:
    """The owner's calendar; the manager's for a lead nobody has, or whose owner the definition no longer names."""
    calendars = {entry.handle: entry.calendar for entry in definition.owners}
    return definition.calendars[calendars.get(handle or "") or calendars[definition.routing.manager]]
