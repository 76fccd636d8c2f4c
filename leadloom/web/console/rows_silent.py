"""Who gets our letters, never answered one, and is about to be asked whether to go on?"""

from __future__ import annotations

from leadloom.store import sunset
from leadloom.store.published import Book
from leadloom.store.sunset import SilentRow
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, listed, person_of, routes
from leadloom.web.console.consent import SOON

_SOON = "soon"


def _filters(_: Book) -> tuple[Filter, ...]:
    return (Filter(name="when", label="Asked", choices=choices({_SOON: f"within {SOON.days} days"})),)


async def _read(asking: Asking) -> Listed:
    # As far ahead as the policy looks back: who has had their letters by now is in it.
    policy = asking.book.definition.consent.sunset
    ahead = SOON if asking.get("when") == _SOON or policy is None else policy.after
    page = await sunset.silent(
        asking.tx, asking.book.definition, asking.order, until=asking.at + ahead, at=asking.at
    )  # fmt: skip
    return listed(page, _cells)


def _cells(row: SilentRow) -> tuple[Cell, ...]:
    return person_of(row), Cell(text=f"{row.letters:,}"), Cell(at=row.first_at), Cell(due=row.ends_at)


router = routes(
    List(
        path="/rows/silent",
        title="Never answered",
        hint="Who gets our letters and never answered. Each is asked once whether to go on; no answer ends them.",
        columns=(
            Column(label="Lead"),
            Column(label="Letters", numeric=True),
            Column(label="The first"),
            Column(label="Asked", sort="at"),
        ),
        first_sort="at",
        first_descending=False,
        empty="Nobody: the definition has no sunset policy, or whoever gets our letters has answered.",
        filters=_filters,
        read=_read,
    )
)
