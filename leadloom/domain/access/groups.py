"""What do the company's groups make of somebody here? Roles, a team and regions, by the rules of the settings."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from leadloom.domain.errors import BadInput
from leadloom.domain.model import Value

_TEAM, _REGION = "team:", "region:"


class Granted(Value):
    """What somebody's groups give them."""

    roles: tuple[str, ...] = ()
    team: str | None = None
    """Of the first rule that names one."""
    regions: tuple[str, ...] = ()


class GroupRules(Value):
    """Group → what it gives: a role, `team:NAME` or `region:NAME`."""

    rules: tuple[tuple[str, str], ...] = ()

    def of(self, groups: Iterable[str]) -> Granted:
        """What all of somebody's groups give together, in the order of the rules."""
        known = set(groups)
        gives = tuple(dict.fromkeys(given for group, given in self.rules if group in known))
        teams = [given.removeprefix(_TEAM) for given in gives if given.startswith(_TEAM)]
        return Granted(
            roles=tuple(given for given in gives if not given.startswith((_TEAM, _REGION))),
            team=teams[0] if teams else None,
            regions=tuple(given.removeprefix(_REGION) for given in gives if given.startswith(_REGION)),
        )


def read_rules(text: str | None) -> GroupRules | None:
    """The rules of `LEADLOOM_OIDC_GROUPS`: `group=role`, spaces between, %20 in a group. Raises BadInput.

    None when there are none: then roles are given by hand.
    """
    if not (text or "").strip():
        return None
    rules: list[tuple[str, str]] = []
    for word in (text or "").split():
        group, _, given = word.rpartition("=")
        if not group or not given or given in (_TEAM, _REGION):
            remedy = (
                "Write group=role, group=team:NAME or group=region:NAME, spaces between; a space in a group is %20."
            )
            raise BadInput("LEADLOOM_OIDC_GROUPS", word, remedy)
        rules.append((unquote(group), given))
    return GroupRules(rules=tuple(rules))


def handle_of(email: str, *, domain: str) -> str:
    """The handle of somebody new: the local part at our own domain, as owners are named; else the whole address."""
    local, _, host = email.casefold().partition("@")
    text = local if host == domain.casefold() else f"{local}-at-{host}"
    plain = (character if character.isascii() and character.isalnum() else " " for character in text)
    return "-".join("".join(plain).split())
