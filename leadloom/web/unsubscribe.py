"""How does somebody stop our mail? A page to look at, a post that acts (RFC 8058); no login."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from leadloom.domain.mails.links import PATHS, Purpose
from leadloom.runtime import responses
from leadloom.web._public import company_of, house_of, page
from leadloom.web.security import open_to_other_sites

router = APIRouter(include_in_schema=False)


@router.api_route("/u/{token}", methods=["GET", "HEAD"])
async def ask(request: Request, token: str) -> HTMLResponse:
    """A page with one button. Looking changes nothing: gateways look at every link."""
    house = house_of(request)
    house.signer.read_mail(Purpose.UNSUBSCRIBE, token)
    return page("unsubscribe.html", at=house.now(), company=await company_of(house), done=False, preferences=None)


@router.post("/u/{token}")
@open_to_other_sites
async def unsubscribe(request: Request, token: str) -> HTMLResponse:
    """Ends marketing mail at once: 200, no redirect, no cookie, whatever the body says, also the tenth time."""
    house = house_of(request)
    await responses.unsubscribe(house, token, at=house.now())
    message_id = house.signer.read_mail(Purpose.UNSUBSCRIBE, token)
    preferences = PATHS[Purpose.PREFERENCES] + house.signer.mail(Purpose.PREFERENCES, message_id)
    company = await company_of(house)
    return page("unsubscribe.html", at=house.now(), company=company, done=True, preferences=preferences)
