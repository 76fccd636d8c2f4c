"""What did clients and forms of other makers send that couldn't be taken, and shall it be taken now, or let go?"""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.intake.doors.posted import Posted
from leadloom.domain.intake.tracked import Reason
from leadloom.domain.model import Value
from leadloom.runtime import dropped as taking
from leadloom.runtime import lead_forms
from leadloom.store import dropped, intake_keys, published
from leadloom.store.dropped import DroppedEvent
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_OPERATION, whole=True)])

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
    "no-address": "Somebody mistyped their address. Write the right one where you can tell it, and they are a lead.",
    "no-form": "The sender must mend the form; what was sent is kept.",
    "failed": "A fault of ours; once it is mended, take them.",
}
"""What to do about a reason."""
_MOST_MENDED = 50


class Mistyped(Value):
    """A form whose address is none."""

    event: DroppedEvent
    email: str
    """What stands in its place."""
    says: tuple[tuple[str, str], ...]


@router.get("/dropped")
async def show(visit: Visit) -> HTMLResponse:
    """What waits, by name and reason."""
    return await _page(visit)


@router.post("/dropped", dependencies=[needs(Right.OPERATE)])
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
        elif fields.get("do") == "mend":
            dropped_id = UUID(fields.get("event", ""))
            if not await lead_forms.mend(visit.house, dropped_id, fields.get("email", "")[:254], by=seat.handle):
                return await _page(visit, problem="With this address it still can't be taken; why stands beside it.")
        elif fields.get("do") == "drop":
            why = fields.get("why", "").strip()[:300] or "let go on the page of dropped events"
            await taking.let_go(visit.house, **which, by=seat.handle, why=why)
        else:
            raise BadInput("do", fields.get("do", "")[:20], "Press one of the buttons of the page.")
    except BadInput as bad:
        return await _page(visit, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except (NotFound, ValueError):
        return await _page(
            visit, problem="It waits no more: somebody took it, or let it go.", status=HTTPStatus.CONFLICT
        )
    return back_to("/dropped")


async def _page(visit: Visit, *, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        sorts, keys = await dropped.sorts(tx), await intake_keys.every(tx)
        mistyped = await dropped.listed(tx, reason=Reason.NO_ADDRESS, limit=_MOST_MENDED)
    return visit.page(
        "console/dropped.html",
        book,
        status=status,
        sorts=sorts,
        has_keys=bool(keys),
        remedies=_REASONS,
        days=book.definition.tracking.keep_dropped.days,
        mistyped=tuple(_mistyped(event) for event in mistyped),
        problem=problem,
    )


def _mistyped(event: DroppedEvent) -> Mistyped:
    traits = Posted.model_validate(event.raw).filled().traits
    says = tuple((name, str(value)) for name, value in traits.items() if name != "email" and value)
    return Mistyped(event=event, email=str(traits.get("email") or ""), says=says[:8])
