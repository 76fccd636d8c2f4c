"""A form of another maker as it came in, kept so that it can be read again: whom does it mean, what does it say?"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.capture import Door
from leadloom.domain.intake.doors import google_ads, hubspot, web_to_lead
from leadloom.domain.intake.doors.filled import Filled
from leadloom.domain.intake.identity import normal_email
from leadloom.domain.intake.tracked import Drop, Reason, Sender, storable
from leadloom.domain.intake.traits import told_by
from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.model import Json, Value

TYPE = "form"
"""What the list of dropped events calls these."""
REASONS = frozenset({Reason.NO_ADDRESS, Reason.NO_FORM, Reason.FAILED})
"""Only forms of others are dropped for these: so a row that has one is read as such, and no tracking call is."""


class Posted(Value):
    """One post."""

    maker: str
    """The name of its shape: hubspot-form, web-to-lead, google-ads."""
    body: Json
    digest: str
    """Of its bytes: its name, where the maker gives it none."""
    ip: str | None = None
    user_agent: str | None = None
    email: str | None = None
    """The address somebody wrote in the place of one that was none."""

    def filled(self) -> Filled:
        """What it says. Raises BadInput for another shape."""
        match self.maker:
            case hubspot.NAME:
                filled = hubspot.read(self.body, digest=self.digest)
            case google_ads.NAME:
                filled = google_ads.read(self.body)
            case _:
                fields = {name: str(text) for name, text in cast("dict[str, Json]", self.body).items()}
                filled = web_to_lead.read(fields, digest=self.digest)
        return filled if self.email is None else filled.but(traits={**filled.traits, "email": self.email})

    def draft(self, filled: Filled, sender: Sender, definition: Definition, at: datetime) -> LeadDraft:
        """The lead it tells of. Raises BadInput when nobody can be known by it."""
        door = Door(
            name=self.maker,
            at=at,
            source=sender.source,
            wording=filled.wording,
            ip=filled.ip or self.ip,
            page=filled.page,
            user_agent=self.user_agent,
        )
        email = filled.traits.get("email")
        if not isinstance(email, str) or not email.strip():
            raise BadInput("email", "", "A form needs a field `email`, so that we know who it is.")
        more: dict[str, Json] = {"consent": True} if filled.wording else {}
        draft = told_by(
            filled.traits, email=normal_email(email), external_id=None, definition=definition, door=door, more=more
        )
        return draft.but(events=_event(filled, sender, definition, door))

    def drop(self, error: Exception, sender: Sender, at: datetime) -> Drop:
        """How it waits for a person; `why` names nobody, and no value."""
        key, reason, why = (
            f"{self.maker}:{self.digest}",
            Reason.FAILED,
            f"It could not be taken: {type(error).__name__}.",
        )
        if isinstance(error, BadInput):
            reason = Reason.NO_ADDRESS if error.field == "email" else Reason.NO_FORM
            why = "Its mail address is none." if reason is Reason.NO_ADDRESS else f"{error.field}: {error.remedy}"
        raw = storable(self.model_dump(mode="json", exclude_none=True))
        return Drop(sender.key_id, key, TYPE, self.maker, str(reason), why, raw, at)


def _event(filled: Filled, sender: Sender, definition: Definition, door: Door) -> tuple[EventDraft, ...]:
    """What a filled form is: the one kind its key may claim; a key of several, or of all, says only who it was."""
    kinds = tuple(sender.kinds or ())
    if len(kinds) != 1 or kinds[0] not in definition.events:
        return ()
    page: dict[str, Json] = {"page": door.page} if door.page else {}
    data: dict[str, Json] = {"form": door.name, **page, **filled.touch}
    return (EventDraft(kind=kinds[0], at=door.at, key=filled.key, channel=sender.source, data=data),)
