"""How does an owner answer for a lead without opening anything else? The signed page of a notice."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.definitions.definition import Calendar
from leadloom.domain.errors import BadInput, Conflict
from leadloom.runtime import offers
from leadloom.runtime.offers import Choice, Offer
from leadloom.runtime.wiring import House
from leadloom.web._chips import chips_of, chosen, date_limits, morning_of
from leadloom.web._public import fields_of, house_of, page
from leadloom.web.security import open_to_other_sites

router = APIRouter(include_in_schema=False)

_LEVELS = {
    "deputy": "You get it as deputy: the first owner did not answer in time.",
    "manager": "It has come up to you: nobody below answered in time.",
    "pool": "It is open to the whole pool: whoever takes it first has it.",
}


@router.api_route("/h/{token}", methods=["GET", "HEAD"])
async def show(request: Request, token: str) -> HTMLResponse:
    """The offer as it stands. Looking decides nothing, however often a gateway looks."""
    house = house_of(request)
    offer = await offers.read_offer(house, token, at=house.now())
    return _page(house, offer)


@router.post("/h/{token}")
@open_to_other_sites
async def act(request: Request, token: str) -> Response:
    """Do what the button says, then show the page again. Whoever was too late sees who was faster."""
    house, at = house_of(request), house_of(request).now()
    # Read first: a link that doesn't open says so, whatever was posted with it.
    offer = await offers.read_offer(house, token, at=at)
    fields = await fields_of(request)
    try:
        await _do(house, token, offer, fields, at)
    except BadInput as error:
        status, problem, field = HTTPStatus.UNPROCESSABLE_ENTITY, error.remedy, error.field
    except Conflict as error:
        status, problem, field = HTTPStatus.CONFLICT, str(error), ""
    else:
        return RedirectResponse(request.url.path, status_code=HTTPStatus.SEE_OTHER)
    now = await offers.read_offer(house, token, at=at)
    return _page(house, now, status=status, fields=fields, problem=problem, field=field)


async def _do(house: House, token: str, offer: Offer, fields: dict[str, str], at: datetime) -> None:
    match fields.get("do"):
        case "accept":
            await offers.decide_offer(house, token, Choice(kind="accept"), at=at)
        case "reject":
            await offers.decide_offer(house, token, _rejection(offer, fields), at=at)
        case "give_back":
            await offers.give_back_offer(house, token, _rejection(offer, fields), at=at)
        case "recycle":
            choice = Choice(kind="recycle", until=morning_of(fields.get("until", ""), _calendar(offer)))
            await offers.decide_offer(house, token, choice, at=at)
        case "tried" | "reached" as done:
            seen = fields.get("seen", "")
            if not seen.isdecimal() or len(seen) > 6:
                raise BadInput("seen", seen[:20], "Open the page again and press the button there.")
            await offers.note_attempt(house, token, seen=int(seen), reached=done == "reached", at=at)
        case other:
            raise BadInput("do", (other or "")[:20], "Press one of the buttons of the page.")


def _rejection(offer: Offer, fields: dict[str, str]) -> Choice:
    chip = chosen(offer.definition, fields, _calendar(offer))
    return Choice(kind="reject", **chip.model_dump())


def _calendar(offer: Offer) -> Calendar:
    """The reader's; everything on their page is said in their time."""
    return offer.definition.calendars[offer.reader.calendar]


def _page(
    house: House,
    offer: Offer,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    fields: dict[str, str] | None = None,
    problem: str = "",
    field: str = "",
) -> HTMLResponse:
    at, calendar = house.now(), _calendar(offer)
    zone = ZoneInfo(calendar.zone)
    limits = date_limits(at, calendar)
    ladder = offer.definition.hand_offs[offer.hand_off.kind].ladder
    level = offer.hand_off.level
    return page(
        "hand_off.html",
        at=at,
        zone=zone,
        place=zone.key.rpartition("/")[2].replace("_", " "),
        company=offer.definition.company,
        status=status,
        offer=offer,
        card=offer.card,
        now=offer.hand_off,
        chips=chips_of(offer.definition, offer.tries),
        level=_LEVELS[ladder[level - 1].to] if 0 < level <= len(ladder) else "",
        reason=offer.definition.reject_reasons.get(offer.hand_off.reason or ""),
        values=fields or {},
        problem=problem,
        field=field,
        tomorrow=limits.tomorrow,
        latest=limits.latest,
    )
