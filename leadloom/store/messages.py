"""Which mail goes, once? A row for each send: asked for, claimed, marked before the dot, settled (law 6)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

from leadloom.domain.definitions.delivery_policy import MAIN, Provider
from leadloom.domain.mails.abreast import Limit
from leadloom.domain.mails.outcome import Deferred, Refused, Released, SendOutcome, Sent, Uncertain
from leadloom.domain.mails.retries import GIVEN_UP_AFTER
from leadloom.domain.mails.sending import Refusal, SendFacts, Veto, may_send
from leadloom.domain.model import EnrolmentId, HandOffId, Instant, Json, LeadId, MessageId, OwnerId, Value
from leadloom.domain.wake import hand_off_looks
from leadloom.store import calendars, fence, lanes, paces
from leadloom.store.paces import Way
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

O = TypeVar("O", Sent, Refused, Deferred, Uncertain, Released)  # noqa: E741  the O of outcome, one of these five


_APART = 16
"""Mails that go one after the other are written so many rows apart: a group of marks then finds each on a page of its
own, with room for its next version there (HOT). Side by side a quarter of the marks moved on to other pages."""
LATE_FROM = timedelta(minutes=1)
"""Less than so much behind its slot, nothing is late: lanes wake and relays answer in moments."""


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
    relays: tuple[str, ...] = (MAIN,)
    """Names of the relays this worker can reach."""


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
    relay: str
    """Over which relay it goes."""
    to_domain: str | None
    """Where the lead's mailbox is; None for owners."""
    provider: Provider
    """Who takes it in; `others` for owners: nobody's mass mail goes there."""
    host: str
    """Whose machines take it in (`mail_hosts`); empty for owners."""
    limit: Limit | None
    """How many may be on their way to that host at once."""


class ClaimedPage(NamedTuple):
    """What a claim brought."""

    mails: list[ClaimedMessage]
    kept: int
    """Mails that were due and wait for their turn: the lane looks on."""


class Written(NamedTuple):
    """What a mail was made of: enough to make the same bytes again."""

    values: str
    """Its MailValues, as JSON."""
    links: tuple[str, ...]
    wire_id: str | None = None
    """What stands before the @ of its Message-ID."""


async def due_page(tx: Tx, order: ClaimOrder, *, book: Book, at: datetime) -> ClaimedPage:
    """The lane's next page, held for `claim`: priority first, then journeys by turns. What may not go is settled here.

    What a rate, a warm-up or a resting relay keeps back is put where it may go, and is no part of the page.

    Raises Fenced after a restore. A crash loses nothing: a claim before the dot is free again after its lease.
    """
    await fence.check(tx, epoch=order.epoch)
    await tx.run("plan_pages_once")
    ids = await _due(tx, order, book=book, at=at)
    if not ids:
        return ClaimedPage([], 0)
    rows = await tx.all("claim_details", message_ids=ids)
    refused = _refusals(rows, await vetoes(tx, ids, at=at), at)
    if refused:
        await tx.many(
            "refuse_claim",
            [{"message_id": key, "status": no.becomes, "reason": no.words, "at": at} for key, no in refused.items()],
        )
    free = [row for row in rows if row["message_id"] not in refused]
    page = await paces.part(tx, free, known=order.relays, definition=book.definition, at=at)
    mine = [_claimed(row, order, way) for row in free if (way := page.ways.get(row["message_id"]))]
    return ClaimedPage(mine, page.kept)


async def claim(
    tx: Tx, order: ClaimOrder, mails: Sequence[ClaimedMessage], written: Mapping[MessageId, Written]
) -> None:
    """Write down that this claim has these mails, and what those are made of that weren't written before.

    In the transaction in which `due_page` held them.
    """
    if not mails:
        return
    mails = [mail for first in range(_APART) for mail in mails[first::_APART]]
    kept = [written.get(mail.message_id) for mail in mails]
    links = {each: no for no, each in enumerate(dict.fromkeys(one.links for one in kept if one), start=1)}
    await tx.run(
        "claim_messages",
        message_ids=[mail.message_id for mail in mails],
        relays=[mail.relay for mail in mails],
        values=[one and one.values for one in kept],
        wire_ids=[one and one.wire_id for one in kept],
        links=[json.dumps(each) for each in links],
        links_nos=[one and links[one.links] for one in kept],
        claim=order.claim,
        epoch=order.epoch,
        wall_at=order.wall_at,
    )


