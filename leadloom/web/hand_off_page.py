"""How does an owner answer for a lead without opening anything else? The signed page of a notice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from leadloom.domain import told
from leadloom.domain.conditions import span_words
from leadloom.domain.definition import Calendar, RejectReason
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.hand_off import LONGEST_RECYCLE
from leadloom.domain.model import Value
from leadloom.runtime import offers
from leadloom.runtime.offers import Choice, Offer
from leadloom.runtime.wiring import House
from leadloom.web._public import fields_of, house_of, page
from leadloom.web.security import open_to_other_sites

router = APIRouter(include_in_schema=False)

_LEVELS = {
    "deputy": "You get it as deputy: the first owner did not answer in time.",
    "manager": "It has come up to you: nobody below answered in time.",
    "pool": "It is open to the whole pool: whoever takes it first has it.",
}


class Chip(Value):
    """One reject reason as the page offers it."""

    name: str
    rule: RejectReason
    then: str
    """What becomes of the lead, in words."""
    locked: str
    """Why it can't be chosen yet; empty when it can."""


@router.api_route("/h/{token}", methods=["GET", "HEAD"])
async def show(request: Request, token: str) -> HTMLResponse:
    """The offer as it stands. Looking decides nothing, however often a gateway looks."""
    house = house_of(request)
    offer = await offers.read_offer(house, token, at=house.now())
    return _page(house, offer)


@router.post("/h/{token}")
@open_to_other_sites
async def act(request: Request, token: str) -> Response:
    """Do what the button says, then show the page again. Whoever was too late sees who was faster."""
    house, at = house_of(request), house_of(request).now()
    # Read first: a link that doesn't open says so, whatever was posted with it.
    offer = await offers.read_offer(house, token, at=at)
    fields = await fields_of(request)
    try:
        await _do(house, token, offer, fields, at)
    except BadInput as error:
        status, problem, field = HTTPStatus.UNPROCESSABLE_ENTITY, error.remedy, error.field
    except Conflict as error:
        status, problem, field = HTTPStatus.CONFLICT, str(error), ""
    else:
        return RedirectResponse(request.url.path, status_code=HTTPStatus.SEE_OTHER)
    now = await offers.read_offer(house, token, at=at)
    return _page(house, now, status=status, fields=fields, problem=problem, field=field)


async def _do(house: House, token: str, offer: Offer, fields: dict[str, str], at: datetime) -> None:
    match fields.get("do"):
        case "accept":
            await offers.decide_offer(house, token, Choice(kind="accept"), at=at)
        case "reject":
            await offers.decide_offer(house, token, _rejection(offer, fields), at=at)
        case "give_back":
            await offers.give_back_offer(house, token, _rejection(offer, fields), at=at)
        case "recycle":
            choice = Choice(kind="recycle", until=_morning_of(fields.get("until", ""), _calendar(offer)))
            await offers.decide_offer(house, token, choice, at=at)
        case "tried" | "reached" as done:
            seen = fields.get("seen", "")
            if not seen.isdecimal() or len(seen) > 6:
                raise BadInput("seen", seen[:20], "Open the page again and press the button there.")
            await offers.note_attempt(house, token, seen=int(seen), reached=done == "reached", at=at)
        case other:
            raise BadInput("do", (other or "")[:20], "Press one of the buttons of the page.")


def _rejection(offer: Offer, fields: dict[str, str]) -> Choice:
    """Only what the chosen chip asks for; what was typed under another chip is left where it is."""
    reason = fields.get("reason")
    rule = offer.definition.reject_reasons.get(reason or "")
    if rule is None:
        raise BadInput("reason", (reason or "")[:40], "Choose a reason.")
    text = fields.get(f"text_{reason}", "") if rule.asks in ("text", "who") else ""
    return Choice(
        kind="reject",
        reason=reason,
        text=told.some_lines("text", text),
        sub_reason=fields.get("sub_reason") if rule.asks == "sub_reason" else None,
        until=_morning_of(fields.get("until", ""), _calendar(offer)) if rule.asks == "date" else None,
    )


def _morning_of(text: str, calendar: Calendar) -> datetime | None:
    """When the owner's day begins on that date; None for no date, which the domain asks for where it needs one."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput("until", text[:20], "Give the day, such as 2026-09-30.") from error
    return datetime.combine(day, calendar.from_, ZoneInfo(calendar.zone)).astimezone(UTC)


def _calendar(offer: Offer) -> Calendar:
    """The reader's; everything on their page is said in their time."""
    return offer.definition.calendars[offer.reader.calendar]


def _chips(offer: Offer) -> Iterator[Chip]:
    """In the order of their keys, 1 to 9, then 0."""
    rules = sorted(offer.definition.reject_reasons.items(), key=lambda item: (item[1].key - 1) % 10)
    for name, rule in rules:
        lacks = rule.needs_tries - offer.tries
        locked = f"after {rule.needs_tries} tries; {offer.tries} so far" if lacks > 0 else ""
        yield Chip(name=name, rule=rule, then=_then(rule), locked=locked)


def _then(rule: RejectReason) -> str:
    after = span_words(rule.after) if rule.after else ""
    match rule.then:
        case "recycle":
            return f"comes back after {after}" if after else "comes back on your date"
        case "disqualify":
            return "leaves the pipeline"
        case "repair":
            return f"is mended within {after}, then comes back to you" if after else "is mended, then comes back to you"
        case "search":
            return "we look for the right person"
        case "link":
            return "is joined to what is there"


def _page(
    house: House,
    offer: Offer,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    fields: dict[str, str] | None = None,
    problem: str = "",
    field: str = "",
) -> HTMLResponse:
    at, calendar = house.now(), _calendar(offer)
    zone = ZoneInfo(calendar.zone)
    today = at.astimezone(zone).date()
    ladder = offer.definition.hand_offs[offer.hand_off.kind].ladder
    level = offer.hand_off.level
    return page(
        "hand_off.html",
        at=at,
        zone=zone,
        place=zone.key.rpartition("/")[2].replace("_", " "),
        company=offer.definition.company,
        status=status,
        offer=offer,
        card=offer.card,
        now=offer.hand_off,
        chips=list(_chips(offer)),
        level=_LEVELS[ladder[level - 1].to] if 0 < level <= len(ladder) else "",
        reason=offer.definition.reject_reasons.get(offer.hand_off.reason or ""),
        values=fields or {},
        problem=problem,
        field=field,
        tomorrow=(today + timedelta(days=1)).isoformat(),
        latest=(today + LONGEST_RECYCLE).isoformat(),
    )
