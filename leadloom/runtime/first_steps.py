"""What could somebody in this seat do first? Three steps on live data by role, each told done by the logs of acts."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.definitions.hand_off_rules import OwnerEntry
from leadloom.domain.definitions.parts import Part
from leadloom.domain.model import Value
from leadloom.store import seat_work
from leadloom.store.published import Book
from leadloom.store.seat_work import Done, Work
from leadloom.store.tx import Tx


class Step(Value):
    """One thing to do."""

    words: str
    href: str
    """The very page where it is done."""
    done: bool
    none: str = ""
    """Why it can't be done now, and what can; empty when it can."""


class Seat(Value):
    """Somebody one may be, with what waits for them."""

    entry: OwnerEntry
    offers: int
    steps: tuple[Step, ...]

    @property
    def left(self) -> int:
        """Steps not done yet."""
        return sum(not step.done for step in self.steps)


async def seats(tx: Tx, book: Book, *, at: datetime, since: datetime) -> tuple[Seat, ...]:
    """Everybody the definition names, in its order."""
    return tuple([await _seat(tx, entry, book, at=at, since=since) for entry in book.definition.owners])


async def _seat(tx: Tx, entry: OwnerEntry, book: Book, *, at: datetime, since: datetime) -> Seat:
    stage = book.definition.named(Part.ANSWERED)
    work = await seat_work.work_of(tx, entry.handle, answered_stage=stage, countries=None, at=at)
    done = await seat_work.done_by(tx, entry.handle, since=since)
    return Seat(entry=entry, offers=work.offers, steps=_steps(entry.role, work, done))


def _steps(role: str, work: Work, done: Done) -> tuple[Step, ...]:
    match role:
        case "sales-lead-manager":
            return _team(done), _draft(work, done), _decision(done)
        case "lead-management-owner":
            return _preview(work, done), _let_in(work, done), _decision(done)
        case "marketer":
            return _let_in(work, done), _take_out(work, done), _letter(work, done)
        case "head-of-marketing":
            return _letter(work, done), _pack(done), _decision(done)
        case "engineer":
            return _let_in(work, done), _take_out(work, done), _preview(work, done)
        case "sponsor":
            return _pack(done), _charter(done), _decision(done)
        case "support":
            return _raise(done), _became(done), _question(work, done)
        case _:
            return _offer(work, done), _try(work, done), _question(work, done)


def _offer(work: Work, done: Done) -> Step:
    none = (
        "" if work.offer_id or done.answered else "Nothing is offered to you now; the inbox shows what your team has."
    )
    return Step(
        words="Answer the offer whose time runs out first: read why this lead and why now, then accept or give it back",
        href=f"/inbox/{work.offer_id}" if work.offer_id else "/inbox",
        done=done.answered,
        none=none,
    )


def _team(done: Done) -> Step:
    return Step(
        words="See who has what, then give an offer to somebody else or enter time off: a page says first what it does",
        href="/team",
        done=done.steered,
    )


def _try(work: Work, done: Done) -> Step:
    return Step(
        words="Note a try to reach a lead you took, reached or not: accepting is not contact",
        href=f"/inbox/{work.accepted_id}" if work.accepted_id else "/inbox",
        done=done.tried,
        none="" if work.accepted_id or done.tried else "You work no lead yet: accept an offer first.",
    )


def _raise(done: Done) -> Step:
    return Step(
        words="Raise what somebody told you and sales should hear: who, and what they want; two fields",
        href="/support",
        done=done.raised,
    )


def _became(done: Done) -> Step:
    return Step(
        words="Read below the fields who has it now and until when they must answer; a mail will tell you the end",
        href="/support",
        done=done.raised,
        none="" if done.raised else "You have raised nothing yet: that step comes first.",
    )


def _question(work: Work, done: Done) -> Step:
    lead = work.own_lead_id
    return Step(
        words="Write down one thing a lead said, with how we know it: need, timing, authority or budget",
        href=f"/leads/{lead}#qualification" if lead else "/rows/leads",
        done=done.asked,
    )


def _let_in(work: Work, done: Done) -> Step:
    lead = work.free_lead_id
    return Step(
        words="Let somebody who answered us, and whom no journey holds, into one by hand",
        href=f"/leads/{lead}#now" if lead else "/rows/leads",
        done=done.let_in,
    )


def _take_out(work: Work, done: Done) -> Step:
    lead = work.let_in_lead_id
    return Step(
        words="Take them out again with your reason, and read in their story what was said of it",
        href=f"/leads/{lead}#now" if lead else "/rows/leads",
        done=done.took_out,
        none="" if lead or done.took_out else "You have let nobody in yet: that step comes first.",
    )


def _letter(work: Work, done: Done) -> Step:
    letter = work.letter_id
    return Step(
        words="Look at a letter that waits for a word: hold it, change it, skip it or let it go",
        href=f"/coming/{letter}" if letter else "/coming",
        done=done.letter,
        none="" if letter or done.letter else "No letter waits for a word now.",
    )


def _draft(work: Work, done: Done) -> Step:
    draft = work.draft_no
    return Step(
        words="Read what the draft of the definition changes, then sign it or send it back with a reason",
        href=f"/definition/drafts/{draft}" if draft else "/definition",
        done=done.signed,
        none="" if draft or done.signed else "No draft waits for a signature now.",
    )


def _preview(work: Work, done: Done) -> Step:
    draft = work.draft_no
    return Step(
        words="Work out whom the draft of the definition would move, and open the leads behind a number",
        href=f"/definition/drafts/{draft}" if draft else "/definition",
        done=done.previewed,
        none="" if draft or done.previewed else "No draft is open now.",
    )


def _decision(done: Done) -> Step:
    return Step(
        words="Keep a decision, with somebody who sees to it and a day",
        href="/governance#decisions",
        done=done.decided,
    )


def _pack(done: Done) -> Step:
    return Step(
        words="Draw today's one-page pack, and find the promise that isn't kept",
        href="/governance#charter",
        done=done.pack,
    )


def _charter(done: Done) -> Step:
    return Step(words="Sign the charter beside today's figures", href="/governance#charter", done=done.charter)
