"""By which clock is a lead offered, to whom of ours, and what may they answer? Sales lives with this part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated, Literal, cast

from pydantic import BeforeValidator, Field

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

    from_: Literal["marketing", "sdr", "deals", "support"] = Field(default="marketing", alias="from")
    """Who hands over: marketing's gates and journeys, an SDR, a won deal, or support."""
    to: Literal["sdr", "ae", "customer-success", "support", "partner"]
    accept: Span
    remind: Span
    first_try: Span
    ladder: tuple[Rung, ...]
    means: str
    reasons: tuple[str, ...] = ()
    """Its own choice of the reject reasons; none named: all of them."""


class Evidence(Value):
    """What shows that somebody tried to reach a lead."""

    means: str
    counts: bool = True
    """Whether it stops the clock of the first try and counts among the tries that were promised."""


EVIDENCE: dict[str, Evidence] = {
    "call-log": Evidence(means="The log of the telephone has the call"),
    "mail": Evidence(means="Their mail to the lead went through us"),
    "reply": Evidence(means="The lead answered them"),
    "crm": Evidence(means="The CRM has the activity"),
    "self-said": Evidence(means="They say so"),
}
"""Every kind there is, as it counts where the definition says nothing."""
SELF_SAID = "self-said"


def every_evidence(told: object) -> object:
    """The kinds a definition words or weighs its own way, and ours for the rest."""
    if not isinstance(told, Mapping):
        return told
    kinds = cast("Mapping[str, object]", told)
    return {**EVIDENCE, **kinds}


class Recycling(Value):
    """What holds for leads that are given back to come again."""

    cool_off: Span = timedelta()
    """A date to come back is no earlier than this."""
    loops: int = 3
    """Given back so often within `within`, the next offer lies with the lead-management owner, who decides what is to
    become of the lead. Who asks to talk is never held up.
    """
    within: Span = timedelta(days=180)
    same_owner: bool = True
    """Whether the rules may offer a lead to whoever gave it back last."""


class Appeals(Value):
    """Marketing may appeal what was turned down; spans are working time of who decides."""

    raise_within: Span = timedelta(days=14)
    """From the rejection, all hours counted."""
    decide_within: Span = timedelta(hours=16)
    """For the lead-management owner, then once more for the sponsor; then the rejection stands."""


class Contract(Value):
    """What holds for hand-offs of every kind."""

    evidence: Annotated[dict[str, Evidence], BeforeValidator(every_evidence)] = Field(
        default_factory=dict, validate_default=True
    )
    recycling: Recycling = Recycling()
    appeals: Appeals = Appeals()


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
