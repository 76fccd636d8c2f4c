"""Are these two one person? Both side by side, what a merge would make of them, and the buttons that decide."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import LeadId
from leadloom.domain.people.side_by_side import confidence, one_in
from leadloom.store import duplicates, merge_preview, merges, merging, published
from leadloom.store.duplicates import QueueFilter, QueueRow
from leadloom.store.merging import MergeOrder
from leadloom.store.tx import Tx
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Looking, Visit, back_to
from leadloom.web.console.duplicates import settle

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS, whole=True)])

_CHANGED = "One of them changed since you looked. This is how they stand now: look again, then decide."
_CHOSEN = "choose-"


@router.get("/duplicates/{one}/{other}")
async def show(visit: Visit, one: UUID, other: UUID) -> Response:
    """Both side by side; of two that are one already, the way to who they are."""
    async with visit.house.db.read() as tx:
        now = await merges.now_all(tx, [LeadId(one), LeadId(other)])
    mine, theirs = now.get(LeadId(one), LeadId(one)), now.get(LeadId(other), LeadId(other))
    if mine == theirs:
        return RedirectResponse(f"/leads/{mine}", status_code=HTTPStatus.TEMPORARY_REDIRECT)
    return await _page(visit, mine, theirs)


@router.post("/duplicates/{one}/{other}", dependencies=[needs(Right.MERGE_LEADS)])
async def decide(visit: Visit, one: UUID, other: UUID) -> Response:
    """Merge the two as the page showed them, keep them apart, or put them off, in the name of the seat."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    pair = (LeadId(one), LeadId(other))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            by = visit.seated(book).handle
            if fields.get("do") != "merge":
                told = {**fields, "one": str(one), "other": str(other)}
                said = await settle(tx, told, by=by, at=visit.at)
                following = await _next(tx, visit)
                return back_to(f"{_way(following)}?said={said}" if following else f"/duplicates?said={said}")
            known = await tx.maybe("merge_of_pair", lead_ids=list(pair))
            if known is None and (await merge_preview.preview(tx, *pair, book=book)).seen != fields.get("seen", ""):
                raise Conflict(_CHANGED)
            order = MergeOrder(
                one=pair[0], other=pair[1], by=by, why=fields.get("why", "").strip()[:300], fields=_chosen(fields)
            )
            done = await merging.merge(tx, order, book=book, at=visit.at)
    except Conflict as conflict:
        return await _page(visit, *pair, problem=str(conflict), status=HTTPStatus.CONFLICT)
    except NotFound:
        return back_to("/duplicates")
    except BadInput as bad:
        return await _page(visit, *pair, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return back_to(f"/merges/{done.merge_id}?done=1")


def _chosen(fields: dict[str, str]) -> dict[str, LeadId]:
    """Fields for which somebody chose a side; the others go by their rules."""
    try:
        return {
            name.removeprefix(_CHOSEN): LeadId(UUID(value))
            for name, value in fields.items()
            if name.startswith(_CHOSEN) and value
        }
    except ValueError as error:
        raise BadInput("choose", None, "Choose one of the two values.") from error


def _way(row: QueueRow) -> str:
    return f"/duplicates/{row.lead_id}/{row.other_id}"


async def _next(tx: Tx, visit: Looking, *, but: tuple[LeadId, ...] = ()) -> QueueRow | None:
    """The likeliest pair that waits, other than this one."""
    page = await duplicates.queue(tx, QueueFilter(), at=visit.at, limit=2)
    return next((row for row in page.rows if {row.lead_id, row.other_id} != set(but)), None)


async def _page(
    visit: Looking, one: LeadId, other: LeadId, *, problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        found = await merge_preview.side_by_side(tx, one, other, book=book, at=visit.at)
        suggestion = await duplicates.of_pair(tx, one, other)
        following = await _next(tx, visit, but=(one, other))
    bits = suggestion.bits if suggestion else None
    said = visit.request.query_params.get("said", "")
    return visit.page(
        "console/duplicate_pair.html", book, status=status, problem=problem, found=found,
        survivor=found.preview.survivor.lead, loser=found.preview.loser.lead, suggestion=suggestion,
        sure=confidence(bits) if bits is not None else "", odds=one_in(bits) if bits is not None else "",
        next=_way(following) if following else "", seen=found.preview.seen, said=said,
        names={entry.handle: entry.name for entry in book.definition.owners},
        week=visit.at + timedelta(days=7),
    )  # fmt: skip
