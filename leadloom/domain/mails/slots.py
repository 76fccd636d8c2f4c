"""When does each planned mail of a lead go? The lead's whole calendar, packed anew at every ask (law 6).

Pure and deterministic: wishes are packed by (priority, asked_at), so a lower one never delays a higher one, and each
gets exactly one answer: a slot, or why there is none in time.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from leadloom.domain.definitions.definition import Cap, Window
from leadloom.domain.journeys.conditions import span_words
from leadloom.domain.mails.windows import in_window, next_in_window
from leadloom.domain.model import Instant, MessageId, Value


class Calendar(Value):
    """What a person's capped mails already took and no plan moves: sent, claimed, at the dot or uncertain."""

    taken: tuple[Instant, ...] = ()
    """In any order; reach back at least the span of the cap per person."""


class Wish(Value):
    """A mail that is not claimed yet and wants a slot."""

    message_id: MessageId
    priority: int
    """Lower goes first."""
    asked_at: Instant
    not_before: Instant
    """The earliest instant it may go; never in the past."""
    deadline: Instant
    """From this instant on it isn't worth sending."""
    capped: bool
    """Counts for and obeys the caps per person and per company."""
    windowed: bool
    jitter: timedelta = timedelta()
    """How much later it goes when it would stand at an edge (a window's opening, a cap's end) with others."""


class SlotRules(Value):
    """What slots obey, for one lead."""

    zone: str
    window: Window
    per_person: Cap
    per_company: Cap


class Slot(Value):
    """The wish goes at `at`, unless a later plan moves it."""

    message_id: MessageId
    at: Instant


class TooLate(Value):
    """There is no slot before the deadline."""

    message_id: MessageId
    why: str


class _Cap:
    """Keeps any sliding window of `within` at no more than `count` instants (a window holds its start, not its end)."""

    def __init__(self, cap: Cap, taken: Sequence[datetime], whose: str) -> None:
        self._cap, self._taken, self._whose = cap, sorted(taken), whose

    @property
    def words(self) -> str:
        return f"no more than {self._cap.count} mails in {span_words(self._cap.within)} go to {self._whose}"

    def free_from(self, at: datetime) -> datetime | None:
        """`at` when one more fits there, else an instant before which none fits; None when none ever does.

        In a group of `count` instants that `at` would overfill, all places up to (first of the group + within) are
        overfull too, so jumping there skips no free place.
        """
        if self._cap.count < 1:
            return None
        index = bisect_left(self._taken, at)
        for first in range(max(0, index - self._cap.count), index + 1):
            group = self._taken[first : first + self._cap.count]
            if len(group) < self._cap.count:
                break
            if max(group[-1], at) - min(group[0], at) < self._cap.within:
                return group[0] + self._cap.within
        return at

    def take(self, at: datetime) -> None:
        insort(self._taken, at)


def plan(
    calendar: Calendar, wishes: Sequence[Wish], rules: SlotRules, company: Sequence[datetime]
) -> tuple[Slot | TooLate, ...]:
    """One answer for each wish, in the order they were packed.

    Args:
        calendar: The person's capped mails that stand.
        wishes: All of the person's unclaimed mails.
        rules: Windows in local time, and caps.
        company: Instants of the capped mails to the whole company that stand, those in `calendar` among them.
    """
    person = _Cap(rules.per_person, calendar.taken, "a person")
    account = _Cap(rules.per_company, company, "a company")
    answers: list[Slot | TooLate] = []
    for wish in sorted(wishes, key=lambda wish: (wish.priority, wish.asked_at, str(wish.message_id))):
        caps = (person, account) if wish.capped else ()
        answer = _place(wish, caps, rules)
        if isinstance(answer, Slot):
            for cap in caps:
                cap.take(answer.at)
        answers.append(answer)
    return tuple(answers)


def _place(wish: Wish, caps: Sequence[_Cap], rules: SlotRules) -> Slot | TooLate:
    """The earliest place before the deadline; a little later when it stands at an edge and there is room."""
    at, blocked_by = wish.not_before.astimezone(UTC), "it was planned too late"
    while at < wish.deadline:
        moved_to, why = _first_obstacle(at, wish, caps, rules)
        if moved_to == at:
            return Slot(message_id=wish.message_id, at=_spread(at, wish, caps, rules))
        blocked_by = why
        if moved_to is None:
            break
        at = moved_to
    deadline = wish.deadline.astimezone(UTC)
    return TooLate(message_id=wish.message_id, why=f"no slot before {deadline:%Y-%m-%d %H:%M} UTC: {blocked_by}")


def _first_obstacle(at: datetime, wish: Wish, caps: Sequence[_Cap], rules: SlotRules) -> tuple[datetime | None, str]:
    """`at` itself when nothing stands against it; else where to look on (None: nowhere), and what stood against it."""
    if wish.windowed and (opening := next_in_window(at, rules.window, rules.zone)) != at:
        return opening, "mail goes in the send window only"
    for cap in caps:
        if (free := cap.free_from(at)) != at:
            return free, cap.words
    return at, ""


def _spread(at: datetime, wish: Wish, caps: Sequence[_Cap], rules: SlotRules) -> datetime:
    """`at` plus the jitter, where that is free too.

    A mail that may go the moment it asks is not delayed: else each new plan would push it on by the jitter again.
    """
    later = at + wish.jitter
    if at == wish.not_before or later >= wish.deadline:
        return at
    if wish.windowed and not in_window(later, rules.window, rules.zone):
        return at
    return later if all(cap.free_from(later) == later for cap in caps) else at
