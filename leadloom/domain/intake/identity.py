"""Who is the same person? Whoever has the same normalised mail address or the same external id; nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.lead import LeadDraft
from leadloom.domain.mails.address import REMEDY, is_plain, read_address
from leadloom.domain.model import LeadId


class IdentityKey(NamedTuple):
    """What a person is known by. Two leads never share one."""

    kind: Literal["email", "external_id"]
    value: str


class Recognised(NamedTuple):
    """Whom one draft means."""

    keys: tuple[IdentityKey, ...]
    lead_id: LeadId
    is_new: bool
    """Nobody is known by any of the keys, and no draft before this one told of them."""
    claims: tuple[IdentityKey, ...]
    """Keys the lead is known by from this draft on."""
    others: tuple[LeadId, ...]
    """Other leads that have one of the keys, in order of the keys."""


def normal_email(text: str) -> str:
    """The one spelling of a mail address: lower case, its domain in ASCII (IDNA), tags kept.

    `ana+fair@x` and `ana@x` stay two addresses: merging them would guess. Case in the local part is given up
    although RFC 5321 allows it to matter, because no mailbox in use depends on it.

    Raises:
        BadInput: It is no address that mail can be sent to, or only few relays could send there.
    """
    text = text.strip()
    if is_plain(text):
        return text.lower()
    found = read_address(text, field="email")
    if not found.local.isascii():
        odd = "".join(dict.fromkeys(mark for mark in found.local if not mark.isascii()))
        raise BadInput("email", text, f"Few relays take {odd!r} before the @ (RFC 6531). {REMEDY}")
    return f"{found.local}@{found.domain}".lower()


def identity_keys(draft: LeadDraft) -> tuple[IdentityKey, ...]:
    """What the draft's person is known by; the external id first, because a sender's own id outlives an address."""
    keys: list[IdentityKey] = []
    if draft.external_id and (external_id := draft.external_id.strip()):
        keys.append(IdentityKey(kind="external_id", value=external_id))
    if draft.email and draft.email.strip():
        keys.append(IdentityKey(kind="email", value=normal_email(draft.email)))
    return tuple(keys)


def recognise(
    drafts: Sequence[tuple[IdentityKey, ...]], known: Mapping[IdentityKey, LeadId], new_ids: Sequence[LeadId]
) -> list[Recognised]:
    """Whom each draft means, taken in turn: its first known key decides, and what a draft told is known to the next.

    `new_ids` has an id for each draft, used when the draft means somebody new.
    """
    mine = dict(known)
    found: list[Recognised] = []
    for keys, new_id in zip(drafts, new_ids, strict=True):
        leads = tuple(dict.fromkeys(mine[key] for key in keys if key in mine))
        lead_id = leads[0] if leads else new_id
        claims = tuple(key for key in keys if key not in mine)
        mine.update(dict.fromkeys(claims, lead_id))
        found.append(Recognised(keys, lead_id, not leads, claims, leads[1:]))
    return found


def mail_domain(email: str) -> str:
    """The part after the last @ of a normalised address."""
    return email.rpartition("@")[2]


def is_work_mail(definition: Definition, email: str | None) -> bool:
    """Whether the address is a company's: known, and at no provider of free mail."""
    return email is not None and not definition.mql.is_free_mail(mail_domain(email))
