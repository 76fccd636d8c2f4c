"""By which spelling is a name known? `GTXPro` is `GTX Pro` where that came first; nothing else is guessed (R13)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from leadloom.domain.intake.cells import name_key
from leadloom.runtime.imported import Tally
from leadloom.store import imports
from leadloom.store.tx import Tx

_MOST = 10_000
"""Names remembered; more are looked up again."""

LookUp = Callable[[Sequence[str]], Awaitable[dict[str, str]]]
"""Told names → how the database knows them; unknown ones are missing."""


class Spellings:
    """What names of one file are called. The database's spelling counts, else the first of the file."""

    def __init__(self) -> None:
        self._called: dict[str, str] = {}

    async def told(self, names: Sequence[str], look_up: LookUp, tally: Tally) -> dict[str, str]:
        """Each name → its known spelling, its own when it is the first of its kind. The tally hears what differs."""
        asked = {name: name_key(name) for name in names}
        news = [name for name, key in asked.items() if key not in self._called]
        if len(self._called) + len(news) > _MOST:
            self._called.clear()
            news = list(asked)
        if news:
            for told, name in (await look_up(news)).items():
                self._called.setdefault(asked[told], name)
            for name in news:
                self._called.setdefault(asked[name], name)
        called = {name: self._called[key] for name, key in asked.items()}
        tally.aliases.update((name, called[name]) for name in names if called[name] != name)
        return called


async def companies_known(tx: Tx, names: Sequence[str]) -> dict[str, str]:
    """Told name → the name of the company we know that is called so but for spaces and case."""
    return {told: name for told, (name, _) in (await imports.companies_alike(tx, names)).items()}
