"""What do leads answer to our mails? Clicks, opens, a no, an answer: each one transaction through a signed link.

Whoever calls passes the instant: the web its business time, the played world its virtual time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from leadloom.domain.errors import NotFound
from leadloom.domain.intake.visits import BAIT, Hit, Visit, agent_class
from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.mails.links import Purpose, Signer
from leadloom.domain.mails.own_pages import for_reader, opened
from leadloom.domain.mails.preferences import may_track
from leadloom.domain.model import Instant, Json, Value
from leadloom.store import answered, events, leads, permissions, published, standing, visits
from leadloom.store.answered import AnsweredMail
from leadloom.store.db import Db
from leadloom.store.permissions import MARKETING
from leadloom.store.tx import Tx


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


class Asked(Value):
    """A one-question link: which event it records, and whether it has."""

    event: str
    means: str
    answered_at: Instant | None


async def follow_click(reach: Reach, token: str, visit: Visit, *, at: datetime) -> str:
    """Where a link leads; that it was followed is kept, and judged later. Raises BadLink, NotFound."""
    link = reach.signer.read_click(token)
    async with reach.db.transaction() as tx:
        mail = await answered.mail(tx, link.message_id)
        if mail is not None and link.no == BAIT:
            url = f"https://{(await published.book(tx)).definition.company.domain}/"
        else:
            url = _address(mail, link.no)
        if mail is None:
            return url
        is_counted = await _keep(tx, mail, reach.signer, visit, Hit(kind="click", link=link.no, at=at))
    if is_counted:
        return for_reader(url, reach.signer.mail(Purpose.READER, link.message_id))
    return opened(url, reach.signer.asset)


async def note_open(reach: Reach, token: str, visit: Visit, *, at: datetime) -> None:
    """Keep that a mail's picture was fetched: a hint that decides nothing. Raises BadLink."""
    message_id = reach.signer.read_mail(Purpose.OPEN, token)
    async with reach.db.transaction() as tx:
        if (mail := await answered.mail(tx, message_id)) is not None:
            await _keep(tx, mail, reach.signer, visit, Hit(kind="open", at=at))


async def judge_now(reach: Reach, token: str, *, at: datetime) -> None:
    """Judge all visits of a link's mail without waiting for others: where nobody else can come. Raises BadLink."""
    link = reach.signer.read_click(token)
    async with reach.db.transaction() as tx:
        await visits.settle(tx, link.message_id, book=await published.book(tx), at=at, whole=True)


async def _keep(tx: Tx, mail: AnsweredMail, signer: Signer, visit: Visit, hit: Hit) -> bool:
    """Nothing of whoever asked us not to look, and then False; no address of anybody."""
    if not may_track((await leads.get(tx, mail.lead_id)).attributes):
        return False
    kept = hit.model_copy(
        update={
            "method": visit.method,
            "prefetch": visit.prefetch,
            "agent": agent_class(visit.user_agent),
            "network": signer.network_mark(mail.message_id, visit.address),
        }
    )
    await visits.keep(tx, mail, kept)
    return True


async def unsubscribe(reach: Reach, token: str, *, at: datetime) -> None:
    """End marketing mail, at once. Twice is once; a mail or lead that was erased has nothing left to end.

    Raises BadLink.
    """
    message_id = reach.signer.read_mail(Purpose.UNSUBSCRIBE, token)
    async with reach.db.transaction() as tx:
        if (mail := await answered.mail(tx, message_id)) is not None:
            await _stop(tx, mail, at)


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
        event = EventDraft(kind=link.event, at=at, key=key, data=origin(mail) | kept)
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


def origin(mail: AnsweredMail) -> dict[str, Json]:
    """What an event says of the mail it came through."""
    return {"message_id": str(mail.message_id), "journey": mail.journey, "mail": mail.mail}


async def _stop(tx: Tx, mail: AnsweredMail, at: datetime) -> None:
    lead = (await standing.lock(tx, [mail.lead_id]))[mail.lead_id][0]
    silences = await permissions.suppressions_of(tx, lead.email, lead.lead_id)
    if any(silence.purpose == MARKETING and silence.topic is None for silence in silences):
        return
    # No key while there is an address: who came back in between may say no again, through the same link.
    key = f"unsubscribed:{mail.message_id}" if lead.email is None else None
    draft = EventDraft(kind="unsubscribed", at=at, key=key, data=origin(mail))
    await events.record(tx, mail.lead_id, [draft], book=await published.book(tx), at=at)
