"""What would each run get when its paused journey goes on, and when is its turn, so that nobody is flooded? (X14)

Plays each run ahead by the interpreter that production runs, as if nobody answered anything, and gives it the first
day on which what it gets fits: at most one mail a day for a lead, and so many a day for all, when a rate is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from leadloom.domain.facts import Facts, MessageStatus, Pause, Progress, SentMail
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import Call, Do, Finish, PlanMail, Wait
from leadloom.domain.journeys.progress import next_move
from leadloom.domain.model import EnrolmentId, Instant, LeadId, MessageId, Value

APART = timedelta(days=1)
"""How much later a run's turn is tried next; its own mails are kept as far apart by the interpreter."""
_RESERVED = MessageStatus.RESERVED
_ON_ITS_WAY = (_RESERVED, MessageStatus.DEFERRED, MessageStatus.HELD)
_MOST_MOVES = 500
_MOST_DAYS = 366
"""Nobody waits longer for their turn; by then every mail has expired."""


class Get(Value):
    """A mail a run would get, or lose."""

    step: str
    mail: str
    at: Instant | None
    """When it goes; None for one that expires."""
    why: str = ""
    """What kept it from going, for one that expires."""


class Turn(Value):
    """When a run goes on, and what it gets until it has caught up."""

    enrolment_id: EnrolmentId
    lead_id: LeadId
    turn_at: Instant
    gets: tuple[Get, ...] = ()

    @property
    def mails(self) -> tuple[Get, ...]:
        """Those that go."""
        return tuple(get for get in self.gets if get.at is not None)


class Asked(NamedTuple):
    """A mail that wants a slot, not before an instant."""

    mail: SentMail | None
    """On its way since before the pause; None for one that is asked for then."""
    plan: PlanMail | None
    not_before: datetime


Place = Callable[[Asked], datetime | str]
"""When a mail of the run goes beside everything else its lead gets; or, in words, why it goes nowhere in time."""


class Held(NamedTuple):
    """A run of the paused journey."""

    enrolment_id: EnrolmentId
    lead_id: LeadId
    journey: Journey
    progress: Progress
    facts: Facts
    """As of the resume. Its open pause is the last of `pauses`."""
    try_places: Callable[[], Place]
    """A fresh calendar for a try: what is placed in one try counts for the caps of what comes after it in the same."""
    keep: Callable[[Sequence[Get]], None]
    """The try is taken: those who come after see what it took."""


def turns(runs: Iterable[Held], at: datetime, until: datetime, *, per_day: int | None) -> list[Turn]:
    """Each run's turn, in the order given: who comes first has the first free day.

    Args:
        runs: Open runs, who has waited longest first.
        at: The resume.
        until: How far ahead to look, at least; a turn beyond it is looked beyond as far.
        per_day: Mails of these runs on one day (UTC) at most; None for as many as there are.
    """
    days: Counter[date] = Counter()
    busy: dict[LeadId, set[date]] = {}
    first_free = at
    found: list[Turn] = []
    for run in runs:
        while per_day is not None and days[first_free.date()] >= per_day:
            first_free += APART
        turn = _turn(run, at, first_free, until, days, busy.setdefault(run.lead_id, set()), per_day)
        run.keep(turn.mails)
        for get in turn.mails:
            assert get.at is not None  # those of `mails` go
            days[get.at.date()] += 1
            busy[run.lead_id].add(get.at.date())
        found.append(turn)
    return found


def _turn(
    run: Held,
    at: datetime,
    first_free: datetime,
    until: datetime,
    days: Counter[date],
    busy: set[date],
    per_day: int | None,
) -> Turn:
    gets = ahead(run, at, until)
    turn_at = at
    for _ in range(_MOST_DAYS):
        wanted = Counter(get.at.date() for get in gets if get.at is not None)
        fits = per_day is None or all(days[day] + count <= per_day for day, count in wanted.items())
        if fits and not busy & wanted.keys():
            break
        turn_at = first_free if turn_at < first_free else turn_at + APART
        gets = ahead(run, turn_at, max(until, turn_at + APART))
    return Turn(enrolment_id=run.enrolment_id, lead_id=run.lead_id, turn_at=turn_at, gets=tuple(gets))


def ahead(run: Held, turn_at: datetime, until: datetime) -> list[Get]:
    """The mails a run gets or loses that goes on at `turn_at`, up to `until`, if its lead does nothing."""
    return _Ahead(run, turn_at, until).play()


class _Ahead:
    def __init__(self, run: Held, turn_at: datetime, until: datetime) -> None:
        self._run, self._until, self.at, self._progress = run, until, turn_at, run.progress
        *before, this = run.facts.pauses
        pause = Pause(since=this.since, until=turn_at, clock=this.clock)
        self._facts = run.facts.but(paused=None, smooth_until=until, pauses=(*before, pause))
        self._gets: list[Get] = []
        self._place = run.try_places()

    def play(self) -> list[Get]:
        for mail in self._facts.mails:
            if mail.status in _ON_ITS_WAY:
                self._place_anew(mail)
        moves = 0
        while self.at < self._until and moves < _MOST_MOVES and self._moves():
            moves += 1
        return self._gets

    def _moves(self) -> bool:
        """One move; whether there may be another."""
        match move := next_move(self._run.journey, self._progress, self._facts, self.at):
            case Wait():
                self._progress = move.progress
                self._pass_to(move.until)
            case Finish():
                return False
            case Do(effect=PlanMail(to=None) as plan):
                self._ask(plan)
                self._progress = move.then
            case Do() | Call():
                self._progress = move.then
        return True

    def _place_anew(self, mail: SentMail) -> None:
        slot = self._post(Asked(mail, None, self.at), mail.step, mail.step)
        known = _planned(mail, slot)
        self._facts = self._facts.but(mails=tuple(known if each is mail else each for each in self._facts.mails))

    def _ask(self, plan: PlanMail) -> None:
        slot = self._post(Asked(None, plan, self.at), plan.step, plan.mail)
        mail = SentMail(
            message_id=MessageId(self._run.enrolment_id), step=plan.step, visit=plan.visit,
            status=MessageStatus.RESERVED, slot_at=self.at,
        )  # fmt: skip
        self._facts = self._facts.but(mails=(*self._facts.mails, _planned(mail, slot)))

    def _post(self, asked: Asked, step: str, mail: str) -> datetime | None:
        placed = self._place(asked)
        if not isinstance(placed, datetime):
            self._gets.append(Get(step=step, mail=mail, at=None, why=placed))
            return None
        if placed < self._until:
            self._gets.append(Get(step=step, mail=mail, at=placed))
        return placed

    def _pass_to(self, instant: datetime) -> None:
        self.at = max(self.at, instant)
        mails = tuple(_went(mail) if mail.slot_at <= self.at else mail for mail in self._facts.mails)
        self._facts = self._facts.but(mails=mails)


def _planned(mail: SentMail, slot: datetime | None) -> SentMail:
    return mail.but(status=MessageStatus.EXPIRED) if slot is None else mail.but(slot_at=slot, status=_RESERVED)


def _went(mail: SentMail) -> SentMail:
    if mail.status not in _ON_ITS_WAY:
        return mail
    return mail.but(status=MessageStatus.SENT, sent_at=mail.slot_at)


def by_day(found: Sequence[Turn]) -> dict[date, int]:
    """How many mails would go on each day (UTC)."""
    counts = Counter(get.at.date() for turn in found for get in turn.mails if get.at is not None)
    return dict(sorted(counts.items()))
