"""What do leads answer to our mails? Clicks, opens, a no, an answer: each one transaction through a signed link.

Whoever calls passes the instant: the web its business time, the played world its virtual time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from leadloom.domain.errors import NotFound
from leadloom.domain.intake.visits import BURST, Judged, Visit, judge_click, judge_open
from leadloom.domain.lead import EventDraft, LeadDraft, Verdict
from leadloom.domain.mails.links import Purpose, Signer
from leadloom.domain.mails.preferences import may_track
from leadloom.domain.model import Instant, Json, Value
from leadloom.store import answered, events, leads, permissions, published, standing, uncertain
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


class Followed(Value):
    """Where a tracked link leads, and who followed it."""

    url: str
    verdict: Verdict
    why: str


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
        lead, _ = (await standing.lock(tx, [mail.lead_id]))[mail.lead_id]
        if not may_track(lead.attributes):
            return Followed(url=url, verdict=Verdict.UNSURE, why="they asked us not to look")
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
        if (mail := await answered.mail(tx, message_id)) is not None and may_track(
            (await leads.get(tx, mail.lead_id)).attributes
        ):
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


async def _record(
    tx: Tx, mail: AnsweredMail, kind: str, key: str, judged: Judged, data: dict[str, Json], at: datetime
) -> None:
    told = origin(mail) | data | {"verdict_why": judged.why}
    draft = EventDraft(kind=kind, at=at, key=key, verdict=judged.verdict, data=told)
    await events.record(tx, mail.lead_id, [draft], book=await published.book(tx), at=at)
    if judged.verdict is Verdict.HUMAN:
        why = f"a person did it: {kind.replace('_', ' ')}"
        await uncertain.settle_by_evidence(tx, mail.message_id, by="a visit", why=why, at=at)


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
