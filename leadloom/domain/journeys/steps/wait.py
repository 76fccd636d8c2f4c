"""`do: wait`: let time pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Literal

from pydantic import Field

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.week import Weekday
from leadloom.domain.facts import Facts
from leadloom.domain.journeys import moves, waits
from leadloom.domain.journeys.conditions import either, in_words, span_words, value_of, working_days_words
from leadloom.domain.journeys.day_range import Days
from leadloom.domain.journeys.spans import Clock, Span
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import AStep, Way
from leadloom.domain.model import Json

_LONGEST_HOLIDAYS = 9
"""Days nobody works in one go, weekends included: Christmas to New Year. What bounds are proved with."""
_A_DAY, _A_WEEK = timedelta(days=1), timedelta(days=7)


class Wait(AStep):
    """Let time pass: `for` counts from the last mail's sent_at (else its plan, else arrival); `to_day` from entry.

    `until` alone waits for the next such moment; with another end it comes after that one.
    """

    do: Literal["wait"]
    for_: Span | None = Field(default=None, alias="for")
    """This long."""
    working_days: float | None = Field(default=None, gt=0, le=60)
    """So many working days, on the calendar of the lead's owner (else the manager's), counted as `for` is."""
    to_day: float | None = None
    """Day of the journey (0 = entry)."""
    before: Span | None = None
    """With `field`: until this long before the date in the lead's attribute; a date that moves moves the wait."""
    after: Span | None = None
    """With `field`: until this long after that date; `0m` is the day itself."""
    field: str | None = None
    """The attribute that holds the date, such as `audit_date`."""
    until: Clock | None = None
    """The next time the lead's own clock shows this, such as `08:30`; after the end above, if there is one."""
    on: tuple[Weekday, ...] = ()
    """With `until`: on one of these days, such as `[tue, thu]`; left out, on any."""

    def said(self) -> str:
        """`Wait 3 days`, `Wait until day 8`, `Wait until 60 days before audit date`."""
        return f"Wait {wait_words(self)}"

    def ways(self, following: str) -> tuple[Way, ...]:
        """On when it is over."""
        return (Way("", following, late=True),)

    def days_over(self, here: Days, dated: Mapping[str, float]) -> Days | None:
        """When its span, its day or its date comes; a clock and its weekdays add up to a week."""
        over = here
        if self.field is not None:
            over = here.not_before(dated[self.id]) if self.id in dated else here
        elif self.to_day is not None:
            over = here.not_before(self.to_day)
        elif self.for_ is not None:
            over = here.later(self.for_)
        elif self.working_days is not None:
            over = Days(
                earliest=here.earliest + self.working_days / 2,
                latest=here.latest + 2 * self.working_days + _LONGEST_HOLIDAYS,
            )
        if self.until is None:
            return over
        most = _A_WEEK if self.on else _A_DAY
        return Days(earliest=over.earliest, latest=over.later(most).latest)

    @property
    def takes_time(self) -> bool:
        """It is what it is for."""
        return True

    def move(self, scene: Scene) -> moves.Do | moves.Wait:
        """Wait until the end has come; a date nobody has told is waited for by nobody."""
        due = self._due(scene)
        if due is None:
            field = self.field or ""
            why: dict[str, Json] = {field: value_of(field, scene.facts)}
            return scene.skip(f"no date is known for {in_words(field)}", scene.next(), why)
        if scene.at < due.until:
            return moves.Wait(until=due.until, waiting_for=due.words, listens=due.listens, progress=scene.run)
        values: dict[str, Json] = {"until": due.until.isoformat(), "counted from": due.counted_from}
        return scene.skip(f"{due.words} has come", scene.next(due_at=due.until), values)

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """A wait without an end, or with two."""
        del checked  # the journey and the definition don't matter
        dated = self.before is not None or self.after is not None
        ends = [self.for_ is not None, self.working_days is not None, self.to_day is not None, dated]
        wanted = (0, 1) if self.until is not None else (1,)
        both = self.before is not None and self.after is not None
        if ends.count(True) not in wanted or dated != (self.field is not None) or both:
            words = "A wait has one end: `for`, `working_days`, `to_day`, `until`, or `before` or `after` with `field`."
            yield Fault(path=("id",), words=words)
        if self.on and self.until is None:
            yield Fault(path=("on",), words="`on` goes with `until`. Say at what time.")

    def on_date(self, facts: Facts) -> waits.Due | None:
        """Its end, when it hangs on a date that the lead has told; None when it doesn't, or nobody knows the date."""
        if self.field is None:
            return None
        return waits.around_date(facts, self.field, before=self.before, after=self.after)

    def _due(self, scene: Scene) -> waits.Due | None:
        due = self.on_date(scene.facts)
        if self.field is not None and due is None:
            return None
        if self.working_days is not None:
            due = waits.after_working_days(scene, self.working_days)
        elif self.field is None and (self.until is None or self.for_ is not None or self.to_day is not None):
            due = waits.by_deadline(scene, self.id, span=self.for_, to_day=self.to_day)
        return due if self.until is None and due is not None else self._by_the_clock(scene, due)

    def _by_the_clock(self, scene: Scene, due: waits.Due | None) -> waits.Due:
        assert self.until is not None  # else the wait had another end
        zone = waits.zone_known(scene.facts)
        # Alone it means the next one: a loop that comes back in the very instant it rang waits for tomorrow's.
        start = scene.run.arrived_at if due is None else due.until
        moment = waits.next_local(start, self.until, self.on, zone, or_then=due is not None)
        if due is None:
            return waits.Due(until=moment, words=_clock_words(self), counted_from="arrival")
        return due.but(until=moment, words=f"{due.words}, then {_clock_words(self)}")


def wait_words(step: Wait) -> str:
    """Until when a plain wait lasts."""
    parts: list[str] = []
    if step.field is not None and step.before is not None:
        parts.append(f"until {span_words(step.before)} before {in_words(step.field)}")
    elif step.field is not None and step.after is not None:
        after = f"{span_words(step.after)} after {in_words(step.field)}" if step.after else in_words(step.field)
        parts.append(f"until {after}")
    elif step.to_day is not None:
        parts.append(f"until day {step.to_day:g}")
    elif step.for_ is not None:
        parts.append(span_words(step.for_))
    elif step.working_days is not None:
        parts.append(f"{working_days_words(step.working_days)}")
    if step.until is not None:
        parts.append(f"until {_clock_words(step)}")
    return ", then ".join(parts) or span_words(timedelta())


def _clock_words(step: Wait) -> str:
    """`08:30 where the lead lives, on tue or thu`."""
    on = f", on {either(step.on)}" if step.on else ""
    return f"{step.until:%H:%M} where the lead lives{on}"
