"""Can a field of a lead hold what a journey tells it or asks of it? What would block a run, or never be so."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.intake.countries import CODES
from leadloom.domain.intake.roles import roles_of
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import day_in, either, everything_in, number_in, text_in
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_paths import conditions_of
from leadloom.domain.journeys.steps.set_field import SetStep
from leadloom.domain.journeys.steps.wait import Wait
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.windows import is_zone
from leadloom.domain.model import Json

_MOST_OFFERED = 12
"""Names that fit into one line."""


class _Kind(StrEnum):
    """What a column of a lead or an account holds."""

    TEXT = "a text"
    NUMBER = "a number"
    DATE = "a date"


_COLUMNS = {
    **dict.fromkeys(Lead.model_fields, _Kind.TEXT),
    **dict.fromkeys(Account.model_fields, _Kind.TEXT),
    "sites": _Kind.NUMBER,
    "created_at": _Kind.DATE,
}
"""Field with a column of its own → what it holds. All other names are attributes, which forms and imports tell."""
_NEVER_UNKNOWN = frozenset({"language"})


class _Use(NamedTuple):
    """A place where a journey takes an attribute for a number or a date."""

    kind: _Kind
    place: str


def of_condition(path: Path, condition: Condition, definition: Definition) -> Iterator[Fault]:
    """What one condition (not those that nest in it) asks of a field that can't answer so."""
    field = condition.field
    if field is None:
        return
    kind = _COLUMNS.get(field)
    as_number = condition.at_least is not None or condition.at_most is not None
    as_date = condition.past is not None or condition.ahead is not None
    if as_number and as_date:
        yield Fault(
            path=path, words=f"{field} can't be a number and a date. Take `at_least`/`at_most` out, or the span."
        )
    elif kind is not None and as_number and kind is not _Kind.NUMBER:
        yield _mismatch(path, field, kind, "`at_least` and `at_most` compare numbers")
    elif kind is not None and as_date and kind is not _Kind.DATE:
        yield _mismatch(path, field, kind, "`past` and `ahead` compare dates")
    elif kind is _Kind.NUMBER and condition.contains is not None:
        yield _mismatch(path, field, kind, "`contains` looks into texts")
    asked: tuple[Json, ...] = (*(condition.one_of or ()), *(() if condition.is_ is None else (condition.is_,)))
    for value in asked:
        yield from _holds_never(path, field, value, definition, is_text=condition.is_ is None)


def of_journey(journey: Journey, definition: Definition) -> Iterator[Fault]:
    """What its steps set that the field can't hold, and dates it waits for in fields that hold none."""
    uses = dict(_uses(journey))
    for index, step in enumerate(journey.steps):
        if isinstance(step, Wait) and step.field is not None and _COLUMNS.get(step.field, _Kind.DATE) is not _Kind.DATE:
            path: Path = ("steps", index, "field")
            yield _mismatch(path, step.field, _COLUMNS[step.field], "a wait hangs on a date")
        if isinstance(step, SetStep):
            for fault in _told(step, definition, uses.get(step.field)):
                yield Fault(path=("steps", index, "value"), words=fault)


def _holds_never(path: Path, field: str, value: Json, definition: Definition, *, is_text: bool) -> Iterator[Fault]:
    """A value the field is never equal to. `one_of` compares texts, so there a number is one that reads as such."""
    kind = _COLUMNS.get(field)
    if kind is _Kind.NUMBER and (number_in(value) is None or (isinstance(value, str) and not is_text)):
        yield Fault(
            path=path, words=f"{field} is a number and never equals {_shown(value)}. Write a number without quotes."
        )
    elif kind in (_Kind.TEXT, _Kind.DATE) and not isinstance(value, str):
        yield Fault(
            path=path,
            words=f'{field} is a text and never equals {_shown(value)}. Write it in quotes: "{_shown(value)}".',
        )
    elif isinstance(value, str) and kind is not None:
        yield from (Fault(path=path, words=words) for words in _not_chosen(field, value, definition))


def _told(step: SetStep, definition: Definition, use: _Use | None) -> Iterator[str]:
    field, value = step.field, step.value
    if value is None:
        if field in _NEVER_UNKNOWN:
            yield f"{field} is always known. Say which it is."
        return
    kind = _COLUMNS.get(field) if field in Lead.model_fields else None
    if kind is _Kind.TEXT:
        if not isinstance(value, str):
            yield f'{field} is a text, and {_shown(value)} is none. Write it in quotes: "{_shown(value)}".'
        else:
            yield from _not_chosen(field, value, definition)
        return
    wanted = _COLUMNS.get(field, None if use is None else use.kind)
    where = "" if use is None else f" {use.place} takes it for one."
    if wanted is _Kind.NUMBER and number_in(value) is None:
        yield f"{field} is a number, and {_shown(value)} is none.{where} Write digits, such as 3 or 2.5."
    elif wanted is _Kind.DATE and day_in(value) is None:
        yield f"{field} is a date, and {_shown(value)} is none.{where} Write a day, such as 2026-05-31."


def _uses(journey: Journey) -> Iterator[tuple[str, _Use]]:
    """Which attributes the journey takes for numbers and dates, and where; the first place that says so comes last."""
    found: list[tuple[str, _Use]] = []
    if journey.enter.date is not None:
        found.append((journey.enter.date.field, _Use(_Kind.DATE, "`enter.date`")))
    for path, outermost in conditions_of(journey):
        for one in everything_in(outermost):
            if one.field is not None and (one.at_least is not None or one.at_most is not None):
                found.append((one.field, _Use(_Kind.NUMBER, f"`{_dotted(path)}`")))
            if one.field is not None and (one.past is not None or one.ahead is not None):
                found.append((one.field, _Use(_Kind.DATE, f"`{_dotted(path)}`")))
    waits = (step for step in journey.steps if isinstance(step, Wait))
    found += [(step.field, _Use(_Kind.DATE, f"The wait {step.id}")) for step in waits if step.field is not None]
    yield from reversed(found)


def _not_chosen(field: str, value: str, definition: Definition) -> Iterator[str]:
    """A value that is none of those the field is chosen from."""
    match field:
        case "role":
            known, those = roles_of(definition), "role of the definition"
        case "source":
            known, those = tuple(definition.sources), "source of the definition"
        case "country":
            known, those = tuple(sorted(CODES)), "country by two capital letters, such as DE"
        case "time_zone" if not is_zone(value):
            known, those = (), "time zone such as Europe/Berlin"
        case _:
            return
    if value not in known:
        offer = f"Known: {either(known)}." if 0 < len(known) <= _MOST_OFFERED else "Correct the spelling."
        yield f"{value} is no {those}. {offer}"


def _mismatch(path: Path, field: str, kind: _Kind, rule: str) -> Fault:
    return Fault(path=path, words=f"{field} is {kind}, and {rule}. Ask it otherwise, or name another field.")


def _shown(value: Json) -> str:
    return text_in(value) or str(value)


def _dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)
