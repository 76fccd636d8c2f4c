"""What every value of the domain is made of: a frozen model, and the ids of the nouns."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, NewType
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

LeadId = NewType("LeadId", UUID)
AccountId = NewType("AccountId", UUID)
OwnerId = NewType("OwnerId", UUID)
EnrolmentId = NewType("EnrolmentId", UUID)
MessageId = NewType("MessageId", UUID)
HandOffId = NewType("HandOffId", UUID)
DealId = NewType("DealId", UUID)
CampaignId = NewType("CampaignId", UUID)

Instant = Annotated[datetime, AwareDatetime]
"""An aware instant. Stored and compared in UTC; a naive one is refused at the border."""

Json = JsonValue
"""Anything JSON can say."""


class Value(BaseModel):
    """A frozen value: compared by content, refused when it carries a field nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
