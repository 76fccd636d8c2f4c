"""Who is this person? Found or made by identity, in the one transaction that also keeps permissions and events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from leadloom.domain.capture import LeadChanges, merge
from leadloom.domain.errors import NotFound
from leadloom.domain.identity import IdentityKey, identity_keys
from leadloom.domain.lead import Account, Lead, LeadDraft
from leadloom.domain.model import LeadId, Value
from leadloom.domain.standing import Standing
from leadloom.store import accounts, audit, events, permissions, standing
from leadloom.store.events import Recorded
from leadloom.store.published import Book
from leadloom.store.tx import Tx


class Captured(Value):
    """Who it was and what followed."""

    lead_id: LeadId
    is_new: bool
    recorded: Recorded
    also_known_as: tuple[LeadId, ...] = ()
    """Other leads that have one of the draft's keys. They stay apart, and a note asks a person to look: merging
    two people by guess can't be undone."""


async def capture(tx: Tx, draft: LeadDraft, *, book: Book, at: datetime, actor: str) -> Captured:
    """Find or make the lead, keep what it tells, its permissions with their proof, and what happened.

    Safe to repeat for events with a key. Two captures of one new person at once make one lead: the second waits for
    the first. `actor` is who brought the draft: `lead`, `system`, or an owner's handle. Raises BadInput.
    """
    keys = identity_keys(draft)
    draft = _with_email(draft, next((key.value for key in keys if key.kind == "email"), None))
    lead_id, is_new = await _find_or_make(tx, keys, draft, book, at)
    others = () if is_new else await _tell(tx, lead_id, keys, draft, book=book, at=at)
    await _note_doubles(tx, lead_id, others, actor, at)
    await permissions.grant(tx, lead_id, draft.bases)
    recorded = await events.record(tx, lead_id, draft.events, book=book, at=at)
    return Captured(lead_id=lead_id, is_new=is_new, recorded=recorded, also_known_as=others)


async def get(tx: Tx, lead_id: LeadId) -> Lead:
    """The lead of that id. Raises NotFound."""
    return Lead.model_validate(dict(await tx.one("lead_by_id", lead_id=lead_id)))


async def account_of(tx: Tx, lead: Lead) -> Account | None:
    """The lead's company, or None."""
    return None if lead.account_id is None else await accounts.get(tx, lead.account_id)


async def find(tx: Tx, name: str) -> LeadId:
    """Whom an operator means: by lead id, mail address or external id. Raises NotFound."""
    keys = [IdentityKey(kind="external_id", value=name), IdentityKey(kind="email", value=name.strip().lower())]
    known = await _known_as(tx, keys)
    if known:
        return known[0]
    try:
        return (await get(tx, LeadId(UUID(name)))).lead_id
    except ValueError:
        raise NotFound("lead", name) from None


async def standing_of(tx: Tx, lead_id: LeadId, *, book: Book, at: datetime) -> Standing:
    """How the lead stands at `at`; holds the lead until the transaction ends. Raises NotFound."""
    return (await standing.standings(tx, [lead_id], book=book, at=at))[lead_id]


async def _find_or_make(
    tx: Tx, keys: Sequence[IdentityKey], draft: LeadDraft, book: Book, at: datetime
) -> tuple[LeadId, bool]:
    if known := await _known_as(tx, keys):
        return known[0], False
    account = await accounts.find_or_make(tx, draft, book.definition, at=at)
    lead_id = LeadId(uuid4())
    told = merge(None, draft).model_dump()
    account_id = None if account is None else account.account_id
    await tx.run("make_lead", **told, lead_id=lead_id, account_id=account_id, at=at)
    if await _claim(tx, keys, lead_id) == len(keys):
        return lead_id, True
    # Another capture of this person committed while our claim waited for it: theirs is the lead.
    await tx.run("release_keys", lead_id=lead_id)
    await tx.run("unmake_lead", lead_id=lead_id)
    return (await _known_as(tx, keys))[0], False


async def _tell(
    tx: Tx, lead_id: LeadId, keys: Sequence[IdentityKey], draft: LeadDraft, *, book: Book, at: datetime
) -> tuple[LeadId, ...]:
    """Merge what the draft says into the lead, under its lock so that no word is lost; others who share its keys."""
    lead = (await standing.lock(tx, [lead_id]))[lead_id][0]
    await _claim(tx, keys, lead_id)
    others = tuple(known for known in await _known_as(tx, keys) if known != lead_id)
    if others:
        draft = _with_email(draft, None)  # the address is theirs: two leads never share one
    changes = merge(lead, draft)
    account = await _company(tx, lead, changes, draft, book, at)
    account_id = None if account is None else account.account_id
    if changes != LeadChanges() or account_id != lead.account_id:
        await tx.run("tell_lead", **changes.model_dump(), lead_id=lead_id, account_id=account_id)
    return others


async def _company(
    tx: Tx, lead: Lead, changes: LeadChanges, draft: LeadDraft, book: Book, at: datetime
) -> Account | None:
    """The lead's company after the draft: looked for again only when the mail or the company's name is news."""
    known = await account_of(tx, lead)
    if known is not None and changes.email is None and changes.company is None:
        return await accounts.tell(tx, known, draft)
    said = draft.model_copy(update={"email": changes.email or lead.email, "company": changes.company or lead.company})
    return await accounts.find_or_make(tx, said, book.definition, at=at) or known


async def _note_doubles(tx: Tx, lead_id: LeadId, others: Sequence[LeadId], actor: str, at: datetime) -> None:
    for other in others:
        note = audit.Note(
            at=at,
            actor=actor,
            action="found two leads",
            subject=f"lead {lead_id}",
            after={"other": str(other)},
            why="one draft named both: look whether they are one person",
        )
        await audit.note(tx, note)


def _with_email(draft: LeadDraft, email: str | None) -> LeadDraft:
    return draft.model_copy(update={"email": email})


async def _known_as(tx: Tx, keys: Sequence[IdentityKey]) -> tuple[LeadId, ...]:
    """Leads that have one of the keys, each once, in order of the keys."""
    rows = await tx.all("leads_known_as", **_columns(keys)) if keys else []
    return tuple(dict.fromkeys(row["lead_id"] for row in rows))


async def _claim(tx: Tx, keys: Sequence[IdentityKey], lead_id: LeadId) -> int:
    return len(await tx.all("claim_keys", **_columns(keys), lead_id=lead_id)) if keys else 0


def _columns(keys: Sequence[IdentityKey]) -> dict[str, list[str]]:
    return {"kinds": [key.kind for key in keys], "values": [key.value for key in keys]}
