"""What does the definition say about consent: which basis suffices where, which come by themselves?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal, cast

from pydantic import Field

from leadloom.domain.journeys.spans import Span
from leadloom.domain.lead import BasisKind
from leadloom.domain.mails.mail_class import MARKETING
from leadloom.domain.model import Value

Channel = Literal["mail", "phone"]


class SufficingRow(Value):
    """Which bases suffice; what a row doesn't name, it is for all of."""

    countries: tuple[str, ...] | None = None
    """ISO 3166-1 alpha-2, of the person; None is everywhere else."""
    channel: Channel = "mail"
    purposes: tuple[str, ...] | None = None
    classes: tuple[str, ...] | None = None
    """Message classes; of calls the class is `marketing`."""
    kinds: tuple[BasisKind, ...]

    def is_for(self, mail_class: str, purpose: str, channel: str) -> bool:
        """Whether the row speaks of such a message, wherever the person is."""
        return (
            self.channel == channel
            and (self.purposes is None or purpose in self.purposes)
            and (self.classes is None or mail_class in self.classes)
        )


class FromEvents(Value):
    """A basis that comes by itself, and ends by itself, when one of these happens."""

    kind: BasisKind
    events: tuple[str, ...]
    for_: Span | None = Field(default=None, alias="for")
    """How long it lasts from the event; None is until they say no. The next such event renews it."""
    channels: tuple[Channel, ...] = ("mail",)
    purpose: str = MARKETING


class DoubleOptIn(Value):
    """What becomes of a ticked box where only a confirmed one suffices."""

    expires: Span = timedelta(days=7)
    """How long the confirmation is waited for. After it the ticked box is void."""


class Sunset(Value):
    """When we ask people who never answered whether to go on. Who answered before falls silent by `inactive_after`."""

    letters: int = Field(ge=1)
    """Of marketing, that they must have had: who got one and no more said nothing by not answering."""
    after: Span
    """How long after that letter they are asked."""


class ConsentPolicy(Value):
    """Who may be written to or called, on which permission: for counsel to say."""

    suffices: tuple[SufficingRow, ...]
    """The first row that names the country wins, else the row without countries. Whose country nobody knows needs a
    basis that suffices in every row."""
    purposes: dict[str, str] = Field(default_factory=lambda: {MARKETING: "Letters and calls about what we do"})
    from_events: dict[str, FromEvents] = Field(default_factory=dict)
    double_opt_in: DoubleOptIn = DoubleOptIn()
    sunset: Sunset | None = None
    """None: whoever never answers gets letters for ever."""


def moved_here(body: Any) -> Any:
    """A definition of before there was a section of its own: its mail policy said this."""
    if not isinstance(body, dict):
        return cast("object", body)
    said = cast("dict[str, Any]", body)
    mail = said.get("mail")
    if "consent" in said or not isinstance(mail, dict) or "basis" not in mail:
        return said
    rest = dict(cast("dict[str, Any]", mail))
    rows, spans, expires = rest.pop("basis"), rest.pop("implied_until", {}), rest.pop("opt_in_expires", "7d")
    asked = [kind for kind, rule in said.get("events", {}).items() if rule.get("asks")]
    events = {"enquiry": asked, "purchase": ["deal_won"]}
    implied = {
        name: {"kind": BasisKind.IMPLIED, "events": events[name], "for": span}
        for name, span in spans.items()
        if name in events
    }
    consent = {"suffices": rows, "from_events": implied, "double_opt_in": {"expires": expires}}
    return {**said, "mail": rest, "consent": consent}
