"""By what can the leads and deals of a report be told apart? By what the logs tell; what nobody told is its own row.

A group is known by its key: spellings that differ in case or in space around them are one ("google" and "Google"),
blank is `None` and never joins a literal "unknown".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Literal, NamedTuple, TypeVar

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Value

Told = Literal["source", "country", "owner", "campaign", "industry"]
"""What is known of a lead or a deal itself."""
By = Literal["source", "country", "owner", "campaign", "industry", "month", "definition"]
"""The same, and when it came and under which definition."""

NOT_TOLD = "not told"
"""The row of a blank: a row of its own, never an `unknown`."""
NONE_OF = {"owner": "no owner", "campaign": "in no campaign"}
"""Where a blank is a fact, and not something nobody told."""

T = TypeVar("T")


class Facets(Value):
    """What is told of a lead or a deal, as it was told."""

    source: str | None = None
    """A key of the definition's sources, or another system's word; None when nobody told us."""
    country: str | None = None
    owner: str | None = None
    """A handle."""
    industry: str | None = None
    campaigns: tuple[str, ...] = ()
    """Names of the campaigns that sent the lead into a journey: it stands in the group of each."""

    def told(self, by: Told) -> tuple[str | None, ...]:
        """The spellings under which it is found; one None when there is none."""
        if by == "campaign":
            return self.campaigns or (None,)
        return (getattr(self, by),)


class Only(Value):
    """Look only at what was told so: one waterfall, filtered."""

    by: Told
    value: str | None
    """None: only what nobody told."""

    def takes(self, definition: Definition, facets: Facets) -> bool:
        """Whether a lead or deal with these facets is looked at. A source is known by its label, too."""
        wanted = {None if self.value is None else folded(self.value)}
        if self.by == "source" and self.value is not None:
            wanted |= {folded(key) for key, one in definition.sources.items() if folded(one.label) in wanted}
        return any((None if told is None else folded(told)) in wanted for told in facets.told(self.by))


class Group(NamedTuple, Generic[T]):
    """What was told alike."""

    key: str | None
    """None for what nobody told."""
    name: str
    """For people: the definition's word for it, else its commonest spelling."""
    members: list[T]


def folded(told: str) -> str | None:
    """The key of a spelling; None when it is blank."""
    return " ".join(told.split()).casefold() or None


def grouped(
    definition: Definition, members: Iterable[T], by: By, *, told: Callable[[T], Sequence[str | None]]
) -> list[Group[T]]:
    """The groups of `members`, largest first; months and definitions in their order. `told` is what is said of one."""
    found: defaultdict[str | None, list[T]] = defaultdict(list)
    spelt: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    for member in members:
        for spelling in told(member):
            key = None if spelling is None else folded(spelling)
            found[key].append(member)
            if spelling is not None and key is not None:
                spelt[key][spelling.strip()] += 1
    groups = [Group(key, _name(definition, by, key, spelt[key]), own) for key, own in found.items()]
    if by in ("month", "definition"):
        return sorted(groups, key=lambda group: (len(group.name), group.name))
    return sorted(groups, key=lambda group: (-len(group.members), group.key is None, group.key or ""))


def basis(by: By) -> str:
    """What a table by `by` is made of, in words."""
    return {
        "source": "by where they first came from",
        "country": "by country: the lead's own, else its company's",
        "owner": "by the owner they have now",
        "campaign": "by campaign that sent them into a journey; a lead of several stands in each",
        "industry": "by their company's industry",
        "month": "by the month they came in",
        "definition": "by the version of the definition they came in under",
    }[by]


def _name(definition: Definition, by: By, key: str | None, spelt: Counter[str]) -> str:
    if key is None:
        return NONE_OF.get(by, NOT_TOLD)
    known: dict[str | None, str] = {}
    if by == "source":
        known = {folded(name): source.label for name, source in definition.sources.items()}
    elif by == "owner":
        known = {folded(owner.handle): owner.name for owner in definition.owners}
    commonest = min(spelt, key=lambda spelling: (-spelt[spelling], spelling))
    return known.get(key, commonest)
