"""How does a person read, keep or erase all we hold about them? Pages behind links that only their mailbox has."""

from __future__ import annotations

import json
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.mails.links import Purpose
from leadloom.domain.model import Json
from leadloom.runtime import own_data
from leadloom.runtime.own_data import OwnData
from leadloom.web._public import company_of, fields_of, house_of, page
from leadloom.web.security import open_to_other_sites

router = APIRouter(include_in_schema=False)

NOUNS = {
    "lead": "Who you are to us",
    "account": "Your company",
    "identity_key": "What we know you by",
    "basis": "What you allowed, and how we know",
    "suppression": "Mail that must not go to you",
    "preference_change": "What you chose",
    "event": "What happened",
    "score_entry": "How we weighed what happened",
    "checklist_answer": "What we asked you, and what you said",
    "stage_change": "How far you came with us",
    "lead_stage": "Where you stand",
    "lead_clock": "What would come by itself",
    "enrolment": "Series of letters you were in",
    "step_log": "Why each step of them was taken",
    "message": "Mails we sent, planned or called off",
    "visit": "When links and pictures of our mails were asked for",
    "visitor": "Browsers you used on our pages",
    "visitor_event": "Pages of ours you looked at",
    "mail_return": "What came back for our mails",
    "hand_off": "When we offered to talk",
    "assignment": "Who was to talk to you",
    "hand_off_member": "When a colleague was to be talked to",
    "task": "What somebody had to do for you",
    "deal": "Business with you",
    "lead_tag": "Words we filed you under",
    "campaign_member": "Lists you were on",
    "import_row": "Files you came in with",
    "audit": "What was noted about you",
}
"""What each kind of row is, to somebody who doesn't work here; the others go by their own name."""


@router.api_route("/d/{token}", methods=["GET", "HEAD"])
async def offer(request: Request, token: str) -> HTMLResponse:
    """What the link gives. Looking uses nothing up."""
    house = house_of(request)
    whose = await own_data.whose(house, token, Purpose.OWN_DATA, at=house.now())
    company = await company_of(house)
    return page("own_data.html", at=house.now(), company=company, whose=whose, problem="", found=None)


@router.post("/d/{token}")
@open_to_other_sites
async def give(request: Request, token: str) -> Response:
    """All of it, to read or as a file; each once."""
    house = house_of(request)
    form = (await fields_of(request)).get("form")
    if form != "html" and form != "json":
        raise BadInput("form", form and form[:20], "Use one of the two buttons of the page.")
    company, at = await company_of(house), house.now()
    try:
        found = await own_data.read(house, token, form, at=at)
    except Conflict as error:
        whose = await own_data.whose(house, token, Purpose.OWN_DATA, at=at)
        status = HTTPStatus.CONFLICT
        return page("own_data.html", at=at, company=company, status=status, whose=whose, problem=str(error), found=None)
    if found is None:
        return page("own_data.html", at=at, company=company, whose=None, problem="", found=None)
    if form == "json":
        return _file(found)
    told = [(_words(noun), [_lines(row) for row in found.nouns[noun]]) for noun in _order(found)]
    return page(
        "own_data.html", at=at, company=company, whose=found.address, problem="", found=told, allowed=found.allowed,
        happened=found.happened,
    )  # fmt: skip


@router.api_route("/e/{token}", methods=["GET", "HEAD"])
async def confirm(request: Request, token: str) -> HTMLResponse:
    """What would be gone, and one button. Looking changes nothing: gateways look at every link."""
    house = house_of(request)
    whose = await own_data.whose(house, token, Purpose.ERASE, at=house.now())
    return page("erase.html", at=house.now(), company=await company_of(house), whose=whose, done=False)


@router.post("/e/{token}")
@open_to_other_sites
async def erase(request: Request, token: str) -> HTMLResponse:
    """Forget them, at once; twice is once."""
    house = house_of(request)
    await own_data.erase(house, token, at=house.now())
    return page("erase.html", at=house.now(), company=await company_of(house), whose=None, done=True)


def _file(found: OwnData) -> Response:
    """As other programs read it (GDPR 20)."""
    body = json.dumps({"as_of": found.at.isoformat(), **found.nouns}, ensure_ascii=False, indent=2, default=list)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return Response(body, media_type="application/json", headers=headers)


def _words(noun: str) -> str:
    return NOUNS.get(noun, noun.replace("_", " "))


def _order(found: OwnData) -> list[str]:
    return sorted(found.nouns, key=lambda noun: ([*NOUNS].index(noun) if noun in NOUNS else len(NOUNS), noun))


def _lines(row: dict[str, Json]) -> list[tuple[str, str]]:
    """(name, value) of what a row says; what is empty says nothing."""
    return [(name.replace("_", " "), _said(value)) for name, value in row.items() if value not in (None, "", [], {})]


def _said(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
