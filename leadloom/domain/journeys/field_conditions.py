"""Does a condition hold that asks for fields and nothing else, where a lead and its account are all there is?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import about_field, everything_in, known_of
from leadloom.domain.lead import Account, Lead
from leadloom.domain.model import Json

OF_FIELDS = frozenset(
    {"field", "is_", "one_of", "at_least", "at_most", "contains", "past", "ahead", "all", "any", "not_"}
)
"""What such a condition may ask."""


def holds_of(condition: Condition, lead: Lead, account: Account | None, at: datetime) -> bool:
    """Whether all is so that the condition asks of what is known."""
    return all(_answers(condition, lead, account, at))


def fields_of(condition: Condition, lead: Lead, account: Account | None) -> dict[str, Json]:
    """What is known under each field the condition asks for; goes into a decision's `why` (law 8)."""
    asked = [one.field for one in everything_in(condition) if one.field is not None]
    return {field: known_of(field, lead, account) for field in asked}


def _answers(condition: Condition, lead: Lead, account: Account | None, at: datetime) -> Iterator[bool]:
    if condition.field is not None:
        yield from about_field(condition, known_of(condition.field, lead, account), at)
    yield from (holds_of(inner, lead, account, at) for inner in condition.all or ())
    if condition.any is not None:
        yield any(holds_of(inner, lead, account, at) for inner in condition.any)
    if condition.not_ is not None:
        yield not holds_of(condition.not_, lead, account, at)
