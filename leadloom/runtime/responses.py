"""What do leads answer to our mails? Clicks, opens, a no, a yes, an answer: each one transaction through a signed link.

Whoever calls passes the instant: the web its business time, the played world its virtual time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from leadloom.domain.errors import NotFound
from leadloom.domain.intake.visits import BURST, Judged, Visit, judge_click, judge_open
from leadloom.domain.lead import BasisDraft, BasisKind, EventDraft, LeadDraft, Verdict
from leadloom.domain.mails.links import Purpose, Signer
from leadloom.domain.model import Instant, Json, Value
from leadloom.store import answered, events, leads, permissions, published, standing
from leadloom.store.answered import AnsweredMail
from leadloom.store.db import Db
from leadloom.store.permissions import MARKETING
from leadloom.store.tx import Tx

BY_LINK = "mail link"
"""Source of a permission that was given through a link of a mail."""


class Reach(Protocol):
    """What these use cases need of a process: the web's House and the activities' Tools both have it."""

    @property
    def db(self) -> Db:
        """The database."""
        ...

    @property
    def signer(self) -> Signer:
        """Reads the links."""
        ...


class Followed(Value):
    """Where a tracked link leads, and who followed it."""

    url: str
    verdict: Verdict
    why: str


class Preferences(Value):
    """What a lead gets from us."""

    address: str
    """Masked: the link may have been passed on."""
    marketing: bool
    """Whether mail of that purpose is wanted; the definition may ask for more before it goes."""
    unreachable: str | None = None
    """Why no mail at all reaches this address, whatever is chosen."""


class Asked(Value):
    """A one-question link: which event it records, and whether it has."""

    event: str
    means: str
    answered_at: Instant | None


async def read_click(reach: Reach, token: str) -> str:
    """Where a link leads; records nothing. Raises BadLink, NotFound."""
    link = reach.signer.read_click(token)
    async with reach.db.read() as tx:
        return _address(await answered.mail(tx, link.message_id), link.no)


async def follow_click(reach: Reach, token: str, visit: Visit, *, at: datetime) -> Followed:
    """Record who followed a link, once a day per link and verdict. Raises BadLink, NotFound."""
    link = reach.signer.read_click(token)
    async with reach.db.transaction() as tx:
        mail = await answered.mail(tx, link.message_id)
        url = _address(mail, link.no)
        if mail is None:
            raise NotFound("mail", link.message_id)
        # Under the lead's lock, so that the requests of a burst see one another.
        await standing.lock(tx, [mail.lead_id])
        followed = await answered.links_followed(tx, mail, since=at - BURST)
        judged = judge_click(visit, sent_at=mail.sent_at, links=followed | {link.no}, at=at)
        data: dict[str, Json] = {"link": link.no, "to": url}
        # The verdict is part of the key: a gateway that looks first must not hide the reader who comes after.
        key = f"click:{mail.message_id}:{link.no}:{at:%Y-%m-%d}:{judged.verdict}"
        await _record(tx, mail, "link_clicked", key, judged, data, at)
    return Followed(url=url, verdict=judged.verdict, why=judged.why)


async def note_open(reach: Reach, token: str, visit: Visit, *, at: datetime) -> None:
    """Record that a mail's picture was fetched: a hint that decides nothing. Raises BadLink."""
    message_id = reach.signer.read_mail(Purpose.OPEN, token)
    judged = judge_open(visit)
    async with reach.db.transaction() as tx:
        if (mail := await answered.mail(tx, message_id)) is not None:
            key = f"open:{message_id}:{at:%Y-%m-%d}:{judged.verdict}"
            await _record(tx, mail, "mail_opened", key, judged, {}, at)


async def unsubscribe(reach: Reach, token: str, *, at: datetime) -> None:
    """End marketing mail, at once. Twice is once; a mail or lead that was erased has nothing left to end.

    Raises BadLink.
    """
    message_id = reach.signer.read_mail(Purpose.UNSUBSCRIBE, token)
    async with reach.db.transaction() as tx:
        if (mail := await answered.mail(tx, message_id)) is not None:
            await _stop(tx, mail, at)


async def read_preferences(reach: Reach, token: str, *, at: datetime) -> Preferences | None:
    """What the lead gets; None when nothing is left of the mail or the lead. Raises BadLink."""
    message_id = reach.signer.read_mail(Purpose.PREFERENCES, token)
    async with reach.db.read() as tx:
        mail = await answered.mail(tx, message_id)
        return None if mail is None else await _preferences(tx, mail, at)


async def prefer(
    reach: Reach, token: str, *, marketing: bool, wording: str, proof: Mapping[str, Json], at: datetime
) -> Preferences | None:
    """Turn marketing mail on or off; None when nothing is left of the mail or the lead. Raises BadLink.

    A yes through a link that only their mailbox holds is a confirmed one: double opt-in.
    """
    message_id = reach.signer.read_mail(Purpose.PREFERENCES, token)
    async with reach.db.transaction() as tx:
        if (mail := await answered.mail(tx, message_id)) is None:
            return None
        if marketing:
            kept = {**proof, "message_id": str(message_id)}
            yes = BasisDraft(kind=BasisKind.DOUBLE_OPT_IN, source=BY_LINK, wording=wording, at=at, proof=kept)
            await _start(tx, mail, yes)
        else:
            await _stop(tx, mail, at)
        return await _preferences(tx, mail, at)


