"""What have owners to do about leads, soonest due first, and what came of it?"""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.model import TaskId
from leadloom.store import published, tasks
from leadloom.store.tasks import Answer
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS)])
PLACE = Place(href="/tasks", words="Tasks", means="What journeys ask people to do", row="daily", order=30)

_VIA = "page"


@router.get("/tasks")
async def show(visit: Visit, owner: str = "", ended: bool = False) -> HTMLResponse:
    """Open tasks, of one owner or of all; with `ended` those too that were answered or taken back."""
    return await _page(visit, owner=owner, ended=ended)


@router.post("/tasks/{task_id}", dependencies=[needs(Right.ANSWER_HAND_OFFS)])
async def answer(visit: Visit, task_id: UUID) -> Response:
    """Say what the button says in the name of the seat, then show the list again."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            book = await published.book(tx)
            seat = visit.seated(book)
            said = Answer(outcome=fields.get("outcome", "")[:200], by=seat.handle, via=_VIA)
            await tasks.answer(tx, TaskId(task_id), said, book=book, at=visit.at)
    except Conflict as conflict:
        return await _page(visit, problem=str(conflict), status=HTTPStatus.CONFLICT)
    except BadInput as bad:
        return await _page(visit, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return back_to(fields.get("back", ""), "/tasks")


async def _page(
    visit: Visit, *, owner: str = "", ended: bool = False, problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        found = await tasks.every(tx, owner=owner or None, ended_too=ended)
        rows = [row for row in found if visit.sight.sees(owner=row.owner)]
    people = {handle for row in rows for handle in (row.owner, row.ended_by) if handle and handle != "system"}
    return visit.page(
        "console/tasks.html",
        book,
        status=status,
        problem=problem,
        tasks=rows,
        names={handle: name_of(book, handle) for handle in people},
        owner=owner,
        ended=ended,
    )
