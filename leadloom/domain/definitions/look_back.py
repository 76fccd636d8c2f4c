"""What would a draft have made of a past span? Weeks, load and cases: figures whose leads are kept with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.stages.hindsight import CASES, Case, Passage, Telling

KEPT_OF_A_CASE = 500
"""Leads of a case that are kept by name, so that a page of millions stays a page; the number counts them all."""


class Week(Value):
    """One week, three times told. Weeks begin on Monday, in UTC."""

    monday: date
    mql_really: int = 0
    """Leads that came through the gate, as the log has it, under whatever version was in force then."""
    mql_before: int = 0
    """By the version in force now."""
    mql_after: int = 0
    """By the draft."""
    sal_really: int = 0
    sal_before: int = 0
    """Of those handed over, whom sales really accepted, in the week of the acceptance."""
    sal_after: int = 0
    unasked_after: int = 0
    """Handed over by the draft, and sales never gave an answer: nobody had asked."""


class Load(Value):
    """Leads handed to somebody in a week. Colleagues of one company are counted one by one."""

    who: str
    """A handle, or `pool NAME`."""
    monday: date
    before: int
    after: int


class Told(Value):
    """A lead the two tell differently."""

    lead_id: LeadId
    case: Case
    before_at: Instant | None
    after_at: Instant | None
    owner: str | None
    """Who would have been offered it by the draft, else by the version in force."""
    is_accepted: bool | None
    """What sales really said; None for nothing."""
    has_won: bool


class CaseCount(Value):
    """How many leads are of a case."""

    case: Case
    leads: int


class LookBack(Value):
    """A draft beside the version in force, over a past span."""

    draft_no: int
    hash: str
    """Of the body that was looked at."""
    from_version: int
    since: Instant
    until: Instant
    at: Instant
    """When it was worked out."""
    looked_at: int
    """Leads to whom anything ever happened."""
    weeks: tuple[Week, ...]
    """Oldest first, without holes."""
    load: tuple[Load, ...]
    """By who, then by week; only weeks in which somebody got anything."""
    counts: tuple[CaseCount, ...]
    told: tuple[Told, ...]
    """At most so many of each case (`KEPT_OF_A_CASE`), in the order of their ids."""
    unanswered_before: int
    """Handed over by the version in force, and nobody answered."""

    def of(self, case: str) -> int:
        """How many leads are of the case."""
        return next((one.leads for one in self.counts if one.case == case), 0)

    def total(self, figure: str) -> int:
        """A figure of the weeks, summed: `mql_before`."""
        return sum(getattr(week, figure) for week in self.weeks)

    def expected_sals(self) -> int | None:
        """SALs by the draft, were those nobody asked about accepted as often as those sales answered for; None while
        sales answered for nobody.
        """
        answered = self.total("mql_before") - self.unanswered_before
        if not answered:
            return None
        share = self.total("sal_before") / answered
        return round(self.total("sal_after") + share * self.total("unasked_after"))


def monday_of(instant: datetime) -> date:
    """The Monday of its week."""
    return instant.date() - timedelta(days=instant.weekday())


class Tally:
    """Counts lead by lead what two definitions would have done, in as much memory as there are weeks and reps."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self._since, self._until = since, until
        self._figures: Counter[tuple[date, str]] = Counter()
        self._load: Counter[tuple[str, date, str]] = Counter()
        self._cases: Counter[Case] = Counter()
        self._told: list[Told] = []
        self._unanswered_before = 0
        self.looked_at = 0

    def within(self, passed: Iterable[Passage]) -> tuple[Passage, ...]:
        """The passages of the span."""
        return tuple(one for one in passed if self._since <= one.at < self._until)

    def count(self, telling: Telling) -> None:
        """Note one lead's passages."""
        for one in telling.before:
            self._figures[monday_of(one.at), "mql_before"] += 1
            self._unanswered_before += one.is_accepted is None
            if one.is_accepted and one.answered_at:
                self._figures[monday_of(one.answered_at), "sal_before"] += 1
        for one in telling.after:
            self._figures[monday_of(one.at), "mql_after"] += 1
            self._figures[monday_of(one.at), "unasked_after"] += one.is_accepted is None
            if one.is_accepted and one.answered_at:
                self._figures[monday_of(one.answered_at), "sal_after"] += 1

    def offer(self, who: str, at: datetime, *, which: str) -> None:
        """Note whom a lead would have been offered to; `which` is `before` or `after`."""
        self._load[who, monday_of(at), which] += 1

    def differ(self, told: Told) -> None:
        """Note a lead the two tell differently."""
        self._cases[told.case] += 1
        if self._cases[told.case] <= KEPT_OF_A_CASE:
            self._told.append(told)

    def sum(self, figure: str, monday: date, leads: int) -> None:
        """Add to a week's figure what the log has."""
        self._figures[monday, figure] += leads

    def weeks(self) -> tuple[Week, ...]:
        """Every week of the span, with its figures; answers that came after the span count where they came."""
        mondays = {monday for monday, _ in self._figures} | {monday_of(self._since), monday_of(self._until)}
        first, last = min(mondays), max(mondays)
        return tuple(self._week(first + timedelta(weeks=no)) for no in range((last - first).days // 7 + 1))

    def _week(self, monday: date) -> Week:
        names = [name for name in Week.model_fields if name != "monday"]
        return Week(monday=monday, **{name: self._figures[monday, name] for name in names})

    def done(self, *, draft_no: int, content_hash: str, from_version: int, at: datetime) -> LookBack:
        """Everything, to be kept."""
        places = sorted({(who, monday) for who, monday, _ in self._load})
        return LookBack(
            draft_no=draft_no, hash=content_hash, from_version=from_version, since=self._since, until=self._until,
            at=at, looked_at=self.looked_at, weeks=self.weeks(),
            load=tuple(
                Load(who=who, monday=monday, before=self._load[who, monday, "before"],
                     after=self._load[who, monday, "after"])
                for who, monday in places
            ),
            counts=tuple(CaseCount(case=case, leads=self._cases[case]) for case in CASES if self._cases[case]),
            told=tuple(self._told),
            unanswered_before=self._unanswered_before,
        )  # fmt: skip


def by_who(load: Sequence[Load]) -> tuple[tuple[str, int, int, int], ...]:
    """Who, how many before and after in all, and the most of one week by the draft; most by the draft first."""
    found: dict[str, list[Load]] = {}
    for one in load:
        found.setdefault(one.who, []).append(one)
    sums = [
        (who, sum(one.before for one in weeks), sum(one.after for one in weeks), max(one.after for one in weeks))
        for who, weeks in found.items()
    ]
    return tuple(sorted(sums, key=lambda one: (-one[2], one[0])))
