"""When is a good moment to call, as an entry for the rep's own calendar? A file to take along; nothing is kept."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import Response

from leadloom.domain.access.rights import Right
from leadloom.domain.handoffs.card import Card
from leadloom.domain.handoffs.invitation import invitation
from leadloom.domain.model import HandOffId
from leadloom.store import cards, published
from leadloom.web.console._guard import needs
from leadloom.web.console._visit import Visit
from leadloom.web.console._work import time_for_a_call

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_LEADS)])

LASTS = timedelta(minutes=30)


@router.get("/inbox/{hand_off_id}/call.ics")
async def call(visit: Visit, hand_off_id: UUID) -> Response:
    """A call with the lead in the next half hour that is working time for both."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        card = await cards.read(tx, HandOffId(hand_off_id), definition=book.definition, at=visit.at)
    seat = visit.seat(book)
    begins = time_for_a_call(visit.at, book, seat.handle if seat else card.owner, ZoneInfo(card.zone))
    text = invitation(
        uid=f"call-{card.hand_off_id}@{book.definition.company.domain}",
        written_at=visit.at,
        begins_at=begins,
        lasts=LASTS,
        summary=" ".join(part for part in ("Call", card.lead_name, card.company and f"({card.company})") if part),
        description=_notes(card),
    )
    name = f"call-{begins.astimezone(visit.zone(book)):%Y-%m-%d-%H%M}.ics"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(visit.masked(text, book), media_type="text/calendar; charset=utf-8", headers=headers)


def _notes(card: Card) -> str:
    """What helps in the call itself: how to reach them, why now, how to begin."""
    reach = [said for said in (card.lead.phone, card.lead.email) if said]
    return "\n".join([*reach, "", *(reason.words for reason in card.reasons), "", card.next_step, card.opener])
