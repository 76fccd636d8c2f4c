"""Who governs the definition of a lead, what may each decide, and what do marketing and sales promise each other?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Literal

from pydantic import Field

from leadloom.domain.definitions.draft_faults import Fault, repeated, unknown
from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import Value

Matter = Literal["definition", "scoring", "routing", "mail", "roll_out", "launches"]
"""What there is to decide. The first four are sections of this file, `roll_out` is a region's go or no-go."""

MATTER_WORDS: dict[Matter, str] = {
    "definition": "stages, tracks, gates, charter, regions",
    "scoring": "points, fit, thresholds",
    "routing": "calendars, hand-offs, owners, reasons",
    "mail": "mail policy, campaigns, sources, endpoints",
    "roll_out": "go or no-go of a region",
    "launches": "sending a campaign",
}

SECTIONS: dict[str, Matter] = {
    **dict.fromkeys(("half_life", "events", "fit", "engagement_digits", "cooling_below", "mql", "sql"), "scoring"),
    **dict.fromkeys(("adopted", "advocate", "scoring", "profiles"), "scoring"),
    **dict.fromkeys(("calendars", "hand_offs", "contract", "promises", "routing", "owners"), "routing"),
    **dict.fromkeys(("reject_reasons", "move_reasons", "other_alarm_share", "practice"), "routing"),
    **dict.fromkeys(("mail", "consent", "campaigns", "sources", "endpoints", "tracking"), "mail"),
}
"""Section of the definition → the matter it belongs to; what isn't named is the definition itself."""


class Right(Value):
    """Who decides a matter, and whose signature it takes besides."""

    decides: str
    """Handle."""
    co_signs: str | None = None
    """Handle; nobody's when left out."""


class MarketingPromise(Value):
    """What marketing promises sales: shares from 0 to 1."""

    complete: float
    accepted: float
    reason_in_each_notice: bool


class SalesPromise(Value):
    """What sales promises marketing."""

    answered_in_time: float
    reason_each: bool
    tries: int


class Charter(Value):
    """Mutual promises, printed side by side; and who governs."""

    marketing: MarketingPromise
    sales: SalesPromise
    members: tuple[str, ...] = ()
    """Handles of who takes part beside owner, approver and sponsor: they may draw up drafts."""
    rights: dict[Matter, Right] = Field(default_factory=dict[Matter, Right])
    """A matter that isn't named here is the owner's, co-signed by the approver; a roll-out is the sponsor's."""
    judged_from: int = Field(default=10, ge=1)
    """A promise is called kept or not kept from so many hand-offs on: a share of three is no news about anybody."""
    review_every: Span = timedelta(days=30)
    """How often the governors look at figures and drafts together."""
    pack_every: Span = timedelta(days=91)
    """How often the sponsor gets the one-page pack."""


def check(charter: Charter, people: Mapping[str, str]) -> Iterator[Fault]:
    """The faults of who governs. `people` are handle → name of the definition's owners."""
    yield from repeated(("charter", "members"), charter.members, "member")
    for index, handle in enumerate(charter.members):
        yield from unknown(("charter", "members", index), handle, people, "owner")
    for matter, right in charter.rights.items():
        path = ("charter", "rights", matter)
        yield from unknown((*path, "decides"), right.decides, people, "owner")
        if right.co_signs is not None:
            yield from unknown((*path, "co_signs"), right.co_signs, people, "owner")
        if right.co_signs == right.decides:
            words = f"{people.get(right.decides, right.decides)} can't co-sign their own word: name another, or nobody."
            yield Fault(path=(*path, "co_signs"), words=words)
    for name, span in (("review_every", charter.review_every), ("pack_every", charter.pack_every)):
        if span <= timedelta(0):
            yield Fault(path=("charter", name), words="It must be longer than nothing.")
