"""What does a lead live who does this and that? The short way to `leadloom.testing` for the journeys we ship."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import Json, Value
from leadloom.testing.story import given


class Played(Value):
    """What a run did."""

    letters: tuple[tuple[int, str], ...] = ()
    """(day, step) of each mail, in order."""
    hand_offs: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    """Where the journey moved the lead to."""
    outcome: str = ""
    ended_on_day: int = 0

    def steps(self) -> list[str]:
        """The mails alone."""
        return [step for _, step in self.letters]


def play(
    journey: Journey,
    happenings: Sequence[tuple[float, str]] = (),
    *,
    may_market: bool = True,
    reason: str | None = None,
    attributes: Mapping[str, Json] | None = None,
    before: Sequence[tuple[float, str]] = (),
    by_event: bool = True,
) -> Played:
    """Let one lead through a journey; each mail goes out at once.

    Args:
        journey: As read from its file.
        happenings: (day of the journey, event kind), in order.
        may_market: Whether a basis suffices for marketing mail.
        reason: The reject reason of the lead's last hand-off.
        attributes: What the lead told us, such as `audit_date`.
        before: Events from before entry, with negative days.
        by_event: Whether the first of the journey's events let the lead in; else a date did.
    """
    story = given(
        journey,
        lead={"attributes": dict(attributes or {})},
        before=before,
        entered_by=None if by_event else "",
        may_market=may_market,
        last_reason=reason,
    )
    for day, kind in happenings:
        story = story.when(day, kind)
    then = story.then
    return Played(
        letters=then.letters,
        hand_offs=tuple(kind for _, kind in then.hand_offs),
        recorded=then.recorded,
        stages=then.stages,
        outcome=then.outcome or "",
        ended_on_day=then.ended_on_day,
    )
