"""What did the rehearsal of an audience show? Mails a day, who went where, who fought for a slot, who gets busy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.steps.step import END
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.rehearsal.cast import Setting
from leadloom.domain.rehearsal.tally import Clash, Tally, Went

EXAMPLES = 20
"""Clashes that are told one by one: the first of them, by instant."""


class DayOfMail(Value):
    """How much mail goes on a day (UTC)."""

    day: date
    mails: int
    by_journey: dict[str, int]


class WayTaken(Value):
    """A way on from a step."""

    when: str
    """In words; empty for the only way."""
    to: str
    runs: int


class StepCount(Value):
    """How many runs came to a step, and where they went."""

    step: str
    said: str
    arrived: int
    """Each time a run came, also again."""
    waiting: int
    """Runs that stand here when the rehearsal is over."""
    ways: tuple[WayTaken, ...]


class JourneyCount(Value):
    """How a journey went."""

    journey: str
    entered: int
    left_out: dict[str, int]
    """Code (campaigns.membership) → leads whom nobody could let in."""
    outcomes: dict[str, int]
    """How its runs ended."""
    never_ended: int
    """Runs still open when the rehearsal was over."""
    mails: int
    lost: dict[str, int]
    """What became of mails that didn't go: `expired`, `cancelled`, `suppressed`."""
    steps: tuple[StepCount, ...]


class CapConflict(Value):
    """Mails of one journey that a cap moved or lost, because of mails of another (or of its own)."""

    wanted: str
    won: str
    mails: int
    expired: int
    longest_wait: timedelta
    """Of those that went later."""


class Moved(Value):
    """One mail that a cap moved or lost."""

    lead_id: LeadId
    journey: str
    step: str
    mail: str
    wanted_at: Instant
    got_at: Instant | None
    cap: str
    won: tuple[str, ...]


class DeadWay(Value):
    """A step or a way that nobody took."""

    journey: str
    step: str
    when: str
    """Empty: nobody came to the step at all."""
    to: str


class OwnerLoad(Value):
    """What one of ours gets to do."""

    owner: str
    hand_offs: int
    tasks: int
    busiest_day: date
    on_that_day: int
    by_day: dict[str, int]


class Rehearsed(Value):
    """All of it, but the list of mails (`sends_of`)."""

    begins_at: Instant
    ends_at: Instant
    leads: int
    seed: int
    answers: str
    """Who answered, in words."""
    mails: int
    days: tuple[DayOfMail, ...]
    """Days with mail, in order."""
    journeys: tuple[JourneyCount, ...]
    answered: dict[str, int]
    """What leads did: kind of event → how often."""
    conflicts: tuple[CapConflict, ...]
    """Most mails first."""
    moved: tuple[Moved, ...]
    """Examples."""
    dead: tuple[DeadWay, ...]
    load: tuple[OwnerLoad, ...]
    left_aside: tuple[str, ...]
    """What wasn't played, in words."""


def sends_of(tally: Tally) -> list[Went]:
    """Each mail that goes, in order of its instant, then of lead, journey and step."""
    return sorted(tally.sends)


def summed_up(setting: Setting, tally: Tally, *, answers: str, left_aside: Iterable[str] = ()) -> Rehearsed:
    """The counts of all leads, told. Journeys that nobody came into, and nobody wanted to, are left out."""
    names = {*tally.entered, *(name for name, _ in tally.left_out), *(name for name, *_ in tally.waiting)}
    played = [one.journey for one in setting.journeys if one.journey.name in names]
    return Rehearsed(
        begins_at=setting.begins_at,
        ends_at=setting.ends_at,
        leads=tally.leads,
        seed=setting.seed,
        answers=answers,
        mails=len(tally.sends),
        days=tuple(_days(tally.sends)),
        journeys=tuple(_journey(one, tally) for one in played),
        answered=dict(tally.answered.most_common()),
        conflicts=tuple(_conflicts(tally.clashes)),
        moved=tuple(Moved(**clash._asdict()) for clash in sorted(tally.clashes, key=_when)[:EXAMPLES]),
        dead=tuple(way for one in played if tally.entered[one.name] for way in _dead(one, tally)),
        load=tuple(_load(tally)),
        left_aside=tuple(left_aside),
    )


