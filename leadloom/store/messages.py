"""Which mail goes, once? A row for each send: asked for, claimed, marked before the dot, settled (law 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from leadloom.domain.definition import Definition
from leadloom.domain.errors import Permanent
from leadloom.domain.facts import SentMail
from leadloom.domain.lead import Account, EventDraft, Lead
from leadloom.domain.model import EnrolmentId, HandOffId, Instant, Json, LeadId, MessageId, OwnerId, Value
from leadloom.domain.outcome import Deferred, Refused, Released, SendOutcome, Sent, Uncertain, dead_address
from leadloom.domain.scoring import country_of
from leadloom.domain.sending import MARKETING, Refusal, SendFacts, Veto, may_send, needed_basis
from leadloom.store import calendars, events, lanes, published
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

JITTER = timedelta(minutes=20)
"""Windowed mails that would all go at an edge are spread over this long."""

O = TypeVar("O", Sent, Refused, Deferred, Uncertain, Released)  # noqa: E741  the O of outcome, one of these five


class Fenced(Permanent):
    """The database was restored since this worker started: its epoch is not the fence's."""


class MessageOrder(Value):
    """A mail somebody asks for. Its key is (run or hand-off, step, visit)."""

    lead_id: LeadId
    """Whom it is about; who gets it, too, unless `owner_id` says otherwise."""
    owner_id: OwnerId | None = None
    """The owner who gets it."""
    enrolment_id: EnrolmentId | None = None
    hand_off_id: HandOffId | None = None
    step: str
    visit: int
    journey: str
    """Folder of the template; `hand-off` for owner notices."""
    mail: str
    mail_class: str
    sender: str
    """Handle of who signs."""
    worth: timedelta

    @property
    def message_id(self) -> MessageId:
        """Made of the key, so that asking twice can only mean the same row."""
        key = f"leadloom:mail/{self.enrolment_id or self.hand_off_id}/{self.step}/{self.visit}"
        return MessageId(uuid5(NAMESPACE_URL, key))


class ClaimOrder(Value):
    """A lane's wish for its next page."""

    lane: str
    claim: UUID
    """New for each page; who doesn't hold it marks and settles nothing."""
    epoch: int
    """The restore epoch this worker was started for."""
    limit: int
    wall_at: Instant
    """Wall time: it fences dead workers and is never compared with business time."""


class ClaimedMessage(Value):
    """A mail this claim may send, with everything needed to write it."""

    message_id: MessageId
    claim: UUID
    enrolment_id: EnrolmentId | None
    hand_off_id: HandOffId | None
    lead_id: LeadId | None
    owner_id: OwnerId | None
    journey: str
    step: str
    visit: int
    mail: str
    template_hash: str
    mail_class: str
    sender: str
    purpose: str
    priority: int
    tries: int
    asked_at: Instant
    slot_at: Instant
    deadline: Instant
    values: dict[str, Json] | None
    """What an earlier try was made of; None for the first."""
    thread: tuple[MessageId, ...]
    """What the run has sent before to the same reader, oldest first."""


class Written(Value):
    """What a mail was made of: enough to make the same bytes again."""

    message_id: MessageId
    claim: UUID
    values: dict[str, Json]
    links: tuple[str, ...]


async def ask(tx: Tx, order: MessageOrder, *, book: Book, at: datetime) -> SentMail:
    """Plan a mail. The second time with the same key answers the row of the first and changes nothing."""
    lead, account = await calendars.locked(tx, order.lead_id)
    known = await tx.maybe("sent_mail", message_id=order.message_id)
    if known is None:
        await _insert(tx, order, (lead, account), definition=book.definition, at=at)
        if order.owner_id is None:
            await calendars.replan(tx, order.lead_id, book=book, at=at)
        known = await tx.one("sent_mail", message_id=order.message_id)
    return SentMail(**known)


async def _insert(
    tx: Tx, order: MessageOrder, who: tuple[Lead, Account | None], *, definition: Definition, at: datetime
) -> None:
    lead, account = who
    policy = definition.mail.classes[order.mail_class]
    basis = None if order.owner_id else needed_basis(definition, order.mail_class, country_of(lead, account))
    lane = lanes.lane_of(order.owner_id or order.lead_id)
    await lanes.ensure(tx, lane)
    await lanes.hold(tx, [lane])
    await tx.run(
        "insert_message",
        **order.model_dump(exclude={"journey", "worth"}),
        message_id=order.message_id,
        account_id=None if order.owner_id else lead.account_id,
        template_hash=await published.template_hash(tx, order.journey, order.mail),
        purpose=MARKETING if policy.basis else order.mail_class,
        needs_basis=basis,
        lane=lane,
        priority=policy.priority,
        at=at,
        deadline=at + order.worth,
        jitter_s=order.message_id.int % int(JITTER.total_seconds()) if policy.windowed else 0,
    )
    if order.owner_id is not None:
        # No caps and no window: an owner's notice goes at once, whatever the lead's calendar says.
        await lanes.nudge(tx, {lane: at})


