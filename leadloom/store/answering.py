"""What did somebody answer to an offer, and what follows from it? One compare-and-set decides, one may take it back.

An answer given with `undo_for` stands on the row with the instant on which it becomes final. Until then nothing follows
from it, so there is never half a decision to be undone; nobody else can answer, and no clock acts. Then one transaction
does all that follows, as of the instant it was given (decision 0051).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import Conflict, Permanent
from leadloom.domain.handoffs.answers import Answer, Decision
from leadloom.domain.handoffs.deciding import Decided
from leadloom.domain.handoffs.deciding import decide as mean
from leadloom.domain.handoffs.hand_off import name_of
from leadloom.domain.model import HandOffId, LeadId
from leadloom.domain.stages.stage_walk import OpenHandOff
from leadloom.store import audit, calendars, events, hand_offs, owners, pools, support
from leadloom.store.hand_offs import HandOff
from leadloom.store.published import Book
from leadloom.store.tx import Tx

AT_ONCE = timedelta()


async def decide(
    tx: Tx,
    hand_off_id: HandOffId,
    assignment_no: int,
    decision: Decision,
    *,
    undo_for: timedelta = AT_ONCE,
    book: Book,
    at: datetime,
) -> Decided:
    """Accept, reject or recycle what is offered under this number. The first of several wins.

    With `undo_for` it can be taken back so long, and what it means follows then. Raises Conflict naming who won, when
    and how; BadInput when the chip asks for more; NotFound.
    """
    now = await _standing(tx, hand_off_id, book=book, at=at)
    if now.state != "offered" or now.assignment_no != assignment_no:
        raise Conflict(_who_won(book.definition, now, assignment_no))
    return await _answer(tx, now, decision, undo_for, book=book, at=at)


async def give_back(
    tx: Tx, hand_off_id: HandOffId, decision: Decision, *, undo_for: timedelta = AT_ONCE, book: Book, at: datetime
) -> Decided:
    """Reject or recycle a lead that was accepted. Apart from `decide`, so that who answers an offer too late can't
    undo somebody's acceptance. Raises Conflict, BadInput, NotFound.
    """
    now = await _standing(tx, hand_off_id, book=book, at=at)
    if now.state != "accepted" or now.closed_at is not None:
        raise Conflict(_who_won(book.definition, now, now.assignment_no))
    return await _answer(tx, now, decision, undo_for, book=book, at=at)


async def undo(tx: Tx, hand_off_id: HandOffId, by: str, *, book: Book, at: datetime) -> HandOff:
    """Take an answer back before it is final: the clocks run as if it had never been given.

    Raises Conflict when there is none, it is final, or somebody else gave it; NotFound.
    """
    now = await _standing(tx, hand_off_id, book=book, at=at)
    if now.answer is None or await tx.maybe("take_back_answer", hand_off_id=hand_off_id, by=by, at=at) is None:
        raise Conflict(_why_not_back(book.definition, now))
    note = audit.Note(
        at=at,
        actor=by,
        action="took back an answer",
        subject=f"hand-off {hand_off_id}",
        before={
            "answer": now.answer.decision.kind,
            "reason": now.answer.decision.reason,
            "at": now.answer.at.isoformat(),
        },
        why=f"within {(now.answer.final_at - now.answer.at).total_seconds():.0f} s",
    )
    await audit.note(tx, note)
    await hand_offs.go_on(tx, hand_off_id, book=book, at=at)
    hand_offs.looks_again(tx, hand_off_id)
    return await hand_offs.get(tx, hand_off_id)


async def settle(tx: Tx, hand_off_id: HandOffId, by: str, *, book: Book, at: datetime) -> HandOff:
    """Whoever works on means what they answered: theirs is final now, and whose time is over, too. Twice is once."""
    now = await _standing(tx, hand_off_id, book=book, at=at)
    if now.answer is not None and now.answer.decision.by == by:
        await conclude(tx, now, book=book, at=at)
        now = await hand_offs.get(tx, hand_off_id)
    return now


async def conclude(tx: Tx, now: HandOff, *, book: Book, at: datetime) -> None:
    """Let an answer have its consequences; for whoever holds the hand-off. What a definition published meanwhile makes
    impossible is dropped whole, with a note: the offer stands and its clock runs.
    """
    answer = now.answer
    if answer is None:
        return
    await tx.run("clear_answer", hand_off_id=now.hand_off_id)
    try:
        decided = await _meaning(tx, now, answer.decision, book=book, at=answer.at)
    except Permanent as refusal:
        note = audit.Note(
            at=at, actor="system", action="dropped an answer", subject=f"hand-off {now.hand_off_id}", why=str(refusal)
        )
        await audit.note(tx, note)
        return
    await _follow(tx, now, answer.decision, decided, book=book, decided_at=answer.at, at=at)


async def _standing(tx: Tx, hand_off_id: HandOffId, *, book: Book, at: datetime) -> HandOff:
    """Hold it, and read it. An answer whose time is over gets its consequences first: its timer may be late."""
    await hand_offs.hold(tx, hand_off_id)
    now = await hand_offs.get(tx, hand_off_id)
    if now.answer is None or at < now.answer.final_at:
        return now
    await conclude(tx, now, book=book, at=at)
    return await hand_offs.get(tx, hand_off_id)


async def _answer(
    tx: Tx, now: HandOff, decision: Decision, undo_for: timedelta, *, book: Book, at: datetime
) -> Decided:
    if now.answer is not None:
        raise Conflict(_just_answered(book.definition, now.answer))
    decided = await _meaning(tx, now, decision, book=book, at=at)
    if undo_for > AT_ONCE:
        answer = Answer(decision=decision, at=at, final_at=at + undo_for)
        await tx.run(
            "hold_answer",
            hand_off_id=now.hand_off_id,
            answer=answer.model_dump(mode="json"),
            final_at=answer.final_at,
            waiting_for=f"{name_of(book.definition, decision.by)}'s answer to be final",
        )
    else:
        await _follow(tx, now, decision, decided, book=book, decided_at=at, at=at)
    hand_offs.looks_again(tx, now.hand_off_id)
    return decided


async def _meaning(tx: Tx, now: HandOff, decision: Decision, *, book: Book, at: datetime) -> Decided:
    """Raises Conflict, BadInput; nothing is written before it answers."""
    tries: int = await tx.value("tries_made", lead_id=now.lead_id, since=now.opened_at)
    there = await hand_offs.there(tx, now.hand_off_id, book)
    return mean(there, now.state_now(), decision, tries, at)


async def _follow(
    tx: Tx, now: HandOff, decision: Decision, decided: Decided, *, book: Book, decided_at: datetime, at: datetime
) -> None:
    await _write(tx, now, decision, decided, book=book, at=decided_at)
    await _tell_leads(tx, now, decided, book=book, at=at)
    await _note(tx, now, decision, decided, decided_at)
    if decided.state != "accepted":
        counted = None if now.level else decided.reason
        await pools.given_back(tx, now.pool, now.owner, reason=counted, definition=book.definition)
        await calendars.release_holds(tx, now.lead_id, book=book, at=at)
    await support.tell(tx, await hand_offs.get(tx, now.hand_off_id), book=book, at=at)


def _just_answered(definition: Definition, answer: Answer) -> str:
    who = name_of(definition, answer.decision.by)
    until = f"{answer.final_at:%Y-%m-%d %H:%M:%S} UTC"
    return (
        f"{who} has just answered ({answer.decision.kind}) and may take that back until {until}. Nothing was changed."
    )


def _why_not_back(definition: Definition, now: HandOff) -> str:
    if now.answer is not None:
        return f"{name_of(definition, now.answer.decision.by)} answered: nobody else can take that back."
    if now.state == "offered":
        return "Nobody has answered, so there is nothing to take back."
    if now.state == "accepted" and now.closed_at is None:
        return "It is accepted for good: give the lead back, with a reason. Nothing was changed."
    return f"It is {now.state} for good. Nothing was changed."


def _who_won(definition: Definition, now: HandOff, assignment_no: int) -> str:
    if now.state == "offered" and now.assignment_no == assignment_no:
        return f"Offer {assignment_no} is not accepted yet: decide on the offer."
    if now.state == "offered":
        holder = name_of(definition, now.owner) if now.owner else f"the pool {now.pool}"
        when = f" since {now.offered_at:%Y-%m-%d %H:%M} UTC" if now.offered_at else ""
        return f"Offer {assignment_no} is over: the lead is with {holder}{when} (offer {now.assignment_no})."
    by = name_of(definition, now.decided_by) if now.decided_by else "somebody"
    when = f" on {now.decided_at:%Y-%m-%d %H:%M} UTC" if now.decided_at else ""
    ended = f", and it ended on {now.closed_at:%Y-%m-%d %H:%M} UTC" if now.closed_at else ""
    return f"{by} {now.state} it{when} via {now.decided_via}{ended}. Nothing was changed."


async def _write(tx: Tx, now: HandOff, decision: Decision, decided: Decided, *, book: Book, at: datetime) -> None:
    """The compare-and-set, as of when it was decided. The lead-row lock already puts callers in a row; the condition
    holds without it, too.
    """
    reason = {"reason": decided.reason, "reason_text": decision.text, "recycle_until": decided.recycle_until}
    place: dict[str, object] = {"hand_off_id": now.hand_off_id, "assignment_no": now.assignment_no, "at": at, **reason}
    if now.state == "accepted":
        written = await tx.maybe("give_back_hand_off", **place)
    else:
        owner = await owners.named(tx, decided.owner) if decided.owner else None
        sells = book.definition.hand_offs[now.kind].to in hand_offs.SELLING
        written = await tx.maybe(
            "decide_hand_off",
            **place,
            state=decided.state,
            by=decision.by,
            via=decision.via,
            owner_id=owner.owner_id if owner else None,
            first_try_by=decided.first_try_by,
            first_try_in=decided.first_try_in,
            closed_at=None if decided.state == "accepted" and sells else at,
        )
    if written is None:
        raise Conflict(_who_won(book.definition, await hand_offs.get(tx, now.hand_off_id), now.assignment_no))
    if decided.recycle_until is not None:
        await tx.run("note_recycle_date", lead_id=now.lead_id, day=decided.recycle_until.date().isoformat())
    if decided.first_try_by is not None and decided.owner is not None:
        words = f"{name_of(book.definition, decided.owner)} to try to reach the lead"
        await hand_offs.waits(tx, now.hand_off_id, words, decided.first_try_by)


async def _tell_leads(tx: Tx, now: HandOff, decided: Decided, *, book: Book, at: datetime) -> None:
    """The decision on every timeline it concerns: owners, events, and a hand-off of their own for who came along."""
    members = await tx.all("members_of_hand_off", hand_off_id=now.hand_off_id)
    everybody: list[LeadId] = [now.lead_id, *(row["lead_id"] for row in members)]
    if decided.state == "accepted" and decided.owner is not None:
        owner = await owners.named(tx, decided.owner)
        await tx.run("own_leads", lead_ids=everybody, owner_id=owner.owner_id)
        if now.account_id is not None:
            await tx.run("own_account", account_id=now.account_id, owner_id=owner.owner_id)
    turned_down = now.state == "offered" and decided.state != "accepted"
    data = decided.event.data | {"hand_off_id": str(now.hand_off_id)}
    key = f"hand-off:{now.hand_off_id}:{now.assignment_no}:{'closed' if now.state == 'accepted' else 'decided'}"
    event = decided.event.model_copy(update={"key": key, "data": data})
    for lead_id in [now.lead_id] if turned_down else everybody:
        await events.record(tx, lead_id, [event], book=book, at=at)
    for row in members if turned_down else []:
        # The reason was about one person. Who came along asked for something too, and must not be forgotten.
        order = OpenHandOff(kind=row["kind"], track=now.track, asked_by=row["asked_by"], why=tuple(row["why"]))
        await hand_offs.open(tx, row["lead_id"], order, book=book, at=at)


async def _note(tx: Tx, now: HandOff, decision: Decision, decided: Decided, at: datetime) -> None:
    note = audit.Note(
        at=at,
        actor=decision.by,
        action=f"{decided.state} a hand-off",
        subject=f"hand-off {now.hand_off_id}",
        before={"state": now.state, "assignment_no": now.assignment_no, "owner": now.owner},
        after={"state": decided.state, "owner": decided.owner, "reason": decided.reason, "via": decision.via},
        why=decided.why,
    )
    await audit.note(tx, note)