def _claimed(row: Record, order: ClaimOrder, way: Way) -> ClaimedMessage:
    words: dict[str, object] = dict(row.items())
    del words["paced_at"]
    provider, host = way.taken_in_by
    words.update(
        claim=order.claim, thread=tuple(row["thread"]), relay=way.relay, provider=provider, host=host, limit=way.limit
    )
    return ClaimedMessage.built(**words)


async def _due(tx: Tx, order: ClaimOrder, *, book: Book, at: datetime) -> list[MessageId]:
    """The next page, held. What waited too long is planned anew first, and is among it only if it may go now."""
    asked = {"at": at, "late_before": at - calendars.LATE}
    before = await tx.maybe("unpark_lane", lane=order.lane, at=at)
    page = await tx.all("due_messages", lane=order.lane, page_limit=order.limit, **asked)
    if not page or before is None:
        return []
    if late := [row for row in page if row["is_late"]]:
        # Its window may be over, its caps may be full. Leads first: whoever plans holds them before their mails.
        who = await calendars.hold_free(tx, [row["lead_id"] for row in late])
        mine = [row["message_id"] for row in late if row["lead_id"] in who]
        await tx.run("note_late", message_ids=mine, **before)
        await tx.run("forget_kept", message_ids=mine)
        await calendars.replan_all(tx, dict.fromkeys(who, at), who=who, book=book)
    held = {
        row["message_id"] for row in await tx.all("lock_due", message_ids=[row["message_id"] for row in page], **asked)
    }
    behind = [row["message_id"] for row in page if row["slot_at"] < at - LATE_FROM and row["message_id"] in held]
    if behind:
        await tx.run("note_late", message_ids=behind, **before)
    return list(held)


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
        if row["message_id"] not in against and row["slot_at"] <= at < row["deadline"]:
            continue  # nearly all of a page
        facts = SendFacts(
            mail_class=row["mail_class"],
            vetoes=against.get(row["message_id"], ()),
            deadline=row["deadline"],
            slot_at=row["slot_at"],
        )
        if (refusal := may_send(facts, at)) is not None:
            refused[row["message_id"]] = refusal
    return refused


class Mark(NamedTuple):
    """A mail that is about to be ended with its dot."""

    message_id: MessageId
    claim: UUID
    """The claim it goes by."""
    after: MessageId | None = None
    """The mail whose outcome must be written before, or with it."""


class Told(NamedTuple):
    """What was written."""

    settled: set[MessageId]
    marked: set[MessageId]


async def mark_at_dot(tx: Tx, pairs: Sequence[tuple[MessageId, UUID]], *, at: datetime) -> set[MessageId]:
    """The durable mark before the final dot, for (message, claim) pairs. What is missing in the answer must be RSET.

    One conditional statement: a mail whose claim was lost, or that anything vetoes by now, is not marked.
    """
    told = await settle_and_mark(tx, [], [Mark(message_id, claim) for message_id, claim in pairs], at=at)
    return told.marked


async def settle_and_mark(tx: Tx, sent: Sequence[Sent], marks: Sequence[Mark], *, at: datetime) -> Told:
    """Write that mails went, and mark others, in one statement, so that it may be its own transaction.

    Settles what went near its slot: that moves nobody's calendar, so nobody is locked or asked. What it doesn't settle,
    and marks that come after such a one, are for `settle` and `mark_at_dot`. Other marks that are missing were refused.
    """
    rows = await tx.all(
        "settle_and_mark",
        **_keys(sent),
        replies=[each.reply for each in sent],
        late_before=at - calendars.LATE,
        marks=[mark.message_id for mark in marks],
        mark_claims=[mark.claim for mark in marks],
        afters=[mark.after for mark in marks],
        at=at,
    )
    told = Told(set(), set())
    for row in rows:
        (told.marked if row["is_mark"] else told.settled).add(row["message_id"])
    return told


async def settle(tx: Tx, outcomes: Sequence[SendOutcome], *, book: Book, at: datetime) -> set[MessageId]:
    """Write how sends ended; answers which rows were still held by their claim. Twice changes nothing.

    A mail that went late, or was deferred, moves the rest of its lead's calendar. A refusal is
    weighed as a bounce that comes back is (`refusals`): only one that says the address is dead ends mail to it.
    """
    sent = _of(Sent, outcomes)
    on_time = (await settle_and_mark(tx, sent, [], at=at)).settled if sent else set[MessageId]()
    rest = [outcome for outcome in outcomes if outcome.message_id not in on_time]
    return on_time | await _settle_rest(tx, rest, book=book, at=at) if rest else on_time


