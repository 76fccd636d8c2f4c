"""How did each promise of the charter go in a period, and which hand-offs kept or broke it?

A hand-off belongs to the period in which it was first offered. One that can't be judged yet (an answer not due, tries
whose days aren't over) is in no share: it stands in a list of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Literal, NamedTuple

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.regions import localised
from leadloom.domain.model import HandOffId, Instant, Value
from leadloom.domain.reports.figures import Frame, Share, frame
from leadloom.domain.reports.response_time import DECISION, Clocks, OfferedHandOff, answers, offered_by

Side = Literal["marketing", "sales"]
Key = Literal["complete", "accepted", "why", "in-time", "reason", "tries"]
Went = Literal["kept", "broken", "open"]
Verdict = Literal["kept", "not kept", "not enough yet"]
ABOUT_REACHING = ("attempt_made", "meeting_held", "deal_opened", "deal_won")
"""Events that say how often an owner tried, and that somebody was reached."""


class Tries(Value):
    """What an owner tried with a lead they had accepted."""

    hand_off_id: HandOffId
    made_at: tuple[Instant, ...] = ()
    """Oldest first."""
    reached_at: Instant | None = None
    """When somebody was reached, by what was noted or by a meeting or deal; None while nobody was."""
    closed_at: Instant | None = None


class PromisesQuestion(Value):
    """Which hand-offs are looked at."""

    as_of: Instant
    last: timedelta | None = None
    """Those first offered within so long before; None: all there ever were."""

    @property
    def since(self) -> Instant | None:
        """The first instant of the period."""
        return None if self.last is None else self.as_of - self.last

    @property
    def read_since(self) -> Instant | None:
        """The first instant of the period before, which stands beside it."""
        return None if self.last is None else self.as_of - 2 * self.last


class PromiseFigure(Value):
    """One promise beside what became of it."""

    key: Key
    by: Side
    words: str
    promised_percent: float
    today: Share
    before: Share | None
    """The same of the period before, as long as this one; None for all there ever were."""
    verdict: Verdict
    judged_from: int
    """How many hand-offs it takes to call it kept or not."""
    kept: tuple[HandOffId, ...]
    """In order of their first offer, as the other two."""
    broken: tuple[HandOffId, ...]
    open: tuple[HandOffId, ...]
    """Not to be judged yet, or no more: in no share."""

    def ids(self, went: Went | None) -> tuple[HandOffId, ...]:
        """The hand-offs that went so; None: all that are in the share."""
        return {"kept": self.kept, "broken": self.broken, "open": self.open, None: self.kept + self.broken}[went]


class PromisesReport(Value):
    """The mutual promises, side by side."""

    frame: Frame
    since: Instant | None
    """None: since the first hand-off."""
    basis: str
    hand_offs: int
    promises: tuple[PromiseFigure, ...]
    """Marketing's, then those of sales, in the charter's order."""

    def of(self, side: Side) -> tuple[PromiseFigure, ...]:
        """The promises of one side."""
        return tuple(one for one in self.promises if one.by == side)


Judge = Callable[[OfferedHandOff], Went | None]
"""How a promise went with a hand-off; None when it isn't about it."""


def promises(
    definition: Definition,
    hand_offs: Iterable[OfferedHandOff],
    tries: Mapping[HandOffId, Tries],
    question: PromisesQuestion,
) -> PromisesReport:
    """Each promise of the charter in the period asked about. `hand_offs` hold at least those of it and of the one
    before; a kind the definition no longer has carries no promise.
    """
    known = [one for one in offered_by(hand_offs, question.as_of) if one.kind in definition.hand_offs]
    since = question.since
    now = [one for one in known if since is None or one.offered_at >= since]
    before = [] if since is None else [one for one in known if one.offered_at < since]
    return PromisesReport(
        frame=frame(definition, question.as_of),
        since=since,
        basis="hand-offs by the day of their first offer; what can't be judged yet is in no share",
        hand_offs=len(now),
        promises=tuple(
            _figure(promise, now, None if since is None else before, definition.charter.judged_from)
            for promise in _promises(definition, known, tries, question.as_of)
        ),
    )


class _Promise(NamedTuple):
    key: Key
    by: Side
    words: str
    promised: float
    """Share from 0 to 1."""
    judge: Judge


