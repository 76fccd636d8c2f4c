"""What follows from what happened to a lead: the whole write path of events, decided purely (law 5)."""

from __future__ import annotations

from leadloom.domain.clocks import DropClock, SetClock
from leadloom.domain.lead import Event
from leadloom.domain.model import EnrolmentId, Value
from leadloom.domain.runs import Enrol, ExitRun
from leadloom.domain.stage_moves import Ignored, OpenHandOff, StageChange
from leadloom.domain.standing import ScoreEntry


class Consequences(Value):
    """Everything one transaction writes about a lead after some events. In order where order matters."""

    events: tuple[Event, ...] = ()
    """Numbered without gaps from the lead's last; drafts whose key was known are missing."""
    entries: tuple[ScoreEntry, ...] = ()
    changes: tuple[StageChange, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    hand_offs: tuple[OpenHandOff, ...] = ()
    joins_deal: tuple[str, ...] = ()
    """Why the lead was ready for sales, in words, when their company's open deal takes them in: no hand-off."""
    enrol: tuple[Enrol, ...] = ()
    exits: tuple[ExitRun, ...] = ()
    wakes: tuple[EnrolmentId, ...] = ()
    """Open runs that listen to one of the events; an exited run is not among them."""
    clocks: tuple[SetClock | DropClock, ...] = ()
    """At most one per kind."""
    lifecycle: bool = False
    """Whether the lifecycle must look again: a gate was crossed, a clock is new or moved earlier."""
