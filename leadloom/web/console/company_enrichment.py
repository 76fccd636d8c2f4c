"""Shall a provider be asked about a company, and shall what it brought be taken back? The buttons of its page."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from activities import enriching
from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import AccountId
from leadloom.store import enrichments, published
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Visit, back_to
from leadloom.web.console.company import company_page

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS, whole=True)])


@router.post("/companies/{account_id}/enrichment", dependencies=[needs(Right.MERGE_LEADS)])
async def act(visit: Visit, account_id: UUID) -> Response:
    """Ask a provider, or undo what one brought, in the name of the seat. What stands against it is said on the page."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    key = AccountId(account_id)
    try:
        async with visit.house.db.read() as tx:
            by = visit.seated(await published.book(tx)).handle
        if (run_id := fields.get("undo", "")) != "":
            await _undo(visit, run_id, by)
        else:
            name = fields.get("provider", "")[:80]
            await enriching.enrich(visit.house.db, key, name, by=by, now=visit.house.now)
    except (BadInput, Conflict, NotFound) as problem:
        words = problem.remedy if isinstance(problem, BadInput) else str(problem)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(problem, BadInput) else HTTPStatus.CONFLICT
        return await company_page(visit, key, problem=words, status=status)
    return back_to(f"/companies/{account_id}#told")


async def _undo(visit: Visit, run_id: str, by: str) -> None:
    try:
        which = UUID(run_id)
    except ValueError as error:
        raise BadInput("undo", run_id[:40], "Press one of the buttons of the page.") from error
    async with visit.house.db.transaction() as tx:
        await enrichments.undo(tx, which, by=by, why="taken back on the company's page", at=visit.at)
