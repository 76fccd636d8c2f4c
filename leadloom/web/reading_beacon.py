"""How long is a page read? A page says so while it is seen, under a name that lives in its memory and nowhere else."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import cast

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field, ValidationError

from leadloom.domain.intake.form import AtMost
from leadloom.domain.intake.visits import agent_class
from leadloom.domain.mails.links import BadLink, Purpose
from leadloom.domain.microsites import reading as rules
from leadloom.domain.microsites.reading import Reading
from leadloom.domain.model import LeadId, Value
from leadloom.runtime.form_posts import Flood
from leadloom.store import answered, published, readings
from leadloom.web._microsite_page import sites_of
from leadloom.web._public import address, house_of, user_agent

router = APIRouter(include_in_schema=False)

_LARGEST = 1024
_AT_MOST = AtMost(count=600)
"""Words of one network in ten minutes: a reader sends about ten for a page. It is a count of seconds: what is more than
that is nobody's reading, and left out."""


class Said(Value):
    """What a page says of itself."""

    session: str = Field(pattern=rules.SESSION.pattern, max_length=40)
    piece: str = Field(max_length=64)
    seconds: int = Field(ge=0, le=86_400)
    moved: bool
    reader: str = Field(default="", max_length=200)
    track: str | None = Field(default=None, max_length=64)


@router.post("/m/{site}/seen")
async def seen(request: Request, site: str) -> Response:
    """Keep it. Whatever is no such word, or about no such page, changes nothing and is answered alike."""
    here = sites_of(request).named(site)
    said = _read(await request.body())
    flood: Flood = request.app.state.flood
    house = house_of(request)
    at = house.now()
    nothing = Response(status_code=HTTPStatus.NO_CONTENT)
    if said is None or said.piece not in here.pieces or flood.is_over("seen", _AT_MOST, address(request), at):
        return nothing
    track = said.track if said.track in here.site.tracks else None
    async with house.db.transaction() as tx:
        reading = Reading(
            session=said.session,
            site=site,
            piece=said.piece,
            lead_id=await _lead(request, said.reader),
            seconds=said.seconds,
            moved=said.moved,
            agent=agent_class(user_agent(request)),
            track=track,
            first_at=at,
            last_at=at,
        )
        await readings.note(tx, reading, book=await published.book(tx), at=at)
    return nothing


def _read(body: bytes) -> Said | None:
    if len(body) > _LARGEST:
        return None
    try:
        return Said.model_validate(cast("object", json.loads(body)))
    except (ValueError, ValidationError):
        return None


async def _lead(request: Request, token: str) -> LeadId | None:
    """Whom the link was sent to that led here; nobody, when it is cut or its mail is gone."""
    house = house_of(request)
    try:
        message_id = house.signer.read_mail(Purpose.READER, token) if token else None
    except BadLink:
        return None
    if message_id is None:
        return None
    async with house.db.read() as tx:
        mail = await answered.mail(tx, message_id)
    return None if mail is None else mail.lead_id
