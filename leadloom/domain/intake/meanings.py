"""Which kind of event does a tracking call tell of, by the definition's names and pages?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.tracking_policy import PageRule

_BETWEEN_WORDS = re.compile(r"[\s_\-]+")


def plain(name: str) -> str:
    """A name as it is compared: `Price Page`, `price-page` and `price_page` are one."""
    return _BETWEEN_WORDS.sub(" ", name).strip().casefold()


class Meanings(NamedTuple):
    """The tracking policy, made ready for many calls."""

    kinds: Mapping[str, str]
    """Plain name → kind."""
    pages: tuple[PageRule, ...]
    public: frozenset[str]

    @classmethod
    def of(cls, definition: Definition) -> Meanings:
        """What names mean by this definition."""
        kinds = {plain(kind): kind for kind in definition.events}
        for kind, names in definition.tracking.names.items():
            kinds.update((plain(name), kind) for name in names)
        return cls(kinds, definition.tracking.pages, frozenset(definition.tracking.public))

    def named(self, name: str) -> str | None:
        """The kind that an event's name means; None when the definition doesn't know it."""
        return self.kinds.get(plain(name))

    def page(self, address: str, medium: str) -> str | None:
        """The kind that a view of this page is; None when it is a view and nothing more."""
        if not self.pages:
            return None
        path = urlsplit(address).path.rstrip("/") or "/"
        for rule in self.pages:
            if rule.mediums and medium.casefold() not in rule.mediums:
                continue
            if not rule.paths or any(_fits(path, pattern) for pattern in rule.paths):
                return rule.kind
        return None


def _fits(path: str, pattern: str) -> bool:
    if pattern.endswith("*"):
        return path.startswith(pattern[:-1])
    return path == (pattern.rstrip("/") or "/")
