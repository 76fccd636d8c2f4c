"""Which journeys stand still, since when, by which clock, and how does one go on? (D21, X14)

A pause is a row: from its commit on the mark before the dot refuses the journey's mail to leads. A resume gives each
run its turn in one transaction, and then wakes them a page at a time from a cursor: a kill -9 loses nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leadloom.domain.campaigns.campaign import Act, may
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.facts import Pause, PauseClock, Paused
from leadloom.domain.journeys.catch_up import Turn
from leadloom.domain.model import Instant, Json, Value
from leadloom.domain.standing import PublishedJourney
from leadloom.domain.wake import run_looks
from leadloom.store import audit, calendars
from leadloom.store.campaigns import journey_of
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx, new_id

VETO = "its journey is paused"
"""What the veto view says of mail that a pause holds."""
PAGE = 100
"""Runs woken in one transaction."""
SMOOTH_AT_LEAST = timedelta(days=7)
"""A resume is smoothed as long as the pause lasted, and at least so long."""


class JourneyPause(Value):
    """A time in which nothing of a journey goes."""

    pause_id: UUID
    journey: str
    paused_at: Instant
    paused_by: str
    clock: PauseClock
    review_at: Instant
    """When somebody looks whether it shall last."""
    why: str
    resumed_at: Instant | None
    resumed_by: str | None
    per_day: int | None
    smooth_until: Instant | None
    done_to: int
    done_at: Instant | None
    """When all its runs had been woken."""


class PauseOrder(Value):
    """What somebody says who pauses a journey."""

    journey: str
    clock: PauseClock | None = None
    """None takes the journey's own `on_pause`."""
    review_at: Instant
    why: str = ""


async def pause(tx: Tx, order: PauseOrder, *, book: Book, at: datetime, by: str) -> JourneyPause:
    """Let the journey stand still. One that does already may be given another review, under the same clock.

    Raises NotFound, BadInput for a journey as code or a review in the past, Conflict for another clock.
    """
    journey = journey_of(book, order.journey).journey
    may(Act.PAUSE, by, book.definition, owner=journey.owner)
    clock = order.clock or journey.on_pause
    if order.review_at <= at:
        raise BadInput("review", order.review_at.isoformat(), "Name a day ahead: then somebody looks at the pause.")
    await tx.value("lock_publishing", kind="pause", name=order.journey)
    standing_still = await tx.maybe("open_pause", journey=order.journey)
    if standing_still is not None:
        return await _reviewed_again(tx, _pause(standing_still), order, clock, at, by)
    pause_id = new_id()
    said = {"journey": order.journey, "clock": clock, "review_at": order.review_at, "why": order.why}
    await tx.run("pause_journey", pause_id=pause_id, at=at, by=by, **said)
    await _note(tx, order.journey, f"paused ({clock})", at=at, by=by, why=order.why)
    return await get(tx, pause_id)


async def is_open(tx: Tx, journey: str, *, hold: bool = False) -> JourneyPause:
    """The pause of the journey that lasts, held until the transaction ends on request. Raises Conflict for none."""
    row = await tx.maybe("open_pause", journey=journey)
    if row is not None and hold:
        row = await tx.one("pause_for_update", pause_id=row["pause_id"])
    if row is None or row["resumed_at"] is not None:
        raise Conflict(f"{journey} isn't paused: there is nothing to resume.")
    return _pause(row)


async def resume(
    tx: Tx, found: JourneyPause, turns: Sequence[Turn], *, book: Book, per_day: int | None, at: datetime, by: str
) -> JourneyPause:
    """End a pause and give its runs their turns; `wake_page` wakes them. The caller holds the pause (`is_open`)."""
    may(Act.RESUME, by, book.definition, owner=_journey(book, found.journey).journey.owner)
    smooth_until = smooth_to(found, turns, at)
    rows = [
        {
            "no": no, "enrolment_id": str(turn.enrolment_id), "turn_at": turn.turn_at.isoformat(),
            "gets": [get.model_dump(mode="json") for get in turn.gets],
        }
        for no, turn in enumerate(turns, start=1)
    ]  # fmt: skip
    await tx.run("give_turns", pause_id=found.pause_id, rows=rows)
    await tx.run(
        "resume_journey", pause_id=found.pause_id, at=at, by=by, per_day=per_day, smooth_until=smooth_until
    )  # fmt: skip
    await _note(tx, found.journey, "resumed", at=at, by=by)
    return await get(tx, found.pause_id)


def smooth_to(found: JourneyPause, turns: Sequence[Turn], at: datetime) -> datetime:
    """Until when the resume is smoothed: as long as the pause lasted, and a week beyond the last turn, so that a rate
    holds for what goes at that turn, too."""
    lasted = max(at - found.paused_at, SMOOTH_AT_LEAST)
    last = max((turn.turn_at for turn in turns), default=at)
    return max(at + lasted, last + SMOOTH_AT_LEAST)


