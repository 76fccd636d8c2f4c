"""How does a CRM or another program see open hand-offs and pass on what an owner answers? /v1/hand-offs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field, ValidationError

from leadloom.domain.errors import BadInput
from leadloom.domain.handoffs.answers import UNDO_FOR, Decision
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.model import HandOffId, Instant, Value
from leadloom.store import answering, appeals, attempts, hand_offs, inbox, published, snoozing
from leadloom.store.hand_offs import HandOff
from leadloom.web._described import problems, takes
from leadloom.web._program import caller_of, json_of
from leadloom.web._public import house_of
from leadloom.web.security import open_to_other_sites

router = APIRouter(prefix="/v1/hand-offs", tags=["hand-offs"])

Handle = Annotated[str, Field(min_length=1, max_length=80)]
"""Of an owner of the definition, in whose name the caller speaks."""
Words = Annotated[str, Field(max_length=300)]


class Answered(Value):
    """What an owner answered."""

    kind: Literal["accept", "reject", "recycle"]
    by: Handle
    offer: int | None = Field(default=None, ge=1, le=100_000)
    """Only if it is still this offer; left out: whichever it is."""
    reason: Words | None = None
    sub_reason: Words | None = None
    text: Words | None = None
    until: Instant | None = None
    give_back: bool = False
    """It was accepted, and is given back now."""
    undoable: bool = False
    """It may be taken back for 10 seconds; what follows from it follows then."""


class Tried(Value):
    """A try to reach the lead."""

    by: Handle
    evidence: attempts.Evidence
    """Which kinds count, the definition says; one that doesn't leaves the clock of the first try running."""
    reference: Annotated[str, Field(min_length=1, max_length=100)]
    """Id of the call, mail or activity in the system that has it: the same told twice is one try."""
    reached: bool = False
    """They spoke. A reply says so by itself."""


class TakenBack(Value):
    """Whose answer is taken back."""

    by: Handle


class Snoozed(Value):
    """Until when an owner hides the card."""

    by: Handle
    until: Instant | None
    """null shows it again."""


class Appealed(Value):
    """Why marketing disagrees."""

    by: Handle
    words: Words


class Ruled(Value):
    """What was decided about an appeal."""

    by: Handle
    uphold: bool
    words: Words
    to: Handle | None = None
    """To whom it is offered anew; null leaves it to the rules."""


class AppealBody(Value):
    """An appeal as it stands."""

    hand_off_id: UUID
    state: str
    raised_by: str
    words: str
    asked: str
    decide_by: Instant
    decided_by: str | None
    answer: str | None
    new_hand_off_id: UUID | None


class HandOffBody(Value):
    """A hand-off as it stands."""

    id: str
    lead: str
    kind: str
    state: str
    """`answered` may still be taken back."""
    owner: str | None
    pool: str | None
    offer: int
    accept_by: Instant | None
    first_try_by: Instant | None
    first_try_at: Instant | None
    snoozed_until: Instant | None
    final_at: Instant | None
    waiting_for: str | None
    waits_until: Instant | None


class OpenHandOffs(Value):
    """What waits for an answer or a first try, most urgent first."""

    data: tuple[HandOffBody, ...]


Body = TypeVar("Body", bound=Value)


@router.get("", response_model=OpenHandOffs, responses=problems(422))
async def list_open(request: Request, owner: Annotated[str | None, Query(max_length=80)] = None) -> JSONResponse:
    """Open offers, then accepted leads nobody has tried to reach; of one owner, or all."""
    await caller_of(request, Scope.HAND_OFFS)
    async with house_of(request).db.read() as tx:
        rows = await inbox.list_open(tx, owner)
        every = [await hand_offs.get(tx, row.hand_off_id) for row in rows]
    return JSONResponse(OpenHandOffs(data=tuple(_told(one) for one in every)).model_dump(mode="json"))


@router.post(
    "/{hand_off_id}/answer",
    response_model=HandOffBody,
    responses=problems(404, 409, 413, 415, 422),
    openapi_extra=takes(Answered.model_json_schema()),
)
@open_to_other_sites
async def answer(request: Request, hand_off_id: UUID) -> JSONResponse:
    """Accept, reject or recycle it in an owner's name. 409 names who was faster."""
    await caller_of(request, Scope.HAND_OFFS)
    told, house, key = _read(Answered, await json_of(request)), house_of(request), HandOffId(hand_off_id)
    said = told.model_dump(include={"kind", "by", "reason", "sub_reason", "text", "until"})
    decision, undo_for = Decision(via="api", **said), UNDO_FOR if told.undoable else timedelta()
    at = house.now()
    async with house.db.transaction() as tx:
        book = await published.book(tx)
        if told.give_back:
            await answering.give_back(tx, key, decision, undo_for=undo_for, book=book, at=at)
        else:
            number = told.offer if told.offer is not None else (await hand_offs.get(tx, key)).assignment_no
            await answering.decide(tx, key, number, decision, undo_for=undo_for, book=book, at=at)
        return _answered(await hand_offs.get(tx, key))


