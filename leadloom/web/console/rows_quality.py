"""Which leads lack something? The list behind each number of the data-quality board."""

from __future__ import annotations

from leadloom.domain.access.rights import Right
from leadloom.store import quality
from leadloom.store.published import Book
from leadloom.store.quality import LACKS, QualityFilter, QualityLead
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
    person_of,
    routes,
)

NONE = "-"
"""In an address: no source we know, or no region."""


def _filters(book: Book) -> tuple[Filter, ...]:
    told = book.definition
    sources = {key: source.label for key, source in told.sources.items()} | {NONE: "no source we know"}
    regions = {key: region.label for key, region in told.regions.items()} | {NONE: "elsewhere, or nobody knows"}
    return (
        Filter(name="lacks", label="Lacks", choices=choices(LACKS)),
        Filter(name="source", label="Source", choices=choices(sources)),
        Filter(name="region", label="Region", choices=choices(regions)),
    )


async def _read(asking: Asking) -> Listed:
    said = {name: "" if value == NONE else value for name, value in asking.said.items()}
    which = QualityFilter.model_validate(said)
    page = await quality.leads(asking.tx, which, asking.order, definition=asking.book.definition)
    return listed(page, lambda row: _cells(row, asking.book))


def _cells(row: QualityLead, book: Book) -> tuple[Cell, ...]:
    source = book.definition.sources.get(row.source or "")
    region = book.definition.regions.get(row.region)
    return (
        person_of(row),
        Cell(text=", ".join(row.lacks()) or "nothing"),
        Cell(text=source.label if source else "no source we know"),
        Cell(text=region.label if region else "elsewhere", note=row.country or "no country told"),
        Cell(text=name_of(book, row.owner) or "nobody"),
    )


router = routes(
    List(
        path="/rows/quality",
        title="Leads that lack something",
        hint="What the data-quality board counted. Mend it where it comes from: a form, a list, a source.",
        columns=(
            Column(label="Lead"),
            Column(label="Lacks"),
            Column(label="Source"),
            Column(label="Region"),
            Column(label="Owner"),
        ),
        first_sort="lead",
        first_descending=False,
        empty="No lead lacks that. Nothing is to be done here.",
        filters=_filters,
        right=Right.SEE_FIGURES,
        read=_read,
    )
)
