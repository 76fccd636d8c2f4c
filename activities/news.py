"""What does a mail say about a hand-off to somebody who doesn't answer it? Read when it goes: it is true then."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.handoffs.hand_off import name_of
from leadloom.domain.handoffs.outcome import Ended, outcome
from leadloom.domain.mails.template import NewsWords
from leadloom.domain.model import HandOffId, OwnerId
from leadloom.store import appeals, hand_offs, leads, owners
from leadloom.store.appeals import Appeal
from leadloom.store.hand_offs import HandOff
from leadloom.store.tx import Tx


class Told(Protocol):
    """As much of a mail as its words depend on."""

    @property
    def hand_off_id(self) -> HandOffId | None: ...

    @property
    def owner_id(self) -> OwnerId | None: ...


async def news_words(tx: Tx, message: Told, definition: Definition) -> NewsWords | None:
    """What became of the hand-off, or is asked about it; None for a mail about none. Raises NotFound."""
    if message.hand_off_id is None or message.owner_id is None:
        return None
    now = await hand_offs.get(tx, message.hand_off_id)
    reader = await owners.get(tx, message.owner_id)
    row = await tx.maybe("appeal_of", hand_off_id=now.hand_off_id)
    appeal = Appeal.model_validate(dict(row)) if row else None
    lead = await leads.get(tx, now.lead_id)
    account = await leads.account_of(tx, lead)
    zone = ZoneInfo(definition.calendars[reader.calendar].zone)
    told = _of_appeal(definition, now, appeal, zone) if appeal else _of_request(definition, now)
    name = " ".join(part for part in (lead.first_name, lead.last_name) if part) or lead.email or ""
    return NewsWords.model_validate(
        {"lead_name": name, "lead_company": account.name if account else lead.company or "", **told}
    )


def _of_request(definition: Definition, now: HandOff) -> dict[str, object]:
    return {"headline": _outcome(definition, now) or "It waits for an answer.", "path": "/support"}


def _of_appeal(definition: Definition, now: HandOff, appeal: appeals.Appeal, zone: ZoneInfo) -> dict[str, object]:
    told = [("Sales", _outcome(definition, now)), (f"{name_of(definition, appeal.raised_by)}, in appeal", appeal.words)]
    headline, until = "What sales turned down was appealed, and you are asked to decide.", appeal.decide_by
    if appeal.state != "open":
        by = name_of(definition, appeal.decided_by or "")
        headline = _ENDS[appeal.state].format(by=by)
        told.append((by if appeal.state != "lapsed" else "The clock", appeal.answer or ""))
    return {
        "headline": headline,
        "told": tuple((who, words) for who, words in told if words),
        "until": _clock(until, zone) if appeal.state == "open" else "",
        "path": f"/appeals/{now.hand_off_id}",
    }


_ENDS = {
    "upheld": "{by} upheld the appeal: the lead is offered anew.",
    "dismissed": "{by} dismissed the appeal: the rejection stands.",
    "lapsed": "Nobody decided the appeal in time: the rejection stands.",
}


def _outcome(definition: Definition, now: HandOff) -> str:
    return outcome(definition, now, Ended(**now.model_dump(include=set(Ended.model_fields))))


def _clock(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%a %d %b, %H:%M}"
