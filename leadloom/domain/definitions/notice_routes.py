"""Where else does a notice go, beside the owner's mail: which channel or system hears of which hand-offs?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from leadloom.domain.definitions.draft_faults import Fault, unknown
from leadloom.domain.model import Value


class NoticeRoute(Value):
    """One endpoint, and whose hand-offs it hears of; what names nobody hears of all."""

    to: str
    """A key of `endpoints`."""
    owners: tuple[str, ...] = ()
    """Handles. A route that names owners alone is a channel of their own: its buttons open their signed pages."""
    teams: tuple[str, ...] = ()
    """Keys of `access.teams`."""
    pools: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """Only these kinds of hand-off; left out: all."""

    @property
    def is_personal(self) -> bool:
        """Whether only its owners read there."""
        return bool(self.owners) and not self.teams and not self.pools

    def hears_of(self, kind: str, owner: str | None, pool: str | None, teams: Mapping[str, Collection[str]]) -> bool:
        """Whether a hand-off of that kind, with that owner or in that pool, is told there. `teams`: name → people."""
        if self.kinds and kind not in self.kinds:
            return False
        if not (self.owners or self.teams or self.pools):
            return True
        in_team = any(owner in teams.get(team, ()) for team in self.teams)
        return owner in self.owners or in_team or (owner is None and pool in self.pools)


def check(
    routes: Collection[NoticeRoute],
    *,
    endpoints: Collection[str],
    owners: Collection[str],
    teams: Collection[str],
    pools: Collection[str],
    kinds: Collection[str],
) -> Iterator[Fault]:
    """What keeps a notice from arriving anywhere."""
    for place, route in enumerate(routes):
        path = ("notices", place)
        yield from unknown((*path, "to"), route.to, endpoints, "endpoint")
        for names, known, noun in (
            ("owners", owners, "owner"),
            ("teams", teams, "team"),
            ("pools", pools, "pool"),
            ("kinds", kinds, "hand-off kind"),
        ):
            for index, name in enumerate(getattr(route, names)):
                yield from unknown((*path, names, index), name, known, noun)
