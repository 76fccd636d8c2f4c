"""What follows when something comes back for a notice: an owner's answer decides, a bounce brings the reminder early.

Whose answer it is, two things say together: our token in the address it came to, which stands in the notice's Reply-To
and nowhere else, and the owner's own address in From. What is unclear decides nothing and is asked about, once for each
offer (decision 0053).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.handoffs.reply import SaidByReply, Unclear, read_reply
from leadloom.domain.handoffs.spoken_dates import morning_of
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.model import HandOffId, Value
from leadloom.domain.returns.kind import Kind
from leadloom.store import answering, asking, assignments, attempts, hand_offs, owners, published
from leadloom.store.attempts import Attempt
from leadloom.store.hand_offs import HandOff
from leadloom.store.owners import Owner
from leadloom.store.published import Book
from leadloom.store.returns import CameBack, ReturnedMail
from leadloom.store.tx import Tx

ANSWERABLE_FOR = timedelta(days=14)
"""As long as the links of the notice work."""
VIA = "reply"


class Followed(NamedTuple):
    """What was done, in words that name nobody, and whether a person should look."""

    done: list[str]
    asks: bool = False


class Notice(Value):
    """The notice something came back for."""

    hand_off_id: HandOffId
    no: int
    """Of the assignment it told of."""
    reader: Owner


class _Desk(NamedTuple):
    tx: Tx
    notice: Notice
    return_id: UUID
    book: Book
    at: datetime


async def follow(
    tx: Tx, return_id: UUID, came: CameBack, mail: ReturnedMail, *, by_token: bool, book: Book, at: datetime
) -> Followed:
    """Let follow what came back for an owner's notice. Twice is prevented by whoever keeps the return.

    `by_token` says that it came to the very address the notice asked to be answered at.
    """
    if mail.hand_off_id is None or mail.owner_id is None:
        return Followed([], asks=True)
    if came.kind is Kind.BOUNCE:
        hand_offs.looks_again(tx, mail.hand_off_id)
        return Followed(["the notice came back: its reminder comes early"], asks=True)
    if came.kind is not Kind.REPLY:
        return Followed([], asks=came.kind is Kind.UNKNOWN)
    reader = await owners.get(tx, mail.owner_id)
    if why := _not_theirs(came, mail, reader, by_token=by_token, at=at):
        return Followed([f"nothing: {why}"], asks=True)
    notice = Notice(hand_off_id=mail.hand_off_id, no=mail.visit, reader=reader)
    return await _answered(_Desk(tx, notice, return_id, book, at), came.said)


def _not_theirs(came: CameBack, mail: ReturnedMail, reader: Owner, *, by_token: bool, at: datetime) -> str:
    if not by_token:
        return "it came to another address than the notice asked to be answered at"
    if came.sender != reader.email.lower():
        return "it came from another address than the notice went to"
    if at - mail.asked_at > ANSWERABLE_FOR:
        return f"the notice is older than {ANSWERABLE_FOR.days} days"
    return ""


async def _answered(desk: _Desk, text: str) -> Followed:
    definition = desk.book.definition
    zone = ZoneInfo(definition.calendars[desk.notice.reader.calendar].zone)
    said = read_reply(definition, text, today=desk.at.astimezone(zone).date())
    if isinstance(said, Unclear):
        return await _ask(desk, said.why)
    now = await hand_offs.get(desk.tx, desk.notice.hand_off_id)
    try:
        return Followed([await _acted(desk, now, said)])
    except BadInput as lacks:
        return await _ask(desk, lacks.remedy)
    except Conflict:
        told = await _write_back(desk, "too-late")
        return Followed(["nothing: somebody was faster", *(["who answered is told"] if told else [])])


async def _acted(desk: _Desk, now: HandOff, said: SaidByReply) -> str:
    """Raises BadInput for what a chip still asks for, Conflict when it isn't theirs to answer any more."""
    tx, notice, book, at = desk.tx, desk.notice, desk.book, desk.at
    handle = notice.reader.handle
    works_it = now.state == "accepted" and now.closed_at is None and now.owner == handle
    if said.act in ("tried", "reached"):
        if not works_it:
            raise Conflict("The lead isn't theirs to work.")
        made = Attempt(by=handle, via=VIA, key=f"reply:{desk.return_id}", reached=said.act == "reached")
        await attempts.attempt(tx, notice.hand_off_id, made, book=book, at=at)
        return f"noted: {said.act}"
    decision = _decision(book.definition, notice.reader, said)
    if works_it and said.act != "accept":
        await answering.give_back(tx, notice.hand_off_id, decision, book=book, at=at)
        return f"given back by reply: {said.act}"
    await answering.decide(tx, notice.hand_off_id, notice.no, decision, book=book, at=at)
    return f"decided by reply: {said.act}"


def _decision(definition: Definition, reader: Owner, said: SaidByReply) -> Decision:
    calendar = definition.calendars[reader.calendar]
    return Decision.model_validate(
        {
            "kind": said.act,
            "by": reader.handle,
            "via": VIA,
            "reason": said.reason,
            "text": said.text,
            "sub_reason": said.sub_reason,
            "until": morning_of(said.until, calendar) if said.until else None,
        }
    )


async def _ask(desk: _Desk, why: str) -> Followed:
    """One mail with the reasons to press; a second unclear answer to the same offer waits for a person."""
    is_new = await _write_back(desk, "unclear")
    words = "asked back, with the reasons to press" if is_new else "not asked again"
    return Followed([f"nothing decided: {why}", words], asks=not is_new)


async def _write_back(desk: _Desk, mail: str) -> bool:
    """Whether it is asked for the first time: its key is the offer's."""
    notice = desk.notice
    now = await hand_offs.get(desk.tx, notice.hand_off_id)
    order = asking.MessageOrder(
        lead_id=now.lead_id,
        owner_id=notice.reader.owner_id,
        hand_off_id=notice.hand_off_id,
        step=mail,
        visit=notice.no,
        journey=assignments.NOTICES,
        mail=mail,
        mail_class=MailClass.OWNER_NOTICE,
        sender=desk.book.definition.owner,
        worth=timedelta(days=1),
    )
    before = await desk.tx.maybe("asked_mail", message_id=order.message_id)
    try:
        await published.template_hash(desk.tx, assignments.NOTICES, mail)
    except NotFound:
        return False  # a house that never published this letter: the answer waits for a person
    await asking.ask(desk.tx, order, book=desk.book, at=desk.at)
    return before is None
