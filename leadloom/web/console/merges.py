"""What became of two leads that were merged, and shall they be parted again?"""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.one_person import MERGED_FIELDS
from leadloom.domain.errors import BadInput, Conflict
from leadloom.store import duplicates, merges, parting, published
from leadloom.store.duplicates import QueueFilter
from leadloom.store.parting import Undo
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Looking, Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS, whole=True)])


@router.get("/merges/{merge_id}")
async def show(visit: Visit, merge_id: UUID) -> HTMLResponse:
    """What the merge did, and what an undo would do; the button for it as long as it can be undone."""
    return await _page(visit, merge_id)


@router.post("/merges/{merge_id}", dependencies=[needs(Right.MERGE_LEADS)])
async def undo(visit: Visit, merge_id: UUID) -> Response:
    """Part the two again, in the name of the seat."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            why = fields.get("why", "").strip()[:300]
            order = Undo(merge_id=merge_id, by=visit.seated(book).handle, why=why)
            await parting.undo(tx, order, book=book, at=visit.at)
    except Conflict as conflict:
        return await _page(visit, merge_id, problem=str(conflict), status=HTTPStatus.CONFLICT)
    except BadInput as bad:
        return await _page(visit, merge_id, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return back_to(f"/merges/{merge_id}?parted=1")


async def _page(
    visit: Looking, merge_id: UUID, *, problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    told = visit.request.query_params
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        merge = await merges.get(tx, merge_id)
        foreseen = await merges.foreseen(tx, merge_id)
        page = await duplicates.queue(tx, QueueFilter(), at=visit.at, limit=1)
    return visit.page(
        "console/merge.html", book, status=status, problem=problem, merge=merge, foreseen=foreseen,
        is_done="done" in told and merge.undone_at is None, is_parted="parted" in told and merge.undone_at is not None,
        next=f"/duplicates/{page.rows[0].lead_id}/{page.rows[0].other_id}" if page.rows else "", waiting=page.total,
        fields=[(field, merge.united[field]) for field in MERGED_FIELDS if field in merge.united],
        names={entry.handle: entry.name for entry in book.definition.owners},
    )  # fmt: skip
