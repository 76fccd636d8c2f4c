"""Until when does a run wait, counted from what, and how is that said?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.definitions.week import Weekday
from leadloom.domain.errors import BadInput
from leadloom.domain.facts import Facts, MessageStatus, SentMail
from leadloom.domain.handoffs.working_time import WorkCalendar
from leadloom.domain.journeys import pauses
from leadloom.domain.journeys.conditions import in_words, span_words, value_of, working_days_words
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Letter
from leadloom.domain.mails.windows import WEEKDAYS, is_zone
from leadloom.domain.model import Instant, Value

ANY_EVENT = "*"
"""Listening to this is listening to every kind: a date a wait counts from may move with any of them."""

_LOOK_AGAIN = timedelta(seconds=15)
"""How long after its slot a run looks whether its mail has gone; each time twice as long: a mail that is seconds late
holds its run for seconds, and one that is held for weeks costs few looks. At the slot itself the lane is sending."""

_ON_TIME = timedelta(minutes=10)
"""A mail that went within this of its slot went on time: waiting for its moments anew would double a run's cost."""

_ON_ITS_WAY = {
    MessageStatus.RESERVED,
    MessageStatus.CLAIMED,
    MessageStatus.AT_DOT,
    MessageStatus.DEFERRED,
    MessageStatus.HELD,
}

_GOES = {*_ON_ITS_WAY, MessageStatus.SENT, MessageStatus.UNCERTAIN}
_A_DAY = timedelta(days=1)

_DAYS_AHEAD = 10
"""Days: a week and more, so that a day a zone skipped altogether can't swallow the answer."""


_OFFICE_HOURS = Calendar.model_validate(
    {"zone": "UTC", "days": ("mon", "tue", "wed", "thu", "fri"), "from": "09:00", "until": "17:00"}
)
"""When nobody says whose working days are meant: a journey tried without a definition."""


class Due(Value):
    """The end of a wait."""

    until: Instant
    words: str
    counted_from: str
    listens: tuple[str, ...] = ()


def after_span(scene: Scene, span: timedelta) -> Due:
    """So long after the run's last mail went (else is planned), if it goes after the run came here; else after that."""
    counted, counted_from, words = _counts_from(scene)
    until = pauses.ends(counted, span, scene.facts.pauses)
    return Due(until=until, words=f"{span_words(span)} after {words}", counted_from=counted_from)


def after_working_days(scene: Scene, count: float) -> Due:
    """So many of the owner's working days after what `after_span` counts from."""
    counted, counted_from, words = _counts_from(scene)
    calendar = WorkCalendar(scene.facts.calendar or _OFFICE_HOURS)
    span = calendar.add(counted, calendar.day * count) - counted
    until = pauses.ends(counted, span, scene.facts.pauses)
    return Due(until=until, words=f"{working_days_words(count)} after {words}", counted_from=counted_from)


def on_day(scene: Scene, to_day: float) -> Due:
    """On that day of the journey."""
    until = pauses.reaches(scene.day_0 + timedelta(days=to_day), scene.day_0, scene.facts.pauses)
    return Due(until=until, words=f"day {to_day:g}", counted_from="entry")


def around_date(
    facts: Facts, field: str, *, before: timedelta | None = None, after: timedelta | None = None
) -> Due | None:
    """So long before or after the beginning of the day that a field names; None when it names none."""
    day = date_told(facts, field)
    if day is None:
        return None
    if before is not None:
        until, words = day - before, f"{span_words(before)} before {in_words(field)}"
    else:
        until, words = day + (after or timedelta()), f"{span_words(after or timedelta())} after {in_words(field)}"
    return Due(until=until, words=words, counted_from=field, listens=(ANY_EVENT,))


def by_deadline(scene: Scene, step_id: str, *, span: timedelta | None, to_day: float | None) -> Due:
    """The end that a span or a day of the journey says. Raises BadInput when neither is given."""
    if to_day is not None:
        return on_day(scene, to_day)
    if span is None:
        raise BadInput("wait", step_id, "Give the step a span or a `to_day`: a wait has an end.")
    return after_span(scene, span)


