"""Who stays out of a campaign, and why? The list behind each figure about exclusions, before a launch and after."""

from __future__ import annotations

from leadloom.domain.access.rights import Right
from leadloom.domain.campaigns.membership import WORDS, LeftOut
from leadloom.store import rows
from leadloom.store.published import Book
from leadloom.store.rows import ExclusionFilter, ExclusionRow
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, routes


def _filters(_: Book) -> tuple[Filter, ...]:
    codes = {code.value: words for code, words in WORDS.items()}
    return (Filter(name="campaign", label="Campaign"), Filter(name="why", label="Why", choices=choices(codes)))


async def _read(asking: Asking) -> Listed:
    which = ExclusionFilter(campaign=asking.get("campaign"), why=asking.get("why"))
    page = await rows.exclusions(asking.tx, which, asking.order)
    return Listed(rows=tuple(_cells(row) for row in page.rows), total=page.total, next=page.next)


def _cells(row: ExclusionRow) -> tuple[Cell, ...]:
    return (
        Cell(text=row.person, href=f"/leads/{row.lead_id}", note=row.company or ""),
        Cell(text=WORDS[LeftOut(row.why)]),
        Cell(at=row.decided_at) if row.decided_at else Cell(text="by a check", note="its turn decides"),
        Cell(text=row.campaign, note=row.journey),
        Cell(text=str(row.no)),
    )


router = routes(
    List(
        path="/rows/exclusions",
        title="Left out",
        hint="One row per member who was left out of a campaign, or whom its newest check would leave out.",
        columns=(
            Column(label="Lead", sort="name"),
            Column(label="The first thing against it", sort="why"),
            Column(label="Decided"),
            Column(label="Campaign"),
            Column(label="No", sort="no", numeric=True),
        ),
        first_sort="no",
        first_descending=False,
        empty="Nobody is left out here. Before a launch this list is written by a check of the campaign.",
        filters=_filters,
        right=Right.SEE_CAMPAIGNS,
        read=_read,
    )
)
