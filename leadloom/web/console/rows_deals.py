"""Which deals? The list behind each figure about pipeline; the class of a deal is the report's to say."""

from __future__ import annotations

from collections.abc import Mapping

from leadloom.domain.reports.classes import CreditClass
from leadloom.domain.reports.odds import Odds
from leadloom.domain.reports.pipeline import PipelineQuestion, pipeline
from leadloom.store import odds, reports, rows
from leadloom.store.published import Book
from leadloom.store.rows import DealFilter, DealRow
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, name_of, routes


def _filters(book: Book) -> tuple[Filter, ...]:
    return (
        Filter(name="class", label="Class", choices=choices([one.value for one in CreditClass])),
        Filter(name="stage", label="Stage", choices=choices(("open", "won", "lost"))),
    )


async def _read(asking: Asking) -> Listed:
    classes = await _classes(asking)
    wanted = asking.get("class")
    ids = None if wanted is None else tuple(deal for deal, one in classes.items() if one.value == wanted)
    which = DealFilter(stage=asking.get("stage"), external_ids=ids)
    page = await rows.deals(asking.tx, which, asking.order, sight=asking.sight, at=asking.at)
    rules = asking.book.definition.win_odds
    told = await odds.of_deals(asking.tx, [row.deal_id for row in page.rows], rules, at=asking.at)
    cells = tuple(_cells(row, classes, told.get(row.deal_id), asking.book) for row in page.rows)
    return Listed(rows=cells, total=page.total, next=page.next)


async def _classes(asking: Asking) -> Mapping[str, CreditClass]:
    """The class of each deal, by its own name: decided by the very function that made the figure."""
    deals = await reports.deals(asking.tx, as_of=asking.at)
    report = pipeline(asking.book.definition, deals, (), PipelineQuestion(as_of=asking.at))
    return {deal.deal: deal.deal_class for deal in report.deals}


def _odds(told: Odds | None, book: Book) -> Cell:
    if told is None:
        return Cell(text="")
    if told.share is None:
        return Cell(text="–", note=f"{told.of} deals were decided, {book.definition.win_odds.least} are needed")
    if told.manual is not None:
        note = f"by {name_of(book, told.manual.by)}: {told.manual.why}"
    else:
        note = ", ".join(f"{one.value} ×{one.factor:.1f}" for one in told.because[:2])
    return Cell(text=f"{told.share:.0%}", note=note)


def _cells(row: DealRow, classes: Mapping[str, CreditClass], told: Odds | None, book: Book) -> tuple[Cell, ...]:
    person = Cell(text=row.person, href=f"/leads/{row.lead_id}") if row.lead_id else Cell(text="no lead named")
    one = classes.get(row.external_id)
    return (
        Cell(text=row.name, note=f"{row.external_id}, {row.track}"),
        Cell(text=row.company or "not told"),
        Cell(text=row.stage),
        Cell(text=row.money or "not told"),
        _odds(told, book),
        Cell(text=one.value if one else "–"),
        Cell(at=row.created_at),
        person,
        Cell(text=name_of(book, row.owner) or "nobody"),
    )


router = routes(
    List(
        path="/rows/deals",
        title="Deals",
        hint="A deal's class says who generated it; it is anchored at the deal's creation. "
        "Odds say how often deals like an open one were won: what they had in common, or what somebody said.",
        columns=(
            Column(label="Deal", sort="name"),
            Column(label="Company", sort="company"),
            Column(label="Stage", sort="stage"),
            Column(label="Amount", sort="amount", numeric=True),
            Column(label="Odds", numeric=True),
            Column(label="Class"),
            Column(label="Created", sort="created"),
            Column(label="Lead"),
            Column(label="Owner"),
        ),
        first_sort="created",
        first_descending=True,
        empty="No deal is here. Deals come from sales: import them, or open one when a meeting was held.",
        filters=_filters,
        is_scoped=True,
        read=_read,
    )
)
