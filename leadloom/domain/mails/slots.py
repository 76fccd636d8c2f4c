"""When does each planned mail of a lead go? The lead's whole calendar, packed anew at every ask (law 6).

Pure and deterministic: wishes are packed by (priority, asked_at), those first whose time has come, so a lower one
never delays a higher one that it did not come before. Each gets exactly one answer: a slot with what moved it there,
or why there is none in time.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import ConfigDict

from leadloom.domain.definitions.mail_policy import Cap, PersonCap, Window
from leadloom.domain.journeys.conditions import span_words
from leadloom.domain.mails.days_off import NOTHING_OFF, DaysOff
from leadloom.domain.mails.windows import first_opening, in_window, window_words
from leadloom.domain.model import Instant, MessageId, Value

SlotCode = Literal["window", "day_off", "cap", "company_cap"]
"""What can keep a mail from an earlier slot: a closed list, beside the words a person reads."""


class Taken(Value):
    """A capped mail that stands."""

    at: Instant
    mail_class: str
    topic: str | None = None


class Calendar(Value):
    """What a person's capped mails already took and no plan moves: sent, claimed, at the dot or uncertain."""

    taken: tuple[Taken, ...] = ()
    """In any order; reach back at least the longest span of a cap."""


class Wish(Value):
    """A mail that is not claimed yet and wants a slot."""

    message_id: MessageId
    priority: int
    """Lower goes first (`send_rules.priority_of`)."""
    asked_at: Instant
    not_before: Instant
    """The earliest instant it may go; never in the past."""
    deadline: Instant
    """From this instant on it isn't worth sending."""
    mail_class: str
    topic: str | None = None
    """What its journey is about."""
    capped: bool
    """Counts for and obeys the caps per person and per company."""
    windowed: bool
    """Goes in the send window only, and on no day off."""
    jitter: timedelta = timedelta()
    """How much later it goes when it would stand at an edge (a window's opening, a cap's end) with others."""
    stands_at: Instant | None = None
    """Where the last plan put it; kept when it is still free and no more than the jitter later than need be."""
    has_come: bool = False
    """Its slot is here, and a lane is about to take it: what asks now doesn't push it aside (decision 0014)."""