async def of_run(tx: Tx, enrolment_id: EnrolmentId) -> tuple[SentMail, ...]:
    """The lead's mails of a run, in the order they were planned."""
    return tuple(SentMail(**row) for row in await tx.all("mails_of_run", enrolment_id=enrolment_id))


async def claim_page(tx: Tx, order: ClaimOrder, *, book: Book, at: datetime) -> list[ClaimedMessage]:
    """Claim the lane's next page: priority first, then journeys by turns. What may not go is settled here, with why.

    Raises Fenced after a restore. A crash loses nothing: a claim before the dot is free again after its lease.
    """
    if order.epoch != await tx.value("fence_epoch"):
        raise Fenced("The database was restored. Restart the workers with the fence's epoch (mail fence advance).")
    await tx.run("unpark_lane", lane=order.lane)
    await calendars.replan_late(tx, order.lane, limit=order.limit, book=book, at=at)
    due = await tx.all("due_messages", lane=order.lane, at=at, page_limit=order.limit)
    ids: list[MessageId] = [row["message_id"] for row in due]
    rows = await tx.all("claim_details", message_ids=ids)
    refused = _refusals(rows, await vetoes(tx, ids, at=at), at)
    await tx.many(
        "refuse_claim",
        [{"message_id": key, "status": no.becomes, "reason": no.words, "at": at} for key, no in refused.items()],
    )
    mine = [row for row in rows if row["message_id"] not in refused]
    await tx.run(
        "claim_messages",
        message_ids=[row["message_id"] for row in mine],
        claim=order.claim,
        epoch=order.epoch,
        wall_at=order.wall_at,
    )
    return [ClaimedMessage(claim=order.claim, **row) for row in mine]


async def vetoes(tx: Tx, message_ids: Sequence[MessageId], *, at: datetime) -> dict[MessageId, tuple[Veto, ...]]:
    """What stands against these mails now; a mail nothing stands against is missing."""
    found: dict[MessageId, tuple[Veto, ...]] = {}
    for row in await tx.all("vetoes_of", message_ids=message_ids, at=at):
        veto = Veto(code=row["code"], detail=row["detail"])
        found[row["message_id"]] = (*found.get(row["message_id"], ()), veto)
    return found


async def veto_words(tx: Tx, message_ids: Sequence[MessageId], *, at: datetime) -> dict[MessageId, str]:
    """The same in words, for logs and pages."""
    found = await vetoes(tx, message_ids, at=at)
    return {message_id: "; ".join(f"{veto.code}: {veto.detail}" for veto in said) for message_id, said in found.items()}


def _refusals(
    rows: Iterable[Record], against: Mapping[MessageId, tuple[Veto, ...]], at: datetime
) -> dict[MessageId, Refusal]:
    refused: dict[MessageId, Refusal] = {}
    for row in rows:
        facts = SendFacts(
            mail_class=row["mail_class"],
            vetoes=against.get(row["message_id"], ()),
            deadline=row["deadline"],
            slot_at=row["slot_at"],
        )
        if (refusal := may_send(facts, at)) is not None:
            refused[row["message_id"]] = refusal
    return refused


async def keep_written(tx: Tx, written: Iterable[Written]) -> None:
    """Keep what claimed mails are made of, before they go."""
    await tx.many("keep_values", [{**each.model_dump(), "links": list(each.links)} for each in written])


async def mark_at_dot(tx: Tx, pairs: Sequence[tuple[MessageId, UUID]], *, at: datetime) -> set[MessageId]:
    """The durable mark before the final dot, for (message, claim) pairs. What is missing in the answer must be RSET.

    One conditional statement: a mail whose claim was lost, or that anything vetoes by now, is not marked.
    """
    message_ids, claims = [message_id for message_id, _ in pairs], [claim for _, claim in pairs]
    marked = await tx.all("mark_at_dot", message_ids=message_ids, claims=claims, at=at)
    return {row["message_id"] for row in marked}


async def settle(tx: Tx, outcomes: Sequence[SendOutcome], *, book: Book, at: datetime) -> set[MessageId]:
    """Write how sends ended; answers which rows were still held by their claim. Twice changes nothing.

    A mail that went late, or was deferred, moves the rest of its lead's calendar. A refusal that says the address is
    dead is recorded as the event `bounced`; any other refusal says nothing about the address.
    """
    rows = await tx.all("outcome_places", message_ids=[outcome.message_id for outcome in outcomes])
    places = {row["message_id"]: row for row in rows}
    moved = _calendars_moved(outcomes, places, at)
    dead = _dead(outcomes, places)
    await calendars.lock(tx, moved | {lead_id for lead_id, _ in dead.values()})
    await lanes.hold(tx, {row["lane"] for row in places.values()})
    settled = await _write_outcomes(tx, outcomes, at)
    await _nudge_due_again(tx, outcomes, places, at)
    for lead_id in sorted(moved):
        await calendars.replan(tx, lead_id, book=book, at=at)
    for message_id, (lead_id, why) in dead.items():
        if message_id in settled:
            await _bounced(tx, message_id, lead_id, why, book=book, at=at)
    return settled


