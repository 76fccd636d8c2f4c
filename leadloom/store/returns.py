"""What came back for our mails, whose mail was it, and what has an address done before? The log of returns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import NotFound
from leadloom.domain.model import EnrolmentId, HandOffId, Instant, Json, LeadId, MessageId, OwnerId, Value
from leadloom.domain.returns.kind import Kind, Reason
from leadloom.domain.returns.policy import KEPT_RAW, Before
from leadloom.store.tx import Tx, new_id

MatchedBy = Literal["token", "message_id", "address"]
"""How we know whose mail it is: by our own signed token, by a Message-ID of ours, or only by an address (anybody can
write one)."""
PAGE = 500
"""Rows one round of the sweep empties."""


class ReturnedMail(Value):
    """The mail something came back for."""

    message_id: MessageId
    lead_id: LeadId | None
    owner_id: OwnerId | None
    """Of a notice: it went to an owner, and says nothing about the lead."""
    enrolment_id: EnrolmentId | None
    hand_off_id: HandOffId | None
    """Of a notice about one."""
    journey: str
    step: str
    visit: int
    """Of such a notice: the number of the assignment it told of."""
    mail: str
    status: str
    asked_at: Instant
    address: str | None
    """The lead's, as it is now."""
    is_erased: bool
    """Whether the lead was erased since."""


class CameBack(Value):
    """One thing that came back, as it is kept."""

    key: str
    """Of the bytes, or of a provider's event: the same one told twice is one."""
    via: str
    """`smtp-in`, `imap`, `smtp` (the relay's own answer), or a provider."""
    at: Instant
    kind: Kind
    reason: Reason | None = None
    status: str | None = None
    code: int | None = None
    why: str
    diagnostic: str | None = None
    subject: str = ""
    sender: str | None = None
    said: str = ""
    returns_on: date | None = None
    has_left: bool = False
    matched_by: MatchedBy | None = None
    message_id: MessageId | None = None
    lead_id: LeadId | None = None
    address: str | None = None
    envelope_to: str | None = None
    envelope_from: str | None = None
    raw: bytes | None = None
    event: dict[str, Json] | None = None
    asks: bool = False
    """Whether a person should look."""


_READ = (
    "kind", "reason", "status", "code", "why", "diagnostic", "said", "returns_on", "has_left", "matched_by",
    "message_id", "lead_id", "address",
)  # fmt: skip
"""What a second reading may say otherwise."""


class ReturnRow(Value):
    """One line of the list of what came back."""

    return_id: UUID
    via: str
    at: Instant
    kind: str
    reason: str | None
    status: str | None
    code: int | None
    why: str
    diagnostic: str | None
    subject: str
    sender: str | None
    said: str
    returns_on: date | None
    has_left: bool
    matched_by: str | None
    message_id: MessageId | None
    lead_id: LeadId | None
    address: str | None
    done: tuple[str, ...]
    asks: bool
    looked_by: str | None
    looked_at: Instant | None
    looked_why: str | None


class WholeReturn(ReturnRow):
    """The same with the bytes, as long as they are kept."""

    envelope_to: str | None
    envelope_from: str | None
    raw: bytes | None
    event: dict[str, Json] | None


class Known(Value):
    """What was made of the same bytes before."""

    return_id: UUID
    kind: Kind
    reason: Reason | None
    matched_by: MatchedBy | None
    message_id: MessageId | None
    lead_id: LeadId | None
    done: tuple[str, ...]
    asks: bool


async def mail(tx: Tx, message_id: MessageId) -> ReturnedMail | None:
    """The mail; None when it is none of ours any more."""
    row = await tx.maybe("returned_mail", message_id=message_id)
    return None if row is None else ReturnedMail.model_validate(dict(row))


async def mail_of_ids(tx: Tx, message_ids: Sequence[str]) -> ReturnedMail | None:
    """The mail one of these Message-IDs (without brackets) is of; the first that is ours."""
    wire = [each.partition("@")[0].lower() for each in message_ids]
    found: MessageId | None = await tx.value("mail_of_wire_ids", wire_ids=wire) if wire else None
    return None if found is None else await mail(tx, found)