def _when(clash: Clash) -> tuple[object, ...]:
    return (clash.wanted_at, str(clash.lead_id), clash.step)


def _days(sends: Iterable[Went]) -> Iterator[DayOfMail]:
    days: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for one in sends:
        days[one.at.date()][one.journey] += 1
    for day, counts in sorted(days.items()):
        yield DayOfMail(day=day, mails=counts.total(), by_journey=dict(sorted(counts.items())))


def _journey(journey: Journey, tally: Tally) -> JourneyCount:
    name = journey.name
    lost: Counter[str] = Counter()
    for (of, _, status), count in tally.lost.items():
        if of == name:
            lost[status] += count
    return JourneyCount(
        journey=name,
        entered=tally.entered[name],
        left_out={code: count for (of, code), count in sorted(tally.left_out.items()) if of == name},
        outcomes={outcome: count for (of, outcome), count in sorted(tally.outcomes.items()) if of == name},
        never_ended=sum(count for (of, _, _), count in tally.waiting.items() if of == name),
        mails=sum(one.journey == name for one in tally.sends),
        lost=dict(sorted(lost.items())),
        steps=tuple(_steps(journey, tally)),
    )


def _steps(journey: Journey, tally: Tally) -> Iterator[StepCount]:
    name = journey.name
    for step in journey.steps:
        ways = dict[str, list[str]]()
        for way in step.ways(journey.after(step.id)):
            ways.setdefault(way.to, []).append(way.when)
        yield StepCount(
            step=step.id,
            said=step.said(),
            arrived=tally.arrived[name, step.id],
            waiting=sum(count for (of, at, _), count in tally.waiting.items() if (of, at) == (name, step.id)),
            ways=tuple(
                WayTaken(when=" or ".join(filter(None, whens)), to=to, runs=tally.took[name, step.id, to])
                for to, whens in ways.items()
            ),
        )


def _dead(journey: Journey, tally: Tally) -> Iterator[DeadWay]:
    """Steps nobody came to; and of the others with several ways, those nobody took."""
    for count in _steps(journey, tally):
        if not count.arrived:
            yield DeadWay(journey=journey.name, step=count.step, when="", to=END)
        elif len(count.ways) > 1:
            yield from (
                DeadWay(journey=journey.name, step=count.step, when=way.when, to=way.to)
                for way in count.ways
                if not way.runs
            )


def _conflicts(clashes: Iterable[Clash]) -> list[CapConflict]:
    found: defaultdict[tuple[str, str], list[Clash]] = defaultdict(list)
    for clash in clashes:
        for won in sorted({one.partition("/")[0] for one in clash.won}) or ["others of the company"]:
            found[clash.journey, won].append(clash)
    conflicts = [
        CapConflict(
            wanted=wanted,
            won=won,
            mails=len(each),
            expired=sum(one.got_at is None for one in each),
            longest_wait=max((one.got_at - one.wanted_at for one in each if one.got_at), default=timedelta()),
        )
        for (wanted, won), each in found.items()
    ]
    return sorted(conflicts, key=lambda one: (-one.mails, one.wanted, one.won))


def _load(tally: Tally) -> Iterator[OwnerLoad]:
    owners = sorted({owner for owner, _, _ in tally.load})
    for owner in owners:
        days: Counter[str] = Counter()
        kinds: Counter[str] = Counter()
        for (who, day, kind), count in tally.load.items():
            if who == owner:
                days[day] += count
                kinds[kind] += count
        busiest = max(days, key=lambda day: (days[day], day))
        yield OwnerLoad(
            owner=owner,
            hand_offs=kinds["hand-off"],
            tasks=kinds["task"],
            busiest_day=date.fromisoformat(busiest),
            on_that_day=days[busiest],
            by_day=dict(sorted(days.items())),
        )
