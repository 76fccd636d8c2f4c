"""What must be known about a lead before it moves on, and does what we know hold?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import phonenumbers

from leadloom.domain.definitions.draft_faults import Fault, repeated
from leadloom.domain.definitions.parts import Part
from leadloom.domain.errors import BadInput
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.address import read_address
from leadloom.domain.model import Value

if TYPE_CHECKING:  # a definition holds needs, so the two need each other's names
    from leadloom.domain.definitions.definition import Definition

Field = Literal["email", "work_mail", "first_name", "last_name", "company", "country", "role", "phone", "source"]
"""What can be asked for. `role` is also known by a title, `company` and `country` also by the account."""
Found = Literal["known", "missing", "invalid"]

_PEOPLE_DECIDE = (Part.ACCEPTED, Part.DEAL, Part.CUSTOMER, Part.RETURNED, Part.CLOSED, Part.QUIET)
"""Stages somebody's answer, a deal or a clock leads to: refusing the move would lose what happened."""


class Needs(Value):
    """What a stage asks to be known and valid of whoever comes to it."""

    block: tuple[Field, ...] = ()
    """Without these the lead doesn't come: it stays, and the log says what is missing."""
    flag: tuple[Field, ...] = ()
    """Without these it comes all the same, and the change says what is missing."""


def lacking(definition: Definition, lead: Lead, account: Account | None, fields: tuple[Field, ...]) -> tuple[str, ...]:
    """Of these fields, those that are missing or invalid, in words: `phone missing`, `email invalid`."""
    found = ((field, state(definition, lead, account, field)) for field in fields)
    return tuple(f"{field.replace('_', ' ')} {how}" for field, how in found if how != "known")


def state(definition: Definition, lead: Lead, account: Account | None, field: Field) -> Found:
    """Whether a field is known, and could be true: an address that can receive, a number that can ring, a country."""
    told = _told(lead, account, field)
    if not told:
        return "missing"
    match field:
        case "email":
            return "known" if _is_address(told) else "invalid"
        case "work_mail":
            is_work = not definition.mql.is_free_mail(told.rpartition("@")[2])
            return "known" if is_work and _is_address(told) else "invalid"
        case "phone":
            return "known" if _can_ring(told, lead.country) else "invalid"
        case "country":
            return "known" if told in phonenumbers.SUPPORTED_REGIONS else "invalid"
        case _:
            return "known"


def _told(lead: Lead, account: Account | None, field: Field) -> str | None:
    match field:
        case "work_mail":
            return lead.email
        case "company":
            return lead.company or (account.name if account else None)
        case "country":
            return lead.country or (account.country if account else None)
        case "role":
            return lead.role or lead.title
        case _:
            return getattr(lead, field)


def _is_address(told: str) -> bool:
    try:
        read_address(told, field="email")
    except BadInput:
        return False
    return True


def _can_ring(told: str, country: str | None) -> bool:
    try:
        number = phonenumbers.parse(told, country if country in phonenumbers.SUPPORTED_REGIONS else None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)


def check(definition: Definition) -> Iterator[Fault]:
    """The faults of what stages need."""
    for index, stage in enumerate(definition.stages):
        path = ("stages", index, "needs")
        yield from repeated(path, (*stage.needs.block, *stage.needs.flag), "field")
        if stage.needs.block and stage.plays in _PEOPLE_DECIDE:
            words = f"`{stage.name}` follows what somebody did, which must not get lost: `flag` it, don't `block`."
            yield Fault(path=(*path, "block"), words=words)
        if stage.needs.block and stage.name == definition.first_stage:
            yield Fault(path=(*path, "block"), words="Everybody begins here, known or not: `flag` it, don't `block`.")
