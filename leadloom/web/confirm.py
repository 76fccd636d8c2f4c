"""Was it you who ticked the box? The page behind the link of a confirmation mail: looking confirms nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.mails.language import DEFAULT, chosen, say_date
from leadloom.domain.mails.links import PATHS, Purpose
from leadloom.domain.model import Json, Value
from leadloom.runtime import confirming
from leadloom.runtime.confirming import Question
from leadloom.runtime.wiring import House
from leadloom.web._public import address, company_of, house_of, page, user_agent
from leadloom.web.security import open_to_other_sites

router = APIRouter(include_in_schema=False)


class _State(Value):
    heading: str
    says: str


class _Words(Value):
    """What the page says in one language."""

    button: str
    saw: str
    whose: str
    open: _State
    confirmed: _State
    expired: _State
    withdrawn: _State
    none: _State
    gone: _State


@cache
def _words() -> dict[str, _Words]:
    """By language. Raises ValidationError for a file out of shape."""
    path = Path(__file__).with_suffix(".yaml")
    said = DraftText(path.name, path.read_text(encoding="utf-8")).data
    return {language: _Words.model_validate(words) for language, words in said.items()}


@router.api_route("/y/{token}", methods=["GET", "HEAD"])
async def ask(request: Request, token: str) -> HTMLResponse:
    """One button, or how it stands. Gateways open every link: this changes nothing."""
    house = house_of(request)
    return await _page(house, await confirming.look(house, token, at=house.now()))


@router.post("/y/{token}")
@open_to_other_sites
async def confirm(request: Request, token: str) -> HTMLResponse:
    """Keep the yes with its proof; pressed twice, it is one."""
    house = house_of(request)
    proof: dict[str, Json] = {
        "ip": address(request),
        "page": PATHS[Purpose.CONFIRM],
        "user_agent": user_agent(request),
    }
    return await _page(house, await confirming.confirm(house, token, proof=proof, at=house.now()))


async def _page(house: House, question: Question | None) -> HTMLResponse:
    language = chosen([question.language if question else None], _words(), otherwise=DEFAULT)
    words, state = _words()[language], question.answer.state if question else "gone"
    told: _State = getattr(words, state)
    since = question.answer.since if question else None
    is_open = question is not None and state == "open"
    return page(
        "confirm.html",
        at=house.now(),
        company=await company_of(house),
        language=language,
        heading=told.heading,
        says=told.says.replace("{day}", say_date(since.date(), language=language) if since else ""),
        whose=f"{words.whose} {question.address}" if question and is_open else "",
        saw=words.saw,
        wordings=_wordings(question) if question and is_open else [],
        button=words.button if is_open else "",
    )


def _wordings(question: Question) -> list[str]:
    """The sentences they saw, each once."""
    return list(dict.fromkeys(one.wording for one in question.answer.asked if one.wording))
