"""Which hand-offs kept a promise of the charter, which broke it? The lists behind each of its numbers."""

from __future__ import annotations

from typing import Literal, cast

from leadloom.domain.reports.mutual_promises import PromisesQuestion, Went
from leadloom.runtime import reports
from leadloom.store import rows
from leadloom.store.published import Book
from leadloom.store.rows import HandOffFilter
from leadloom.web.console._listing import Asking, Filter, List, Listed, choices, listed, routes
from leadloom.web.console._period import SPANS, period_of
from leadloom.web.console.rows_hand_offs import COLUMNS, cells_of

PROMISES = {
    "complete": "arrive complete",
    "accepted": "are accepted",
    "why": "the notice says why",
    "in-time": "answered in time",
    "reason": "given back with a reason",
    "tries": "tried as promised",
}
WENT: dict[Literal["kept", "broken", "open"], str] = {
    "kept": "kept",
    "broken": "broken",
    "open": "not to be judged",
}


def _filters(_: Book) -> tuple[Filter, ...]:
    spans = {key: words for key, (words, _) in SPANS.items()}
    return (
        Filter(name="promise", label="Promise", choices=choices(PROMISES)),
        Filter(name="went", label="How it went", choices=choices({str(key): words for key, words in WENT.items()})),
        Filter(name="period", label="First offered within", choices=choices(spans)),
    )


async def _read(asking: Asking) -> Listed:
    question = PromisesQuestion(as_of=asking.at, last=period_of(asking.get("period")).last)
    report = await reports.promises_within(asking.tx, question)
    promise = asking.get("promise") or "in-time"
    went = cast("Went | None", asking.get("went") if asking.get("went") in WENT else None)
    ids = next((one.ids(went) for one in report.promises if one.key == promise), ())
    page = await rows.hand_offs(asking.tx, HandOffFilter(ids=ids), asking.order, sight=asking.sight, at=asking.at)
    return listed(page, lambda row: cells_of(row, asking))


router = routes(
    List(
        path="/rows/promises",
        title="Hand-offs behind a promise",
        hint="One row per hand-off that counts for the promise, or that can't be judged yet.",
        columns=COLUMNS,
        first_sort="opened",
        first_descending=True,
        empty="No hand-off of this period is in this list.",
        filters=_filters,
        is_scoped=True,
        read=_read,
        also=(("/promises", "Back to the promises"),),
    )
)
