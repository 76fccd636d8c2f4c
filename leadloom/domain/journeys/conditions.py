"""Does a condition hold for a lead right now, what was looked at, and how does it read in words?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from leadloom.domain.facts import Facts
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.lead import Account, Event, Lead, Verdict
from leadloom.domain.mails.mail_class import MARKETING
from leadloom.domain.model import Json

NOT_A_FIELD = frozenset({"attributes", "lead_id", "account_id", "owner_id"})
"""What rows hold about a lead or account that no condition asks for by name."""
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CAPITALS = tuple(chr(code) for code in range(0x530) if len(chr(code).lower()) == 1 and chr(code).lower() != chr(code))
FOLDED = ("".join(_CAPITALS), "".join(letter.lower() for letter in _CAPITALS))
"""Latin, Greek and Cyrillic capitals, and their small letters: what `contains` takes for the same. Postgres folds with
the same two texts, because its own folding hangs on the locale of the database."""
_SMALL = str.maketrans(*FOLDED)


def holds(condition: Condition, facts: Facts, at: datetime) -> bool:
    """Whether all that the condition asks is so at `at`. An empty condition holds."""
    return all(_answers(condition, facts, at))


def looked_at(condition: Condition, facts: Facts, at: datetime) -> dict[str, Json]:
    """The values a condition is judged by, under names a person reads; goes into a decision's `why` (law 8)."""
    seen: dict[str, Json] = {}
    if condition.event is not None:
        found = events_meant(condition, facts, at)
        seen[f"last {in_words(condition.event)}"] = found[-1].at.isoformat() if found else None
        if condition.times is not None:
            seen[f"times {in_words(condition.event)}"] = len(found)
    if condition.field is not None:
        seen[condition.field] = value_of(condition.field, facts)
    standing: tuple[tuple[object, str, Json], ...] = (
        (condition.basis, "may market", facts.may_market),
        (condition.stage, "stage", facts.stage),
        (condition.fit, "fit", facts.score.letter),
        (condition.engagement, "engagement", facts.score.digit),
        (condition.category, "engagement by category", _digits_asked(condition, facts)),
        (condition.company, "company", None if facts.company is None else facts.company.digit),
        (_asks_cover(condition), "engaged at the company", [*_covered(facts)]),
        (condition.recycled_for, "recycled for", facts.last_reason),
        (condition.tag, "tags", list(facts.tags)),
        (condition.in_journey, "in journeys", list(facts.in_journeys)),
        (condition.was_in, "was in journeys", list(facts.was_in)),
        (condition.arm, "arm", facts.arm),
    )
    seen |= {name: value for asked, name, value in standing if asked is not None}
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
    denied = (condition.not_,) if condition.not_ is not None else ()
    return (*(condition.all or ()), *(condition.any or ()), *denied)


def asks_company(condition: Condition) -> bool:
    """Whether the condition asks how the lead's company stands; what nests in it isn't looked at."""
    return any(asked is not None for asked in (condition.company, condition.covers, condition.covers_at_least))


def value_of(field: str, facts: Facts) -> Json:
    """What we know under that name: the lead's own first, then what its forms told, then its account's."""
    return known_of(field, facts.lead, facts.account)


def known_of(field: str, lead: Lead, account: Account | None) -> Json:
    """The same where a lead and its account are all there is."""
    own = _told(lead, field)
    if own is None:
        own = lead.attributes.get(field)
    return own if own is not None or account is None else _told(account, field)


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


def working_days_words(count: float) -> str:
    """`2 working days`, `half a working day`."""
    return "half a working day" if count == 0.5 else _counted(count, "working day")


