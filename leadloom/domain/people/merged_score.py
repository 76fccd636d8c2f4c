"""What do two ledgers of one person count twice? Caps and "once" rules hold for the person, not for each record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.lead import Event
from leadloom.domain.model import Json
from leadloom.domain.stages.ledger import difference, entries_under
from leadloom.domain.standing import ScoreEntry


def counted_twice(
    definition: Definition, united: Sequence[Event], theirs: Collection[int], *, at: datetime
) -> list[Json]:
    """The rows of a `rescored` event at `at` that bring two ledgers to what one person would have earned; none when
    that is the same.

    `united` are all events by their new numbers, in order; `theirs` the numbers of the loser's. Only what being one
    person changes: points that an earlier definition gave stay as they were earned.
    """
    mine = entries_under(definition, (event for event in united if event.no not in theirs))
    others = entries_under(definition, (event for event in united if event.no in theirs))
    return difference(definition, (*mine, *others), united, at=at)


def given_back(definition: Definition, taken: Sequence[ScoreEntry], *, at: datetime) -> list[Json]:
    """The rows of a `rescored` event at `at` that undo what a merge took, for ever from then on."""
    return difference(definition, taken, (), at=at)
