"""Shall a provider be asked about a company or a lead, and what it told be taken back? The buttons of their pages."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import AccountId, LeadId
from leadloom.runtime import enriching
from leadloom.store import enriched, enrichments, published
from leadloom.store.enrichments import About
from leadloom.web._public import fields_of
from leadloom.web.console import leads
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Visit, back_to
from leadloom.web.console.company import company_page

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS)])


@router.post("/companies/{account_id}/enrichment", dependencies=[needs(Right.MERGE_LEADS, whole=True)])
async def act_on_company(visit: Visit, account_id: UUID) -> Response:
    """Ask a provider, or undo what one brought, in the name of the seat. What stands against it is said on the page."""
    key = AccountId(account_id)
    try:
        await _act(visit, About(account_id=key))
    except (BadInput, Conflict, NotFound) as problem:
        words = problem.remedy if isinstance(problem, BadInput) else str(problem)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(problem, BadInput) else HTTPStatus.CONFLICT
        return await company_page(visit, key, problem=words, status=status)
    return back_to(f"/companies/{account_id}#told")


@router.post("/leads/{lead_id}/enrichment", dependencies=[needs(Right.MERGE_LEADS)])
async def act_on_lead(visit: Visit, lead_id: UUID) -> Response:
    """The same for a lead: something of them leaves the house, as far as the definition lets it."""
    key = LeadId(lead_id)
    try:
        await _act(visit, About(lead_id=key))
    except (BadInput, Conflict) as problem:
        return await leads.refused(visit, key, problem)
    return back_to(f"/leads/{lead_id}#told")


async def _act(visit: Visit, about: About) -> None:
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    async with visit.house.db.read() as tx:
        by = visit.seated(await published.book(tx)).handle
    if fields.get("undo", "") == "":
        await enriching.ask_about(visit.house.db, about, fields.get("provider", "")[:80], by=by, now=visit.house.now)
        return
    async with visit.house.db.transaction() as tx:
        which, book = _id(fields["undo"]), await published.book(tx)
        whose = await enrichments.held(tx, which)
        if About(whose["account_id"], whose["lead_id"]) != about:
            raise Conflict("That was told of another: open their page.")
        why = "taken back on their page"
        await enriched.undo(tx, which, by=by, why=why, book=book, at=visit.at)


def _id(told: str) -> UUID:
    try:
        return UUID(told)
    except ValueError as error:
        raise BadInput("undo", told[:40], "Press one of the buttons of the page.") from error