def _promises(
    definition: Definition, known: list[OfferedHandOff], tries: Mapping[HandOffId, Tries], as_of: Instant
) -> tuple[_Promise, ...]:
    marketing, sales = definition.charter.marketing, definition.charter.sales
    answered = {one.hand_off_id: one.state for one in answers(definition, known, DECISION, as_of=as_of)}
    clocks = {key: Clocks(localised(definition, key)) for key in (None, *definition.regions)}
    of_tries = f"{sales.tries} tries in {_days_for_tries(definition)} working days, or somebody is reached"

    def complete(one: OfferedHandOff) -> Went:
        return _was(one.is_complete)

    def why(one: OfferedHandOff) -> Went:
        return _was(one.has_why)

    def in_time(one: OfferedHandOff) -> Went:
        return _IN_TIME.get(answered[one.hand_off_id], "open")

    def tried(one: OfferedHandOff) -> Went | None:
        made = tries.get(one.hand_off_id)
        return _tried(definition, one, made, clocks[one.region], as_of) if made and one.state == "accepted" else None

    says_why, gives_reason = float(marketing.reason_in_each_notice), float(sales.reason_each)
    accepted_words = "Leads offered are accepted, of those decided"
    return (
        _Promise("complete", "marketing", "Leads arrive complete", marketing.complete, complete),
        _Promise("accepted", "marketing", accepted_words, marketing.accepted, _accepted),
        _Promise("why", "marketing", "Each notice says why this lead, why now", says_why, why),
        _Promise("in-time", "sales", "Offers are answered in time", sales.answered_in_time, in_time),
        _Promise("reason", "sales", "Each lead given back has a reason", gives_reason, _reason),
        _Promise("tries", "sales", f"Accepted leads get {of_tries}", 1.0, tried),
    )


def _days_for_tries(definition: Definition) -> int:
    promise = definition.promises.get("tries")
    return promise.working_days if promise else 10


_IN_TIME: dict[str, Went] = {"in time": "kept", "late": "broken", "unanswered": "broken"}


def _accepted(one: OfferedHandOff) -> Went:
    return "open" if one.state == "offered" else _was(one.state == "accepted")


def _reason(one: OfferedHandOff) -> Went | None:
    return _was(one.reason is not None) if one.state in ("rejected", "recycled") else None


def _was(kept: bool) -> Went:
    return "kept" if kept else "broken"


def _tried(definition: Definition, one: OfferedHandOff, made: Tries, clocks: Clocks, as_of: Instant) -> Went:
    if one.decided_at is None:
        return "open"
    calendar = clocks.calendars[one.calendar or clocks.pools]
    due_at = calendar.add(one.decided_at, _days_for_tries(definition) * calendar.day)
    if made.reached_at is not None and made.reached_at <= as_of:
        return "kept"
    if sum(at <= due_at for at in made.made_at) >= definition.charter.sales.tries:
        return "kept"
    if made.closed_at is not None and made.closed_at <= min(due_at, as_of):
        # Given back before its days were over, for a reason that isn't silence: more tries would have helped nobody.
        return "open"
    return "open" if as_of <= due_at else "broken"


def _figure(
    promise: _Promise, now: list[OfferedHandOff], before: list[OfferedHandOff] | None, judged_from: int
) -> PromiseFigure:
    went: dict[Went, list[HandOffId]] = {"kept": [], "broken": [], "open": []}
    for one in now:
        if (how := promise.judge(one)) is not None:
            went[how].append(one.hand_off_id)
    today = Share(part=len(went["kept"]), whole=len(went["kept"]) + len(went["broken"]))
    return PromiseFigure(
        key=promise.key,
        by=promise.by,
        words=promise.words,
        promised_percent=100 * promise.promised,
        today=today,
        before=None if before is None else _share(promise.judge, before),
        verdict=_verdict(today, promise.promised, judged_from),
        judged_from=judged_from,
        kept=tuple(went["kept"]),
        broken=tuple(went["broken"]),
        open=tuple(went["open"]),
    )


def _share(judge: Judge, hand_offs: list[OfferedHandOff]) -> Share:
    found = [judge(one) for one in hand_offs]
    return Share(part=found.count("kept"), whole=found.count("kept") + found.count("broken"))


def _verdict(today: Share, promised: float, judged_from: int) -> Verdict:
    if today.whole < judged_from:
        return "not enough yet"
    return "kept" if float(today.part) >= promised * float(today.whole) else "not kept"
