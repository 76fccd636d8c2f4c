"""Was it really they who ticked the box? Asked by mail, answered through its signed link: double opt-in.

Whoever calls passes the instant: the web its business time, the played world its virtual time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadloom.domain.consent.confirmation import OPT_IN_CONFIRMED, Answer, answer_to, confirmed
from leadloom.domain.lead import EventDraft
from leadloom.domain.mails.links import Purpose
from leadloom.domain.model import Json, Value
from leadloom.runtime.preferences import masked
from leadloom.runtime.responses import Reach, origin
from leadloom.store import answered, calendars, events, leads, listeners, permissions, published
from leadloom.store.tx import Tx


class Question(Value):
    """What a confirmation page shows."""

    address: str
    """Masked: the link may have been passed on."""
    language: str
    answer: Answer


async def look(reach: Reach, token: str, *, at: datetime) -> Question | None:
    """How the question stands; None when nothing is left of the mail or the lead. Changes nothing. Raises BadLink."""
    message_id = reach.signer.read_mail(Purpose.CONFIRM, token)
    async with reach.db.read() as tx:
        if (mail := await answered.mail(tx, message_id)) is None:
            return None
        lead = await leads.get(tx, mail.lead_id)
        answer = answer_to(await permissions.of_lead(tx, mail.lead_id), at)
        return Question(address=masked(lead.email), language=lead.language, answer=answer)


async def confirm(reach: Reach, token: str, *, proof: Mapping[str, Json], at: datetime) -> Question | None:
    """Make the ticks that wait permissions, with both times and addresses as proof. None as `look`.

    Pressed again, or too late, it changes nothing: the answer says how it stands. Raises BadLink.
    """
    message_id = reach.signer.read_mail(Purpose.CONFIRM, token)
    async with reach.db.transaction() as tx:
        if (mail := await answered.mail(tx, message_id)) is None:
            return None
        who = await calendars.locked_all(tx, [mail.lead_id])
        lead, _ = who[mail.lead_id]
        answer = answer_to(await permissions.of_lead(tx, mail.lead_id), at)
        if answer.state == "open":
            kept: dict[str, Json] = {**proof, "message_id": str(message_id)}
            await permissions.grant(tx, mail.lead_id, confirmed(answer.asked, at=at, proof=kept))
            await _tell(tx, mail, at)
            answer = answer_to(await permissions.of_lead(tx, mail.lead_id), at)
        return Question(address=masked(lead.email), language=lead.language, answer=answer)


async def _tell(tx: Tx, mail: answered.AnsweredMail, at: datetime) -> None:
    """As an event: journeys that wait for it go on, and the clock stops."""
    book = await published.book(tx)
    if OPT_IN_CONFIRMED in book.definition.events:
        key = f"{OPT_IN_CONFIRMED}:{mail.message_id}:{at.isoformat()}"
        draft = EventDraft(kind=OPT_IN_CONFIRMED, at=at, key=key, data=origin(mail))
        await events.record(tx, mail.lead_id, [draft], book=book, at=at)
    await listeners.changed(tx, [mail.lead_id])
