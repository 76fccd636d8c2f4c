"""Does marketing disagree with a rejection? Raised with its words, decided once, and it never hangs.

It lives on the clock of its hand-off's process: that waits for whoever is asked, asks the sponsor next, and lets the
rejection stand in the end. What is upheld is offered anew by the one write path.
"""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.definitions.own_events import APPEAL_UPHELD
from leadloom.domain.errors import Conflict
from leadloom.domain.handoffs import appealing
from leadloom.domain.handoffs.appealing import AskNext, TurnedDown, WaitFor, check_decision, next_appeal_move
from leadloom.domain.handoffs.hand_off import name_of
from leadloom.domain.handoffs.outcome import UPHELD
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import HandOffId, Instant, LeadId, Value
from leadloom.store import audit, events, hand_offs, news
from leadloom.store.advanced import Advanced
from leadloom.store.hand_offs import HandOff
from leadloom.store.published import Book
from leadloom.store.tx import Tx

_SHOWN = 200


class Appeal(appealing.Appeal):
    """An appeal as it is stored."""

    hand_off_id: HandOffId
    raised_at: Instant
    words: str
    """Marketing's."""
    decided_by: str | None
    decided_at: Instant | None
    answer: str | None
    goes_to: str | None
    """Handle of whom it was to be offered to; None: the rules found somebody."""
    new_hand_off_id: HandOffId | None
    """The offer it became, or that its company had open."""


class Rejection(Value):
    """What was turned down, and by whom; with the rep's words."""

    hand_off_id: HandOffId
    kind: str
    lead_id: LeadId
    reason: str
    reason_text: str | None
    turned_down_by: str | None
    turned_down_at: Instant
    owner: str | None
    pool: str | None
    first_name: str | None
    last_name: str | None
    company: str | None
    country: str | None

    @property
    def person(self) -> str:
        """Whom it is about, as far as known."""
        known = " ".join(part for part in (self.first_name, self.last_name) if part)
        return known or self.company or "somebody we have no name for"


class Case(Value):
    """Both sides: what was turned down, and the appeal."""

    rejection: Rejection
    appeal: Appeal | None


class Verdict(Value):
    """What the lead-management owner says."""

    by: str
    uphold: bool
    words: str
    to: str | None = None
    """To whom it is offered anew; None leaves it to the rules."""


async def raise_one(tx: Tx, hand_off_id: HandOffId, by: str, words: str, *, book: Book, at: datetime) -> Appeal:
    """Appeal a rejection; whoever decides is told by mail. Raises Conflict, BadInput, NotFound."""
    await hand_offs.hold(tx, hand_off_id)
    now = await hand_offs.get(tx, hand_off_id)
    begun = appealing.raised(book.definition, _turned_down(now), by, words, at)
    row = await tx.maybe(
        "insert_appeal",
        hand_off_id=hand_off_id,
        raised_by=by,
        words=words.strip(),
        asked=begun.asked,
        decide_by=begun.decide_by,
        at=at,
    )
    if row is None:
        raise Conflict("It was appealed before: nothing was changed. Both sides stand on its page.")
    await _note(tx, hand_off_id, by, "appealed a rejection", words, at)
    await news.tell(tx, now, begun.asked, "appealed", no=1, book=book, at=at)
    hand_offs.looks_again(tx, hand_off_id)
    return await get(tx, hand_off_id)


async def decide(tx: Tx, hand_off_id: HandOffId, verdict: Verdict, *, book: Book, at: datetime) -> Appeal:
    """Uphold it (the lead is offered anew) or dismiss it (the rejection stands); both sides are told by mail.

    Raises Conflict when it has ended or isn't theirs to decide; BadInput; NotFound.
    """
    await hand_offs.hold(tx, hand_off_id)
    appeal, now = await get(tx, hand_off_id), await hand_offs.get(tx, hand_off_id)
    check_decision(book.definition, appeal, verdict.by, verdict.words, verdict.to)
    state = "upheld" if verdict.uphold else "dismissed"
    to = verdict.to if verdict.uphold else None
    await _end(tx, now, appeal, state=state, by=verdict.by, words=verdict.words.strip(), to=to, book=book, at=at)
    if verdict.uphold:
        data = {"kind": now.kind, "track": now.track, "hand_off_id": str(hand_off_id), **({"to": to} if to else {})}
        key = f"hand-off:{hand_off_id}:appeal"
        draft = EventDraft.model_validate(
            {"kind": APPEAL_UPHELD, "at": at, "key": key, "actor": verdict.by, "data": data}
        )
        await events.record(tx, now.lead_id, [draft], book=book, at=at)
        if (talk := await tx.maybe("talk_of_lead", lead_id=now.lead_id)) is not None:
            await tx.run("appeal_becomes", hand_off_id=hand_off_id, new_hand_off_id=talk["hand_off_id"])
            said = f"{name_of(book.definition, verdict.by)}{UPHELD}{verdict.words.strip()}"
            await tx.run("add_why", hand_off_id=talk["hand_off_id"], words=said)
    hand_offs.looks_again(tx, hand_off_id)
    return await get(tx, hand_off_id)


