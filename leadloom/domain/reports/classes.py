"""Whose work was a lead or a deal: marketing's, sales's after which marketing helped, sales's alone, a partner's alone?

The four classes are disjoint (design §2, leads.md §1.4). None of them is a cause: a class says who answered whom and
when; only a holdout says what would have happened otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from leadloom.domain.lead import Side
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.reports.figures import known_by

LOOK_BACK = timedelta(days=365)
"""How far before the anchor a touch may lie, unless a report asks otherwise."""

NOT_CAUSAL = "Classes say who answered whom, and when. They don't say what caused a deal; only a holdout does."


class CreditClass(StrEnum):
    """A class of a lead or a deal. Disjoint, and each lead or deal has one."""

    GENERATED = "generated"
    """The earliest eligible touch is marketing's."""
    ENHANCED = "enhanced"
    """Not generated, but at least one marketing response counts."""
    SALES_ONLY = "sales-only"
    PARTNER_ONLY = "partner-only"


class Touch(Value):
    """An event that may earn credit: a response of a human. A send never becomes one."""

    lead_id: LeadId
    at: Instant
    credit: Side


def lead_class(
    touches: Sequence[Touch], *, accepted_at: Instant | None, as_of: Instant, look_back: timedelta | None = LOOK_BACK
) -> CreditClass:
    """The class of a lead: anchored at its first acceptance, at the as-of date while it is not accepted."""
    anchor = known_by(accepted_at, as_of) or as_of
    return _class_of(touches, anchor=anchor, closes=anchor, look_back=look_back)


def deal_class(
    touches: Sequence[Touch],
    *,
    created_at: Instant,
    closed_at: Instant | None,
    as_of: Instant,
    look_back: timedelta | None = LOOK_BACK,
) -> CreditClass:
    """The class of a deal: anchored at its creation, and open to marketing's help until its close."""
    return _class_of(touches, anchor=created_at, closes=known_by(closed_at, as_of) or as_of, look_back=look_back)


def eligible(touches: Sequence[Touch], *, until: Instant, since: Instant | None) -> list[Touch]:
    """The touches that count, oldest first. `since` and `until` themselves count; None looks back without a limit."""
    counted = [touch for touch in touches if touch.at <= until and (since is None or touch.at >= since)]
    return sorted(counted, key=lambda touch: touch.at)


def look_back_from(anchor: Instant, look_back: timedelta | None) -> Instant | None:
    """Where the look-back of `anchor` begins; None when it has no limit."""
    return None if look_back is None else anchor - look_back


def _class_of(
    touches: Sequence[Touch], *, anchor: Instant, closes: Instant, look_back: timedelta | None
) -> CreditClass:
    counted = eligible(touches, until=closes, since=look_back_from(anchor, look_back))
    before = [touch.credit for touch in counted if touch.at <= anchor]
    if before and before[0] == "marketing":
        return CreditClass.GENERATED
    if any(touch.credit == "marketing" for touch in counted):
        return CreditClass.ENHANCED
    if before and before[0] == "partner":
        return CreditClass.PARTNER_ONLY
    return CreditClass.SALES_ONLY
