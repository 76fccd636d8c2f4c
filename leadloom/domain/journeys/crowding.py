"""Does a journey ask for more mails than the caps let through? Its ways walked day by day, with nobody else's mail."""

from __future__ import annotations

from collections.abc import Iterator

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.mail_policy import PersonCap
from leadloom.domain.journeys.conditions import either
from leadloom.domain.journeys.day_range import Days
from leadloom.domain.journeys.journey import Journey, Step
from leadloom.domain.journeys.steps.step import END, Letter
from leadloom.domain.mails.slots import cap_words
from leadloom.domain.model import Value

_MOST_WAYS = 20_000
"""Of a journey with more the rest is left out: what is found is so, what isn't found may still be."""
_A_DAY_LATE = 1.0


class _Gone(Value):
    """A mail of one way, and the day it goes."""

    step: str
    day: float
    mail_class: str


class _Here(Value):
    """Where a lead on one way stands."""

    step: str
    day: float
    gone: tuple[_Gone, ...] = ()
    times: tuple[str, ...] = ()
    """The steps whose limited way was taken so far, each as often as it was."""
    quiet: bool = True
    """The lead did nothing so far: what is late here is the journey's own doing."""


def crowded(journey: Journey, definition: Definition) -> Iterator[Fault]:
    """A fault for each mail that a cap keeps back for ever, or by a day and more though the lead did nothing."""
    found: dict[tuple[str, str], Fault] = {}
    ahead = [_Here(step=step.id, day=0.0) for step in journey.steps[:1]]
    for _ in range(_MOST_WAYS):
        if not ahead:
            break
        here = ahead.pop()
        step = journey.step(here.step)
        here, kept_back = _sent(step, here, journey, definition)
        for fault in kept_back:
            found.setdefault((here.step, fault.words), fault)
        ahead.extend(one for one in _onward(journey, step, here) if one.step != END)
    worst: dict[str, Fault] = {}
    for (step_id, _), fault in found.items():
        worst.setdefault(step_id, fault)
    yield from worst.values()


def _sent(step: Step, here: _Here, journey: Journey, definition: Definition) -> tuple[_Here, list[Fault]]:
    """The way after the step's mail, and what is wrong with its day. Of a stream any one mail stands for all."""
    letter = next((one for one in step.letters(journey) if one.to is None), None)
    policy = definition.mail.classes.get(letter.mail_class) if letter else None
    if letter is None or policy is None or not policy.capped:
        return here, []
    free, cap = _free_from(letter, here, journey, definition)
    path = ("steps", journey.index(step.id), "mail")
    if cap is not None and free >= here.day + letter.worth.total_seconds() / 86400:
        return here, [Fault(path=path, words=_words(letter, here, cap, "so it never goes. Make it worth longer, or"))]
    late: list[Fault] = []
    if cap is not None and here.quiet and free - here.day >= _A_DAY_LATE:
        late = [Fault(path=path, words=_words(letter, here, cap, f"so it goes {free - here.day:.3g} days late."))]
    gone = (*here.gone, _Gone(step=step.id, day=free, mail_class=letter.mail_class))
    return here.but(day=free, gone=gone), late


def _free_from(letter: Letter, here: _Here, journey: Journey, definition: Definition) -> tuple[float, PersonCap | None]:
    """The first day the caps let the mail go, and the cap that moved it last."""
    day, moved_by = here.day, None
    moved = True
    while moved:
        moved = False
        for cap in definition.mail.per_person:
            if not cap.counts(letter.mail_class, journey.topic):
                continue
            within = cap.within.total_seconds() / 86400
            days = sorted(one.day for one in here.gone if cap.counts(one.mail_class, journey.topic))
            group = days[-cap.count :] if cap.count else []
            if len(group) == cap.count and group and day - group[0] < within:
                day, moved_by, moved = group[0] + within, cap, True
    return day, moved_by


def _words(letter: Letter, here: _Here, cap: PersonCap, what: str) -> str:
    before = either([one.step for one in here.gone][-cap.count :]).replace(" or ", " and ")
    advice = "Put longer waits between them." if what.endswith(".") else "put longer waits between them."
    return f"{letter.mail} follows {before} by day {here.day:.3g}, and {cap_words(cap)}, {what} {advice}"


def _onward(journey: Journey, step: Step, here: _Here) -> Iterator[_Here]:
    days = Days(earliest=here.day, latest=here.day)
    over = step.days_over(days, {})
    ways = step.ways(journey.after(step.id))
    for way in ways:
        times = here.times
        if way.times is not None:
            if times.count(step.id) >= way.times:
                continue
            times = tuple(sorted((*times, step.id)))
        waited = over is not None and way.late
        # A way that is taken before the time is over is taken because somebody did something.
        quiet = here.quiet and (over is None or way.late)
        day = over.latest if waited and over is not None else here.day
        yield here.but(step=way.to, day=day, times=times, quiet=quiet)
