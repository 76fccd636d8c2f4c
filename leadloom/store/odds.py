"""How likely are deals to be won? What became of those before, what is known of these, and what people said of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.definitions.win_odds import VARIABLES, WinOdds
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import DealId
from leadloom.domain.reports.odds import Ended, Manual, Odds, Past, odds
from leadloom.store import audit
from leadloom.store.tx import Record, Tx

_EVERYTHING = "all"


async def past(tx: Tx, *, at: datetime) -> Past:
    """What became of all deals that were decided by `at`; one statement, whatever their number."""
    rows = await tx.all("deals_decided", at=at)
    having: dict[str, dict[str, Ended]] = {}
    everything = Ended(won=0, lost=0)
    for row in rows:
        ended = Ended(won=row["won"], lost=row["lost"])
        if row["variable"] == _EVERYTHING:
            everything = ended
        else:
            having.setdefault(row["variable"], {})[row["value"]] = ended
    return Past(all=everything, having=having)


async def of_deals(tx: Tx, deal_ids: Sequence[DealId], rules: WinOdds, *, at: datetime) -> dict[DealId, Odds]:
    """The odds of those of them that are open."""
    if not deal_ids:
        return {}
    before = await past(tx, at=at)
    rows = await tx.all("deals_to_foretell", deal_ids=list(deal_ids))
    return {
        row["deal_id"]: odds(rules, before, {name: row[name] for name in VARIABLES}, manual=_said(row)) for row in rows
    }


async def say(tx: Tx, external_id: str, share: float | None, *, by: str, why: str, at: datetime) -> DealId:
    """Somebody knows more: their share stands until it is None again, and the figure follows the deals.

    Raises NotFound; BadInput for no share; Conflict for a deal that is over. Said twice it means once.
    """
    if share is not None and not 0 <= share <= 1:
        raise BadInput("share", share, "Write a share from 0 to 1, such as 0.35.")
    row = await tx.maybe("deal_called", external_id=external_id)
    if row is None:
        raise NotFound("deal", external_id)
    if row["stage"] != "open":
        raise Conflict(f"Deal {external_id} is {row['stage']}: there is nothing left to foretell.")
    await tx.run("say_odds", deal_id=row["deal_id"], share=share, by=by, why=why, at=at)
    said = {"share": share} if share is not None else {"share": "as the deals say"}
    note = audit.Note(at=at, actor=by, action="said the odds of a deal", subject=f"deal {external_id}",
                      after=dict(said), why=why)  # fmt: skip
    await audit.note(tx, note)
    return row["deal_id"]


def _said(row: Record) -> Manual | None:
    if row["share"] is None:
        return None
    return Manual(share=row["share"], by=row["said_by"], at=row["said_at"], why=row["said_why"])
