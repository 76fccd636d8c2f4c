"""What does the definition say of who may see and do what? Rights and a view of leads by role, and teams."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum

from pydantic import Field

from leadloom.domain.access.rights import ADMIN, OF_ADMINS, Right
from leadloom.domain.definitions.draft_faults import Fault, repeated, unknown
from leadloom.domain.model import Value


class View(StrEnum):
    """Whose leads a role sees; each holds what the one before it does."""

    OWN = "own"
    """Leads one owns or was offered."""
    TEAM = "team"
    """Those of one's team, too, and what is open to a pool."""
    REGION = "region"
    """Those in the countries of one's regions, too, whoever owns them."""
    ALL = "all"


class RoleRights(Value):
    """What one role may."""

    leads: View = View.OWN
    may: tuple[Right, ...] = ()


class Team(Value):
    """People who see one another's leads."""

    people: tuple[str, ...]
    """Handles of owners; each is in one team at most."""
    regions: tuple[str, ...] = ()
    """Names of the definition's regions, for roles that see theirs."""


class Access(Value):
    """Who may see and do what. What isn't given to a role it may not."""

    teams: dict[str, Team] = Field(default_factory=dict[str, Team])
    roles: dict[str, RoleRights] = Field(default_factory=dict[str, RoleRights])
    """By role of the owners. Without any, as in definitions published before there were rights, every role may do
    everything but what administrators do (decision 0045)."""

    def of_role(self, role: str) -> RoleRights:
        """What a role may; nothing for a role nobody declared."""
        if not self.roles and role != ADMIN:
            return RoleRights(leads=View.ALL, may=tuple(right for right in Right if right not in OF_ADMINS))
        return self.roles.get(role, RoleRights())

    def team_of(self, handle: str) -> str | None:
        """The team somebody is in."""
        return next((name for name, team in self.teams.items() if handle in team.people), None)


def check(access: Access, *, people: Mapping[str, str], regions: Collection[str]) -> Iterator[Fault]:
    """The faults of who may what. `people` are handle → role of the definition's owners, `regions` their names."""
    at = ("access",)
    for name, team in access.teams.items():
        for index, handle in enumerate(team.people):
            yield from unknown((*at, "teams", name, "people", index), handle, people, "owner")
        for index, region in enumerate(team.regions):
            yield from unknown((*at, "teams", name, "regions", index), region, regions, "region")
    members = [handle for team in access.teams.values() for handle in team.people]
    yield from repeated((*at, "teams"), members, "member of teams")
    for role, given in access.roles.items():
        yield from _role(role, given)
    if access.roles:
        for role in sorted(set(people.values()) - access.roles.keys()):
            words = f"Say what {role} may, if only `{{leads: own, may: []}}`: somebody here has that role."
            yield Fault(path=(*at, "roles"), words=words)


def _role(role: str, given: RoleRights) -> Iterator[Fault]:
    path = ("access", "roles", role)
    if role == ADMIN:
        yield Fault(path=path, words="Administrators are no matter of the definition: `users roles` makes one.")
    yield from repeated((*path, "may"), given.may, "right")
    for index, right in enumerate(given.may):
        if right in OF_ADMINS:
            words = f"{right} is an administrator's alone, or who governs leads could give it to themselves."
            yield Fault(path=(*path, "may", index), words=words)
