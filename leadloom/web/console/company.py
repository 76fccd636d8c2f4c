"""What do we know of one company: people, score, buying group, business, family, and how it came to be one?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import AccountId
from leadloom.runtime import enriching
from leadloom.store import company_links, company_names, company_pages, enrichments, published
from leadloom.store.company_names import Act
from leadloom.store.enrichments import About
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS, whole=True)])
_LONGEST = 200


@router.get("/companies/{account_id}")
async def show(visit: Visit, account_id: UUID) -> Response:
    """One company; of one that was found to be another, the way there."""
    return await company_page(visit, AccountId(account_id))


@router.post("/companies/{account_id}", dependencies=[needs(Right.MERGE_LEADS)])
async def act(visit: Visit, account_id: UUID) -> Response:
    """Declare what a company is also called, whose daughter it is, or that we are after it, for the seat."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    key = AccountId(account_id)
    try:
        await _declare(visit, key, fields)
    except (BadInput, Conflict, NotFound) as problem:
        words = problem.remedy if isinstance(problem, BadInput) else str(problem)
        status = HTTPStatus.CONFLICT if isinstance(problem, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
        return await company_page(visit, key, problem=words, status=status)
    return back_to(f"/companies/{account_id}#names")


async def _declare(visit: Visit, account_id: AccountId, fields: dict[str, str]) -> None:
    said = fields.get("said", "").strip()[:_LONGEST]
    async with visit.house.db.transaction() as tx:
        book = await published.book(tx)
        act = Act(by=visit.seated(book).handle, why=fields.get("why", "").strip()[:_LONGEST], at=visit.at)
        match fields.get("do"):
            case "alias":
                await company_names.add_alias(tx, account_id, said, book.definition, act=act)
            case "drop":
                await company_names.drop_alias(tx, account_id, said, act=act)
            case "parent":
                parent = await company_links.find(tx, said) if said else None
                await company_names.set_parent(tx, account_id, parent, act=act)
            case "named" | "unnamed":
                await company_names.set_named(tx, account_id, is_named=fields["do"] == "named", act=act)
            case _:
                raise BadInput("do", fields.get("do", "")[:20], "Press one of the buttons of the page.")


async def company_page(
    visit: Visit, account_id: AccountId, *, problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> Response:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        company = await company_pages.whole(tx, account_id, book=book, at=visit.at)
        told = await enrichments.log(tx, About(account_id=account_id), limit=10)
        origins = await enrichments.origins(tx, About(account_id=account_id))
    if company.sent_on_to is not None:
        return RedirectResponse(f"/companies/{company.sent_on_to}", status_code=HTTPStatus.TEMPORARY_REDIRECT)
    return _shown(visit, book, company, {"enrichments": told, "origins": origins, "problem": problem}, status)


def _shown(
    visit: Visit, book: published.Book, company: company_pages.CompanyPage, more: dict[str, Any], status: HTTPStatus
) -> HTMLResponse:
    engaged = {one.lead_id: one for one in company.score.people}
    names = {entry.handle: entry.name for entry in book.definition.owners}
    by_role = {
        role: [one.person for one in company.score.people if one.engaged and one.role == role]
        for role in book.definition.company_score.roles
    }
    return visit.page(
        "console/company.html", book, status=status, company=company, engaged=engaged, names=names, by_role=by_role,
        whom={one.lead_id: one.person for one in company.people},
        providers=enriching.providers(book.definition.enrichment, of_leads=False), **more,
    )  # fmt: skip
