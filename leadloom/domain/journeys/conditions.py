"""Does a condition hold for a lead right now, what was looked at, and how does it read in words?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from leadloom.domain.facts import Facts
from leadloom.domain.journeys.journey import Condition
from leadloom.domain.lead import Account, Event, Lead, Verdict
from leadloom.domain.mails.sending import MARKETING
from leadloom.domain.model import Json

_NOT_A_FIELD = {"attributes", "lead_id", "account_id", "owner_id"}


def holds(condition: Condition, facts: Facts, at: datetime) -> bool:
    """Whether all that the condition asks is so at `at`. An empty condition holds."""
    return all(_answers(condition, facts, at))


def looked_at(condition: Condition, facts: Facts, at: datetime) -> dict[str, Json]:
    """The values a condition is judged by, under names a person reads; goes into a decision's `why` (law 8)."""
    seen: dict[str, Json] = {}
    if condition.event is not None:
        event = _last_event(condition, facts, at)
        seen[f"last {in_words(condition.event)}"] = event.at.isoformat() if event else None
    if condition.basis is not None:
        seen["may market"] = facts.may_market
    if condition.field is not None:
        seen[condition.field] = value_of(condition.field, facts)
    if condition.stage is not None:
        seen["stage"] = facts.stage
    if condition.fit is not None:
        seen["fit"] = facts.score.letter
    if condition.engagement is not None:
        seen["engagement"] = facts.score.digit
    if condition.recycled_for is not None:
        seen["recycled for"] = facts.last_reason
    for inner in inside(condition):
        seen |= looked_at(inner, facts, at)
    return seen


def words(condition: Condition) -> str:
    """The condition as a marketer would say it, such as `role is quality or logistics, and stage is mql`."""
    return ", and ".join(_phrases(condition)) or "always"


def everything_in(condition: Condition) -> Iterator[Condition]:
    """The condition itself and all that nest in it."""
    yield condition
    for inner in inside(condition):
        yield from everything_in(inner)


def inside(condition: Condition) -> tuple[Condition, ...]:
    """The conditions that nest directly in this one."""
    return (*(condition.any or ()), *((condition.not_,) if condition.not_ is not None else ()))


def value_of(field: str, facts: Facts) -> Json:
    """What we know under that name: the lead's own first, then what its forms told, then its account's."""
    own = _told(facts.lead, field)
    if own is None:
        own = facts.lead.attributes.get(field)
    return own if own is not None or facts.account is None else _told(facts.account, field)


def in_words(kind: str) -> str:
    """An event kind or field as words: `calculator_finished` → `calculator finished`."""
    return kind.replace("_", " ")


def span_words(span: timedelta) -> str:
    """A span as words, in the largest unit that keeps it whole: `14 days`, `1 hour`, `90 minutes`."""
    minutes = span / timedelta(minutes=1)
    for unit, size in (("day", 24 * 60), ("hour", 60)):
        if minutes and minutes % size == 0:
            return _counted(minutes / size, unit)
    return _counted(minutes, "minute")


def either(options: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *before, last = list(options)
    return f"{', '.join(before)} or {last}" if before else last


def _answers(condition: Condition, facts: Facts, at: datetime) -> Iterator[bool]:
    """One answer for each thing the condition asks."""
    if condition.event is not None:
        yield _last_event(condition, facts, at) is not None
    if condition.basis is not None:
        yield condition.basis == MARKETING and facts.may_market
    if condition.field is not None:
        yield _matches(condition, value_of(condition.field, facts))
    if condition.stage is not None:
        yield facts.stage in condition.stage
    if condition.fit is not None:
        yield facts.score.letter in condition.fit
    if condition.engagement is not None:
        yield facts.score.digit in condition.engagement
    if condition.recycled_for is not None:
        yield facts.last_reason in condition.recycled_for
    if condition.any is not None:
        yield any(holds(inner, facts, at) for inner in condition.any)
    if condition.not_ is not None:
        yield not holds(condition.not_, facts, at)


def _last_event(condition: Condition, facts: Facts, at: datetime) -> Event | None:
    """The last event the condition means; machines don't count, nor does what happens after `at`."""
    since = facts.entered_at if condition.within is None else at - condition.within
    found = [
        event
        for event in facts.events
        if event.kind == condition.event and event.verdict is Verdict.HUMAN and since <= event.at <= at
    ]
    return max(found, key=lambda event: (event.at, event.no), default=None)


def _matches(condition: Condition, value: Json) -> bool:
    if condition.one_of is not None:
        return value is not None and str(value) in condition.one_of
    if condition.is_ is not None:
        return value == condition.is_
    return value is not None and value != ""


def _told(source: Lead | Account, field: str) -> Json:
    if field in _NOT_A_FIELD or field not in type(source).model_fields:
        return None
    value = getattr(source, field)
    return value.isoformat() if isinstance(value, datetime) else value


def _phrases(condition: Condition) -> Iterator[str]:
    if condition.event is not None:
        span = "since entry" if condition.within is None else f"in the last {span_words(condition.within)}"
        yield f"{in_words(condition.event)} {span}"
    if condition.basis is not None:
        yield f"may get {condition.basis} mail"
    if condition.field is not None:
        yield f"{in_words(condition.field)} {_asked(condition)}"
    for name, wanted in (
        ("stage", condition.stage),
        ("fit", condition.fit),
        ("engagement", condition.engagement),
        ("recycled for", condition.recycled_for),
    ):
        if wanted:
            yield f"{name} is {either(str(one) for one in wanted)}"
    if condition.any:
        yield f"({either(words(inner) for inner in condition.any)})"
    if condition.not_ is not None:
        yield f"not ({words(condition.not_)})"


def _asked(condition: Condition) -> str:
    if condition.one_of:
        return f"is {either(condition.one_of)}"
    return "is known" if condition.is_ is None else f"is {condition.is_}"


def _counted(number: float, unit: str) -> str:
    return f"{number:g} {unit}" if number == 1 else f"{number:g} {unit}s"
