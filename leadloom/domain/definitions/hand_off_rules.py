"""By which clock is a lead offered, to whom of ours, and what may they answer? Sales lives with this part."""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import Field

from leadloom.domain.definitions.week import ClosingTime, Weekday
from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import Value


class Calendar(Value):
    """When an owner works. Times are local to `zone`."""

    zone: str
    days: tuple[Weekday, ...]
    from_: time = Field(alias="from")
    until: ClosingTime
    holidays: str | None = None
    """ISO country whose public holidays are off."""
    region: str | None = None
    off: tuple[str, ...] = ()
    """More days off, MM-DD, each year."""


class LocalCalendar(Value):
    """What a region says differently about a calendar; what it leaves out is as everywhere. The zone never changes."""

    days: tuple[Weekday, ...] | None = None
    from_: time | None = Field(default=None, alias="from")
    until: ClosingTime | None = None
    holidays: str | None = None
    region: str | None = None
    off: tuple[str, ...] | None = None

    def over(self, everywhere: Calendar) -> Calendar:
        """The calendar as it is there. Holidays of another country forget the part of the country they replace."""
        own = {name: value for name, value in vars(self).items() if value is not None}
        if "holidays" in own:
            own.setdefault("region", None)
        return everywhere.but(**own)


class Rung(Value):
    """One step of an escalation ladder; `after` is working time since the rung before."""

    to: Literal["deputy", "manager", "pool"]
    after: Span


class HandOffKind(Value):
    """The contract of one kind of hand-off. Spans are working time of the owner's calendar."""

    to: Literal["sdr", "ae", "customer-success", "support", "partner"]
    accept: Span
    remind: Span
    first_try: Span
    ladder: tuple[Rung, ...]
    means: str


class Promise(Value):
    """How long an SLA stage may last."""

    working_days: int
    then: Literal["nudge"] = "nudge"
    count: int | None = None


class OwnerEntry(Value):
    """A person of ours who may own leads, sign mails or govern."""

    handle: str
    name: str
    role: str
    calendar: str
    deputy: str | None = None
    phone: str | None = None


class RejectReason(Value):
    """One chip."""

    key: int
    label: str
    then: Literal["recycle", "disqualify", "repair", "search", "link"]
    after: Span | None = None
    asks: Literal["date", "text", "who", "sub_reason"] | None = None
    sub_reasons: tuple[str, ...] = ()
    needs_tries: int = 0
    out_of_velocity: bool = False
    says: tuple[str, ...] = ()
    """Other words for it, as owners write them in an answer by mail; its key, name and label always count."""
