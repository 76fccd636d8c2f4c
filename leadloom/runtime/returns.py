"""What came in at our mailboxes and webhooks: whose mail is it, what does it mean, what follows? One transaction each.

Whoever calls passes the instant: a door its business time, the played world its virtual time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from leadloom.domain.errors import BadInput
from leadloom.domain.lead import Lead
from leadloom.domain.mails.links import Purpose, Signer
from leadloom.domain.model import LeadId, MessageId, OwnerId, Value
from leadloom.domain.returns import addressed
from leadloom.domain.returns.kind import Kind, ProviderEvent, Reason, Returned
from leadloom.domain.returns.reasons import told_by_provider
from leadloom.mail.inbound import read_return
from leadloom.runtime import mail_intake
from leadloom.runtime.mail_intake import Gate, Welcome
from leadloom.store import audit, leads, notice_answers, published, return_effects, returns, standing
from leadloom.store.audit import Note
from leadloom.store.db import Db
from leadloom.store.return_effects import Scene
from leadloom.store.returns import CameBack, MatchedBy, ReturnedMail
from leadloom.store.tx import Tx


class Reach(Protocol):
    """What this needs of a process: the web's House and the activities' Tools both have it."""

    @property
    def db(self) -> Db:
        """The database."""
        ...

    @property
    def signer(self) -> Signer:
        """Reads the tokens of our mailboxes."""
        ...


class Taken(Value):
    """What was made of something that came in."""

    return_id: UUID
    """Of the log row (`mail returns show`)."""
    kind: Kind
    reason: Reason | None
    matched_by: MatchedBy | None
    """None: it is about no mail and no lead of ours."""
    message_id: MessageId | None
    lead_id: LeadId | None
    owner_id: OwnerId | None = None
    """Of a notice: the owner it went to."""
    done: tuple[str, ...]
    """What followed, in words that name nobody."""
    asks: bool
    """Whether a person should look."""
    again: bool = False
    """The same was taken before: nothing was done this time."""


class _Whose(NamedTuple):
    by: MatchedBy | None = None
    mail: ReturnedMail | None = None
    lead_id: LeadId | None = None
    purpose: Purpose | None = None
    """Of the token it was found by."""


async def take(
    reach: Reach,
    raw: bytes,
    *,
    via: str,
    envelope_to: str | None,
    envelope_from: str | None,
    at: datetime,
    gate: Gate | None = None,
) -> Taken:
    """Read a mail that came in, keep it, and let follow what its kind asks for. The same bytes twice are taken once.

    Args:
        reach: The database, and the signer of our mailboxes.
        raw: The mail as it came, headers and all.
        via: By which door, such as `smtp-in` or `imap`.
        envelope_to: RCPT TO; None where the door doesn't know it.
        envelope_from: MAIL FROM, empty for the null sender; None where the door doesn't know it.
        at: Business time.
        gate: Which mailboxes are ours, and whom we believe about a sender; None believes nobody.
    """
    read = read_return(raw, envelope_to=envelope_to, envelope_from=envelope_from)
    came = _came(read, raw, key=f"mail:{hashlib.sha256(raw).hexdigest()}", via=via, at=at)
    came = came.but(envelope_to=envelope_to, envelope_from=envelope_from)
    async with reach.db.transaction() as tx:
        whose = await _whose(tx, read, envelope_to, reach.signer, at)
        came_in = Welcome()
        if whose.lead_id is None and whose.mail is None:
            came_in = await mail_intake.welcome(tx, read, envelope_to, gate=gate or Gate(), at=at)
            whose = _Whose("address", None, came_in.lead_id) if came_in.lead_id else whose
        return await _taken(tx, came, whose, recipients=read.recipients, at=at, held=came_in.held)


async def welcome(reach: Reach, return_id: UUID, *, by: str, gate: Gate, at: datetime) -> Taken:
    """Somebody looked: it is who it says. The lead who wrote is made, and what they wrote is their answer. Once.

    Raises NotFound; BadInput when it makes nobody: no person's, no mailbox of ours, or its bytes are kept no more.
    """
    async with reach.db.transaction() as tx:
        row = await returns.get(tx, return_id)
        if row.raw is None or row.lead_id is not None:
            raise BadInput("return", str(return_id), "It is a lead's already, or its bytes are gone: nothing to make.")
        read = read_return(row.raw, envelope_to=row.envelope_to, envelope_from=row.envelope_from)
        made = await mail_intake.welcome(tx, read, row.envelope_to, gate=gate, at=at, is_looked_at=True)
        if made.lead_id is None:
            raise BadInput("return", str(return_id), "It makes nobody: a person's mail to a mailbox of ours does.")
        whose = _Whose("address", None, made.lead_id)
        about, came = await _about(tx, _came(read, row.raw, key="", via=row.via, at=row.at), whose)
        await returns.read_again(tx, return_id, came)
        await audit.note(
            tx, Note(at=at, actor=by, action="vouched for who wrote a mail", subject=f"return {return_id}")
        )  # fmt: skip
        return await _followed(tx, return_id, came, whose, about=about, at=at)


async def retry(reach: Reach, return_id: UUID, *, at: datetime) -> Taken:
    """Read a kept mail again by the rules of today; if they say something else now, let that follow. Twice is once.

    Raises NotFound; BadInput when it was no mail, or its bytes are kept no more.
    """
    async with reach.db.read() as tx:
        row = await returns.get(tx, return_id)
    if row.raw is None:
        raise BadInput("return", str(return_id), "It was no mail, or its bytes are gone: nothing to read again.")
    read = read_return(row.raw, envelope_to=row.envelope_to, envelope_from=row.envelope_from)
    came = _came(read, row.raw, key="", via=row.via, at=row.at)
    async with reach.db.transaction() as tx:
        whose = await _whose(tx, read, row.envelope_to, reach.signer, at)
        about, came = await _about(tx, came, whose, recipients=read.recipients)
        if not await returns.read_again(tx, return_id, came):
            return await _as_before(tx, return_id, whose.mail)
        return await _followed(tx, return_id, came, whose, about=about, at=at)


def _came(read: Returned, raw: bytes, *, key: str, via: str, at: datetime) -> CameBack:
    return CameBack(
        key=key,
        via=via,
        at=at,
        kind=read.kind,
        reason=read.reason,
        status=read.status,
        code=read.code,
        why=read.why,
        diagnostic=read.diagnostic,
        subject=read.subject,
        sender=read.sender,
        said=read.text,
        returns_on=read.returns_on,
        has_left=read.left,
        raw=raw,
    )


async def take_event(reach: Reach, event: ProviderEvent, *, at: datetime) -> Taken | None:
    """Keep what a provider's webhook says, and let it follow. The same event twice is taken once.

    None when it is about no mail and nobody of ours: others may send by the same account, and whom they wrote to is no
    business of ours, so nothing of it is kept.
    """
    reason, why = told_by_provider(event)
    came = CameBack(
        key=f"event:{event.provider}:{event.event_id}",
        via=event.provider,
        at=min(event.at, at),
        kind=Kind(event.kind),
        reason=reason,
        status=event.status,
        code=event.code,
        why=why,
        diagnostic=event.diagnostic[:500] if event.diagnostic else None,
        event=event.raw,
    )
    async with reach.db.transaction() as tx:
        named = [event.address.lower()] if event.address else []
        whose = await _whose_event(tx, event, reach.signer, at)
        return None if whose.by is None else await _taken(tx, came, whose, recipients=named, at=at)


async def _whose_event(tx: Tx, event: ProviderEvent, signer: Signer, at: datetime) -> _Whose:
    """Like that of a mail; the envelope's token first, because some providers write a Message-ID of their own."""
    named = [event.envelope_from] if event.envelope_from else []
    found = await _by_token(tx, named, signer)
    if found is None and event.message_id and (mail := await returns.mail_of_ids(tx, [event.message_id])) is not None:
        found = _Whose("message_id", mail, mail.lead_id)
    return found or await _by_address(tx, [event.address] if event.address else [], at)


