"""How does another program let leads into a journey, or take them out? /v1/journeys/{name}/enrolments."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field, ValidationError

from leadloom.domain.campaigns.membership import WORDS, LeftOut
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.model import LeadId, Value
from leadloom.store import entering, leads, published
from leadloom.store.entering import Admitted, ByHand
from leadloom.store.tx import new_id
from leadloom.web._described import problems, takes
from leadloom.web._leads import IDEMPOTENT
from leadloom.web._program import caller_of, json_of, repeat_key
from leadloom.web._public import house_of
from leadloom.web.security import open_to_other_sites

router = APIRouter(prefix="/v1/journeys", tags=["journeys"])

BY = "api"
MOST_LEADS = 500
"""Of one call: it is one transaction."""

Names = Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST_LEADS)]


class Call(Value):
    """What a program asks for."""

    leads: Names
    """Lead ids, mail addresses or external ids."""
    per_minute: int | None = Field(default=None, ge=1)
    """Let so many begin a minute at most."""
    dry_run: bool = False
    """Only say what would come of it."""


class LeftOutBody(Value):
    """Somebody who didn't come in."""

    lead: str
    code: str
    why: str


class Enrolled(Value):
    """What came of it."""

    enrolled: tuple[str, ...]
    left_out: tuple[LeftOutBody, ...]


class Ended(Value):
    """Whose runs ended."""

    journey: str
    ended: int
    unknown: tuple[str, ...]


@router.post(
    "/{name}/enrolments",
    response_model=Enrolled,
    responses=problems(404, 409, 413, 415, 422),
    openapi_extra={**takes(Call.model_json_schema()), **IDEMPOTENT},
)
@open_to_other_sites
async def enrol(request: Request, name: str) -> JSONResponse:
    """Let leads in: 200 with who came in, and everybody else with the first thing against them.

    Safe to repeat with the same Idempotency-Key; also without, for journeys that take a lead once.
    """
    await caller_of(request, Scope.JOURNEYS)
    call, key, house = _read(await json_of(request)), repeat_key(request), house_of(request)
    order = ByHand(journey=name, by=BY, occasion=f"{BY}/{key or new_id()}", per_minute=call.per_minute)
    asked = tuple(dict.fromkeys(call.leads))
    if call.dry_run:
        async with house.db.read() as tx:
            meant, book = await leads.find_all(tx, asked), await published.book(tx)
            found = await entering.preview(tx, _ids(meant), name, book=book, at=house.now())
    else:
        async with house.db.transaction() as tx:
            meant, book = await leads.find_all(tx, asked), await published.book(tx)
            found = await entering.let_in(tx, _ids(meant), order, book=book, at=house.now())
    return JSONResponse(_told(asked, meant, found))


@router.delete("/{name}/enrolments", response_model=Ended, responses=problems(404, 409, 422))
@open_to_other_sites
async def unenrol(
    request: Request, name: str, lead: Annotated[list[str], Query()], outcome: Annotated[str, Query()]
) -> JSONResponse:
    """Take leads out (`?lead=…&lead=…&outcome=…`): their open runs end at once. Safe to repeat."""
    await caller_of(request, Scope.JOURNEYS)
    if len(lead) > MOST_LEADS:
        raise BadInput("lead", len(lead), f"Name at most {MOST_LEADS} in one call.")
    house = house_of(request)
    order = ByHand(journey=name, by=BY, occasion=f"{BY}/{new_id()}")
    async with house.db.transaction() as tx:
        meant = await leads.find_all(tx, tuple(lead))
        ended = await entering.let_out(tx, _ids(meant), order, outcome, at=house.now())
    return JSONResponse({"journey": name, "ended": ended, "unknown": [one for one in lead if one not in meant]})


def _read(body: object) -> Call:
    try:
        return Call.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "/".join(str(part) for part in first["loc"]) or "body"
        remedy = f'{first["msg"]}. Send {{"leads": ["…"]}}, at most {MOST_LEADS}, and per_minute or dry_run.'
        raise BadInput(where, None, remedy) from error


def _ids(meant: dict[str, LeadId]) -> tuple[LeadId, ...]:
    return tuple(dict.fromkeys(meant.values()))


def _told(asked: tuple[str, ...], meant: dict[str, LeadId], found: Admitted) -> dict[str, object]:
    """Each lead once, under the name the caller gave it."""
    left_out = [
        {"lead": name, "code": code.value, "why": WORDS[code]}
        for name in asked
        if (code := found.left_out.get(meant[name]) if name in meant else LeftOut.UNKNOWN) is not None
    ]
    return {"enrolled": [name for name in asked if meant.get(name) in found.enrolled], "left_out": left_out}
