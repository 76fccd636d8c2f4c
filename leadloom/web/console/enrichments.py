"""Which questions to providers failed and wait, and what was asked lately? Asked again here, or let go."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.runtime import enriching
from leadloom.store import enrichments, published
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_OPERATION, Right.SEE_LEADS, whole=True)])

PLACE = Place(
    href="/enrichments", words="Providers", means="What providers of data couldn't answer, and were asked lately",
    row="more", order=61,
)  # fmt: skip

_SHOWN = 50
_SAID = {
    "retry": "It was answered. What was taken stands on their page.",
    "all": "They are due now: a worker asks them within a minute or so, as fast as the definition lets it.",
    "let-go": "It waits no more, and isn't asked by itself.",
}


@router.get("/enrichments")
async def show(visit: Visit) -> HTMLResponse:
    """What waits, and the last questions."""
    return await _page(visit, said=_SAID.get(visit.request.query_params.get("said", ""), ""))


@router.post("/enrichments", dependencies=[needs(Right.OPERATE)])
async def act(visit: Visit) -> Response:
    """Ask one again at once, all of them soon, or let one go, in the name of the seat."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        done = await _do(visit, fields)
    except BadInput as bad:
        return await _page(visit, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except (Conflict, NotFound) as problem:
        return await _page(visit, problem=str(problem), status=HTTPStatus.CONFLICT)
    return back_to(f"/enrichments?said={done}")


async def _do(visit: Visit, fields: dict[str, str]) -> str:
    house = visit.house
    async with house.db.read() as tx:
        by = visit.seated(await published.book(tx)).handle
    match fields.get("do"):
        case "retry":
            await enriching.retry(house.db, _id(fields), by=by, now=house.now)
        case "all":
            provider = fields.get("provider", "")[:80] or None
            async with house.db.transaction() as tx:
                await enrichments.ask_all_again(tx, provider, by=by, at=visit.at)
        case "let-go":
            async with house.db.transaction() as tx:
                await enrichments.let_go(tx, _id(fields), by=by, why="let go on the page of providers", at=visit.at)
        case _:
            raise BadInput("do", fields.get("do", "")[:20], "Press one of the buttons of the page.")
    return fields["do"]


def _id(fields: dict[str, str]) -> UUID:
    try:
        return UUID(fields.get("enrichment", ""))
    except ValueError as error:
        raise BadInput("enrichment", fields.get("enrichment", "")[:40], "Press one of the buttons.") from error


async def _page(visit: Visit, *, problem: str = "", said: str = "", status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        failed = await enrichments.log(tx, only_failed=True, limit=_SHOWN)
        lately, waiting = await enrichments.log(tx, limit=20), await enrichments.waiting(tx)
    policy = book.definition.enrichment
    return visit.page(
        "console/enrichments.html", book, status=status, failed=failed, lately=lately, waiting=waiting, problem=problem,
        said=said, shown=_SHOWN, names={entry.handle: entry.name for entry in book.definition.owners}, policy=policy,
        usable=[each.name for leads in (False, True) for each in enriching.providers(policy, of_leads=leads)],
    )  # fmt: skip
