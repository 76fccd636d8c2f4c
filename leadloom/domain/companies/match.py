"""Is a company that somebody named one we know? Surely, perhaps, or not: precision before recall.

Evidence in this order: the very domain, a declared alias, a part of a domain, the name's heart. Whoever agrees equally
well is told apart by the tie-breakers in theirs: the country, the legal form written, a named account, the most open
deals. What no rule settles is somebody's to choose, with the reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum

from leadloom.domain.companies.company_name import (
    CompanyName,
    company_name,
    founded_in,
    keys_of,
    nearly,
    other_form,
    same_core,
)
from leadloom.domain.companies.sites import Ground, Registrable, Site, site_of
from leadloom.domain.model import AccountId, Instant, Value


class Firm(Value):
    """A company as matching looks at it."""

    account_id: AccountId
    name: str
    domain: str | None = None
    country: str | None = None
    also_domains: tuple[str, ...] = ()
    """Declared, with what those that were joined to it brought along."""
    also_names: tuple[str, ...] = ()
    parent_id: AccountId | None = None
    is_named: bool = False
    """Somebody made it a named account: a company we are after."""
    owner: str | None = None
    open_deals: int = 0
    open_hand_offs: int = 0
    people: int = 0
    created_at: Instant

    @property
    def is_called_by_domain(self) -> bool:
        """Whether nobody ever named it."""
        return self.name == self.domain


class Strength(IntEnum):
    """How much one piece of evidence says; larger is more."""

    HINT = 1
    """Worth a look, never enough."""
    NAME = 2
    PART = 3
    ALIAS = 4
    DOMAIN = 5


class Candidate(Value):
    """A company that may be meant."""

    account_id: AccountId
    name: str
    strength: Strength
    reasons: tuple[str, ...]
    against: tuple[str, ...] = ()
    """What says that it is another; with any of it no rule takes it."""


class Found(Value):
    """What matching came to."""

    account_id: AccountId | None = None
    """The one that is meant; None: nobody, or somebody has to choose."""
    rule: str = "nobody"
    """`domain`, `alias`, `part of a domain`, `name`, or with the tie-breaker that settled it."""
    reasons: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    """All that were weighed and not ruled out, the strongest first."""

    @property
    def is_open(self) -> bool:
        """Whether somebody has to choose."""
        return self.account_id is None and bool(self.candidates)


_RULES = {Strength.DOMAIN: "domain", Strength.ALIAS: "alias", Strength.PART: "part of a domain", Strength.NAME: "name"}
_MOST = 8
_MANY = 500
"""People that no rule moves at once."""


def match(asked: Firm, known: Sequence[Firm], registrable: Registrable) -> Found:
    """Which of `known` the asked company is. Never one without a domain, an alias or a whole name to show for it."""
    weighed = [
        one for firm in known if firm.account_id != asked.account_id and (one := weigh(asked, firm, registrable))
    ]
    weighed.sort(key=lambda one: (bool(one.against), -one.strength, one.name, str(one.account_id)))
    sure = [one for one in weighed if not one.against and one.strength > Strength.HINT]
    shown = tuple(weighed[:_MOST])
    if not sure:
        return Found(candidates=shown)
    best = [one for one in sure if one.strength == sure[0].strength]
    rule = _RULES[best[0].strength]
    if len(best) == 1:
        return Found(account_id=best[0].account_id, rule=rule, reasons=best[0].reasons, candidates=shown)
    of = {firm.account_id: firm for firm in known}
    broken = _tie_broken(asked, [of[one.account_id] for one in best])
    if broken is None:
        return Found(rule="a tie", candidates=shown)
    winner, by = broken
    reasons = next(one.reasons for one in best if one.account_id == winner.account_id)
    return Found(account_id=winner.account_id, rule=f"{rule}, {by}", reasons=(*reasons, by), candidates=shown)


def weigh(asked: Firm, other: Firm, registrable: Registrable) -> Candidate | None:
    """What says that two companies are one, and what says they aren't; None when nothing does."""
    strength, reason, doubt = _evidence(asked, other, registrable)
    if strength is None:
        return None
    against = [*doubt, *(_contradictions(asked, other) if strength < Strength.ALIAS else ())]
    return Candidate(
        account_id=other.account_id, name=other.name, strength=strength, reasons=(reason,), against=tuple(against)
    )