async def last_mail_of(tx: Tx, lead_id: LeadId, *, at: datetime) -> ReturnedMail | None:
    """The mail the lead got last."""
    found: MessageId | None = await tx.value("mail_a_lead_got_last", lead_id=lead_id, at=at)
    return None if found is None else await mail(tx, found)


async def keep(tx: Tx, came: CameBack) -> UUID | None:
    """Write it down; its id, or None when the same was kept before. Under the lead's lock, if it is about one."""
    return await tx.value("keep_return", return_id=new_id(), **vars(came))


async def done(tx: Tx, return_id: UUID, words: Sequence[str], *, asks: bool) -> None:
    """Note what followed."""
    await tx.run("return_done", return_id=return_id, done=list(words), asks=asks)


async def id_of(tx: Tx, key: str) -> UUID:
    """Of what was kept under that key. Raises NotFound."""
    row = await tx.maybe("return_of_key", key=key)
    if row is None:
        raise NotFound("return", key)
    return row["return_id"]


async def known(tx: Tx, return_id: UUID) -> Known:
    """What was made of it. Raises NotFound."""
    row = await tx.maybe("return_in_short", return_id=return_id)
    if row is None:
        raise NotFound("return", return_id)
    return Known.model_validate(dict(row))


async def read_again(tx: Tx, return_id: UUID, came: CameBack) -> bool:
    """Write what the rules say now, if it is something else than before; whether it is."""
    told = {name: value for name, value in vars(came).items() if name in _READ}
    return await tx.value("read_return_again", return_id=return_id, **told) is not None


async def bounces_before(
    tx: Tx, lead_id: LeadId, address: str | None, reason: Reason, *, return_id: UUID
) -> tuple[Before, ...]:
    """Bounces of this address for the same reason before this one."""
    values = {"lead_id": lead_id, "address": address, "reason": reason, "return_id": return_id}
    return tuple(Before.model_validate(dict(row)) for row in await tx.all("bounces_before", **values))


async def last_life(tx: Tx, lead_id: LeadId, definition: Definition) -> datetime | None:
    """The last proof that somebody reads the lead's mail."""
    responses = [kind for kind, rule in definition.events.items() if rule.response]
    return await tx.value("last_life", lead_id=lead_id, responses=responses)


async def every(
    tx: Tx, *, kind: str | None = None, lead_id: LeadId | None = None, asks_only: bool = False, limit: int = 200
) -> tuple[ReturnRow, ...]:
    """What came back, newest first."""
    rows = await tx.all("returns", kind=kind, lead_id=lead_id, asks_only=asks_only, page_limit=limit)
    return tuple(ReturnRow.model_validate(dict(row)) for row in rows)


async def get(tx: Tx, return_id: UUID) -> WholeReturn:
    """One of them. Raises NotFound."""
    row = await tx.maybe("return_by_id", return_id=return_id)
    if row is None:
        raise NotFound("return", return_id)
    return WholeReturn.model_validate(dict(row))


async def counted(tx: Tx, *, since: datetime) -> tuple[dict[str, object], ...]:
    """How much of each kind and reason came back since: `kind`, `reason`, `returns`, `asking`."""
    return tuple(dict(row) for row in await tx.all("returns_by_kind", since=since))


async def held(tx: Tx, words: str, *, looked_since: datetime, limit: int) -> tuple[ReturnRow, ...]:
    """Mail that made no lead because of `words`: what waits, the oldest first, then what was looked at since."""
    rows = await tx.all("held_mails", held=words, looked_since=looked_since, page_limit=limit)
    return tuple(ReturnRow.model_validate(dict(row)) for row in rows)


async def look_at(tx: Tx, return_id: UUID, *, by: str, why: str, at: datetime) -> None:
    """A person looked at it. Raises NotFound."""
    if await tx.value("look_at_return", return_id=return_id, by=by, why=why, at=at) is None:
        raise NotFound("return", return_id)


async def forget(tx: Tx, *, at: datetime) -> int:
    """Empty what is older than `KEPT_RAW` of what people wrote; how many rows. What was decided stays."""
    return len(await tx.all("forget_returns", before=at - KEPT_RAW, page_limit=PAGE))


def first_address(addresses: Iterable[str | None]) -> str | None:
    """The first that is one."""
    return next((each for each in addresses if each and "@" in each), None)
