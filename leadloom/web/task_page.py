"""How does an owner say what came of a task without opening anything else? The signed page of its notice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse

from leadloom.runtime import tasks
from leadloom.runtime.tasks import Asked
from leadloom.runtime.wiring import House
from leadloom.web._public import page
from leadloom.web._signed import Said, SignedPage, routes


async def _read(house: House, token: str, at: datetime) -> Asked:
    return await tasks.read_by_link(house, token, at=at)


async def _act(house: House, token: str, _: Asked, fields: Mapping[str, str]) -> None:
    await tasks.answer_by_link(house, token, fields.get("outcome", "")[:200], at=house.now())


def _draw(house: House, asked: Asked, said: Said) -> HTMLResponse:
    """The task; `?answer=` is the number of the button to bring forward."""
    definition, outcomes = asked.definition, asked.task.outcomes
    forward = said.asked.get("answer", "")
    no = int(forward) if forward.isdecimal() and len(forward) <= 2 else 0
    chosen = outcomes[no - 1] if 0 < no <= len(outcomes) else None
    return page(
        "task.html",
        at=house.now(),
        zone=ZoneInfo(definition.calendars[asked.reader.calendar].zone),
        company=definition.company,
        status=said.status,
        problem=said.problem,
        asked=asked,
        task=asked.task,
        chosen=chosen,
        others=[outcome for outcome in outcomes if outcome != chosen],
    )


router = routes(SignedPage("/k", read=_read, act=_act, draw=_draw))
