"""Which companies may be one, and who is at none? Somebody chooses here, and undoes what was decided."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import AccountId
from leadloom.store import company_links, company_matching, company_names, leads, published
from leadloom.store.company_links import Joining
from leadloom.store.company_names import Act
from leadloom.store.tx import Tx
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS, whole=True)])
_SHOWN = 50
VIEWS = {"open": "to choose", "nowhere": "at no company", "decided": "decided"}
_SAID = {
    "join": "They are one now. Below it can be undone.",
    "apart": "They stay two: joined by no rule, and not asked about again.",
    "undo": "They are two again, and stay so.",
    "put": "They are there now, until they tell us of another company.",
}


@router.get("/company-matches")
async def show(visit: Visit) -> HTMLResponse:
    """What waits for a word, with candidates and reasons."""
    return await _page(visit)


@router.post("/company-matches", dependencies=[needs(Right.MERGE_LEADS)])
async def act(visit: Visit) -> Response:
    """Join, keep apart, part again, or put a person somewhere, in the name of the seat."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.transaction() as tx:
            by = visit.seated(await published.book(tx)).handle
            act = Act(by=by, why=fields.get("why", "").strip()[:300] or "chosen on the page of matches", at=visit.at)
            await _do(tx, fields, act)
    except (BadInput, Conflict, NotFound) as problem:
        words = problem.remedy if isinstance(problem, BadInput) else str(problem)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(problem, BadInput) else HTTPStatus.CONFLICT
        return await _page(visit, problem=words, status=status)
    view = {"undo": "decided", "put": "nowhere"}.get(fields["do"], "open")
    return back_to(f"/company-matches?show={view}&said={fields['do']}")


async def _do(tx: Tx, fields: dict[str, str], act: Act) -> None:
    match fields.get("do"):
        case "join" | "apart":
            one, second = _id(fields, "one"), _id(fields, "second")
            what = Joining(account_id=one, other_id=second, rule="by hand", by=act.by, why=act.why)
            if fields["do"] == "join":
                await company_links.join(tx, what, at=act.at)
            else:
                await company_links.keep_apart(tx, what, at=act.at)
        case "undo":
            await company_links.undo(tx, _id(fields, "match"), by=act.by, why=act.why, at=act.at)
        case "put":
            there = await company_links.find(tx, fields.get("there", "")[:200])
            lead_id = await leads.find(tx, fields.get("lead", "")[:200])
            await company_names.put_lead(tx, lead_id, there, act=act)
        case _:
            raise BadInput("do", fields.get("do", "")[:20], "Press one of the buttons of the page.")


def _id(fields: dict[str, str], name: str) -> AccountId:
    try:
        return AccountId(UUID(fields.get(name, "")))
    except ValueError as error:
        raise BadInput(name, fields.get(name, "")[:40], "Press one of the buttons of the page.") from error


async def _page(visit: Visit, *, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    asked = visit.request.query_params
    view = asked.get("show", "open")
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        choices = await company_matching.choices(tx, limit=_SHOWN)
        nowhere = await company_names.nowhere(tx, limit=_SHOWN)
        decided = await company_links.decided(tx, limit=_SHOWN)
        counts = await company_matching.counts(tx)
    return visit.page(
        "console/company_matches.html", book, status=status, choices=choices, nowhere=nowhere, decided=decided,
        views=VIEWS, view=view if view in VIEWS else "open", counts=counts, problem=problem,
        said=_SAID.get(asked.get("said", ""), ""), shown=_SHOWN,
        names={entry.handle: entry.name for entry in book.definition.owners},
    )  # fmt: skip
