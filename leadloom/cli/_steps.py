"""How do the steps of a campaign, or of a version of a journey, read on a terminal; and the rows behind a figure?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.cli._data import table
from leadloom.domain.errors import BadInput
from leadloom.store import steps
from leadloom.store.rows import Order
from leadloom.store.steps import ALSO, FATES, LATE_WORDS, Late, StepCounts, VisitFilter, VisitRow, Whose
from leadloom.store.tx import Tx

Step = Annotated[str | None, typer.Option("--step", help="The rows of this step, in place of the figures.")]
Fate = Annotated[
    str | None, typer.Option("--fate", help="Only rows of that figure: waiting, passed, failed, expired, late …")
]


async def read(
    tx: Tx, whose: Whose, *, step: str | None, fate: str | None, limit: int
) -> tuple[StepCounts, ...] | tuple[VisitRow, ...]:
    """The figures; or the rows of one step or of one fate. Raises BadInput for a figure that isn't there."""
    if fate is not None and fate not in {**FATES, **ALSO}:
        raise BadInput("fate", fate, f"There are: {', '.join((*FATES, *ALSO))}.")
    if step is None and fate is None:
        return await steps.counts(tx, whose)
    order = Order(sort="late" if fate == "late" else "at", descending=True, limit=limit)
    return (await steps.visits(tx, whose, VisitFilter(step=step, fate=fate), order)).rows


def draw(whose: Whose, found: tuple[StepCounts, ...] | tuple[VisitRow, ...]) -> Iterator[RenderableType]:
    """A line for each step, or for each row."""
    if found and isinstance(found[0], VisitRow):
        yield _rows([one for one in found if isinstance(one, VisitRow)])
        return
    yield f"{whose.words[:1].upper()}{whose.words[1:]}: visits, and how late they were (half, 95 %, 99 %)."
    yield from table_of([one for one in found if isinstance(one, StepCounts)])


def table_of(found: Sequence[StepCounts]) -> Iterator[RenderableType]:
    """A line for each step."""
    yield table(
        "step", "in", "waiting", "blocked", "passed", "skipped", "failed", "expired", "ended", "moved", "capped",
        "to come", "late", "came late", "sent late",
        rows=(
            (one.step, one.came, one.waiting, one.blocked, one.passed, one.skipped, one.failed, one.expired, one.left,
             one.moved, one.capped, one.coming, one.late, late_words(one.came_late), late_words(one.sent_late))
            for one in found
        ),
        empty="Nobody has come to any step.",
    )  # fmt: skip


def late_words(late: Late | None) -> str | None:
    """Such as `0 s, 2 s, 14 min`."""
    return None if late is None else ", ".join(_span(one) for one in (late.p50_s, late.p95_s, late.p99_s))


def _span(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _rows(found: list[VisitRow]) -> RenderableType:
    return table(
        "lead", "who", "step", "visit", "what became of it", "planned", "was", "late", "because", "said",
        rows=(
            (one.lead_id, one.person, one.step, one.visit, one.fate, one.planned_at, one.actual_at,
             None if one.late_s is None else _span(one.late_s), LATE_WORDS.get(one.late_why or ""), one.did)
            for one in found
        ),
    )  # fmt: skip
