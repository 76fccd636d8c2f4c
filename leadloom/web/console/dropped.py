"""What did tracking clients send that couldn't be taken, and shall it be taken now, or let go?"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.errors import BadInput
from leadloom.runtime import dropped as taking
from leadloom.store import dropped, intake_keys, published
from leadloom.web._public import fields_of
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit, back_to

router = APIRouter(include_in_schema=False)

PLACE = Place(
    href="/dropped", words="Dropped events", means="What clients sent that we couldn't take", row="more", order=60
)

_REASONS = {
    "unknown-event": "Give a kind of event this name in the definition (tracking: names), then take them.",
    "not-yours": "The key may not tell of it. A public key may claim what the definition's tracking: public names.",
    "nobody": "The call names nobody. The sender must add userId or anonymousId; it can't be told from here.",
    "two-people": "Both names are known people. Look at the two leads, and merge them if they are one.",
    "unreadable": "The sender must mend the call; what was wrong stands beside it.",
    "too-large": "The sender must send less; what was too large was not kept.",
    "too-many": "One visitor did more than a person does.",
}
"""What to do about a reason."""


@router.get("/dropped")
async def show(visit: Visit) -> HTMLResponse:
    """What waits, by name and reason."""
    return await _page(visit)


@router.post("/dropped")
async def act(visit: Visit) -> Response:
    """Take the events of a line again, or let them go, in the name of the seat."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.read() as tx:
            seat = visit.seated(await published.book(tx))
        which = {"name": fields.get("name", "")[:200], "reason": fields.get("reason", "")[:40]}
        if fields.get("do") == "retry":
            done = await taking.retry(visit.house, **which, by=seat.handle)
            if done.dropped_again:
                words = (
                    f"Taken: {done.taken}. Still not to be taken: {done.dropped_again}; the reason stands beside them."
                )
                return await _page(visit, problem=words)
        elif fields.get("do") == "drop":
            why = fields.get("why", "").strip()[:300] or "let go on the page of dropped events"
            await taking.let_go(visit.house, **which, by=seat.handle, why=why)
        else:
            raise BadInput("do", fields.get("do", "")[:20], "Press one of the buttons of the page.")
    except BadInput as bad:
        return await _page(visit, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return back_to("/dropped")


async def _page(visit: Visit, *, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        sorts, keys = await dropped.sorts(tx), await intake_keys.every(tx)
    return visit.page(
        "console/dropped.html",
        book,
        status=status,
        sorts=sorts,
        has_keys=bool(keys),
        remedies=_REASONS,
        problem=problem,
    )
