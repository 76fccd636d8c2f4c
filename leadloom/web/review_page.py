"""How does an owner hold, edit or skip a letter that goes in their name, from the notice alone? Silence lets it go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse

from leadloom.runtime import reviews
from leadloom.runtime.reviews import Looked
from leadloom.runtime.wiring import House
from leadloom.web._public import page
from leadloom.web._signed import Said, SignedPage, routes
from leadloom.web._wishes import wish_of


async def _read(house: House, token: str, at: datetime) -> Looked:
    """The letter as it would go."""
    return await reviews.look_by_link(house, token, at=at)


async def _act(house: House, token: str, _: Looked, fields: Mapping[str, str]) -> None:
    await reviews.act_by_link(house, token, wish_of(fields), at=house.now())


def _draw(house: House, looked: Looked, said: Said) -> HTMLResponse:
    definition = looked.definition
    return page(
        "review.html",
        at=house.now(),
        zone=ZoneInfo(definition.calendars[looked.reader.calendar].zone),
        company=definition.company,
        status=said.status,
        problem=said.problem,
        field=said.field,
        values=said.values,
        looked=looked,
    )


router = routes(SignedPage("/v", read=_read, act=_act, draw=_draw))