def keeps(one: Firm, other: Firm) -> Firm:
    """Which of two that are one company keeps its row: named, owned, with deals, with a domain, else the older."""

    def weight(firm: Firm) -> tuple[object, ...]:
        deals, owned = firm.open_deals, firm.owner is not None
        return (
            firm.is_named,
            owned,
            deals,
            firm.domain is not None,
            -(firm.domain or "").count("."),  # the registered domain before a part of it
            -firm.created_at.timestamp(),
            -firm.account_id.int,
        )

    return max(one, other, key=weight)  # type: ignore[arg-type]  tuples of one shape compare


def too_much_at_stake(one: Firm, other: Firm) -> str | None:
    """Why a rule must not make one of two, however sure it is: owners or deals would be moved behind their back."""
    if one.owner is not None and other.owner is not None and one.owner != other.owner:
        return "both have an owner, and not the same one"
    if one.open_deals and other.open_deals:
        return "both have open deals"
    if one.open_hand_offs and other.open_hand_offs:
        return "both have an open hand-off"
    if one.is_named and other.is_named:
        return "both are named accounts"
    if other.account_id == one.parent_id or one.account_id == other.parent_id:
        return "one is declared the other's parent"
    if min(one.people, other.people) > _MANY:
        return f"more than {_MANY} people would be moved"
    return None


def _evidence(asked: Firm, other: Firm, registrable: Registrable) -> tuple[Strength | None, str, list[str]]:
    domains = {one for one in (other.domain, *other.also_domains) if one}
    if asked.domain and asked.domain in domains:
        return Strength.DOMAIN, f"the same domain, {asked.domain}", []
    mine, theirs = company_name(asked.name), company_name(other.name)
    if not asked.is_called_by_domain and any(same_core(mine, company_name(one)) for one in other.also_names):
        return Strength.ALIAS, f"{asked.name} is another name of {other.name}", []
    if not other.is_called_by_domain and any(same_core(theirs, company_name(one)) for one in asked.also_names):
        return Strength.ALIAS, f"{other.name} is another name of {asked.name}", []
    if (part := _part(asked, other, registrable)) is not None:
        return part
    return _by_name(asked, mine, other, theirs, registrable)


def _part(asked: Firm, other: Firm, registrable: Registrable) -> tuple[Strength, str, list[str]] | None:
    """One domain lies below the other, or both below one."""
    if asked.domain is None or other.domain is None:
        return None
    mine, theirs = site_of(asked.domain, registrable), site_of(other.domain, registrable)
    if mine.ground is not Ground.OWN or theirs.ground is not Ground.OWN or mine.roof != theirs.roof:
        return None
    low, high = (asked, other) if mine.is_part else (other, asked)
    doubt: list[str] = []
    names = company_name(low.name), company_name(high.name)
    if mine.is_part and theirs.is_part and not same_core(*names):
        doubt.append("both are parts of one domain, and called otherwise")
    elif not low.is_called_by_domain and not high.is_called_by_domain and not same_core(*names):
        what = "a department or a clinic" if mine.is_learning else "a daughter or a department"
        doubt.append(f"{low.name} may be {what} of {high.name}")
    return Strength.PART, f"{low.domain} lies below {mine.roof}", doubt


def _by_name(
    asked: Firm, mine: CompanyName, other: Firm, theirs: CompanyName, registrable: Registrable
) -> tuple[Strength | None, str, list[str]]:
    if asked.is_called_by_domain or other.is_called_by_domain:
        return _by_label(asked, other, registrable)
    if not mine.names_somebody or not theirs.names_somebody:
        return None, "", []
    if same_core(mine, theirs):
        return Strength.NAME, f"both are called {mine.core}", _other_domain(asked, other, registrable)
    if mine.stem == theirs.stem:
        return Strength.HINT, f"{asked.name} and {other.name} may be one group", ["one may be the other's parent"]
    if nearly(mine, theirs):
        return Strength.HINT, f"{asked.name} is nearly {other.name}", []
    return None, "", []


def _by_label(asked: Firm, other: Firm, registrable: Registrable) -> tuple[Strength | None, str, list[str]]:
    """Nobody named one of them: its domain may look like the other's name, which is a hint."""
    nameless, named = (asked, other) if asked.is_called_by_domain else (other, asked)
    if nameless.domain is None or named.is_called_by_domain:
        return None, "", []
    label = site_of(nameless.domain, registrable).label.replace("-", "")
    if any(core.replace(" ", "") == label for core in company_name(named.name).cores):
        doubt = _other_domain(asked, other, registrable)
        return Strength.HINT, f"{nameless.domain} reads like {named.name}", doubt
    return None, "", []


