"""What does a link of a test mail do? Nothing, and it says so."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from leadloom.web._public import company_of, house_of, page
from leadloom.web.security import open_to_other_sites

router = APIRouter(include_in_schema=False)


@router.api_route("/x/{token}", methods=["GET", "HEAD"])
async def look(request: Request, token: str) -> HTMLResponse:
    """What the link would do in the real mail."""
    return await _said(request, token)


@router.post("/x/{token}")
@open_to_other_sites
async def post(request: Request, token: str) -> HTMLResponse:
    """What a mail program's one click does in a test mail: nothing, with the answer it expects."""
    return await _said(request, token)


async def _said(request: Request, token: str) -> HTMLResponse:
    house = house_of(request)
    link = house.signer.read_trial(token)
    return page("trial.html", at=house.now(), company=await company_of(house), link=link)
