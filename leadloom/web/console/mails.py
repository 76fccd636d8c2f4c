"""What did this mail say? The mail as it was written, in a frame that runs and loads nothing."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.model import MessageId
from leadloom.runtime import shown_mail
from leadloom.store import lead_story, messages, published
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._pages import MAIL_CSP
from leadloom.web.console._visit import Visit
from leadloom.web.console.rows_mails import word_of

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_MAILS)])


@router.get("/mails/{message_id}")
async def mail_page(visit: Visit, message_id: UUID) -> HTMLResponse:
    """The mail with how it went."""
    key = MessageId(message_id)
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        shown = await shown_mail.read(tx, key, signer=visit.house.signer, at=visit.at)
        lead_id = shown.kept.lead_id
        person = (await lead_story.people(tx, [lead_id]))[lead_id][0] if lead_id else None
        against = (await messages.veto_words(tx, [key], at=visit.at)).get(key, "")
    is_settled = word_of(shown.kept.status) not in ("planned", "held")
    return visit.page(
        "console/mail.html",
        book,
        shown=shown,
        kept=shown.kept,
        person=" ".join(part for part in (person.first_name, person.last_name) if part) or person.email or "no name yet"
        if person
        else "",
        reader=name_of(book, shown.kept.owner),
        sender=name_of(book, shown.kept.sender),
        word=word_of(shown.kept.status),
        against="" if is_settled else against,
    )


@router.get("/mails/{message_id}/html")
async def mail_html(visit: Visit, message_id: UUID) -> HTMLResponse:
    """The HTML part alone, for the frame; its own rules keep it from running or loading anything."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        shown = await shown_mail.read(tx, MessageId(message_id), signer=visit.house.signer, at=visit.at)
    headers = {"Content-Security-Policy": MAIL_CSP, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    return HTMLResponse(visit.masked(shown.rendered.html, book), headers=headers)
