"""Which notices go to a channel or another system, did they arrive? A row for each, until it went or was given up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from leadloom.domain.model import HandOffId, Instant, OwnerId, Value
from leadloom.domain.wake import notice_post_looks
from leadloom.store.owners import Owner
from leadloom.store.published import Book
from leadloom.store.tx import Tx

WORTH = timedelta(days=1)
"""Later nobody is helped by it: the mail and the reminder have said it."""
_PAUSES = tuple(timedelta(seconds=each) for each in (10, 30, 120, 600, 1800))
"""Between tries; the last one again and again."""

Ended = Literal["sent", "over", "given up"]


class NoticePost(Value):
    """One notice for one endpoint."""

    post_id: UUID
    hand_off_id: HandOffId
    step: str
    no: int
    """Number of the assignment."""
    mail: str
    """Which notice: `offer`, `escalated`, `remind`, `first-try-missed`."""
    endpoint: str
    owner_id: OwnerId
    """Who gets the same notice by mail."""
    owner: str
    personal: bool
    """Only that owner reads there."""
    asked_at: Instant
    next_at: Instant | None
    tries: int
    ended_at: Instant | None
    is_over: bool
    """The offer it tells of was answered, or went on to somebody else."""


class NoticeOf(Value):
    """A notice that goes out by mail; (hand-off, step, no) is its key there, and with an endpoint here."""

    hand_off_id: HandOffId
    step: str
    no: int
    mail: str


async def ask(tx: Tx, notice: NoticeOf, reader: Owner, *, book: Book, at: datetime) -> None:
    """Ask for the posts that the definition's `notices` want beside this mail. Twice is once, by their key."""
    if not book.definition.notices:
        return
    now = await tx.one("whose_hand_off", hand_off_id=notice.hand_off_id)
    teams = {name: team.people for name, team in book.definition.access.teams.items()}
    for route in book.definition.notices:
        if not route.hears_of(now["kind"], now["owner"], now["pool"], teams):
            continue
        name = f"leadloom:notice/{notice.hand_off_id}/{notice.step}/{notice.no}/{route.to}"
        post_id = uuid5(NAMESPACE_URL, name)
        told = {"endpoint": route.to, "personal": route.is_personal and reader.handle in route.owners}
        key = {"post_id": post_id, "owner_id": reader.owner_id, **vars(notice)}
        if await tx.maybe("ask_for_notice_post", **key, **told, at=at) is not None:
            tx.look_again(notice_post_looks(post_id))


async def get(tx: Tx, post_id: UUID) -> NoticePost | None:
    """The post; None when its hand-off was erased."""
    row = await tx.maybe("notice_post", post_id=post_id)
    return None if row is None else NoticePost.model_validate(dict(row))


async def end(
    tx: Tx, post_id: UUID, ended: Ended, *, error: str | None = None, tried: bool = True, at: datetime
) -> None:
    """It needs no other try. Twice keeps the first end."""
    await tx.run("end_notice_post", post_id=post_id, ended=ended, error=error, tried=int(tried), at=at)


async def failed(tx: Tx, post: NoticePost, error: str, *, for_good: bool, at: datetime) -> datetime | None:
    """Note a try in vain; when the next is due, or None when it is given up."""
    next_at = at + _PAUSES[min(post.tries, len(_PAUSES) - 1)]
    if for_good or next_at > post.asked_at + WORTH:
        await end(tx, post.post_id, "given up", error=error, at=at)
        return None
    await tx.run("retry_notice_post", post_id=post.post_id, next_at=next_at, error=error)
    return next_at


async def wake_overdue(tx: Tx, *, overdue_since: datetime, limit: int = 500) -> int:
    """Repair: tell posts whose try passed unnoticed to look again. Answers how many."""
    rows = await tx.all("overdue_notice_posts", overdue_since=overdue_since, page_limit=limit)
    for row in rows:
        tx.look_again(notice_post_looks(row["post_id"]))
    return len(rows)
