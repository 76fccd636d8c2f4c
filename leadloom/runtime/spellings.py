"""By which spelling is a name known? `GTXPro` is `GTX Pro` where that came first; nothing else is guessed (R13)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from leadloom.domain.cells import name_key

_MOST = 10_000
"""Names remembered; more are looked up again."""

LookUp = Callable[[Sequence[str]], Awaitable[dict[str, str]]]
"""Told names → how the database knows them; unknown ones are missing."""


class Spellings:
    """What names of one file are called. The database's spelling counts, else the first of the file."""

    def __init__(self) -> None:
        self._called: dict[str, str] = {}

    async def known(self, names: Iterable[str], look_up: LookUp) -> dict[str, str]:
        """Each name → its known spelling; its own when it is the first of its kind, in the order of the names."""
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
        return {name: self._called[key] for name, key in asked.items()}
