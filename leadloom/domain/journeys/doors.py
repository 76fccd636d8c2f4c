"""Which journeys can an event let a lead into at all? Found once for many leads, asked at every event of each."""

from __future__ import annotations

from collections.abc import Iterable

from leadloom.domain.standing import PublishedJourney


class Doors:
    """The entries of the journeys in force, in their order."""

    def __init__(self, journeys: Iterable[PublishedJourney]) -> None:
        """Nobody has asked yet."""
        self._journeys = tuple(journeys)
        self._by_kind: dict[str, tuple[PublishedJourney, ...]] = {}

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._journeys)

    def open_to(self, kind: str) -> tuple[PublishedJourney, ...]:
        """The journeys that an event of this kind may let somebody into, by itself or by the stage it brings."""
        found = self._by_kind.get(kind)
        if found is None:
            entries = [(one, one.journey.enter) for one in self._journeys]
            found = tuple(one for one, enter in entries if enter.stages or kind in enter.events)
            self._by_kind[kind] = found
        return found
