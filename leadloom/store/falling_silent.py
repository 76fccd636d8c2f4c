"""What has just ended mail to people? Their no, a goodbye nobody answered, an address that is dead, a complaint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from leadloom.domain.lead import Event
from leadloom.domain.model import Json, LeadId
from leadloom.domain.standing import Standing
from leadloom.store import permissions
from leadloom.store.permissions import Silence, Withdrawal
from leadloom.store.tx import Tx

_ENDS_MARKETING = frozenset({permissions.UNSUBSCRIBED, "let_go"})
"""What ends marketing mail until the person allows it again: their no, and a goodbye nobody answered."""
_NO_MORE_MAIL = {"bounced": "a mail came back", "complained": "called our mail spam"}
_SILENCING = _ENDS_MARKETING.union(_NO_MORE_MAIL)


class Said(Protocol):
    """What was recorded about one lead."""

    @property
    def events(self) -> Sequence[Event]:
        """Those that are new."""
        ...


async def fall_silent(
    tx: Tx, recorded: Mapping[LeadId, Said], standings: Mapping[LeadId, Standing], *, at: datetime
) -> None:
    """A "no" holds from this very transaction on: before anything it caused is planned, whoever's verdict it was."""
    silences: list[Silence] = []
    withdrawals: list[Withdrawal] = []
    for lead_id, each in recorded.items():
        kinds = _SILENCING.intersection([event.kind for event in each.events])
        if not kinds:
            continue
        standing_before = standings[lead_id]
        email = standing_before.lead.email
        if kinds & _ENDS_MARKETING:
            said = next(event for event in each.events if event.kind in _ENDS_MARKETING)
            # Their channel and its proof; `at` is the instant we heard, which no permission of before outlasts.
            proof: dict[str, Json] = {"event": said.no, "by": said.actor}
            withdrawals.append(Withdrawal.built(lead_id=lead_id, source=said.kind, at=at, proof=proof))
            if email is not None:
                # Silence after a goodbye ends it as their own no does: only they bring it back. Who said so is kept.
                by = "lead" if permissions.UNSUBSCRIBED in kinds else "system"
                no = {"purpose": permissions.MARKETING, "reason": permissions.UNSUBSCRIBED, "by": by}
                silences.append(Silence.built(value=email, at=at, **no))
        if email is not None:
            silences += [
                Silence(value=email, reason=why, at=at) for kind, why in _NO_MORE_MAIL.items() if kind in kinds
            ]
    await permissions.take_back(tx, withdrawals, silences)
