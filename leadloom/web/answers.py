"""What does a lead answer to the one question of a mail? A page to confirm it; only the post counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import Field

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import BadInput
from leadloom.domain.journeys.spans import parse_span
from leadloom.domain.model import Value
from leadloom.runtime import responses
from leadloom.runtime.responses import Asked
from leadloom.web._public import company_of, fields_of, house_of, page
from leadloom.web.security import open_to_other_sites

router = APIRouter(include_in_schema=False)

_FILE = Path(__file__).with_name("answers.yaml")
_OTHERWISE = "otherwise"
_FURTHEST_YEARS = 10


class Words(Value):
    """What the page of one answer says."""

    title: str
    says: str
    button: str
    thanks: str
    date: str | None = None
    """The field of the lead that keeps the date it asks for."""
    keeps: dict[str, str] = Field(default_factory=dict)
    """Fields of the lead and what the answer says of them; `90d` is the day so far ahead."""


@cache
def words() -> dict[str, Words]:
    """By event, with `otherwise` for those that have none of their own."""
    draft = DraftText(_FILE.name, _FILE.read_text(encoding="utf-8"))
    return {event: Words.model_validate(said) for event, said in draft.data.items()}


@router.api_route("/a/{token}", methods=["GET", "HEAD"])
async def ask(request: Request, token: str) -> HTMLResponse:
    """The answer that was clicked, to be confirmed: gateways click, too, and must not answer for anybody."""
    asked = await responses.read_answer(house_of(request), token)
    return await _page(request, asked, done=False)


@router.post("/a/{token}")
@open_to_other_sites
async def answer(request: Request, token: str) -> HTMLResponse:
    """Record it, once."""
    house = house_of(request)
    asked = await responses.read_answer(house, token)
    said = _words_of(asked)
    told = {field: _kept(text, house.now()) for field, text in said.keeps.items()}
    if said.date is not None:
        text = (await fields_of(request)).get("date", "")
        try:
            told[said.date] = _day(text, house.now().date()).isoformat()
        except BadInput as error:
            return await _page(request, asked, done=False, value=text, error=error.remedy)
    await responses.answer_question(house, token, told=told, at=house.now())
    return await _page(request, asked, done=True)


def _kept(text: str, at: datetime) -> str:
    span = parse_span(text)
    return (at + span).date().isoformat() if isinstance(span, timedelta) else text


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput("date", text[:20], "Give the day, such as 2026-09-30.") from error
    if not today <= day < today.replace(year=today.year + _FURTHEST_YEARS, day=1):
        raise BadInput("date", text, "Give a day from today on.")
    return day


def _words_of(asked: Asked) -> Words:
    said = words().get(asked.event)
    if said is not None:
        return said
    general = words()[_OTHERWISE]
    means = asked.means[:1].lower() + asked.means[1:]
    return general.model_copy(update={"says": general.says.format(means=means)})


async def _page(request: Request, asked: Asked, *, done: bool, value: str = "", error: str = "") -> HTMLResponse:
    house = house_of(request)
    return page(
        "answer.html",
        at=house.now(),
        company=await company_of(house),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        said=_words_of(asked),
        answered_at=asked.answered_at,
        done=done,
        value=value,
        error=error,
        today=house.now().date().isoformat(),
    )