class SlotRules(Value):
    """What slots obey, for one lead."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    zone: str
    window: Window
    off: DaysOff = NOTHING_OFF
    per_person: tuple[PersonCap, ...]
    per_company: Cap


class Slot(Value):
    """The wish goes at `at`, unless a later plan moves it."""

    message_id: MessageId
    at: Instant
    why: tuple[str, ...] = ()
    """What kept it from going earlier, in the order it was met; empty when it goes as soon as it may."""
    codes: tuple[SlotCode, ...] = ()
    """The same from the closed list, each once, in that order."""


class TooLate(Value):
    """There is no slot before the deadline."""

    message_id: MessageId
    why: str
    """Names all that stood in the way."""
    codes: tuple[SlotCode, ...] = ()
    """The same from the closed list, each once."""


class Room(Value):
    """How much of one cap a person has used."""

    cap: str
    """The cap, in words."""
    used: int
    """Mails that went within its span before now; a span holds its start, not its end."""
    of: int
    one_more_from: Instant | None
    """When one more would fit beside all that went and all that is planned; None: never."""


class _Cap:
    """Keeps any sliding window of `within` at no more than `count` instants (a window holds its start, not its end)."""

    def __init__(self, cap: Cap, taken: Iterable[datetime], words: str, code: SlotCode = "cap") -> None:
        self._cap, self._taken, self.words = cap, sorted(taken), words
        self.code: SlotCode = code

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


class _Caps:
    """All caps of one lead, and which of them a mail must keep."""

    def __init__(self, rules: SlotRules, taken: Sequence[Taken], company: Sequence[datetime]) -> None:
        self._of_person = [
            (cap, _Cap(cap, (one.at for one in taken if cap.counts(one.mail_class, one.topic)), cap_words(cap)))
            for cap in rules.per_person
        ]
        words = cap_words(rules.per_company, "a company")
        self._of_company = _Cap(rules.per_company, company, words, "company_cap")

    def of(self, wish: Wish) -> tuple[_Cap, ...]:
        if not wish.capped:
            return ()
        person = [kept for cap, kept in self._of_person if cap.counts(wish.mail_class, wish.topic)]
        return (*person, self._of_company)


def plan(
    calendar: Calendar, wishes: Sequence[Wish], rules: SlotRules, company: Sequence[datetime]
) -> tuple[Slot | TooLate, ...]:
    """One answer for each wish, in the order they were packed.

    Args:
        calendar: The person's capped mails that stand.
        wishes: All of the person's unclaimed mails.
        rules: Windows and days off in local time, and caps.
        company: Instants of the capped mails to the whole company that stand, those in `calendar` among them.
    """
    caps = _Caps(rules, calendar.taken, company)
    answers: list[Slot | TooLate] = []
    for wish in sorted(wishes, key=_turn):
        kept = caps.of(wish)
        answer = _place(wish, kept, rules)
        if isinstance(answer, Slot):
            for cap in kept:
                cap.take(answer.at)
        answers.append(answer)
    return tuple(answers)


def _turn(wish: Wish) -> tuple[bool, int, datetime, str]:
    return not wish.has_come, wish.priority, wish.asked_at, str(wish.message_id)


def room(rules: SlotRules, gone: Sequence[Taken], planned: Sequence[Taken], at: datetime) -> tuple[Room, ...]:
    """How much of each cap per person is used at `at`. `gone` reaches back at least the longest span of a cap."""
    rooms: list[Room] = []
    for cap in rules.per_person:
        went, ahead = ([one.at for one in mails if cap.counts(one.mail_class, one.topic)] for mails in (gone, planned))
        kept = _Cap(cap, [*went, *ahead], cap_words(cap))
        free, later = at, kept.free_from(at)
        while later is not None and later != free:
            free, later = later, kept.free_from(later)
        used = sum(at - cap.within < one <= at for one in went)
        rooms.append(Room(cap=kept.words, used=used, of=cap.count, one_more_from=later))
    return tuple(rooms)


def cap_words(cap: Cap, whose: str = "a person") -> str:
    """Such as `no more than 2 marketing mails about webinars in 7 days go to a person`."""
    of = cap if isinstance(cap, PersonCap) else None
    kind = f"{' or '.join(of.classes)} " if of and of.classes else ""
    about = f" about {' or '.join(of.topics)}" if of and of.topics else ""
    mails, go = ("mail", "goes") if cap.count == 1 else ("mails", "go")
    return f"no more than {cap.count} {kind}{mails}{about} in {span_words(cap.within)} {go} to {whose}"


def _place(wish: Wish, caps: Sequence[_Cap], rules: SlotRules) -> Slot | TooLate:
    """The earliest place before the deadline; a little later when it stands at an edge and there is room."""
    at: datetime | None = wish.not_before.astimezone(UTC)
    met: dict[str, SlotCode] = {}
    while at is not None and at < wish.deadline:
        moved_to, why = _first_obstacle(at, wish, caps, rules)
        if moved_to == at:
            where, codes = _spread(at, wish, caps, rules), tuple(dict.fromkeys(met.values()))
            return Slot.built(message_id=wish.message_id, at=where, why=tuple(met), codes=codes)
        met.update(why)  # a word met again keeps its place
        at = moved_to
    deadline = wish.deadline.astimezone(UTC)
    stood = "; ".join(met) or "it was planned too late"
    return TooLate(
        message_id=wish.message_id,
        why=f"no slot before {deadline:%Y-%m-%d %H:%M} UTC: {stood}",
        codes=tuple(dict.fromkeys(met.values())),
    )


def _first_obstacle(
    at: datetime, wish: Wish, caps: Sequence[_Cap], rules: SlotRules
) -> tuple[datetime | None, dict[str, SlotCode]]:
    """`at` itself when nothing stands against it; else where to look on (None: nowhere), and what stood against it."""
    if wish.windowed:
        opening, kept_shut = first_opening(at, rules.window, rules.zone, rules.off, before=wish.deadline)
        if opening != at:
            return opening, _why_shut(at, kept_shut, rules)
    for cap in caps:
        if (free := cap.free_from(at)) != at:
            return free, {cap.words: cap.code}
    return at, {}


def _why_shut(at: datetime, kept_shut: tuple[str, ...], rules: SlotRules) -> dict[str, SlotCode]:
    """The days off; and the window itself unless only they kept it shut."""
    days_off: dict[str, SlotCode] = dict.fromkeys(kept_shut, "day_off")
    if kept_shut and in_window(at, rules.window, rules.zone):
        return days_off
    hours: dict[str, SlotCode] = {window_words(rules.window, rules.zone): "window"}
    return {**hours, **days_off}


def _spread(at: datetime, wish: Wish, caps: Sequence[_Cap], rules: SlotRules) -> datetime:
    """Where it stood, else `at` plus the jitter, where that is free too.

    A mail that may go the moment it asks is not delayed, and none is moved by minutes for nothing: what was said
    beforehand stays true until something else takes the place.
    """

    def is_free(later: datetime) -> bool:
        if later >= wish.deadline or (wish.windowed and not in_window(later, rules.window, rules.zone, rules.off)):
            return False
        return all(cap.free_from(later) == later for cap in caps)

    stood = wish.stands_at
    if stood is not None and at <= stood <= at + wish.jitter and is_free(stood):
        return stood
    if at == wish.not_before or not is_free(at + wish.jitter):
        return at
    return at + wish.jitter
