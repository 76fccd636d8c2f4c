"""Who opened a mail, who followed a link? A picture and a redirect: hints with a verdict."""

from __future__ import annotations

import base64
import logging
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from leadloom.domain.errors import Transient
from leadloom.domain.mails.links import BadLink
from leadloom.runtime import responses
from leadloom.web._public import house_of, visit_of

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)

_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent pixel."""


@router.api_route("/t/o/{token}", methods=["GET", "HEAD"])
async def opened(request: Request, token: str) -> Response:
    """The picture, always: a reader must never see it broken, whatever became of the mail or of our database."""
    house = house_of(request)
    try:
        await responses.note_open(house, token, visit_of(request), at=house.now())
    except (BadLink, Transient) as error:
        log.info("open not recorded", extra={"error": type(error).__name__})
    return Response(_GIF, media_type="image/gif")


@router.api_route("/t/c/{token}", methods=["GET", "HEAD"])
async def clicked(request: Request, token: str) -> Response:
    """To the address that stands in the mail's own list. Who it was is judged later: a machine leads there, too."""
    house = house_of(request)
    url = await responses.follow_click(house, token, visit_of(request), at=house.now())
    return RedirectResponse(url, status_code=HTTPStatus.FOUND)
