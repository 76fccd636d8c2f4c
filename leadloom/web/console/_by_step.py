"""How do the steps of a campaign, or of a version of a journey, look as a table whose figures open their rows?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlencode

from leadloom.domain.model import Value
from leadloom.store.steps import Late, StepCounts
from leadloom.web.console._words import span_words

SHOWN = ("came", "waiting", "passed", "skipped", "failed", "expired", "capped", "coming", "left")
"""Columns that are always there; the others only when somebody is in them."""
HEADS = {
    "came": "in", "waiting": "waiting", "blocked": "blocked", "passed": "passed", "skipped": "skipped",
    "failed": "failed", "expired": "expired", "left": "ended there", "moved": "moved", "capped": "put off by a cap",
    "coming": "to come", "late": "late",
}  # fmt: skip
_BAD = ("blocked", "failed")


class Count(Value):
    """One figure."""

    number: int
    href: str
    is_bad: bool


class StepLine(Value):
    """A step with its figures, in the order of the heads."""

    step: str
    counts: tuple[Count, ...]
    came_late: str
    sent_late: str


class ByStep(Value):
    """The whole table."""

    heads: tuple[str, ...]
    lines: tuple[StepLine, ...]


def by_step(found: Iterable[StepCounts], **whose: str) -> ByStep:
    """The table; `whose` are the filters of `/rows/visits` that mean the same runs."""
    lines = tuple(found)
    names = [name for name in HEADS if name in SHOWN or any(getattr(one, name) for one in lines)]
    return ByStep(heads=tuple(HEADS[name] for name in names), lines=tuple(_line(one, names, whose) for one in lines))


def _line(one: StepCounts, names: list[str], whose: dict[str, str]) -> StepLine:
    return StepLine(
        step=one.step,
        counts=tuple(_count(one, name, whose) for name in names),
        came_late=_late(one.came_late),
        sent_late=_late(one.sent_late),
    )


def _count(one: StepCounts, name: str, whose: dict[str, str]) -> Count:
    number: int = getattr(one, name)
    fate = {} if name == "came" else {"fate": name}
    sort = {"sort": "late", "order": "desc"} if name == "late" else {}
    href = f"/rows/visits?{urlencode({**whose, 'step': one.step, **fate, **sort})}"
    return Count(number=number, href=href, is_bad=name in _BAD and number > 0)


def _late(late: Late | None) -> str:
    if late is None:
        return "–"
    return " / ".join(seconds_words(one) for one in (late.p50_s, late.p95_s, late.p99_s))


def seconds_words(seconds: float) -> str:
    """`4 s` below two minutes, then as spans are told."""
    return f"{max(0, seconds):.0f} s" if seconds < 120 else span_words(timedelta(seconds=seconds))
