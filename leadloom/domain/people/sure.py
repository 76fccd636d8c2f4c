"""Which two leads are one person so surely that nobody need be asked? One mailbox, or one phone and one name."""

from __future__ import annotations

from typing import Literal, NamedTuple

from rapidfuzz.distance import DamerauLevenshtein

from leadloom.domain.definitions.one_person import OnePerson
from leadloom.domain.lead import Lead
from leadloom.domain.people.names import folded, is_short_form, name_level
from leadloom.domain.people.phones import e164

_FOLDED_LONG = 5
"""Letters of a last name from which one slip still leaves it the same."""
_GENERATIONS = frozenset(("jr", "junior", "sr", "senior", "ii", "iii"))


SureRule = Literal["one mailbox", "phone and name"]


class Names(NamedTuple):
    """By what a lead may be one with another."""

    mailbox: str | None
    phone: str | None
    """E.164."""
    given: str
    family: str
    born: str


def names_of(rules: OnePerson, lead: Lead) -> Names:
    """What the lead is known by, in one spelling each."""
    born = lead.attributes.get("born") or lead.attributes.get("date_of_birth") or ""
    return Names(
        mailbox=mailbox(rules, lead.email) if lead.email else None,
        phone=e164(lead.phone, region=lead.country or rules.phone_region),
        given=folded(lead.first_name),
        family=folded(lead.last_name),
        born=str(born),
    )


def mailbox(rules: OnePerson, email: str) -> str:
    """Where mail to a normalised address arrives: without its tag where the provider is known to drop it."""
    local, _, domain = email.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}" if domain in rules.same_mailbox else email


def surely(
    rules: OnePerson, one: Names, other: Names, *, leads_with_phone: int
) -> Literal["one mailbox", "phone and name"] | None:
    """By which rule the two are one; None: a person decides. `leads_with_phone` have the number the two share.

    Mail alone is enough unless the first names contradict it; a phone needs both names. A first name that is merely
    alike is another person's (Jan and Jana share a phone), an initial may be the father's, and so may a short form:
    Christine and Christopher are both Chris, and Rob is the son of Robert. A short form counts with the same birthday.
    """
    if one.born and other.born and one.born != other.born:
        return None
    if one.mailbox and one.mailbox == other.mailbox:
        contradicts = one.given and other.given and name_level(one.given, other.given) > 1
        return None if contradicts else "one mailbox"
    if not one.phone or one.phone != other.phone or leads_with_phone >= rules.switchboard_from:
        return None
    return "phone and name" if _one_name(one, other) else None


def _one_name(one: Names, other: Names) -> bool:
    if not (one.given and other.given and one.family and other.family):
        return False
    if _generation(one) != _generation(other):
        return False
    is_same_day = bool(one.born) and one.born == other.born
    given = one.given == other.given or (is_same_day and is_short_form(one.given, other.given))
    slip = DamerauLevenshtein.distance(one.family, other.family, score_cutoff=1) <= 1
    return given and (one.family == other.family or (slip and min(len(one.family), len(other.family)) >= _FOLDED_LONG))


def _generation(names: Names) -> frozenset[str]:
    return _GENERATIONS & {*names.given.split(), *names.family.split()}