async def read_answer(reach: Reach, token: str) -> Asked:
    """What a one-question link would record. Raises BadLink, NotFound."""
    link = reach.signer.read_answer(token)
    async with reach.db.read() as tx:
        definition = (await published.book(tx)).definition
        if link.event not in definition.events or (mail := await answered.mail(tx, link.message_id)) is None:
            raise NotFound("question", "behind this link any more")
        at = await answered.answered_at(tx, mail.lead_id, key_start=_answer_key(mail, link.event))
        return Asked(event=link.event, means=definition.events[link.event].means, answered_at=at)


async def answer_question(reach: Reach, token: str, *, told: Mapping[str, str], at: datetime) -> None:
    """Record the answer, and keep what came with it (`told`, such as an audit date) on the lead.

    The same answer twice is one event; another date is another event, because runs that wait for it must hear.
    Raises BadLink, NotFound, BadInput.
    """
    link = reach.signer.read_answer(token)
    kept = dict[str, Json](told)
    async with reach.db.transaction() as tx:
        book = await published.book(tx)
        if (mail := await answered.mail(tx, link.message_id)) is None:
            raise NotFound("question", "behind this link any more")
        key = ":".join([_answer_key(mail, link.event), *told.values()])
        event = EventDraft(kind=link.event, at=at, key=key, data=_origin(mail) | kept)
        lead = await leads.get(tx, mail.lead_id)
        if kept and lead.email is not None:
            draft = LeadDraft(email=lead.email, attributes=kept, events=(event,))
            await leads.capture(tx, draft, book=book, at=at, actor="lead")
        else:
            await events.record(tx, mail.lead_id, [event], book=book, at=at)


def _answer_key(mail: AnsweredMail, event: str) -> str:
    return f"answer:{mail.message_id}:{event}"


def _address(mail: AnsweredMail | None, no: int) -> str:
    """The mail's own list says where a link leads, nothing in the request does (no open redirect)."""
    if mail is None or not 1 <= no <= len(mail.links):
        raise NotFound("page", "behind this link any more")
    url = mail.links[no - 1]
    ours = url.startswith("/") and not url.startswith(("//", "/\\"))
    if not ours and not url.startswith(("https://", "http://")):
        raise NotFound("page", "behind this link")
    return url


async def _record(
    tx: Tx, mail: AnsweredMail, kind: str, key: str, judged: Judged, data: dict[str, Json], at: datetime
) -> None:
    told = _origin(mail) | data | {"verdict_why": judged.why}
    draft = EventDraft(kind=kind, at=at, key=key, verdict=judged.verdict, data=told)
    await events.record(tx, mail.lead_id, [draft], book=await published.book(tx), at=at)


def _origin(mail: AnsweredMail) -> dict[str, Json]:
    return {"message_id": str(mail.message_id), "journey": mail.journey, "mail": mail.mail}


async def _stop(tx: Tx, mail: AnsweredMail, at: datetime) -> None:
    lead = (await standing.lock(tx, [mail.lead_id]))[mail.lead_id][0]
    silences = await permissions.suppressions_of(tx, lead.email) if lead.email else ()
    if any(silence.purpose == MARKETING for silence in silences):
        return
    # No key while there is an address: who came back in between may say no again, through the same link.
    key = f"unsubscribed:{mail.message_id}" if lead.email is None else None
    draft = EventDraft(kind="unsubscribed", at=at, key=key, data=_origin(mail))
    await events.record(tx, mail.lead_id, [draft], book=await published.book(tx), at=at)


async def _start(tx: Tx, mail: AnsweredMail, yes: BasisDraft) -> None:
    """Granting lifts the no they said before; a bounce or a complaint stands."""
    await standing.lock(tx, [mail.lead_id])
    held = await permissions.of_lead(tx, mail.lead_id)
    if not any(basis.kind is yes.kind and basis.purpose == yes.purpose and basis.holds(yes.at) for basis in held):
        await permissions.grant(tx, mail.lead_id, [yes])


async def _preferences(tx: Tx, mail: AnsweredMail, at: datetime) -> Preferences:
    lead = await leads.get(tx, mail.lead_id)
    silences = await permissions.suppressions_of(tx, lead.email) if lead.email else ()
    held = await permissions.of_lead(tx, mail.lead_id)
    allowed = any(basis.purpose == MARKETING and basis.channel == "mail" and basis.holds(at) for basis in held)
    return Preferences(
        address=_masked(lead.email),
        marketing=allowed and not any(silence.purpose == MARKETING for silence in silences),
        unreachable=next((silence.reason for silence in silences if silence.purpose is None), None),
    )


def _masked(email: str | None) -> str:
    """Enough for its owner to know it by: `a•••@alder.example`."""
    local, _, domain = (email or "").rpartition("@")
    return f"{local[:1]}•••@{domain}" if domain else "an address we no longer know"
