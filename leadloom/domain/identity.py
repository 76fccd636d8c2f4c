"""Who is the same person? Whoever has the same normalised mail address or the same external id; nobody else."""

from __future__ import annotations

from typing import Literal

from email_validator import EmailNotValidError, validate_email

from leadloom.domain.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.lead import LeadDraft
from leadloom.domain.model import Value


class IdentityKey(Value):
    """What a person is known by. Two leads never share one."""

    kind: Literal["email", "external_id"]
    value: str


def normal_email(text: str) -> str:
    """The one spelling of a mail address: lower case, its domain in ASCII (IDNA), tags kept.

    `ana+fair@x` and `ana@x` stay two addresses: merging them would guess. Case in the local part is given up
    although RFC 5321 allows it to matter, because no mailbox in use depends on it.

    Raises:
        BadInput: It is no address that mail can be sent to.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise BadInput("email", text, f"{error} Give an address such as ana@company.example.") from error
    return f"{found.local_part}@{found.ascii_domain}".lower()


def identity_keys(draft: LeadDraft) -> tuple[IdentityKey, ...]:
    """What the draft's person is known by; the external id first, because a sender's own id outlives an address."""
    keys: list[IdentityKey] = []
    if draft.external_id and (external_id := draft.external_id.strip()):
        keys.append(IdentityKey(kind="external_id", value=external_id))
    if draft.email and draft.email.strip():
        keys.append(IdentityKey(kind="email", value=normal_email(draft.email)))
    return tuple(keys)


def mail_domain(email: str) -> str:
    """The part after the last @ of a normalised address."""
    return email.rpartition("@")[2]


def is_work_mail(definition: Definition, email: str | None) -> bool:
    """Whether the address is a company's: known, and at no provider of free mail."""
    return email is not None and mail_domain(email) not in definition.mql.free_mail