async def _by_token(tx: Tx, addresses: Sequence[str], signer: Signer) -> _Whose | None:
    token = addressed.first(addresses, signer)
    mail = await returns.mail(tx, token.message_id) if token is not None else None
    return None if token is None or mail is None else _Whose("token", mail, mail.lead_id, token.purpose)


async def _whose(tx: Tx, read: Returned, envelope_to: str | None, signer: Signer, at: datetime) -> _Whose:
    """By our own token first, by ENVID and Message-ID second, by address last (mail.md §0.10)."""
    named = [envelope_to, *read.addressed] if envelope_to else [*read.addressed]
    if (found := await _by_token(tx, named, signer)) is not None:
        return found
    mail = await _by_envelope(tx, read.envelope_id) or await returns.mail_of_ids(tx, read.message_ids)
    if mail is not None:
        return _Whose("message_id", mail, mail.lead_id)
    is_person = read.kind in (Kind.REPLY, Kind.AUTO_REPLY, Kind.UNSUBSCRIBE)
    return await _by_address(tx, [read.sender] if is_person and read.sender else read.recipients, at)


async def _by_envelope(tx: Tx, envelope_id: str | None) -> ReturnedMail | None:
    """The mail whose ENVID it is; as good a proof as its Message-ID, and kept by systems that return no headers."""
    try:
        return await returns.mail(tx, MessageId(UUID(envelope_id))) if envelope_id else None
    except ValueError:
        return None


