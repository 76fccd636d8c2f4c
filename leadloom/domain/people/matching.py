"""Who is a lead of whom something new is known? One with somebody surely, with others likely, or nobody we know."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from leadloom.domain.definitions.one_person import OnePerson
from leadloom.domain.lead import Lead
from leadloom.domain.model import LeadId
from leadloom.domain.people.blocking import keys_of
from leadloom.domain.people.comparing import compare, in_words
from leadloom.domain.people.person import Person, person_of
from leadloom.domain.people.sure import Names, SureRule, names_of, surely
from leadloom.domain.people.weights import Weights, odds

MOST_ALIKE = 60
"""Leads with one key beyond which the key tells nobody apart."""
_LONGEST_KEY = 200
_TOLD = ("first_name", "last_name", "email", "company")
_KEPT = ("street", "city", "state", "postal_code", "born")


class Known(NamedTuple):
    """A lead, as the comparisons look at them."""

    lead: Lead
    names: Names
    person: Person

    @property
    def number_key(self) -> str | None:
        """The key whose holders tell a person's number from a switchboard's."""
        return f"number {self.names.phone}" if self.names.phone else None


class Likely(NamedTuple):
    """Somebody a lead may be one person with."""

    other_id: LeadId
    bits: float
    reasons: tuple[str, ...]


class Verdict(NamedTuple):
    """What follows for one lead."""

    lead_id: LeadId
    same: tuple[LeadId, SureRule] | None
    """Whom they are one with, and by which rule; then nothing is suggested of them now."""
    likely: tuple[Likely, ...]
    unlikely: tuple[LeadId, ...]
    """Who was suggested, and isn't likely any more by what is known now."""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is to be written."""
        return not (self.same or self.likely or self.unlikely)


def known(rules: OnePerson, lead: Lead) -> Known:
    """The lead in the spellings that are compared."""
    names = names_of(rules, lead)
    told = {field: getattr(lead, field) or "" for field in _TOLD}
    kept = {name: str(lead.attributes[name]) for name in _KEPT if lead.attributes.get(name)}
    return Known(lead, names, person_of(str(lead.lead_id), {**told, **kept}, phone=names.phone or ""))


def keys(one: Known) -> list[str]:
    """By what others find the lead, in order: pairs of things, and what alone may be enough."""
    sure = {f"mailbox {one.names.mailbox}" if one.names.mailbox else "", one.number_key or ""} - {""}
    return sorted({key[:_LONGEST_KEY] for key in keys_of(one.person) | sure})


def decide(
    rules: OnePerson,
    one: Known,
    others: Sequence[Known],
    *,
    sharing: Mapping[str, int],
    suggested: Collection[LeadId],
    weights: Weights,
) -> Verdict:
    """What follows for a lead, given who shares a key with them and wasn't kept apart, the oldest first.

    `sharing` says how many leads have a number's key; `suggested` with whom a suggestion waits already.
    """
    with_phone = sharing.get(one.number_key or "", 0)
    for other in others:
        rule = surely(rules, one.names, other.names, leads_with_phone=with_phone)
        if rule is not None:
            return Verdict(one.lead.lead_id, (other.lead.lead_id, rule), (), ())
    likely: list[Likely] = []
    unlikely: list[LeadId] = []
    for other in others:
        alike = compare(one.person, other.person)
        bits = odds(weights, alike, one.person).bits
        if bits >= rules.suggest_from:
            likely.append(Likely(other.lead.lead_id, round(bits, 2), tuple(in_words(alike))))
        elif other.lead.lead_id in suggested:
            unlikely.append(other.lead.lead_id)
    return Verdict(one.lead.lead_id, None, tuple(likely), tuple(unlikely))
