"""Who is this person? Found or made by identity, in the one transaction that also keeps permissions and events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadloom.domain.campaigns.campaign import named
from leadloom.domain.errors import NotFound
from leadloom.domain.intake.identity import IdentityKey
from leadloom.domain.lead import Account, Lead, LeadDraft
from leadloom.domain.model import LeadId
from leadloom.domain.standing import Standing
from leadloom.store import accounts, identities, merges, standing
from leadloom.store.captures import Captured, Page
from leadloom.store.published import Book
from leadloom.store.tx import Tx

__all__ = ["Captured", "account_of", "capture", "capture_all", "find", "find_all", "get", "standing_of"]


async def capture(tx: Tx, draft: LeadDraft, *, book: Book, at: datetime, actor: str) -> Captured:
    """Find or make one lead: `capture_all` for a list of one."""
    return (await capture_all(tx, [draft], book=book, at=at, actor=actor))[0]


async def capture_all(
    tx: Tx,
    drafts: Sequence[LeadDraft],
    *,
    book: Book,
    at: datetime,
    actor: str,
    keep_existing: bool = False,
    history: bool = False,
) -> list[Captured]:
    """Find or make leads, keep what is told, permissions with their proof, and what happened; in order of the drafts.

    Few statements, whatever the number of drafts; drafts of one person are taken in turn. Safe to repeat for
    events with a key: a known lead about whom a draft says nothing new is left as it is. Two captures of one new person
    at once make one lead: the second waits for the first. Raises BadInput, and then for all of them.

    Args:
        tx: Holds the people and their companies until it ends, so a page is best at most 1,000 drafts.
        drafts: What came in. Of a draft's `imported` event only what `domain.news` leaves is recorded.
        book: What decides.
        at: When we heard.
        actor: Who brought the drafts: `lead`, `system`, or an owner's handle.
        keep_existing: Fill blanks of known leads only.
        history: What another system lived through (`events.Happening`).
    """
    page = await Page.recognised(tx, drafts, book=book, at=at, keep_existing=keep_existing, history=history)
    return await page.capture(actor)


async def get(tx: Tx, lead_id: LeadId) -> Lead:
    """The lead of that id; of one that was merged, the lead they are now. Raises NotFound."""
    row = await tx.maybe("lead_by_id", lead_id=lead_id)
    if row is None:
        row = await tx.one("lead_by_id", lead_id=await merges.now(tx, lead_id))
    return Lead.model_validate(dict(row))


async def account_of(tx: Tx, lead: Lead) -> Account | None:
    """The lead's company, or None."""
    return None if lead.account_id is None else await accounts.get(tx, lead.account_id)


async def find(tx: Tx, name: str) -> LeadId:
    """Whom an operator means: by lead id, mail address or external id. Raises NotFound."""
    keys = [IdentityKey("external_id", name), IdentityKey("email", name.strip().lower())]
    known = await identities.known_as(tx, keys)
    if known:
        return next(iter(known.values()))
    try:
        return (await get(tx, LeadId(UUID(name)))).lead_id
    except ValueError:
        raise NotFound("lead", name) from None


async def find_all(tx: Tx, names: Sequence[str]) -> dict[str, LeadId]:
    """Whom each of these names means, as `find` does for one; names nobody has are missing. Two statements."""
    keys = [key for name in names for key in (IdentityKey("external_id", name), _address(name))]
    known = await identities.known_as(tx, keys)
    ids = {name: LeadId(found) for name in names if (found := named(name)) is not None}
    there = set(await standing.seen(tx, ids.values())) if ids else set[LeadId]()
    meant: dict[str, LeadId] = {}
    for name in names:
        by_key = known.get(IdentityKey("external_id", name), known.get(_address(name)))
        if by_key is not None:
            meant[name] = by_key
        elif name in ids and ids[name] in there:
            meant[name] = ids[name]
    return meant


def _address(name: str) -> IdentityKey:
    return IdentityKey("email", name.strip().lower())


async def standing_of(tx: Tx, lead_id: LeadId, *, book: Book, at: datetime) -> Standing:
    """How the lead stands at `at`; holds the lead until the transaction ends. Raises NotFound."""
    return (await standing.standings(tx, [lead_id], book=book, at=at))[lead_id]
