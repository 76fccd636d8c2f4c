"""What an owner must know about a lead on offer, on one card: who, why now, what they did, until when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.lead import Lead
from leadloom.domain.model import HandOffId, Instant, LeadId, OwnerId, Value
from leadloom.store import leads
from leadloom.store.tx import Tx

LAST_TOUCHES = 5


class Touch(Value):
    """Something the person did, in the definition's words."""

    at: Instant
    words: str


class Card(Value):
    """A hand-off as its owner sees it. Instants are UTC; whoever shows them puts them into the owner's zone."""

    hand_off_id: HandOffId
    kind: str
    kind_words: str
    lead: Lead
    company: str
    why: tuple[str, ...]
    definition_version: int
    """By which version of the definition it was decided."""
    state: str
    owner: str | None
    owner_id: OwnerId | None
    pool: str | None
    assignment_no: int
    level: int
    opened_at: Instant
    accept_by: Instant | None
    first_try_by: Instant | None
    first_try_at: Instant | None
    touches: tuple[Touch, ...] = Field(default=())
    """The last human touches, newest first."""

    @property
    def lead_name(self) -> str:
        """First and last name as far as known, else the address."""
        known = [part for part in (self.lead.first_name, self.lead.last_name) if part]
        return " ".join(known) or self.lead.email or "somebody we have no name for"

    @property
    def opener(self) -> str:
        """A first sentence that refers to what they last did; for the rep to change."""
        last = self.touches[0].words if self.touches else ""
        begin = f"Hello {self.lead.first_name}" if self.lead.first_name else "Hello"
        if not last:
            return f"{begin}, this is Kelvance about wireless temperature loggers. Is now a good moment?"
        return f"{begin}, you {_second_person(last)}. What made you look into it now?"


def _second_person(words: str) -> str:
    return words[:1].lower() + words[1:]


async def read(tx: Tx, hand_off_id: HandOffId | UUID, *, definition: Definition, at: datetime) -> Card:
    """The card as of `at`. Raises NotFound."""
    row = await tx.one("hand_off_row", hand_off_id=hand_off_id)
    lead = await leads.get(tx, LeadId(row["lead_id"]))
    account = await leads.account_of(tx, lead)
    touches = await tx.all("last_touches", lead_id=lead.lead_id, at=at, page_limit=LAST_TOUCHES)
    return Card(
        **{name: row[name] for name in _FROM_ROW},
        kind_words=definition.hand_offs[row["kind"]].means,
        lead=lead,
        company=account.name if account else lead.company or "",
        why=tuple(row["why"]),
        touches=tuple(Touch(at=found["at"], words=definition.events[found["kind"]].means) for found in touches),
    )


_FROM_ROW = (
    "hand_off_id", "kind", "state", "owner", "owner_id", "pool", "assignment_no", "level", "opened_at", "accept_by",
    "definition_version",
    "first_try_by", "first_try_at",
)  # fmt: skip
