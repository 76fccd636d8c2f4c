"""What does a lane have to send? A journey of one letter, and letters asked for by hand, each at its instant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from leadloom.domain.model import LeadId
from leadloom.store import asking, calendars, published, runs
from leadloom.store.asking import MessageOrder
from leadloom.store.db import Db

LETTER = "welcome-four-degrees/nine-minutes"
NAME = "one-letter"
JOURNEY = f"""
name: {NAME}
purpose: One letter, whose way through a lane is timed.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {{events: [promoter_told]}}
steps:
  - {{do: wait, id: far, for: 30d}}
  - {{do: send, id: letter, mail: letter, class: service}}
"""
_PAGE = 500
"""Letters of one transaction."""


async def asked(db: Db, who: Sequence[LeadId], at: Sequence[datetime]) -> None:
    """Ask for the letter of each, to go at its instant. Their runs are rows already."""
    pairs = list(zip(who, at, strict=True))
    for first in range(0, len(pairs), _PAGE):
        page = pairs[first : first + _PAGE]
        async with db.transaction() as tx:
            book = await published.book(tx)
            held = await calendars.locked_all(tx, [lead_id for lead_id, _ in page])
            asks = [(_order(lead_id), when) for lead_id, when in page]
            await asking.ask_all(tx, asks, who=held, book=book)


def _order(lead_id: LeadId) -> MessageOrder:
    return MessageOrder(
        lead_id=lead_id, enrolment_id=runs.run_id(lead_id, NAME, "once"), step="letter", visit=1,
        journey=NAME, mail="letter", mail_class="service", sender="ines-carvalho", worth=timedelta(days=7),
    )  # fmt: skip
