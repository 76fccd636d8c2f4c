"""What does a visitor of a microsite see? Its pages, its tracks, its feed; what was asked for, by a signed link."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from leadloom.runtime.microsites import Microsite
from leadloom.web import _microsite_page as pages
from leadloom.web._microsite_page import Head

router = APIRouter(include_in_schema=False)


@router.api_route("/m/{site}", methods=["GET", "HEAD"])
async def index(request: Request, site: str) -> Response:
    """The first page."""
    here = _site(request, site)
    slot = pages.in_slot(here, "front", await pages.reading_of(request, here))
    head = Head(here.site.title, here.site.stand)
    return await pages.draw(request, here, "microsite/index.html", head, shows={"slot": slot})


@router.api_route("/m/{site}/feed.xml", methods=["GET", "HEAD"])
async def feed(request: Request, site: str) -> Response:
    """Its pieces, newest first, for whoever would rather pull than be written to."""
    return pages.feed(request, _site(request, site))


@router.api_route("/m/{site}/preview.png", methods=["GET", "HEAD"])
async def preview(request: Request, site: str) -> Response:
    """The picture that others show when a page is shared."""
    here = _site(request, site)
    return pages.preview(request, here) if here.preview else await pages.missing(request, here)


@router.api_route("/m/{site}/t/{track}", methods=["GET", "HEAD"])
async def follow(request: Request, site: str, track: str) -> Response:
    """The pieces for one kind of reader, in their order."""
    here = _site(request, site)
    if (one := here.site.tracks.get(track)) is None:
        return await pages.missing(request, here)
    minutes = sum(here.pieces[name].minutes for name in one.pieces)
    head = Head(one.title, one.says, f"t/{track}")
    shows = {"track": one, "track_name": track, "minutes": minutes}
    return await pages.draw(request, here, "microsite/track.html", head, shows=shows)


@router.api_route("/m/{site}/{name}", methods=["GET", "HEAD"])
async def read(request: Request, site: str, name: str) -> Response:
    """One piece; an asset opens by the link it was asked for with, and else says how to ask."""
    here = _site(request, site)
    if (piece := here.pieces.get(name)) is None:
        return await pages.missing(request, here)
    if piece.front.calculator is not None and request.query_params.get("part") == "sum":
        return pages.draw_sum(request, here, piece)
    return await pages.draw_piece(request, here, piece, await pages.reading_of(request, here, piece))


def _site(request: Request, name: str) -> Microsite:
    return pages.sites_of(request).named(name)
