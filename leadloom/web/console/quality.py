"""What is missing or wrong about our leads, by source and region? The data-quality board; numbers open their rows."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Value
from leadloom.store import dropped, duplicates, form_posts, published, quality
from leadloom.store.quality import LACKS, QualityRow
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_FIGURES)])
PLACE = Place(
    href="/quality", words="Data quality", means="What is missing or wrong about leads, by source and region", order=60,
    also=("/rows/quality",),
)  # fmt: skip


class Count(Value):
    """A number of the board and the rows it counts."""

    number: int
    href: str


class Line(Value):
    """One row of the board."""

    name: str
    leads: Count
    complete: float | None
    counts: tuple[Count, ...]


@router.get("/quality")
async def board(visit: Visit) -> HTMLResponse:
    """All leads, then by source, then by region."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        rows = await quality.board(tx, book.definition)
        held = sum(one.held for one in await form_posts.waiting(tx))
        outside = await dropped.waiting(tx)
        waiting = (await duplicates.counts(tx, at=visit.at)).open
    promised = book.definition.charter.marketing.complete
    boards = (
        ("By source", "Source", _lines(book.definition, rows, "source")),
        ("By region", "Region", _lines(book.definition, rows, "region")),
    )
    return visit.page(
        "console/quality.html", book, boards=boards, all=_line("All leads", quality.summed(rows), {}) if rows else None,
        lacks=LACKS, promised=promised, waiting=waiting, held=held, dropped=outside,
    )  # fmt: skip


def _lines(definition: Definition, rows: tuple[QualityRow, ...], by: str) -> tuple[Line, ...]:
    found: list[Line] = []
    for key in dict.fromkeys(getattr(row, by) for row in rows):
        row = quality.summed(tuple(one for one in rows if getattr(one, by) == key))
        found.append(_line(_name(definition, key, by), row, {by: key or "-"}))
    return tuple(sorted(found, key=lambda line: -line.leads.number))


def _name(definition: Definition, key: str | None, by: str) -> str:
    if by == "source":
        known = definition.sources.get(key or "")
        return known.label if known else "No source we know"
    return definition.regions[key].label if key in definition.regions else "Elsewhere, or nobody knows"


def _line(name: str, row: QualityRow, which: dict[str, str]) -> Line:
    def count(number: int, **more: str) -> Count:
        return Count(number=number, href=f"/rows/quality?{urlencode({**which, **more})}")

    return Line(
        name=name,
        leads=count(row.leads),
        complete=row.share_complete(),
        counts=tuple(count(getattr(row, one), lacks=one) for one in LACKS),
    )
