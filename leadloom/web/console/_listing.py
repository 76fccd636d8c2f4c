"""How is a list behind a number shown? Filters, one order and pages, all of it in the address; and as CSV."""

from __future__ import annotations

import base64
import binascii
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import ValidationError

from leadloom.domain.access.rights import Right
from leadloom.domain.access.viewer import Sight
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Instant, Value
from leadloom.store import published
from leadloom.store.published import Book
from leadloom.store.rows import Order, Page, PersonRow, Place, R
from leadloom.store.tx import Tx
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Visit

CSV_PAGE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a program to a spreadsheet."""


class Column(Value):
    """A column; `sort` is the list's name for its order."""

    label: str
    sort: str = ""
    numeric: bool = False


class Cell(Value):
    """What stands in a column: words, or an instant."""

    text: str = ""
    href: str = ""
    note: str = ""
    """A second, quieter line."""
    at: Instant | None = None
    due: Instant | None = None
    """An instant that matters by how far away it is."""
    mark: str = ""
    """`bad` or `good`; the words say it too."""


class Choice(Value):
    """One value of a filter."""

    value: str
    label: str


class Filter(Value):
    """A question that narrows the list; without choices it is a line to write in."""

    name: str
    label: str
    choices: tuple[Choice, ...] = ()


class Listed(Value):
    """One page of rows as cells, in the order of the columns."""

    rows: tuple[tuple[Cell, ...], ...]
    total: int
    next: Place | None = None


@dataclass(frozen=True)
class Asking:
    """What a list is asked for."""

    tx: Tx
    book: Book
    at: datetime
    said: Mapping[str, str]
    """The filters that were set."""
    order: Order
    sight: Sight
    """Whose leads whoever asks sees."""

    def get(self, name: str) -> str | None:
        """The value of a filter, or None when it isn't set."""
        return self.said.get(name)

    def has(self, name: str) -> bool:
        """Whether a yes-or-no filter is on."""
        return name in self.said


@dataclass(frozen=True)
class List:
    """One kind of list."""

    path: str
    title: str
    columns: tuple[Column, ...]
    first_sort: str
    first_descending: bool
    empty: str
    """What an empty list means and what happens next."""
    filters: Callable[[Book], tuple[Filter, ...]]
    read: Callable[[Asking], Awaitable[Listed]]
    hint: str = ""
    """What the list is, in one sentence."""
    right: Right = Right.SEE_LEADS
    is_scoped: bool = False
    """Whether it shows each viewer the leads in their sight; any other opens for who sees all leads."""
    also: tuple[tuple[str, str], ...] = ()
    """Pages beside it: address and words."""


@dataclass(frozen=True)
class Address:
    """What an address of a list says; makes the addresses of its neighbours."""

    path: str
    said: Mapping[str, str]
    sort: str
    descending: bool

    def sorted_by(self, sort: str) -> str:
        """The same rows by this column; the other way round when they are sorted by it already."""
        descending = sort == self.sort and not self.descending
        return self._url(sort=sort, order="desc" if descending else "asc")

    def page_after(self, place: Place) -> str:
        """The next page."""
        return self._url(sort=self.sort, order="desc" if self.descending else "asc", after=_written(place))

    @property
    def first(self) -> str:
        """The first page again."""
        return self._url(sort=self.sort, order="desc" if self.descending else "asc")

    @property
    def csv(self) -> str:
        """All rows as a file."""
        return self._url(suffix=".csv", sort=self.sort, order="desc" if self.descending else "asc")

    def _url(self, suffix: str = "", **more: str) -> str:
        return f"{self.path}{suffix}?{urlencode({**self.said, **more})}"