async def wake_page(tx: Tx, pause_id: UUID, *, book: Book, at: datetime, limit: int = PAGE) -> int:
    """Release the mail of the next page of runs and let them look; how many. 0 when all have been woken.

    Safe to repeat: the page, its cursor and its wake-ups are one transaction under the pause's lock.
    """
    found = _pause(await tx.one("pause_for_update", pause_id=pause_id))
    if found.resumed_at is None or found.done_at is not None:
        return 0
    rows = await tx.all("next_turns", pause_id=pause_id, after_no=found.done_to, page_limit=limit)
    if not rows and await tx.run("turns_of_latecomers", pause_id=pause_id, journey=found.journey):
        rows = await tx.all("next_turns", pause_id=pause_id, after_no=found.done_to, page_limit=limit)
    if not rows:
        await tx.run("resume_came_to", pause_id=pause_id, done_to=found.done_to, is_done=True, at=at)
        return 0
    open_ones = [row for row in rows if row["status"] == "active"]
    who = await calendars.locked_all(tx, {row["lead_id"] for row in open_ones})
    asked = {
        "enrolment_ids": [row["enrolment_id"] for row in open_ones],
        "turns": [row["turn_at"] for row in open_ones],
    }
    await tx.run("release_paused_mail", **asked)
    await calendars.replan_all(tx, dict.fromkeys(who, at), who=who, book=book)
    await tx.run("runs_have_turns", **asked)
    for row in open_ones:
        tx.look_again(run_looks(row["enrolment_id"], row["workflow"]))
    await tx.run("resume_came_to", pause_id=pause_id, done_to=rows[-1]["no"], is_done=False, at=at)
    return len(rows)


async def get(tx: Tx, pause_id: UUID) -> JourneyPause:
    """The pause. Raises NotFound."""
    return _pause(await tx.one("pause_by_id", pause_id=pause_id))


async def of_journey(tx: Tx, journey: str) -> tuple[JourneyPause, ...]:
    """All pauses of a journey, newest first."""
    return tuple(_pause(row) for row in await tx.all("pauses_of_journey", journey=journey))


async def every_open(tx: Tx) -> tuple[JourneyPause, ...]:
    """Journeys that stand still, whose review comes first first."""
    return tuple(_pause(row) for row in await tx.all("paused_journeys"))


async def under_way(tx: Tx) -> tuple[UUID, ...]:
    """Resumes that have not woken all their runs."""
    return tuple(row["pause_id"] for row in await tx.all("resumes_under_way"))


async def mails_since(tx: Tx, pause_id: UUID) -> Mapping[str, int]:
    """Day (UTC) → mails that went to the runs a resume released, while it was smoothed."""
    return {str(row["day"]): row["mails"] for row in await tx.all("mails_since_resume", pause_id=pause_id)}


def of_run(pauses: Sequence[Mapping[str, Json]] | None, at: datetime) -> dict[str, Any]:
    """What a run's facts say of the pauses of its journey, from the column `pauses` of its standing."""
    if not pauses:
        return {}
    found = [Pause.model_validate({name: row[name] for name in Pause.model_fields}) for row in pauses]
    still = next(
        ((row, one) for row, one in zip(pauses, found, strict=True) if one.until is None or one.until > at), None
    )
    smooth = [datetime.fromisoformat(str(row["smooth_until"])) for row in pauses if row["smooth_until"] is not None]
    return {
        "pauses": tuple(found),
        "paused": None if still is None else _paused(*still),
        "smooth_until": max((instant for instant in smooth if instant > at), default=None),
    }


def _paused(row: Mapping[str, Json], one: Pause) -> Paused:
    if one.until is None:
        review = datetime.fromisoformat(str(row["review_at"]))
        words = f"its journey to be resumed, or the review of the pause on {review:%Y-%m-%d}"
        return Paused(since=one.since, until_review=review, clock=one.clock, waiting_for=words)
    return Paused(since=one.since, until_review=one.until, clock=one.clock, waiting_for="its turn after the pause")


async def _reviewed_again(
    tx: Tx, found: JourneyPause, order: PauseOrder, clock: PauseClock, at: datetime, by: str
) -> JourneyPause:
    if order.clock is not None and clock != found.clock:
        raise Conflict(
            f"{found.journey} is paused since {found.paused_at:%Y-%m-%d %H:%M} UTC with the clock {found.clock!r}, "
            "which stays for this pause. Say another review only, or resume it."
        )
    await tx.run("move_review", pause_id=found.pause_id, review_at=order.review_at)
    await _note(tx, found.journey, f"pause lasts on, review {order.review_at:%Y-%m-%d}", at=at, by=by, why=order.why)
    return await get(tx, found.pause_id)


def _journey(book: Book, name: str) -> PublishedJourney:
    found = next((one for one in book.journeys if one.journey.name == name), None)
    if found is None:
        raise NotFound("published journey as data", name)
    return found


async def _note(tx: Tx, journey: str, action: str, *, at: datetime, by: str, why: str = "") -> None:
    await audit.note(tx, audit.Note(at=at, actor=by, action=action, subject=f"journey {journey}", why=why))


def _pause(row: Record) -> JourneyPause:
    return JourneyPause.model_validate(dict(row))
