"""Where is a mail read in a browser? A page to look at, signed, for its reader; no search engine keeps it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from leadloom.runtime import viewed_mail
from leadloom.web._public import house_of

router = APIRouter(include_in_schema=False)

_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""A mail's styles stand in its elements, and its images come from where they are; nothing in it runs."""


@router.api_route("/w/{token}", methods=["GET", "HEAD"])
async def view(request: Request, token: str) -> HTMLResponse:
    """The mail as it was sent. Looking counts for nothing: no picture is loaded, no link is followed."""
    house = house_of(request)
    mail = await viewed_mail.view(house, token, base_url=house.settings.public_url, at=house.now())
    page = mail.html.replace("</head>", '<meta name="robots" content="noindex, nofollow">\n</head>', 1)
    headers = {
        "Content-Security-Policy": _CSP,
        "Content-Language": mail.language,
        "X-Robots-Tag": "noindex, nofollow",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(page, headers=headers)