async def advance(tx: Tx, hand_off_id: HandOffId, *, book: Book, at: datetime) -> Advanced | None:
    """Keep the clock of an open appeal; None when there is none. Twice changes nothing. Under the lead's lock."""
    while True:
        row = await tx.maybe("appeal_of", hand_off_id=hand_off_id)
        if row is None:
            return None
        appeal = Appeal.model_validate(dict(row))
        match move := next_appeal_move(book.definition, appeal, at):
            case None:
                return None
            case WaitFor():
                return Advanced(kind="wait", until=move.until, waiting_for=move.waiting_for)
            case AskNext():
                now = await hand_offs.get(tx, hand_off_id)
                await tx.run("ask_next", hand_off_id=hand_off_id, asked=move.asked, decide_by=move.decide_by, at=at)
                await _note(tx, hand_off_id, "system", "passed an appeal on", f"to {move.asked}", at)
                await news.tell(tx, now, move.asked, "appealed", no=2, book=book, at=at)
            case _:
                now = await hand_offs.get(tx, hand_off_id)
                words = "Nobody decided in time: the rejection stands."
                await _end(tx, now, appeal, state="lapsed", by="system", words=words, to=None, book=book, at=at)


async def get(tx: Tx, hand_off_id: HandOffId) -> Appeal:
    """The appeal of that rejection. Raises NotFound."""
    return Appeal.model_validate(dict(await tx.one("appeal_of", hand_off_id=hand_off_id)))


async def cases(tx: Tx) -> tuple[Case, ...]:
    """Appeals with both sides: open ones by their clock, then the others, the newest first."""
    return tuple(_case(dict(row)) for row in await tx.all("appeals", hand_off_id=None, page_limit=_SHOWN))


async def case(tx: Tx, hand_off_id: HandOffId, *, since: datetime) -> Case | None:
    """One of them, also when nobody appealed what was turned down since then; None when there is nothing to appeal."""
    about = {"hand_off_id": hand_off_id, "page_limit": 1}
    if (row := await tx.maybe("appeals", **about)) is not None:
        return _case(dict(row))
    row = await tx.maybe("turned_down", **about, since=since)
    return None if row is None else Case(rejection=Rejection.model_validate(dict(row)), appeal=None)


async def turned_down(tx: Tx, *, since: datetime) -> tuple[Rejection, ...]:
    """What could be appealed still, the newest first."""
    rows = await tx.all("turned_down", hand_off_id=None, since=since, page_limit=_SHOWN)
    return tuple(Rejection.model_validate(dict(row)) for row in rows)


def _case(row: dict[str, object]) -> Case:
    sides = [{name: row[name] for name in model.model_fields} for model in (Rejection, Appeal)]
    return Case(rejection=Rejection.model_validate(sides[0]), appeal=Appeal.model_validate(sides[1]))


def _turned_down(now: HandOff) -> TurnedDown:
    is_open = now.state == "offered" or (now.state == "accepted" and now.closed_at is None)
    ended_at = None if is_open else now.closed_at or now.decided_at
    return TurnedDown(state=now.state, reason=now.reason, decided_via=now.decided_via, ended_at=ended_at)


async def _end(  # noqa: PLR0913  how it ends, for whom, when
    tx: Tx,
    now: HandOff,
    appeal: Appeal,
    *,
    state: str,
    by: str,
    words: str,
    to: str | None,
    book: Book,
    at: datetime,
) -> None:
    row = await tx.maybe("end_appeal", hand_off_id=now.hand_off_id, state=state, by=by, words=words, to=to, at=at)
    if row is None:
        raise Conflict("The appeal was decided meanwhile: nothing was changed.")
    await _note(
        tx, now.hand_off_id, by, f"{state} an appeal" if state != "lapsed" else "let an appeal lapse", words, at
    )
    for no, reader in enumerate(dict.fromkeys([appeal.raised_by, now.decided_by or ""]), start=1):
        await news.tell(tx, now, reader, "appeal-ended", no=no, book=book, at=at)


async def _note(tx: Tx, hand_off_id: HandOffId, by: str, action: str, why: str, at: datetime) -> None:
    note = audit.Note(at=at, actor=by, action=action, subject=f"hand-off {hand_off_id}", why=why)
    await audit.note(tx, note)