async def _settle_rest(tx: Tx, outcomes: Sequence[SendOutcome], *, book: Book, at: datetime) -> set[MessageId]:
    rows = await tx.all("outcome_places", message_ids=[outcome.message_id for outcome in outcomes])
    places = {row["message_id"]: row for row in rows}
    moved = _calendars_moved(outcomes, places, at)
    refused = _refused(outcomes, places)
    who = await calendars.locked_all(tx, moved | {lead_id for _, lead_id in refused})
    await lanes.hold(tx, {row["lane"] for row in places.values()})
    settled = await _write_outcomes(tx, outcomes, at)
    await _nudge_due_again(tx, outcomes, places, at)
    doubtful = {outcome.message_id for outcome in outcomes if isinstance(outcome, Uncertain | Refused)}
    _tell_hand_offs(tx, [places[each]["hand_off_id"] for each in doubtful & settled])
    if moved:
        await calendars.replan_all(tx, dict.fromkeys(moved, at), who=who, book=book)
    if refused:
        # Imported here: what follows from a refusal may plan mail, so the two need each other.
        from leadloom.store import refusals

        ended = [each for each in refused if each[0].message_id in settled]
        await refusals.take(tx, ended, who=who, book=book, at=at)
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


def _refused(outcomes: Iterable[SendOutcome], places: Mapping[MessageId, Record]) -> list[tuple[Refused, LeadId]]:
    """Refusals of mail to leads: a notice to an owner says nothing about the lead."""
    return [
        (outcome, row["lead_id"])
        for outcome in outcomes
        if isinstance(outcome, Refused) and (row := places.get(outcome.message_id)) and row["owner_id"] is None
    ]


async def _write_outcomes(tx: Tx, outcomes: Sequence[SendOutcome], at: datetime) -> set[MessageId]:
    settled: set[MessageId] = set()

    async def write(query: str, ended: Sequence[SendOutcome], **values: object) -> None:
        if ended:
            settled.update(row["message_id"] for row in await tx.all(query, **_keys(ended), **values))

    sent, refused = _of(Sent, outcomes), _of(Refused, outcomes)
    deferred, lost = _of(Deferred, outcomes), _of(Uncertain, outcomes)
    await write("settle_sent", sent, replies=[each.reply for each in sent], at=at)
    reasons = [f"the relay refused it: {each.code}" for each in refused]
    await write("settle_refused", refused, replies=[each.reply for each in refused], reasons=reasons, at=at)
    untils = [each.until for each in deferred]
    words = [each.reply for each in deferred]
    since = [at if each.by_relay else None for each in deferred]
    give_up = [at + GIVEN_UP_AFTER if each.by_relay else None for each in deferred]
    await write("settle_deferred", deferred, replies=words, untils=untils, sinces=since, give_ups=give_up)
    await write("settle_lost", lost, replies=[each.reply for each in lost])
    await write("settle_released", _of(Released, outcomes))
    return settled


def _tell_hand_offs(tx: Tx, hand_off_ids: Iterable[HandOffId | None]) -> None:
    """Their owners' notice may not have arrived: each looks whether its reminder must come early."""
    for hand_off_id in hand_off_ids:
        if hand_off_id is not None:
            tx.look_again(hand_off_looks(hand_off_id))


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


async def release_stale_claims(tx: Tx, *, wall_before: datetime, at: datetime) -> int:
    """Repair: claims older than a lease (wall time) were surely not sent; they are due again. Answers how many."""
    stale = await tx.all("stale_claims", wall_before=wall_before)
    await lanes.hold(tx, [row["lane"] for row in stale])
    released = await tx.all("release_stale_claims", wall_before=wall_before)
    await lanes.nudge(tx, {row["lane"]: at for row in released})
    return len(released)


async def mark_lost_uncertain(tx: Tx, *, wall_before: datetime) -> int:
    """Repair: rows left at the dot longer than the relay is waited for (wall time) are uncertain. Answers how many."""
    lost = await tx.all("mark_lost_uncertain", wall_before=wall_before)
    await tx.run("forget_claims", wall_before=wall_before)
    _tell_hand_offs(tx, [row["hand_off_id"] for row in lost])
    return len(lost)
