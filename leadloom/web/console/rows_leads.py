"""Which leads? The list behind each figure about stages."""

from __future__ import annotations

from leadloom.store import rows
from leadloom.store.published import Book
from leadloom.store.rows import LeadFilter, LeadRow
from leadloom.web.console._listing import (
    Asking,
    Cell,
    Column,
    Filter,
    List,
    Listed,
    choices,
    listed,
    name_of,
    owner_choices,
    routes,
)
from leadloom.web.console._places import Place


def _filters(book: Book) -> tuple[Filter, ...]:
    told = book.definition
    return (
        Filter(name="words", label="Name, address or company"),
        Filter(name="track", label="Track", choices=choices(told.tracks)),
        Filter(name="stage", label="Stage", choices=choices([stage.name for stage in told.stages])),
        Filter(name="owner", label="Owner", choices=owner_choices(book)),
        Filter(
            name="source",
            label="Source",
            choices=choices({key: source.label for key, source in told.sources.items()}),
        ),
    )


async def _read(asking: Asking) -> Listed:
    which = LeadFilter.model_validate(dict(asking.said))
    page = await rows.leads(asking.tx, which, asking.order, sight=asking.sight)
    return listed(page, lambda row: _cells(row, asking))


def _cells(row: LeadRow, asking: Asking) -> tuple[Cell, ...]:
    source = asking.book.definition.sources.get(row.source or "")
    where = ", ".join(part for part in (row.role, row.country) if part)
    return (
        Cell(text=row.person, href=f"/leads/{row.lead_id}", note=where),
        Cell(text=row.company or "not told"),
        Cell(text=row.stage, note=row.track),
        Cell(at=row.since),
        Cell(text=name_of(asking.book, row.owner) or "nobody yet"),
        Cell(text=source.label if source else row.source or "not told"),
        Cell(text=row.waiting_for or "", due=row.waits_until) if row.waits_until else Cell(text="no clock here"),
    )


PLACE = Place(href="/rows/leads", words="Leads", means="Everybody we know", row="daily", order=40, also=("/leads",))
router = routes(
    List(
        path="/rows/leads",
        title="Leads",
        hint="One row per lead and track.",
        columns=(
            Column(label="Lead", sort="name"),
            Column(label="Company", sort="company"),
            Column(label="Stage", sort="stage"),
            Column(label="Since", sort="since"),
            Column(label="Owner", sort="owner"),
            Column(label="Source", sort="source"),
            Column(label="Stage clock"),
        ),
        first_sort="since",
        first_descending=True,
        empty="No lead is here now. When somebody fills in a form, answers a mail or is imported, they appear here.",
        filters=_filters,
        is_scoped=True,
        read=_read,
    )
)
