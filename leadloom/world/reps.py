"""What reps of the world do with an offer: when they look, what they decide, and what becomes of it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.handoffs.working_time import WorkCalendar
from leadloom.domain.model import HandOffId, Instant, Value
from leadloom.world.people import Person
from leadloom.world.seeds import between, happens, pick, share


class Notice(Value):
    """What a notice in a rep's mailbox says."""

    number: int
    """The mail's number in the trap."""
    hand_off_id: HandOffId
    assignment_no: int
    kind: str
    step: str
    """offer, remind, escalated or first-try-missed."""
    person: int
    """The lead, by number in the world."""
    points: float | None = None
    """What the letter says they had earned, where their score let them in; None where they asked to talk."""


class RepAct(Value):
    """One thing a rep does at an instant of business time."""

    at: Instant
    do: Literal["accept", "reject", "try", "meet", "give_back", "open_deal", "close_deal"]
    notice: Notice
    reason: str | None = None
    days: int | None = None
    """For a recycle that asks a date."""
    text: str | None = None
    won: bool = False
    reached: bool = False


_IGNORED = 0.05
_SLOW = 0.13
"""Shares of offers a rep never sees, or sees too late: these escalate."""
ENOUGH = 40
EARLY = 0.15
"""Points from which on a scored lead is worth a call, and the share of those below that a rep takes all the same."""
_REASONS = ("not-yet", "not-yet", "no-budget", "no-fit", "not-yet", "wrong-person", "no-fit", "already-ours")


def respond(handle: str, notice: Notice, person: Person, calendar: Calendar, now: datetime) -> list[RepAct]:
    """What the rep of that handle does about a notice. Reminders and nudges change nothing here: they were seen."""
    if notice.step not in ("offer", "escalated"):
        return []
    name = (person.number, notice.kind, notice.assignment_no)
    if notice.assignment_no == 1 and happens(_IGNORED, "ignores", *name):
        return []
    clock = WorkCalendar(calendar)
    # Half a minute past: never in the very instant of a reminder or a deadline, where two runs could differ.
    looks_at = clock.add(now, timedelta(minutes=int(_minutes_to_look(notice, *name)), seconds=30))
    decided = _decision(notice, person, looks_at)
    return [decided, *_afterwards(decided, person, clock)] if decided.do == "accept" else [decided]


def _minutes_to_look(notice: Notice, *name: object) -> float:
    slow = notice.assignment_no == 1 and happens(_SLOW, "slow", *name)
    if notice.kind == "hand-raise":
        return between(17, 45, "looks", *name) if slow else between(2, 12, "looks", *name)
    return between(250, 420, "looks", *name) if slow else between(15, 200, "looks", *name)


def accepts(person: Person, points: float | None = None) -> bool:
    """The planted truth of acceptance: webinar 72 %, wrong data and junk never, the rest by warmth.

    Whom the score lets in with fewer points than it first took is called too early (`EARLY`), wherever they come from
    but the webinar: that is why acceptance falls when the threshold does.
    """
    if person.wrong_data or person.kind != "buyer":
        return False
    if person.source == "webinar":
        return happens(0.72, "accept", person.number)
    if is_early(points):
        return happens(EARLY, "early", person.number)
    return share("accept", person.number) < 0.35 + 0.6 * person.warmth


def is_early(points: float | None) -> bool:
    """Whether the score let them in below what it took before the threshold fell."""
    return points is not None and points < ENOUGH


def _decision(notice: Notice, person: Person, at: datetime) -> RepAct:
    if notice.kind == "won-to-success" or accepts(person, notice.points):
        return RepAct(at=at, do="accept", notice=notice)
    reason = _reason(person, notice.points)
    text = "Asked us to come back through purchasing" if reason == "other" else None
    days = int(between(20, 50, "not yet", person.number)) if reason == "not-yet" else None
    return RepAct(at=at, do="reject", notice=notice, reason=reason, days=days, text=text)


def _reason(person: Person, points: float | None) -> str:
    if person.wrong_data:
        return "wrong-data"
    if person.kind != "buyer":
        return "junk"
    if is_early(points) and person.source != "webinar":
        return "not-yet"
    if happens(0.06, "other", person.number):
        return "other"
    return pick(_REASONS, "reason", person.number)


def _afterwards(accepted: RepAct, person: Person, clock: WorkCalendar) -> list[RepAct]:
    """Tries, a meeting, a deal, its end; or six tries in vain and back with a reason."""
    notice, number = accepted.notice, person.number
    first_try = clock.add(accepted.at, timedelta(minutes=int(between(3, 26, "tries", number, notice.kind))))
    reached = notice.kind == "won-to-success" or happens(0.55 + 0.4 * person.warmth, "reached", number)
    acts = [RepAct(at=first_try, do="try", notice=notice, reached=reached)]
    if notice.kind == "won-to-success":
        return acts
    if not reached:
        tries = [clock.add(first_try, timedelta(hours=12 * place)) for place in range(1, 6)]
        acts += [RepAct(at=at, do="try", notice=notice) for at in tries]
        return [
            *acts,
            RepAct(at=clock.add(tries[-1], timedelta(hours=8)), do="give_back", notice=notice, reason="cant-reach"),
        ]
    meets = clock.add(first_try, timedelta(hours=int(between(8, 30, "meets", number))))
    acts.append(RepAct(at=meets, do="meet", notice=notice))
    if not happens(0.45 + 0.4 * person.warmth, "deal", number):
        return [
            *acts,
            RepAct(at=clock.add(meets, timedelta(hours=16)), do="give_back", notice=notice, reason="no-budget"),
        ]
    opens = clock.add(meets, timedelta(hours=int(between(2, 14, "opens", number))))
    return [*acts, RepAct(at=opens, do="open_deal", notice=notice), _end_of_deal(opens, person, notice, clock)]


def _end_of_deal(opens: datetime, person: Person, notice: Notice, clock: WorkCalendar) -> RepAct:
    product = product_for(person)
    low, high = {"Kit": (9, 26), "Fleet": (38, 66), "Site": (120, 260)}[product]
    if person.source == "referral":
        low, high = low * 0.5, high * 0.5
    closes = clock.next_open(opens + timedelta(days=int(between(low, high, "closes", person.number))))
    won = happens(0.3 + 0.45 * person.warmth, "wins", person.number)
    return RepAct(at=closes, do="close_deal", notice=notice, won=won)


def product_for(person: Person) -> str:
    """Kit, Fleet or Site, by the company's size."""
    if person.company.sites < 8:
        return "Kit"
    return "Fleet" if person.company.sites < 25 else "Site"


def amount_of(person: Person) -> int:
    """What the deal is worth, in the money of the company."""
    low, high = {"Kit": (4800, 4801), "Fleet": (18000, 60000), "Site": (60000, 240000)}[product_for(person)]
    return int(between(low, high, "amount", person.number) // 100 * 100)
