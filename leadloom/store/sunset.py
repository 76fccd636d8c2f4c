"""Who gets our letters and never answered one, and when do we ask whether to go on? The sunset policy of consent."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.own_events import NEVER_ANSWERED
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import Instant
from leadloom.store import events
from leadloom.store.consent_report import MAILABLE
from leadloom.store.events import Happening
from leadloom.store.published import Book
from leadloom.store.rows import Order, Page, PersonRow, asked, page
from leadloom.store.tx import Tx

AT_A_TIME = 500


class SilentRow(PersonRow):
    """Somebody who never answered."""

    letters: int
    """Of marketing, that they got."""
    first_at: Instant
    ends_at: Instant
    """When they are asked whether to go on."""


async def silent(tx: Tx, definition: Definition, order: Order, *, until: datetime, at: datetime) -> Page[SilentRow]:
    """Who falls under the policy until then, the next first. Nobody without a policy."""
    sunset = definition.consent.sunset
    if sunset is None:
        return Page(rows=(), total=0, next=None)
    how = {name: value for name, value in asked(order).items() if name != "sort"}
    rows = await tx.all(
        "never_answered",
        letters=sunset.letters,
        after=sunset.after,
        classes=[name for name, policy in definition.mail.classes.items() if policy.basis],
        responses=[kind for kind, rule in definition.events.items() if rule.response],
        asked=NEVER_ANSWERED,
        mailable=list(MAILABLE),
        until=until,
        at=at,
        **how,
    )
    return page(SilentRow, rows, order)


async def ask_the_silent(tx: Tx, *, book: Book, at: datetime) -> int:
    """Record of the next `AT_A_TIME` who fell under the policy that they never answered; how many.

    What follows is a journey's: it asks once, and ends their letters. Safe to repeat: the event happens once to a lead.
    """
    due = await silent(tx, book.definition, Order(sort="at", limit=AT_A_TIME), until=at, at=at)
    happened = [
        Happening(
            lead_id=row.lead_id,
            drafts=(
                EventDraft(
                    kind=NEVER_ANSWERED, at=at, key=NEVER_ANSWERED, actor="system",
                    data={"letters": row.letters, "since": row.first_at.isoformat()},
                ),
            ),
        )
        for row in due.rows
        if row.lead_id is not None
    ]  # fmt: skip
    if happened:
        await events.record_all(tx, happened, book=book, at=at)
    return len(happened)