def roughly(span: timedelta) -> str:
    """A span as words, cut to what a reader wants to know: `3 days`, `26 hours`, `40 minutes`."""
    for unit, size in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if span >= 2 * size:
            return _counted(span // size, unit)
    return "a minute"


def either(options: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *before, last = list(options)
    return f"{', '.join(before)} or {last}" if before else last


def events_meant(condition: Condition, facts: Facts, at: datetime) -> list[Event]:
    """The events the condition means, oldest first; machines don't count, nor does what happens after `at`."""
    since = facts.entered_at if condition.within is None else at - condition.within
    wanted = (condition.data or {}).items()
    found = [
        event
        for event in facts.events
        if event.kind == condition.event
        and event.verdict is Verdict.HUMAN
        and since <= event.at <= at
        and all(name in event.data and same(event.data[name], value) for name, value in wanted)
    ]
    return sorted(found, key=lambda event: (event.at, event.no))


def folded(text: str) -> str:
    """The text with its capitals made small, as `contains` compares."""
    return text.translate(_SMALL)


def text_in(value: Json) -> str | None:
    """A text, number, true or false as text, `5` for 5.0; None for lists and objects."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return format(Decimal(repr(value)).normalize(), "f") if value else "0"
        case _:
            return None


def same(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON: 5 is 5.0, and true is no 1."""
    match one, other:
        case (bool(), _) | (_, bool()):
            return one is other
        case (list(), list()):
            return len(one) == len(other) and all(map(same, one, other))
        case (dict(), dict()):
            return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
        case _:
            return one == other


def number_in(value: Json) -> float | None:
    """A number, or a text that is nothing but one (`12`, `-3.5`); None for anything else, true and false included."""
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def day_in(value: Json) -> date | None:
    """The day a text begins with (`2026-05-31`, with or without a time); None when it begins with none."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) and _DAY.match(value) else None
    except ValueError:
        return None


def _answers(condition: Condition, facts: Facts, at: datetime) -> Iterator[bool]:
    """One answer for each thing the condition asks."""
    if condition.event is not None:
        yield len(events_meant(condition, facts, at)) >= (condition.times or 1)
    if condition.basis is not None:
        yield condition.basis == MARKETING and facts.may_market
    if condition.field is not None:
        yield from about_field(condition, value_of(condition.field, facts), at)
    yield from _about_standing(condition, facts)
    yield from (holds(inner, facts, at) for inner in condition.all or ())
    if condition.any is not None:
        yield any(holds(inner, facts, at) for inner in condition.any)
    if condition.not_ is not None:
        yield not holds(condition.not_, facts, at)


def _about_standing(condition: Condition, facts: Facts) -> Iterator[bool]:
    if condition.stage is not None:
        yield facts.stage in condition.stage
    if condition.fit is not None:
        yield facts.score.letter in condition.fit
    if condition.engagement is not None:
        yield facts.score.digit in condition.engagement
    yield from _about_company(condition, facts)
    if condition.recycled_for is not None:
        yield facts.last_reason in condition.recycled_for
    if condition.arm is not None:
        yield facts.arm in condition.arm
    for wanted, had in (
        (condition.tag, facts.tags),
        (condition.in_journey, facts.in_journeys),
        (condition.was_in, facts.was_in),
    ):
        if wanted is not None:
            yield any(one in had for one in wanted)


def _about_company(condition: Condition, facts: Facts) -> Iterator[bool]:
    for name, digits in (condition.category or {}).items():
        yield facts.score.categories.get(name) in digits
    if condition.company is not None:
        yield facts.company is not None and facts.company.digit in condition.company
    if condition.covers is not None:
        yield facts.company is not None and set(condition.covers) <= set(facts.company.covered)
    if condition.covers_at_least is not None:
        yield facts.company is not None and len(facts.company.covered) >= condition.covers_at_least


def _digits_asked(condition: Condition, facts: Facts) -> dict[str, Json]:
    return {name: facts.score.categories.get(name) for name in condition.category or ()}


def _asks_cover(condition: Condition) -> bool | None:
    return None if condition.covers is None and condition.covers_at_least is None else True


def _covered(facts: Facts) -> tuple[str, ...]:
    return () if facts.company is None else facts.company.covered


def about_field(condition: Condition, value: Json, at: datetime) -> Iterator[bool]:
    """One answer for each thing asked of the field's value; that it is known, when nothing is."""
    yield value is not None and value != ""
    if condition.one_of is not None:
        yield text_in(value) in condition.one_of
    if condition.is_ is not None:
        yield same(value, condition.is_)
    if condition.contains is not None:
        yield _contains(value, condition.contains)
    number = number_in(value)
    if condition.at_least is not None:
        yield number is not None and number >= condition.at_least
    if condition.at_most is not None:
        yield number is not None and number <= condition.at_most
    day, today = day_in(value), at.astimezone(UTC).date()
    if condition.past is not None:
        yield day is not None and timedelta() <= today - day <= condition.past
    if condition.ahead is not None:
        yield day is not None and timedelta() <= day - today <= condition.ahead


def _contains(value: Json, text: str) -> bool:
    texts = value if isinstance(value, list) else [value]
    return any(isinstance(one, str) and folded(text) in folded(one) for one in texts)


def _told(source: Lead | Account, field: str) -> Json:
    if field in NOT_A_FIELD or field not in type(source).model_fields:
        return None
    value = getattr(source, field)
    return value.isoformat() if isinstance(value, datetime) else value


def _phrases(condition: Condition) -> Iterator[str]:
    if condition.event is not None:
        yield _event_phrase(condition, condition.event)
    if condition.basis is not None:
        yield f"may get {condition.basis} mail"
    if condition.field is not None:
        yield f"{in_words(condition.field)} {_asked(condition)}"
    yield from _company_phrases(condition)
    for name, wanted in (
        ("stage is", condition.stage),
        ("fit is", condition.fit),
        ("engagement is", condition.engagement),
        ("recycled for is", condition.recycled_for),
        ("tagged", condition.tag),
        ("in the journey", condition.in_journey),
        ("was in the journey", condition.was_in),
        ("campaign arm is", condition.arm),
    ):
        if wanted:
            yield f"{name} {either(str(one) for one in wanted)}"
    yield from (words(inner) for inner in condition.all or ())
    if condition.any:
        yield f"({either(words(inner) for inner in condition.any)})"
    if condition.not_ is not None:
        yield f"not ({words(condition.not_)})"


def _company_phrases(condition: Condition) -> Iterator[str]:
    for name, digits in (condition.category or {}).items():
        yield f"engagement in {in_words(name)} is {either(map(str, digits))}"
    if condition.company is not None:
        yield f"the company's engagement is {either(map(str, condition.company))}"
    if condition.covers is not None:
        yield f"somebody in {_each(map(in_words, condition.covers))} is engaged at the company"
    if condition.covers_at_least is not None:
        roles = "role" if condition.covers_at_least == 1 else "roles"
        yield f"at least {condition.covers_at_least} {roles} of the buying group are engaged at the company"


def _each(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *before, last = list(names) or ["no role"]
    return f"{', '.join(before)} and {last}" if before else last


def _event_phrase(condition: Condition, event: str) -> str:
    """`article read at least 2 times, with piece docks, in the last 14 days`."""
    often = f" at least {condition.times} times" if (condition.times or 1) > 1 else ""
    carried = " and ".join(f"{in_words(name)} {value}" for name, value in (condition.data or {}).items())
    span = "since entry" if condition.within is None else f"in the last {span_words(condition.within)}"
    return f"{in_words(event)}{often}{f' with {carried}' if carried else ''} {span}"


def _asked(condition: Condition) -> str:
    asked = [
        f"is {either(condition.one_of)}" if condition.one_of else "",
        "" if condition.is_ is None else f"is {condition.is_}",
        f"has {condition.contains} in it" if condition.contains is not None else "",
        f"is at least {condition.at_least:g}" if condition.at_least is not None else "",
        f"is at most {condition.at_most:g}" if condition.at_most is not None else "",
        f"was at most {span_words(condition.past)} ago" if condition.past is not None else "",
        f"is at most {span_words(condition.ahead)} ahead" if condition.ahead is not None else "",
    ]
    return " and ".join(words for words in asked if words) or "is known"


def _counted(number: float, unit: str) -> str:
    return f"{number:g} {unit}" if number == 1 else f"{number:g} {unit}s"