def routes(shown: List) -> APIRouter:
    """The list's page and its file."""
    guard = needs(shown.right, whole=not shown.is_scoped)
    router = APIRouter(include_in_schema=False, dependencies=[guard])

    @router.get(shown.path)
    async def page(visit: Visit) -> HTMLResponse:
        async with visit.house.db.read() as tx:
            book = await published.book(tx)
            filters = shown.filters(book)
            address, order = _asked(shown, filters, visit.request.query_params)
            listed = await shown.read(Asking(tx, book, visit.at, address.said, order, visit.sight))
        return visit.page(
            "console/rows.html", book, list=shown, filters=filters, address=address, listed=listed,
            is_later_page=order.after is not None,
        )  # fmt: skip

    @router.get(f"{shown.path}.csv", dependencies=[needs(Right.TAKE_OUT_LISTS)])
    async def file(visit: Visit) -> StreamingResponse:
        async with visit.house.db.read() as tx:
            book = await published.book(tx)
        address, order = _asked(shown, shown.filters(book), visit.request.query_params)
        name = f"{shown.path.rsplit('/', 1)[-1]}-{visit.at:%Y-%m-%d}.csv"
        return StreamingResponse(
            _lines(shown, visit, book, address, order.model_copy(update={"limit": CSV_PAGE})),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    return router


def _asked(shown: List, filters: tuple[Filter, ...], told: Mapping[str, str]) -> tuple[Address, Order]:
    """What the address asks for. Unknown filters and sorts fall back: an old bookmark still opens."""
    said = {one.name: told[one.name].strip() for one in filters if told.get(one.name, "").strip()}
    sorts = {column.sort for column in shown.columns if column.sort}
    is_sorted = told.get("sort", "") in sorts
    sort = told["sort"] if is_sorted else shown.first_sort
    descending = told.get("order") == "desc" if is_sorted else shown.first_descending
    after = _read(told["after"]) if told.get("after") else None
    address = Address(shown.path, said, sort, descending)
    return address, Order(sort=sort, descending=descending, after=after)


def _written(place: Place) -> str:
    return base64.urlsafe_b64encode(place.model_dump_json().encode()).decode().rstrip("=")


def _read(after: str) -> Place:
    try:
        return Place.model_validate_json(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (ValidationError, binascii.Error, ValueError) as error:
        raise BadInput("after", after[:40], "Begin at the first page: leave it out.") from error


async def _lines(shown: List, visit: Visit, book: Book, address: Address, order: Order) -> AsyncIterator[str]:
    """The whole list, page by page in one moment's view of the database."""
    yield _line([column.label for column in shown.columns])
    async with visit.house.db.read() as tx:
        while True:
            listed = await shown.read(Asking(tx, book, visit.at, address.said, order, visit.sight))
            for row in listed.rows:
                yield visit.masked(_line([_plain(cell) for cell in row]), book)
            if listed.next is None:
                return
            order = order.model_copy(update={"after": listed.next})


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()


def _plain(cell: Cell) -> str:
    instant = cell.at or cell.due
    if instant is not None:
        return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f"{cell.text} ({cell.note})" if cell.text and cell.note else cell.text or cell.note


def listed(page: Page[R], cells: Callable[[R], tuple[Cell, ...]]) -> Listed:
    """A page of the store's as a page of the list."""
    return Listed(rows=tuple(cells(row) for row in page.rows), total=page.total, next=page.next)


def held_whole(rows: Sequence[tuple[Cell, ...]], asking: Asking) -> Listed:
    """A page of a list that is read at once, in its own order: a short one."""
    begin = int(asking.order.after.row_id) if asking.order.after and asking.order.after.row_id.isdecimal() else 0
    end = begin + asking.order.limit
    following = Place(key="", row_id=str(end)) if end < len(rows) else None
    return Listed(rows=tuple(rows[begin:end]), total=len(rows), next=following)


def person_of(row: PersonRow) -> Cell:
    """Whom a row is about, with the way to their page; their company below."""
    return Cell(text=row.person, href=f"/leads/{row.lead_id}", note=row.company or "")


def choices(values: Mapping[str, str] | tuple[str, ...] | list[str]) -> tuple[Choice, ...]:
    """Choices of a filter: value → words, or values that are their own words."""
    pairs = values.items() if isinstance(values, Mapping) else ((value, value.replace("_", " ")) for value in values)
    return tuple(Choice(value=value, label=label) for value, label in pairs)


def owner_choices(book: Book) -> tuple[Choice, ...]:
    """The people of the definition, by handle."""
    return choices({entry.handle: entry.name for entry in book.definition.owners})


def name_of(book: Book, handle: str | None) -> str:
    """An owner's name; their handle once the definition has forgotten them."""
    return {entry.handle: entry.name for entry in book.definition.owners}.get(handle or "", handle or "")
