"""Who wrote to a mailbox of ours and nobody vouches for? Say that it is who it says, or that it is nobody."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.returns.policy import KEPT_RAW
from leadloom.runtime import returns as taking
from leadloom.runtime.mail_intake import HELD, Gate
from leadloom.store import audit, published, returns
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_OPERATION, whole=True)])
PLACE = Place(
    href="/mail-held", words="Mail held", means="Who wrote to a mailbox of ours and nobody vouches for", order=56
)

_AT_A_TIME = 100
_LATELY = timedelta(days=14)
_LONGEST_WHY = 300


@router.get("/mail-held")
async def show(visit: Visit) -> HTMLResponse:
    """What waits, the oldest first, and what was let go lately."""
    return await _page(visit)


@router.post("/mail-held/{return_id}", dependencies=[needs(Right.STEER_RUNS)])
async def act(visit: Visit, return_id: UUID) -> Response:
    """Make the lead who wrote, or note that it is nobody's, in the name of the seat."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    async with visit.house.db.read() as tx:
        by = visit.seated(await published.book(tx)).handle
    try:
        match fields.get("do"):
            case "welcome":
                gate = Gate.of(visit.house.settings)
                made = await taking.welcome(visit.house, return_id, by=by, gate=gate, at=visit.at)
                return back_to(f"/leads/{made.lead_id}")
            case "nobody":
                await _let_go(visit, return_id, by, fields.get("why", "").strip()[:_LONGEST_WHY])
            case other:
                raise BadInput("do", (other or "")[:20], "Press one of the buttons of the page.")
    except NotFound:
        return await _page(visit, "Somebody was faster: this mail waits no more.", HTTPStatus.CONFLICT)
    except BadInput as bad:
        return await _page(visit, bad.remedy, HTTPStatus.UNPROCESSABLE_ENTITY)
    return back_to("/mail-held")


async def _let_go(visit: Visit, return_id: UUID, by: str, why: str) -> None:
    async with visit.house.db.transaction() as tx:
        await returns.look_at(tx, return_id, by=by, why=why or "it is nobody's", at=visit.at)
        what = {"action": "looked at a return", "subject": f"return {return_id}", "why": why}
        await audit.note(tx, audit.Note.built(at=visit.at, actor=by, **what))


async def _page(visit: Visit, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        found = await returns.held(tx, HELD, looked_since=visit.at - _LATELY, limit=_AT_A_TIME)
    return visit.page(
        "console/mail_held.html",
        book,
        status=status,
        problem=problem,
        waiting=[one for one in found if one.looked_at is None],
        gone=[one for one in found if one.looked_at is not None],
        names={one.looked_by: name_of(book, one.looked_by) for one in found if one.looked_by},
        boxes=book.definition.tracking.mailboxes,
        most=_AT_A_TIME,
        kept=KEPT_RAW.days,
        lately=_LATELY.days,
    )
