"""How does a lead on offer look inside a CRM's record? A small page in a frame, signed by the CRM, with its buttons."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain.access.card_address import LONGEST, BadCardAddress, check_card_address
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import HandOffId, LeadId
from leadloom.runtime import offers
from leadloom.runtime.offers import Offer
from leadloom.runtime.settings import several
from leadloom.runtime.wiring import House, wall_now
from leadloom.store import hand_offs, inbox, owners
from leadloom.web._public import company_of, fields_of, house_of, page
from leadloom.web._signed import Said
from leadloom.web.hand_off_page import act as act_on
from leadloom.web.hand_off_page import drawn
from leadloom.web.security import CSP, open_to_other_sites

router = APIRouter(include_in_schema=False)


@router.api_route("/leads/{lead_id}/card", methods=["GET", "HEAD"])
async def show(request: Request, lead_id: UUID) -> Response:
    """The lead's newest hand-off, as the owner in the address sees it. Looking changes nothing."""
    house = house_of(request)
    return _framed(house, await _card(request, lead_id, Said()))


@router.post("/leads/{lead_id}/card")
@open_to_other_sites
async def press(request: Request, lead_id: UUID) -> Response:
    """Do what the button says in the owner's name, then show the card again. No cookie is looked at."""
    house, fields = house_of(request), await fields_of(request)
    try:
        found = await _found(request, lead_id)
        if found is not None and _is_theirs(found[1]):
            await act_on(house, found[0], found[1], fields)
    except BadInput as bad:
        said = Said(HTTPStatus.UNPROCESSABLE_ENTITY, bad.remedy, bad.field, fields)
    except Conflict as conflict:
        said = Said(HTTPStatus.CONFLICT, str(conflict), "", fields)
    except BadCardAddress:
        said = Said()
    else:
        again = f"{request.url.path}?{request.url.query}"
        return _framed(house, RedirectResponse(again, status_code=HTTPStatus.SEE_OTHER))
    return _framed(house, await _card(request, lead_id, said))


async def _card(request: Request, lead_id: UUID, said: Said) -> HTMLResponse:
    house = house_of(request)
    try:
        found = await _found(request, lead_id)
    except BadCardAddress as refusal:
        return await _says(house, str(refusal), HTTPStatus.FORBIDDEN)
    if found is None:
        return await _says(house, "Nothing is offered or in hand here: there is no card of this lead.")
    _, offer = found
    if not _is_theirs(offer):
        words = f"{offer.card.lead_name} is with {offer.holder}."
        return await _says(house, words)
    return drawn(house, offer, said, template="lead_card.html")


def _is_theirs(offer: Offer) -> bool:
    """Whoever the CRM signed for, the lead is answered by who has it, or by anybody while it lies in a pool."""
    return offer.hand_off.owner_id in (None, offer.link.owner_id)


async def _found(request: Request, lead_id: UUID) -> tuple[str, Offer] | None:
    """The right to act, and what about; None when there is no hand-off. Raises BadCardAddress."""
    house, asked = house_of(request), request.query_params
    handle = asked.get("as", "")
    keys = several(house.settings.card_key)
    check_card_address(
        lead_id, handle, asked.get("until", ""), asked.get("sig", ""), keys=keys, wall_at=wall_now()
    )  # fmt: skip
    at = house.now()
    async with house.db.read() as tx:
        try:
            owner = await owners.named(tx, handle)
        except NotFound:
            raise BadCardAddress(f"Nobody here is called {handle[:80]}: check `as`.") from None
        hand_off_id: HandOffId | None = await inbox.newest_of(tx, LeadId(lead_id))
        if hand_off_id is None:
            return None
        now = await hand_offs.get(tx, hand_off_id)
    token = house.signer.hand_off(
        hand_off_id, now.assignment_no, owner_id=owner.owner_id, expires_at=at + LONGEST
    )  # fmt: skip
    return token, await offers.read_offer(house, token, at=at)


async def _says(house: House, words: str, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    company = await company_of(house)
    return page(
        "lead_card.html", at=house.now(), company=company, status=status, framed=True, words=words, offer=None
    )  # fmt: skip


def _framed(house: House, answer: Response) -> Response:
    """Only pages of the named CRMs may frame it; nobody caches what a signed address opens."""
    frames = " ".join(several(house.settings.card_frames)) or "'none'"
    answer.headers["Content-Security-Policy"] = CSP.replace("frame-ancestors 'none'", f"frame-ancestors {frames}")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