def _other_domain(asked: Firm, other: Firm, registrable: Registrable) -> list[str]:
    """Two registered domains are two companies, unless they differ in their ending only; one must fit the name."""
    if asked.domain is None or other.domain is None:
        return _unlike_its_name(asked, other, registrable)
    mine, theirs = (site_of(one, registrable) for one in (asked.domain, other.domain))
    if mine.roof == theirs.roof or _one_brand(asked, mine, other, theirs):
        return []
    return [f"they have their own domains, {mine.roof} and {theirs.roof}"]


def _unlike_its_name(asked: Firm, other: Firm, registrable: Registrable) -> list[str]:
    """A name alone is thin where the only domain reads like another and nobody said that the country agrees."""
    domain = asked.domain or other.domain
    if domain is None or (asked.country is not None and asked.country == other.country):
        return []
    label = site_of(domain, registrable).label.replace("-", "")
    for core in (*company_name(asked.name).cores, *company_name(other.name).cores):
        words = core.split()
        if label in (core.replace(" ", ""), words[0], "".join(word[0] for word in words)):
            return []
    return [f"{domain} doesn't read like the name, and no country says that they agree"]


def _one_brand(asked: Firm, mine: Site, other: Firm, theirs: Site) -> bool:
    known = asked.country is not None and asked.country == other.country
    return mine.label == theirs.label and known and not mine.is_learning


def _contradictions(asked: Firm, other: Firm) -> list[str]:
    found: list[str] = []
    if asked.country and other.country and asked.country != other.country:
        found.append(f"one is in {asked.country}, the other in {other.country}")
    mine, theirs = company_name(asked.name), company_name(other.name)
    if (form := other_form(mine, theirs)) is not None:
        found.append(form)
    for name, firm in ((mine, other), (theirs, asked)):
        homes = founded_in(name)
        if homes and firm.country and firm.country not in homes:
            found.append(f"a {' '.join(name.forms)} is not founded in {firm.country}")
    return found


_PREFERENCES = ("a named account", "with the most open deals")


def _tie_broken(asked: Firm, firms: Sequence[Firm]) -> tuple[Firm, str] | None:
    """The tie-breakers, in their order; the first that leaves one alone decides."""
    forms = company_name(asked.name).forms
    rules: tuple[tuple[str, Callable[[Firm], object]], ...] = (
        ("in the same country", lambda firm: asked.country is not None and firm.country == asked.country),
        ("of the same legal form", lambda firm: bool(forms) and company_name(firm.name).forms == forms),
        ("a named account", lambda firm: firm.is_named),
        ("with the most open deals", lambda firm: firm.open_deals),
    )
    left = list(firms)
    for words, worth in rules:
        if words in _PREFERENCES and len({firm.country for firm in left} - {None}) > 1:
            return None  # two companies of one name: whom we would like to mean says nothing about who is meant
        best = max(worth(firm) for firm in left)  # type: ignore[type-var]  each rule answers in one kind
        left = [firm for firm in left if worth(firm) == best] if best else left
        if len(left) == 1:
            return left[0], words
    return None


def which_of_family(named: str, home: Firm, family: Sequence[Firm]) -> Firm | None:
    """Whose of a family somebody is who names a company and came by a domain they share; None: they stay at home.

    A mail domain is the holding's more often than not, so the daughter's whole name is the better word.
    """
    told = company_name(named)
    if not told.names_somebody or same_core(told, company_name(home.name)):
        return None
    fits = [one for one in family if any(same_core(told, company_name(name)) for name in (one.name, *one.also_names))]
    return fits[0] if len(fits) == 1 and other_form(told, company_name(fits[0].name)) is None else None


def keys_of_firm(firm: Firm, registrable: Registrable) -> frozenset[str]:
    """What it shares with every company it may be: hearts of its names, registered domains, what these read like."""
    keys = set[str]()
    for name in (firm.name, *firm.also_names):
        if name != firm.domain:
            keys |= keys_of(company_name(name))
    for domain in (firm.domain, *firm.also_domains):
        if domain is None:
            continue
        site = site_of(domain, registrable)
        if site.ground is Ground.OWN:
            keys |= {f"roof {site.roof}", f"name {site.label.replace('-', ' ')}", f"bare-label {site.label}"}
    return frozenset(keys)
