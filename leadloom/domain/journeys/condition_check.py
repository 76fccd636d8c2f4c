"""Can anybody answer this condition? Names nobody declared, and what types let through and readers stumble over."""

from __future__ import annotations

from collections.abc import Iterator

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.journeys import field_check
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import everything_in
from leadloom.domain.journeys.steps.checked import unknown
from leadloom.domain.mails.mail_class import MARKETING


def find_faults(path: Path, condition: Condition, definition: Definition) -> Iterator[Fault]:
    """The faults of a condition and of all that nest in it, at the place of the outermost."""
    for one in everything_in(condition):
        yield from _names_in(path, one, definition)
        yield from _grammar_of(path, one, definition)
        yield from field_check.of_condition(path, one, definition)


def _names_in(path: Path, condition: Condition, definition: Definition) -> Iterator[Fault]:
    letters = {*definition.fit.letters, "D"}
    digits = {*definition.engagement_digits, max(definition.engagement_digits, default=0) + 1}
    stages = [stage.name for stage in definition.stages]
    yield from unknown(path, [condition.event] if condition.event else [], definition.events, "event")
    yield from unknown(path, condition.stage or (), stages, "stage")
    yield from unknown(path, condition.fit or (), letters, "fit letter")
    yield from unknown(
        path, map(str, condition.engagement or ()), [str(digit) for digit in sorted(digits)], "engagement digit"
    )
    yield from unknown(path, condition.category or (), definition.scoring.categories, "category")
    of_company = {*(definition.company_score.digits or definition.engagement_digits)}
    asked = [*(condition.company or ()), *(digit for each in (condition.category or {}).values() for digit in each)]
    known = sorted({*digits, *of_company, max(of_company, default=0) + 1})
    yield from unknown(path, map(str, asked), [str(digit) for digit in known], "engagement digit")
    yield from unknown(path, condition.covers or (), definition.company_score.roles, "role of the buying group")
    yield from unknown(path, condition.recycled_for or (), definition.reject_reasons, "reject reason")
    yield from unknown(path, [condition.basis] if condition.basis else [], [MARKETING], "purpose")


def _grammar_of(path: Path, condition: Condition, definition: Definition) -> Iterator[Fault]:
    if not condition.model_dump(exclude_none=True):
        yield Fault(path=path, words="The condition asks nothing and always holds. Say what it asks.")
    if condition.within is not None and condition.event is None:
        yield Fault(path=path, words="`within` goes with `event`. Name the event.")
    if condition.event is None and (condition.times is not None or condition.data is not None):
        yield Fault(path=path, words="`times` and `data` go with `event`. Name the event.")
    if condition.times is not None and condition.times < 1:
        yield Fault(path=path, words="`times` is at least 1. For never, say `not` around the event.")
    if condition.field is None and (condition.is_ is not None or condition.one_of is not None):
        yield Fault(path=path, words="`is` and `one_of` go with `field`. Name the field.")
    if condition.is_ is not None and condition.one_of is not None:
        yield Fault(path=path, words="`is` and `one_of` exclude each other. Take one out.")
    yield from _values_of(path, condition)
    yield from _company_of(path, condition, definition)


def _company_of(path: Path, condition: Condition, definition: Definition) -> Iterator[Fault]:
    least, roles = condition.covers_at_least, len(definition.company_score.roles)
    if least is not None and not 1 <= least <= roles:
        words = f"`covers_at_least` is 1 to {roles}, as many roles as `company_score.roles` of the definition names."
        if not roles:
            words = "The definition names no buying group. Name its roles at `company_score.roles`, or take this out."
        yield Fault(path=path, words=words)
    if condition.covers is not None and not condition.covers:
        yield Fault(path=path, words="`covers` names no role. Name one, or say `covers_at_least`.")


def _values_of(path: Path, condition: Condition) -> Iterator[Fault]:
    asked = (condition.at_least, condition.at_most, condition.contains, condition.past, condition.ahead)
    if condition.field is None and any(one is not None for one in asked):
        words = "`at_least`, `at_most`, `contains`, `past` and `ahead` go with `field`. Name the field."
        yield Fault(path=path, words=words)
    if condition.at_least is not None and condition.at_most is not None and condition.at_least > condition.at_most:
        words = f"No number is at least {condition.at_least:g} and at most {condition.at_most:g}. Change one."
        yield Fault(path=path, words=words)
    if condition.past is not None and condition.ahead is not None:
        yield Fault(path=path, words="Only today is behind and ahead. Say `any` of the two, or take one out.")