async def _by_address(tx: Tx, addresses: Sequence[str], at: datetime) -> _Whose:
    found = await leads.find_all(tx, addresses) if addresses else {}
    lead_id = next(iter(found.values()), None)
    if lead_id is None:
        return _Whose()
    return _Whose("address", await returns.last_mail_of(tx, lead_id, at=at), lead_id)


async def _taken(
    tx: Tx, came: CameBack, whose: _Whose, *, recipients: Sequence[str] = (), at: datetime, held: str = ""
) -> Taken:
    about, came = await _about(tx, came, whose, recipients=recipients)
    return_id = await returns.keep(tx, came)
    if return_id is None:
        return await _as_before(tx, await returns.id_of(tx, came.key), whose.mail)
    return await _followed(tx, return_id, came, whose, about=about, at=at, held=held)


async def _about(
    tx: Tx, came: CameBack, whose: _Whose, *, recipients: Sequence[str] = ()
) -> tuple[LeadId | None, CameBack]:
    """The lead it is about, held; a notice's fate says nothing about the lead it told of.

    Whoever changed their address since keeps the new one: a bounce of the old is about the old.
    """
    mail = whose.mail
    lead_id = None if mail is not None and mail.owner_id is not None else whose.lead_id
    lead = (await standing.lock(tx, [lead_id]))[lead_id][0] if lead_id else None
    if mail is not None and mail.is_erased and came.kind is not Kind.REPLY:
        came = _nameless(came)
    return lead_id, came.but(
        matched_by=whose.by,
        message_id=mail.message_id if mail else None,
        lead_id=lead_id,
        address=await _address(tx, lead, recipients) if lead else None,
        asks=lead_id is None or came.kind is Kind.UNKNOWN,
    )


def _nameless(came: CameBack) -> CameBack:
    """Without whatever a relay wrote about somebody who was erased since; what it is and why stays countable.

    Their own words are another thing: whoever writes to us after it wants to be read.
    """
    return came.but(
        raw=None, event=None, subject="", sender=None, said="", diagnostic=None, envelope_to=None, envelope_from=None
    )


async def _address(tx: Tx, lead: Lead, recipients: Sequence[str]) -> str | None:
    """Which address of the lead it was to: one they are known by that the report names, else the one they have."""
    if lead.email in recipients or not recipients:
        return lead.email
    known = await leads.find_all(tx, recipients)
    return next((each for each in recipients if known.get(each) == lead.lead_id), lead.email)


async def _followed(
    tx: Tx, return_id: UUID, came: CameBack, whose: _Whose, *, about: LeadId | None, at: datetime, held: str = ""
) -> Taken:
    done, asks = [held] if held else list[str](), came.asks
    if about is not None:
        scene = Scene(tx, return_id, came, whose.mail, about, await published.book(tx), at)
        done, asks = await return_effects.follow(scene)
    elif whose.mail is not None and whose.mail.owner_id is not None:
        by_token = whose.by == "token" and whose.purpose is Purpose.REPLY
        book = await published.book(tx)
        told = await notice_answers.follow(tx, return_id, came, whose.mail, by_token=by_token, book=book, at=at)
        done, asks = [*done, *told.done], told.asks
    await returns.done(tx, return_id, done, asks=asks)
    return (await _as_before(tx, return_id, whose.mail)).model_copy(update={"again": False})


async def _as_before(tx: Tx, return_id: UUID, mail: ReturnedMail | None) -> Taken:
    before = await returns.known(tx, return_id)
    return Taken(**vars(before), owner_id=mail.owner_id if mail else None, again=True)
