"""Who looks, what may they, and whose leads do they see? Worked out from their roles and the definition in force."""

from __future__ import annotations

from collections.abc import Collection

from leadloom.domain.access.policy import View
from leadloom.domain.access.rights import ADMIN, OF_ADMINS, Right
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Value

_WIDTH = list(View)


class Sight(Value):
    """Which leads somebody sees."""

    all: bool = False
    handles: tuple[str, ...] = ()
    """Owners whose leads they see, themselves first."""
    pools: bool = False
    """Whether also what is open to a pool."""
    countries: tuple[str, ...] = ()
    """Countries whose leads they see, whoever owns them; ISO 3166 in upper case."""
    words: str = ""
    """In half a sentence, to be read after `you see`."""

    def sees(self, *, owner: str | None, pool: str | None = None, country: str | None = None) -> bool:
        """Whether a lead of that owner, or an offer open to that pool, in that country is among them."""
        if self.all or (owner is not None and owner in self.handles):
            return True
        return (pool is not None and owner is None and self.pools) or (country or "").upper() in self.countries


class Person(Value):
    """Whom a session belongs to, as far as rights go."""

    handle: str
    name: str
    roles: tuple[str, ...]
    team: str | None = None
    """A team of the definition's; None: the one that names their handle."""
    regions: tuple[str, ...] = ()
    """Regions of the definition's; none: their team's."""


class Viewer(Value):
    """Somebody, with all they may."""

    person: Person | None
    """None: nobody in particular, on the local stack before a seat is taken."""
    rights: frozenset[Right]
    sight: Sight

    def may(self, right: Right | str) -> bool:
        """Whether they have the right."""
        return right in self.rights


ONLOOKER = Viewer(person=None, rights=frozenset(Right) - OF_ADMINS, sight=Sight(all=True, words="all leads"))
"""Who looks round on the local stack: sees everything, and acts in nobody's name."""


def viewer_of(person: Person, definition: Definition) -> Viewer:
    """What all their roles together let them; rights add up, and the widest view of leads counts."""
    given = [definition.access.of_role(role) for role in person.roles]
    rights = {right for one in given for right in one.may} - OF_ADMINS
    if ADMIN in person.roles:
        rights |= {Right.SEE_FIGURES, Right.SEE_OPERATION, Right.SEE_DEFINITION, *OF_ADMINS}
    view = max((one.leads for one in given), key=_WIDTH.index, default=View.OWN)
    return Viewer(person=person, rights=frozenset(rights), sight=_sight(person, view, definition))


def givers(right: Right, definition: Definition) -> tuple[str, ...]:
    """The roles that have the right, for a page that tells somebody they don't."""
    if right in OF_ADMINS:
        return (ADMIN,)
    return tuple(role for role, given in definition.access.roles.items() if right in given.may)


def _sight(person: Person, view: View, definition: Definition) -> Sight:
    if view is View.ALL:
        return Sight(all=True, words="all leads")
    if view is View.OWN:
        return Sight(handles=(person.handle,), words="your own leads")
    access = definition.access
    name = person.team or access.team_of(person.handle)
    team = access.teams.get(name or "")
    handles = _unlike(person.handle, team.people if team else ())
    if view is View.TEAM:
        return Sight(handles=handles, pools=True, words=f"the leads of team {name}" if team else "your own leads")
    regions = [one for one in person.regions or (team.regions if team else ()) if one in definition.regions]
    countries = tuple(country for one in regions for country in definition.regions[one].countries)
    where = " and ".join(definition.regions[one].label for one in regions)
    words = f"the leads of {where}" if where else "your team's leads"
    return Sight(handles=handles, pools=True, countries=countries, words=words)


def _unlike(handle: str, people: Collection[str]) -> tuple[str, ...]:
    return handle, *(one for one in people if one != handle)
