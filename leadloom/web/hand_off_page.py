"""How does an owner answer for a lead without opening anything else? The signed page of a notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.errors import BadInput
from leadloom.domain.handoffs.invitation import invitation
from leadloom.runtime import offers
from leadloom.runtime.offers import Choice, Offer
from leadloom.runtime.wiring import House
from leadloom.web._chips import chips_of, chosen, date_limits, morning_of
from leadloom.web._public import house_of, page
from leadloom.web._signed import Said, SignedPage, routes

_CALL_LASTS = timedelta(minutes=20)
_FIRST = ("reject", "recycle")
"""Acts that a link of the notice may put in front."""
_LEVELS = {
    "deputy": "You get it as deputy: the first owner did not answer in time.",
    "manager": "It has come up to you: nobody below answered in time.",
    "pool": "It is open to the whole pool: whoever takes it first has it.",
}


async def _read(house: House, token: str, at: datetime) -> Offer:
    """The offer as it stands."""
    return await offers.read_offer(house, token, at=at)


async def act(house: House, token: str, offer: Offer, fields: Mapping[str, str]) -> None:
    """Do what a form of the page says, as the reader of the token. Raises BadInput, Conflict."""
    at = house.now()
    match fields.get("do"):
        case "accept":
            await offers.decide_offer(house, token, Choice(kind="accept"), at=at)
        case "reject":
            await offers.decide_offer(house, token, _rejection(offer, fields), at=at)
        case "give_back":
            await offers.give_back_offer(house, token, _rejection(offer, fields), at=at)
        case "recycle":
            choice = Choice(kind="recycle", until=morning_of(fields.get("until", ""), _calendar(offer)))
            await offers.decide_offer(house, token, choice, at=at)
        case "tried" | "reached" as done:
            seen = fields.get("seen", "")
            if not seen.isdecimal() or len(seen) > 6:
                raise BadInput("seen", seen[:20], "Open the page again and press the button there.")
            await offers.note_attempt(house, token, seen=int(seen), reached=done == "reached", at=at)
        case other:
            raise BadInput("do", (other or "")[:20], "Press one of the buttons of the page.")


def _rejection(offer: Offer, fields: Mapping[str, str]) -> Choice:
    chip = chosen(offer.definition, fields, _calendar(offer))
    return Choice(kind="reject", **chip.model_dump())


def _calendar(offer: Offer) -> Calendar:
    """The reader's; everything on their page is said in their time."""
    return offer.definition.calendars[offer.reader.calendar]


def drawn(house: House, offer: Offer, said: Said, *, template: str = "hand_off.html") -> HTMLResponse:
    """The page of an offer as its reader sees it; `template` shows the same on another page."""
    at, calendar = house.now(), _calendar(offer)
    zone = ZoneInfo(calendar.zone)
    limits = date_limits(at, calendar)
    ladder = offer.definition.hand_offs[offer.hand_off.kind].ladder
    level = offer.hand_off.level
    return page(
        template,
        at=at,
        zone=zone,
        place=zone.key.rpartition("/")[2].replace("_", " "),
        company=offer.definition.company,
        definition=offer.definition,
        status=said.status,
        offer=offer,
        card=offer.card,
        now=offer.hand_off,
        chips=chips_of(offer.definition, offer.hand_off.kind, offer.tries, offer.card.lead.country),
        level=_LEVELS[ladder[level - 1].to] if 0 < level <= len(ladder) else "",
        reason=offer.definition.reject_reasons.get(offer.hand_off.reason or ""),
        values=said.values or _asked_first(said.asked),
        problem=said.problem,
        field=said.field,
        framed=template != "hand_off.html",
        tomorrow=limits.tomorrow,
        latest=limits.latest,
    )


def _asked_first(asked: Mapping[str, str]) -> Mapping[str, str]:
    """Which act the link of the mail was for: it is open in front, and waits for its button."""
    return {name: asked[name][:40] for name in ("do", "reason") if asked.get("do") in _FIRST and name in asked}


router = routes(SignedPage("/h", read=_read, act=act, draw=drawn))


@router.api_route("/h/{token}/call.ics", methods=["GET", "HEAD"])
async def call(request: Request, token: str) -> Response:
    """The call as an entry for the reader's calendar, over when the first try is due. Looking decides nothing."""
    house, at = house_of(request), house_of(request).now()
    offer = await offers.read_offer(house, token, at=at)
    entry = invitation(
        uid=f"{offer.link.hand_off_id}@{offer.definition.company.domain}",
        written_at=at,
        begins_at=offer.first_try_due(at) - _CALL_LASTS,
        lasts=_CALL_LASTS,
        summary=f"Call {', '.join(part for part in (offer.card.lead_name, offer.card.company) if part)}",
        description="\n".join(_called(offer)),
    )
    headers = {"Content-Disposition": 'attachment; filename="call.ics"'}
    return Response(entry, media_type="text/calendar; charset=utf-8", headers=headers)


def _called(offer: Offer) -> Iterator[str]:
    card = offer.card
    yield from (part for part in (card.lead.phone, card.lead.email) if part)
    yield from (reason.words for reason in card.reasons)
    yield card.opener
