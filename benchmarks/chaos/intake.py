"""How do the leads get in, and into the journey? By the commands an operator would type, each a process of its own."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

from benchmarks.chaos import hurry
from benchmarks.chaos.people import who_said_no
from leadloom.domain.lead import BasisDraft, BasisKind, EventDraft, LeadDraft
from leadloom.domain.model import Value
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import opened
from leadloom.store import leads, published

MAILS_EACH = 6
"""What somebody gets who never answers."""


class Intake(Value):
    """What came in."""

    leads: int
    mails: int
    """How many mails are to go, about: what the places of strikes are shares of."""


async def bring_in(settings: Settings, environment: dict[str, str], path: Path) -> Intake:
    """Import the list and launch a campaign over it."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    no = who_said_no(path)
    async with opened(settings) as house:
        at = house.now()
        for start in range(0, len(rows), 50):
            async with house.db.transaction() as tx:
                book = await published.book(tx)
                for row in rows[start : start + 50]:
                    await leads.capture(tx, _draft(row, no, at), book=book, at=at, actor="system")
    return Intake(leads=len(rows), mails=(len(rows) - len(no)) * MAILS_EACH)


def _draft(row: dict[str, str], no: frozenset[str], at: datetime) -> LeadDraft:
    email = f"{row['Lead Number']}@{hurry.MAIL_DOMAIN}"
    kind = "unsubscribed" if email in no else "guide_requested"
    basis = BasisDraft(kind=BasisKind.EXPRESS, source="list", wording="", at=at)
    return LeadDraft(
        email=email, events=(EventDraft(kind=kind, at=at),), bases=() if email in no else (basis,), country="US"
    )
