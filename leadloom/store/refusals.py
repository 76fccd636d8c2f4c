"""What does the relay's own 5xx say of an address? By the same rules as a bounce that comes back later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from leadloom.domain.mails.outcome import Refused
from leadloom.domain.model import LeadId
from leadloom.domain.returns.kind import Kind
from leadloom.domain.returns.policy import Effect, effect_of
from leadloom.domain.returns.reasons import judge
from leadloom.store import return_effects, returns
from leadloom.store.calendars import Whom
from leadloom.store.published import Book
from leadloom.store.return_effects import Scene
from leadloom.store.returns import CameBack
from leadloom.store.tx import Tx

VIA = "smtp"
"""How it came: no mail, but the answer in the dialogue."""
_SAID_AT = {"mail": "in reply to MAIL FROM", "data": "in reply to DATA", "dot": "in reply to end of DATA"}


def came(refused: Refused, lead_id: LeadId, address: str | None, at: datetime) -> CameBack:
    """The refusal as something that came back; once a mail."""
    verdict = judge(refused.reply, code=refused.code, dialogue=_SAID_AT.get(refused.phase or "", ""))
    return CameBack(
        key=f"{VIA}:{refused.message_id}",
        via=VIA,
        at=at,
        kind=Kind.BOUNCE,
        reason=verdict.reason,
        status=verdict.status,
        code=refused.code,
        why=verdict.why,
        diagnostic=refused.reply[:500],
        matched_by="message_id",
        message_id=refused.message_id,
        lead_id=lead_id,
        address=address,
        asks=effect_of(Kind.BOUNCE, verdict.reason) is Effect.LOOK,
    )


async def take(
    tx: Tx, refusals: Iterable[tuple[Refused, LeadId]], *, who: Mapping[LeadId, Whom], book: Book, at: datetime
) -> None:
    """Keep why mails to leads were refused, and let it follow. `who` are the leads, locked. Twice is once."""
    for refused, lead_id in refusals:
        what = came(refused, lead_id, who[lead_id][0].email, at)
        return_id = await returns.keep(tx, what)
        if return_id is None:
            continue
        mail = await returns.mail(tx, refused.message_id)
        done, asks = await return_effects.follow(Scene(tx, return_id, what, mail, lead_id, book, at))
        await returns.done(tx, return_id, done, asks=asks)
