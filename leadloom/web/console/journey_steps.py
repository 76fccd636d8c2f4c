"""What became of everybody at each step of a version of a journey? A table whose figures open their rows."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput
from leadloom.store import journeys_now, published, steps
from leadloom.web.console._by_step import by_step
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_JOURNEYS)])


@router.get("/journeys/{name}/steps")
async def show(visit: Visit, name: str, version: str = "") -> HTMLResponse:
    """The version in force, or the one of that number."""
    if version and not version.isdecimal():
        raise BadInput("version", version[:20], "Write its number, or leave it out for the one in force.")
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        whose = await steps.of_journey(tx, name, int(version) if version else None, book=book)
        counts = await steps.counts(tx, whose)
        versions = await journeys_now.versions(tx, "journey", name)
    said = {"journey": name, **({"version": version} if version else {})}
    return visit.page(
        "console/journey_steps.html", book, name=name, words=whose.words, by_step=by_step(counts, **said),
        versions=versions, version=version,
    )  # fmt: skip
