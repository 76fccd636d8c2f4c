"""Which things that came back stand behind a number? A list like those of `rows`."""

from __future__ import annotations

from uuid import UUID

from leadloom.domain.model import Instant, MessageId, Value
from leadloom.store.rows import Order, Page, PersonRow, asked, page
from leadloom.store.tx import Tx


class ReturnFilter(Value):
    """What of all that came back."""

    kind: str | None = None
    reason: str | None = None
    since: Instant | None = None
    asks: bool = False
    """Only what a person should look at."""
    template: str | None = None
    """Only for mails of the template of this hash."""


class ReturnedRow(PersonRow):
    """Something that came back. Whose it is may be unknown."""

    return_id: UUID
    at: Instant
    via: str
    kind: str
    reason: str | None
    status: str | None
    code: int | None
    why: str
    """Which rule took it for what it is."""
    matched_by: str | None
    address: str | None
    asks: bool
    looked_by: str | None
    done: tuple[str, ...]
    message_id: MessageId | None
    mail: str | None


async def returns(tx: Tx, which: ReturnFilter, order: Order) -> Page[ReturnedRow]:
    """What came back. Sorts: when, name, kind, via."""
    return page(ReturnedRow, await tx.all("list_returns", **which.model_dump(), **asked(order)), order)