@router.post(
    "/{hand_off_id}/attempts",
    response_model=HandOffBody,
    responses=problems(404, 409, 413, 415, 422),
    openapi_extra=takes(Tried.model_json_schema()),
)
@open_to_other_sites
async def attempt(request: Request, hand_off_id: UUID) -> JSONResponse:
    """Tell of a try that another system has: a call's log, a mail, a reply, an activity. Safe to repeat."""
    await caller_of(request, Scope.HAND_OFFS)
    told, house, key = _read(Tried, await json_of(request)), house_of(request), HandOffId(hand_off_id)
    name = f"try:{key}:{told.evidence}:{told.reference}"
    made = attempts.Attempt(via="api", key=name, **told.model_dump())
    async with house.db.transaction() as tx:
        await attempts.attempt(tx, key, made, book=await published.book(tx), at=house.now())
        return _answered(await hand_offs.get(tx, key))


@router.post(
    "/{hand_off_id}/undo",
    response_model=HandOffBody,
    responses=problems(404, 409, 413, 415, 422),
    openapi_extra=takes(TakenBack.model_json_schema()),
)
@open_to_other_sites
async def undo(request: Request, hand_off_id: UUID) -> JSONResponse:
    """Take an `undoable` answer back: the clocks run as if it had never been given. 409 once it is final."""
    await caller_of(request, Scope.HAND_OFFS)
    told, house, key = _read(TakenBack, await json_of(request)), house_of(request), HandOffId(hand_off_id)
    async with house.db.transaction() as tx:
        return _answered(await answering.undo(tx, key, told.by, book=await published.book(tx), at=house.now()))


@router.post(
    "/{hand_off_id}/snooze",
    response_model=HandOffBody,
    responses=problems(404, 409, 413, 415, 422),
    openapi_extra=takes(Snoozed.model_json_schema()),
)
@open_to_other_sites
async def snooze(request: Request, hand_off_id: UUID) -> JSONResponse:
    """Hide the card from its owner until an instant before its deadline; no clock moves. Safe to repeat."""
    await caller_of(request, Scope.HAND_OFFS)
    told, house, key = _read(Snoozed, await json_of(request)), house_of(request), HandOffId(hand_off_id)
    async with house.db.transaction() as tx:
        if told.until is None:
            return _answered(await snoozing.wake(tx, key))
        book = await published.book(tx)
        return _answered(await snoozing.snooze(tx, key, told.by, told.until, book=book, at=house.now()))


@router.post(
    "/{hand_off_id}/appeal",
    response_model=AppealBody,
    responses=problems(404, 409, 413, 415, 422),
    openapi_extra=takes(Appealed.model_json_schema()),
)
@open_to_other_sites
async def appeal(request: Request, hand_off_id: UUID) -> JSONResponse:
    """Appeal a rejection in marketing's name: whoever decides is told by mail. 409 for what can't be appealed."""
    await caller_of(request, Scope.HAND_OFFS)
    told, house, key = _read(Appealed, await json_of(request)), house_of(request), HandOffId(hand_off_id)
    async with house.db.transaction() as tx:
        book = await published.book(tx)
        return _appeal(await appeals.raise_one(tx, key, told.by, told.words, book=book, at=house.now()))


@router.post(
    "/{hand_off_id}/appeal/decision",
    response_model=AppealBody,
    responses=problems(404, 409, 413, 415, 422),
    openapi_extra=takes(Ruled.model_json_schema()),
)
@open_to_other_sites
async def rule(request: Request, hand_off_id: UUID) -> JSONResponse:
    """Uphold or dismiss an appeal in the name of who decides. 409 when it has ended."""
    await caller_of(request, Scope.HAND_OFFS)
    told, house, key = _read(Ruled, await json_of(request)), house_of(request), HandOffId(hand_off_id)
    verdict = appeals.Verdict(**told.model_dump())
    async with house.db.transaction() as tx:
        return _appeal(await appeals.decide(tx, key, verdict, book=await published.book(tx), at=house.now()))


def _appeal(found: appeals.Appeal) -> JSONResponse:
    told = found.model_dump(mode="json", include=set(AppealBody.model_fields))
    return JSONResponse({name: told[name] for name in AppealBody.model_fields})


def _read(model: type[Body], body: object) -> Body:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "/".join(str(part) for part in first["loc"]) or "body"
        raise BadInput(where, None, f"{first['msg']}. /v1/openapi.json says what it takes.") from error


def _answered(now: HandOff) -> JSONResponse:
    return JSONResponse(_told(now).model_dump(mode="json"))


def _told(now: HandOff) -> HandOffBody:
    final_at: datetime | None = now.answer.final_at if now.answer else None
    return HandOffBody(
        id=str(now.hand_off_id),
        lead=str(now.lead_id),
        state="answered" if now.answer else now.state,
        offer=now.assignment_no,
        final_at=final_at,
        **now.model_dump(
            include={
                "kind", "owner", "pool", "accept_by", "first_try_by", "first_try_at", "snoozed_until", "waiting_for",
                "waits_until",
            }
        ),
    )  # fmt: skip
