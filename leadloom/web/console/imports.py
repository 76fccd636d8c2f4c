"""Which lists were brought in, what became of their rows, and what is to be mended?"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, StreamingResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.model import Json, Value
from leadloom.runtime.fault_file import fault_lines
from leadloom.runtime.table_file import SEPARATORS
from leadloom.runtime.uploaded_lists import LARGEST
from leadloom.store import import_pages, imports, published, uploads
from leadloom.store.import_pages import ImportTold
from leadloom.store.imports import FaultCount
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Looking, Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_OPERATION, whole=True)])

PLACE = Place(
    href="/imports", words="Imports", means="Lists that were brought in, and what of them is to be mended", order=70
)

_UNSAID: tuple[Json, ...] = (None, False, [], "", "UTC")
"""What an option says that nobody named."""


class Figure(Value):
    """A number, the rows it counts, and what they are."""

    words: str
    number: int
    href: str


class Line(Value):
    """An import as the list shows it."""

    told: ImportTold
    figures: tuple[Figure, ...]


@router.get("/imports")
async def every(visit: Visit) -> HTMLResponse:
    """The imports, newest first, and the lists that are still to be brought in."""
    return await imports_page(visit)


async def imports_page(
    visit: Looking, *, refused: str | None = None, status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    """The same with what was wrong with a list that somebody sent."""
    async with visit.house.db.read() as tx:
        book, found, waiting = await published.book(tx), await import_pages.newest(tx), await uploads.open_(tx)
    lines = tuple(Line(told=each, figures=_figures(each)) for each in found)
    return visit.page(
        "console/imports.html",
        book,
        status=status,
        lines=lines,
        most=import_pages.MOST,
        waiting=waiting,
        refused=refused,
        largest_mb=LARGEST >> 20,
        separators=tuple(SEPARATORS.values()),
    )


@router.get("/imports/{import_id}")
async def one(visit: Visit, import_id: UUID) -> HTMLResponse:
    """One import: how it was read, its figures, and what is wrong by field and reason."""
    async with visit.house.db.read() as tx:
        book, told = await published.book(tx), await import_pages.one(tx, import_id)
        reasons = await imports.fault_counts(tx, import_id)
    return visit.page(
        "console/import.html",
        book,
        told=told,
        figures=_figures(told),
        reasons=tuple((each, _reason_href(import_id, each)) for each in reasons),
        options=tuple(_options(told.options)),
    )


@router.get("/imports/{import_id}/faults.csv", dependencies=[needs(Right.TAKE_OUT_LISTS, Right.SEE_ADDRESSES)])
async def faults(visit: Visit, import_id: UUID) -> StreamingResponse:
    """The refused rows with why, to be mended and brought in again."""
    async with visit.house.db.read() as tx:
        told = await import_pages.one(tx, import_id)
    stem = told.file_name.rpartition(".")[0] or told.file_name
    name = quote(f"{stem}.faults.csv", safe="")
    return StreamingResponse(
        fault_lines(visit.house.db, import_id, told.header),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"},
    )


def _figures(told: ImportTold) -> tuple[Figure, ...]:
    counts = told.counts
    taken = {"new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged, "opted_out": counts.opted_out}
    words = {"new": "new", "changed": "changed", "unchanged": "unchanged", "opted_out": "said no to mail"}
    figures = [
        Figure(words=words[name], number=number, href=_href("rows", told.import_id, outcome=name))
        for name, number in taken.items()
    ]
    for name, number in (("refused", counts.refused), ("quarantined", counts.quarantined)):
        figures.append(Figure(words=name, number=number, href=_href("faults", told.import_id, kind=name)))
    return tuple(figures)


def _reason_href(import_id: UUID, each: FaultCount) -> str:
    return _href("faults", import_id, kind=each.kind, field=each.field, reason=each.reason)


def _href(which: str, import_id: UUID, **said: str) -> str:
    return f"/rows/import-{which}?{urlencode({'import': str(import_id), **said})}"


def _options(options: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """What was said on the command line, option by option."""
    for name, value in options.items():
        if value not in _UNSAID:
            told = value if isinstance(value, list) else [value]
            yield f"--{name.replace('_', '-')}", ", ".join("yes" if each is True else str(each) for each in told)