def _calendars_moved(outcomes: Iterable[SendOutcome], places: Mapping[MessageId, Record], at: datetime) -> set[LeadId]:
    moved: set[LeadId] = set()
    for outcome in outcomes:
        row = places.get(outcome.message_id)
        if row is None or row["owner_id"] is not None:
            continue
        late = isinstance(outcome, Sent) and at - row["slot_at"] > calendars.LATE
        if late or isinstance(outcome, Deferred):
            moved.add(row["lead_id"])
    return moved


def _dead(outcomes: Iterable[SendOutcome], places: Mapping[MessageId, Record]) -> dict[MessageId, tuple[LeadId, str]]:
    dead: dict[MessageId, tuple[LeadId, str]] = {}
    for outcome in outcomes:
        row = places.get(outcome.message_id)
        if row is None or row["owner_id"] is not None or not isinstance(outcome, Refused):
            continue
        if (why := dead_address(outcome.code, outcome.reply)) is not None:
            dead[outcome.message_id] = (row["lead_id"], why)
    return dead


async def _write_outcomes(tx: Tx, outcomes: Sequence[SendOutcome], at: datetime) -> set[MessageId]:
    sent, refused = _of(Sent, outcomes), _of(Refused, outcomes)
    deferred, lost, released = _of(Deferred, outcomes), _of(Uncertain, outcomes), _of(Released, outcomes)
    answers = [
        await tx.all("settle_sent", **_keys(sent), replies=[each.reply for each in sent], at=at),
        await tx.all(
            "settle_refused",
            **_keys(refused),
            replies=[each.reply for each in refused],
            reasons=[f"the relay refused it: {each.code}" for each in refused],
            at=at,
        ),
        await tx.all(
            "settle_deferred",
            **_keys(deferred),
            replies=[each.reply for each in deferred],
            untils=[each.until for each in deferred],
        ),
        await tx.all("settle_lost", **_keys(lost), replies=[each.reply for each in lost]),
        await tx.all("settle_released", **_keys(released)),
    ]
    return {row["message_id"] for rows in answers for row in rows}


def _of(kind: type[O], outcomes: Iterable[SendOutcome]) -> list[O]:
    return [outcome for outcome in outcomes if isinstance(outcome, kind)]


def _keys(outcomes: Sequence[SendOutcome]) -> dict[str, object]:
    return {"message_ids": [each.message_id for each in outcomes], "claims": [each.claim for each in outcomes]}


async def _nudge_due_again(
    tx: Tx, outcomes: Iterable[SendOutcome], places: Mapping[MessageId, Record], at: datetime
) -> None:
    # The lane is awake while it drains; it is asleep when a worker believed dead settles after all.
    again: dict[str, datetime] = {}
    for outcome in outcomes:
        if isinstance(outcome, Deferred | Released) and outcome.message_id in places:
            lane = places[outcome.message_id]["lane"]
            due = outcome.until if isinstance(outcome, Deferred) else at
            again[lane] = min(due, again.get(lane, due))
    await lanes.nudge(tx, again)


async def _bounced(tx: Tx, message_id: MessageId, lead_id: LeadId, why: str, *, book: Book, at: datetime) -> None:
    draft = EventDraft(
        kind="bounced",
        at=at,
        key=f"bounced:{message_id}",
        actor="system",
        data={"message_id": str(message_id), "reason": why},
    )
    await events.record(tx, lead_id, [draft], book=book, at=at)


async def release_stale_claims(tx: Tx, *, wall_before: datetime, at: datetime) -> int:
    """Repair: claims older than a lease (wall time) were surely not sent; they are due again. Answers how many."""
    stale = await tx.all("stale_claims", wall_before=wall_before)
    await lanes.hold(tx, [row["lane"] for row in stale])
    released = await tx.all("release_stale_claims", wall_before=wall_before)
    await lanes.nudge(tx, {row["lane"]: at for row in released})
    return len(released)


async def mark_lost_uncertain(tx: Tx, *, wall_before: datetime) -> int:
    """Repair: rows left at the dot longer than the relay is waited for (wall time) are uncertain. Answers how many."""
    return len(await tx.all("mark_lost_uncertain", wall_before=wall_before))


async def advance_fence(tx: Tx) -> int:
    """After a restore: shut out every worker and claim of before. Answers the new epoch."""
    return await tx.value("advance_fence")
