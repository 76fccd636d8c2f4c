"""What people do to a running house, and what they can see of it: come in, answer, decide, read their mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import asyncpg

from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.handoffs.deciding import Decided
from leadloom.domain.lead import BasisDraft, BasisKind, EventDraft, LeadDraft
from leadloom.domain.model import EnrolmentId, Json, LeadId
from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.runtime.local.trapped_mail import TrappedMail
from leadloom.runtime.wiring import House
from leadloom.store import answering, attempts, enrolments, events, hand_offs, leads, published, stuck
from leadloom.store.db import Db
from leadloom.store.enrolments import RunRow
from leadloom.store.hand_offs import HandOff
from leadloom.store.stuck import Stuck
from tests.store import acts
from tests.world import draft, happened, permission

OWNERS = "@kelvance.example"


class InHouse(Protocol):
    """As much of a running house as people meet."""

    @property
    def db(self) -> Db: ...

    @property
    def house(self) -> House: ...

    @property
    def trap(self) -> MailTrap: ...

    async def now(self) -> datetime: ...


async def comes(house: InHouse, name: str, *kinds: str, may_market: bool = True, **rest: object) -> LeadId:
    """Somebody new comes in by a form, does these things, and allows mail unless told otherwise."""
    at = await house.now()
    bases: Sequence[BasisDraft] = [permission(BasisKind.EXPRESS, at)] if may_market else []
    return await is_captured(house, draft(name, *(happened(kind, at) for kind in kinds), bases=tuple(bases), **rest))


async def is_captured(house: InHouse, person: LeadDraft) -> LeadId:
    """A draft comes in as a form post does."""
    at = await house.now()
    async with house.db.transaction() as tx:
        book = await published.book(tx)
        return (await leads.capture(tx, person, book=book, at=at, actor="lead")).lead_id


async def does(house: InHouse, lead_id: LeadId, kind: str, **data: Json) -> None:
    """The lead does something."""
    at = await house.now()
    async with house.db.transaction() as tx:
        book = await published.book(tx)
        await events.record(tx, lead_id, [EventDraft(kind=kind, at=at, data=data)], book=book, at=at)


async def tells(house: InHouse, name: str, kind: str, *, email: str | None = None, **attributes: Json) -> None:
    """A lead answers a question of ours, as the page behind a link in a mail records it."""
    at = await house.now()
    known_by = {} if email is None else {"email": email}
    await is_captured(house, draft(name, happened(kind, at), attributes=attributes, **known_by))


async def decides(house: InHouse, lead_id: LeadId, decision: Decision) -> Decided:
    """An owner answers the offer of this lead that is open now."""
    at = await house.now()
    offer = await offer_of(house, lead_id)
    async with house.db.transaction() as tx:
        book = await published.book(tx)
        return await answering.decide(tx, offer.hand_off_id, offer.assignment_no, decision, book=book, at=at)


async def tries(house: InHouse, lead_id: LeadId, by: str, *, reached: bool = False) -> None:
    """A rep calls the lead."""
    at = await house.now()
    offer = await offer_of(house, lead_id)
    made = attempts.Attempt(by=by, via="phone", reached=reached)
    async with house.db.transaction() as tx:
        await attempts.attempt(tx, offer.hand_off_id, made, book=await published.book(tx), at=at)


async def offer_of(house: InHouse, lead_id: LeadId) -> HandOff:
    """The lead's newest hand-off."""
    [*_, row] = await rows(house, "SELECT hand_off_id FROM hand_off WHERE lead_id = $1 ORDER BY opened_at", lead_id)
    async with house.db.read() as tx:
        return await hand_offs.get(tx, row["hand_off_id"])


async def run_of(house: InHouse, lead_id: LeadId, journey: str) -> RunRow:
    """The lead's newest run of a journey."""
    async with house.db.read() as tx:
        return next(run for run in await enrolments.of_lead(tx, lead_id) if run.journey == journey)


async def lets_try_again(house: InHouse, enrolment_id: EnrolmentId) -> None:
    """An operator lets a blocked run try again."""
    async with house.db.transaction() as tx:
        await enrolments.unblock(tx, enrolment_id, at=await house.now())


async def stage_of(house: InHouse, lead_id: LeadId) -> str:
    """Where the lead stands in new business."""
    query = "SELECT stage FROM lead_stage WHERE lead_id = $1 AND track = 'new-business'"
    [row] = await rows(house, query, lead_id)
    return row["stage"]


async def all_stuck(house: InHouse) -> tuple[Stuck, ...]:
    """Everything that waits for nothing, or past its deadline."""
    async with house.db.read() as tx:
        return await stuck.stuck(tx, await house.now(), book=await published.book(tx))


async def rows(house: InHouse, query: str, *values: object) -> list[asyncpg.Record]:
    """What the database says, asked from outside our code."""
    return await acts.rows(house.house.settings.database_url or "", query, *values)


def letters_to(house: InHouse, name: str) -> list[str]:
    """The mails a person of that local part got, in order."""
    return [step_of(mail) for mail in house.trap.mails if mail.recipients[0].split("@")[0] == name]


def notices(house: InHouse) -> list[TrappedMail]:
    """What owners got."""
    return [mail for mail in house.trap.mails if mail.recipients[0].endswith(OWNERS)]


def step_of(mail: TrappedMail) -> str:
    """The step of its journey a mail belongs to."""
    return mail.header("Feedback-ID").split(":")[0]
