"""Which companies do we know, and what is going on there? A list with filters; each opens its page."""

from __future__ import annotations

from leadloom.domain.intake.countries import CODES
from leadloom.store import company_pages
from leadloom.store.company_pages import CompanyFilter, CompanyRow
from leadloom.store.published import Book
from leadloom.web.console._listing import (
    Asking,
    Cell,
    Column,
    Filter,
    List,
    Listed,
    choices,
    name_of,
    owner_choices,
    routes,
)
from leadloom.web.console._places import Place

PLACE = Place(
    href="/companies", words="Companies", means="Their people, score, buying group and business; which two are one",
    order=45, also=("/company-matches",),
)  # fmt: skip


def _filters(book: Book) -> tuple[Filter, ...]:
    served = book.definition.fit.country.is_
    return (
        Filter(name="words", label="Name or domain"),
        Filter(name="country", label="Country", choices=choices(tuple(sorted({*served} & CODES)))),
        Filter(name="owner", label="Owner", choices=owner_choices(book)),
        Filter(
            name="only", label="Only", choices=choices({"business": "with open business", "named": "named accounts"})
        ),
    )


async def _read(asking: Asking) -> Listed:
    which = CompanyFilter(
        words=asking.get("words"), country=asking.get("country"), owner=asking.get("owner"),
        named=asking.get("only") == "named", business=asking.get("only") == "business",
    )  # fmt: skip
    page = await company_pages.listed(asking.tx, which, asking.order)
    return Listed(rows=tuple(_cells(row, asking.book) for row in page.rows), total=page.total, next=page.next)


def _cells(row: CompanyRow, book: Book) -> tuple[Cell, ...]:
    told = [part for part in (row.industry, f"{row.sites} sites" if row.sites else None) if part]
    return (
        Cell(text=row.name, href=f"/companies/{row.account_id}", note=row.domain or "no domain known"),
        Cell(text=row.country or "not told", note=", ".join(told)),
        Cell(text=str(row.people)),
        Cell(text=_business(row)),
        Cell(at=row.last_event_at) if row.last_event_at else Cell(text="never"),
        Cell(text=name_of(book, row.owner) or "nobody", note="named account" if row.is_named else ""),
    )


def _business(row: CompanyRow) -> str:
    said = [
        *([f"{row.open_deals} open deal{'s' if row.open_deals > 1 else ''}"] if row.open_deals else []),
        *([f"{row.open_hand_offs} hand-off{'s' if row.open_hand_offs > 1 else ''}"] if row.open_hand_offs else []),
    ]
    return ", ".join(said) or "none open"


router = routes(
    List(
        path="/companies",
        title="Companies",
        hint="Who comes by a work mail is at the company of that domain; who has free mail, at the one they name.",
        columns=(
            Column(label="Company", sort="name"),
            Column(label="Country", sort="country"),
            Column(label="People", sort="people", numeric=True),
            Column(label="Business", sort="deals"),
            Column(label="Last heard", sort="heard"),
            Column(label="Owner"),
        ),
        first_sort="people",
        first_descending=True,
        empty="No company is here. The first lead with a work mail, or who names theirs, makes one.",
        filters=_filters,
        read=_read,
        also=(("/company-matches", "Which may be one"),),
    )
)
