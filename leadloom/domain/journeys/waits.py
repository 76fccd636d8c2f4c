"""Until when does a run wait, counted from what, and how is that said?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from leadloom.domain.errors import BadInput
from leadloom.domain.facts import Facts, MessageStatus, Progress, SentMail
from leadloom.domain.journeys.conditions import in_words, span_words
from leadloom.domain.journeys.journey import Journey, Send, Wait, WaitFor
from leadloom.domain.mails.windows import is_zone
from leadloom.domain.model import Instant, Value

ANY_EVENT = "*"
"""Listening to this is listening to every kind: a date a wait counts from may move with any of them."""

_LOOK_AGAIN = timedelta(seconds=15)
"""How soon a run looks again for a mail that is late; each time twice as long: a mail that is seconds late holds its
run for seconds, and one that is held for weeks costs few looks."""

_ON_TIME = timedelta(minutes=10)
"""A mail that went within this of its slot went on time: waiting for its moments anew would double a run's cost."""

_ON_ITS_WAY = {
    MessageStatus.RESERVED,
    MessageStatus.CLAIMED,
    MessageStatus.AT_DOT,
    MessageStatus.DEFERRED,
    MessageStatus.HELD,
}


class Due(Value):
    """The end of a wait."""

    until: Instant
    words: str
    counted_from: str
    listens: tuple[str, ...] = ()


def due(journey: Journey, step: Wait, run: Progress, facts: Facts) -> Due | None:
    """The end of a plain wait; None when it hangs on a date nobody has told us. Raises BadInput when it has no end."""
    if step.field is not None and step.before is not None:
        day = _date(facts, step.field)
        if day is None:
            return None
        words = f"{span_words(step.before)} before {in_words(step.field)}"
        return Due(until=day - step.before, words=words, counted_from=step.field, listens=(ANY_EVENT,))
    return _clock(journey, step.id, run, facts, span=step.for_, to_day=step.to_day)


def deadline(journey: Journey, step: WaitFor, run: Progress, facts: Facts) -> Due:
    """Until when a run waits for events. Raises BadInput when the step has no deadline."""
    return _clock(journey, step.id, run, facts, span=step.within, to_day=step.to_day)


def for_mail_before(journey: Journey, facts: Facts, at: datetime) -> Due | None:
    """A run plans one mail at a time (law 6): the wait for its mail before, None when that one is settled.

    Ends for good when that mail stopped being worth sending, so a lane that sleeps can't strand a run.
    """
    mail = _last_to_lead(journey, facts)
    if mail is None or mail.status not in _ON_ITS_WAY:
        return None
    step = next((step for step in journey.steps if step.id == mail.step and isinstance(step, Send)), None)
    last_look = mail.slot_at + (step.worth if isinstance(step, Send) else timedelta())
    if at >= last_look:
        return None
    until, pause = mail.slot_at, _LOOK_AGAIN
    while until <= at:
        until, pause = mail.slot_at + pause, pause * 2
    words = f"the mail of step {mail.step} to go out"
    return Due(until=min(until, last_look), words=words, counted_from=f"the plan of {mail.step}")


def _clock(
    journey: Journey, step_id: str, run: Progress, facts: Facts, *, span: timedelta | None, to_day: float | None
) -> Due:
    if to_day is not None:
        until = facts.entered_at + timedelta(days=to_day)
        return Due(until=until, words=f"day {to_day:g}", counted_from="entry")
    if span is None:
        raise BadInput("wait", step_id, "Give the step a span or a `to_day`: a wait has an end.")
    mail = _last_to_lead(journey, facts)
    went_at = _went_at(mail) if mail else None
    # A mail from before an earlier wait or a skipped send must not shorten this wait: only a later one moves it.
    if mail is not None and went_at is not None and went_at >= run.arrived_at:
        counted_from = f"the mail of step {mail.step}"
        return Due(until=went_at + span, words=f"{span_words(span)} after {counted_from}", counted_from=counted_from)
    return Due(until=run.arrived_at + span, words=f"{span_words(span)} after arriving here", counted_from="arrival")


def _went_at(mail: SentMail) -> datetime:
    """When a wait after the mail begins. One that went on time counts from its slot: moments aren't waited for."""
    if mail.sent_at is None or mail.sent_at - mail.slot_at <= _ON_TIME:
        return mail.slot_at
    return mail.sent_at


def _last_to_lead(journey: Journey, facts: Facts) -> SentMail | None:
    """The last mail of the run to the lead; what owners were told moves no wait."""
    to_owners = {step.id for step in journey.steps if isinstance(step, Send) and step.to is not None}
    return next((mail for mail in reversed(facts.mails) if mail.step not in to_owners), None)


def _date(facts: Facts, field: str) -> datetime | None:
    """The beginning of the day a lead's attribute names, in the lead's own zone when we know it."""
    told = facts.lead.attributes.get(field)
    try:
        day = date.fromisoformat(told[:10]) if isinstance(told, str) else None
    except ValueError:
        return None
    if day is None:
        return None
    zone = ZoneInfo(facts.lead.time_zone) if facts.lead.time_zone and is_zone(facts.lead.time_zone) else UTC
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