def next_local(after: datetime, clock: time, days: Collection[Weekday], zone: str, *, or_then: bool) -> datetime:
    """When the wall clock in `zone` next shows `clock` on one of the days (none named: on any). Returns UTC.

    A time that a DST change skips comes as much later as the clock jumps; of one that comes twice the first counts.

    Args:
        after: Strictly after this, or, with `or_then`, at this very instant, too.
        clock: Local time of day.
        days: Weekdays, judged where the wall clock is.
        zone: A name of the tz database.
        or_then: Whether `after` itself is an answer.
    """
    local = ZoneInfo(zone)
    today = after.astimezone(local).date()
    for ahead in range(_DAYS_AHEAD):
        moment = datetime.combine(today + timedelta(days=ahead), clock, tzinfo=local).astimezone(UTC)
        if days and WEEKDAYS[moment.astimezone(local).weekday()] not in days:
            continue
        if moment > after or (or_then and moment == after):
            return moment
    raise BadInput("on", ", ".join(days), "Name at least one day of the week, such as tue.")


def zone_known(facts: Facts) -> str:
    """The zone the lead lives in as far as the facts say: what `zone_of` found, the lead's own, else UTC."""
    own = facts.lead.time_zone
    return facts.zone or (own if own and is_zone(own) else "UTC")


def date_told(facts: Facts, field: str) -> datetime | None:
    """The instant a field names, in UTC; of a day alone its beginning where the lead lives. None when it names none."""
    told = value_of(field, facts)
    if isinstance(told, str) and (instant := _instant(told)) is not None:
        return instant
    try:
        day = date.fromisoformat(told[:10]) if isinstance(told, str) else None
    except ValueError:
        return None
    if day is None:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone_known(facts))).astimezone(UTC)


def _instant(text: str) -> datetime | None:
    """An instant written with its zone, such as `2026-03-17T15:00Z`; a time without one could be anybody's."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo is not None else None


def a_day_apart(scene: Scene) -> Due | None:
    """After a pause, a day between two mails of the run, while the resume is smoothed; None when it may mail now."""
    smooth_until = scene.facts.smooth_until
    if smooth_until is None or scene.at >= smooth_until:
        return None
    going = (mail for mail in scene.facts.mails if mail.status in _GOES)
    went_at = [mail.sent_at or mail.slot_at for mail in going if _is_to_lead(scene, mail)]
    until = max(went_at, default=scene.at - _A_DAY) + _A_DAY
    if scene.at >= until:
        return None
    return Due(until=until, words="a day to pass since its last mail, after the pause", counted_from="the last mail")


def for_mail_before(scene: Scene) -> Due | None:
    """A run plans one mail at a time (law 6): the wait for its mail before, None when all are settled.

    Ends for good when that mail stopped being worth sending, so a lane that sleeps can't strand a run.
    """
    on_their_way = [mail for mail in scene.facts.mails if mail.status in _ON_ITS_WAY and _is_to_lead(scene, mail)]
    # Not the one asked for last: a mail that goes at once may have overtaken one that waits for its window.
    mail, at = max(on_their_way, key=lambda one: one.slot_at, default=None), scene.at
    if mail is None:
        return None
    last_look = mail.slot_at + max((letter.worth for letter in _letters(scene, mail)), default=timedelta())
    if at >= last_look:
        return None
    pause = _LOOK_AGAIN
    while (until := mail.slot_at + pause) <= at:
        pause *= 2
    words = f"the mail of step {mail.step} to go out"
    return Due(until=min(until, last_look), words=words, counted_from=f"the plan of {mail.step}")


def _counts_from(scene: Scene) -> tuple[datetime, str, str]:
    """What a span counts from: the instant, what it is, and how that is said."""
    run, mail = scene.run, _last_to_lead(scene)
    went_at = _went_at(mail) if mail else None
    # A mail from before an earlier wait or a skipped send must not shorten this wait: only a later one moves it.
    if mail is not None and went_at is not None and went_at >= run.arrived_at:
        mail_words = f"the mail of step {mail.step}"
        return went_at, mail_words, mail_words
    return run.arrived_at, "arrival", "arriving here"


def _went_at(mail: SentMail) -> datetime:
    """When a wait after the mail begins. One that went on time counts from its slot: moments aren't waited for."""
    if mail.sent_at is None or mail.sent_at - mail.slot_at <= _ON_TIME:
        return mail.slot_at
    return mail.sent_at


def _last_to_lead(scene: Scene) -> SentMail | None:
    """The last mail of the run to the lead; what owners were told moves no wait."""
    return next((mail for mail in reversed(scene.facts.mails) if _is_to_lead(scene, mail)), None)


def _is_to_lead(scene: Scene, mail: SentMail) -> bool:
    return all(letter.to is None for letter in _letters(scene, mail))


def _letters(scene: Scene, mail: SentMail) -> tuple[Letter, ...]:
    """What the mail's step may send; nothing when this version has no such step any more."""
    step = next((step for step in scene.journey.steps if step.id == mail.step), None)
    return () if step is None else step.letters(scene.journey)
