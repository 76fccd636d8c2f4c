"""Is a notice of which nobody knows whether it arrived followed by its reminder at once, and by no second one?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadloom.domain.mails.outcome import Refused, Sent, Uncertain
from leadloom.domain.model import HandOffId
from leadloom.store import answering, hand_offs, messages
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_hand_offs import ACCEPT, advance, offered

SOON = TUESDAY + timedelta(seconds=20)


async def notices(dsn: str, hand_off_id: HandOffId) -> list[tuple[str, str, str]]:
    query = "SELECT step, mail, status FROM message WHERE hand_off_id = $1 ORDER BY asked_at, step"
    return [(row["step"], row["mail"], row["status"]) for row in await acts.rows(dsn, query, hand_off_id)]


async def notice_ends(
    db: Db, book: Book, dsn: str, how: type[Sent | Refused | Uncertain], at: datetime = SOON
) -> list[str]:
    """The relay's end of the one notice under way; answers which workflows are told to look again."""
    [row] = await acts.rows(dsn, "SELECT message_id, lane FROM message WHERE status = 'reserved'")
    [claimed] = await acts.claim(db, book, row["lane"], at=at)
    key = {"message_id": claimed.message_id, "claim": claimed.claim}
    told = {Sent: {"reply": "250 ok"}, Refused: {"reply": "550 no", "code": 550}, Uncertain: {"reply": "timeout"}}[how]
    async with db.transaction() as tx:
        await messages.mark_at_dot(tx, [(claimed.message_id, claimed.claim)], at=at)
        await messages.settle(tx, [how.model_validate({**key, **told})], book=book, at=at)
        return [wake.workflow_id for wake in tx.wakes()]


@pytest.mark.parametrize("how", [Uncertain, Refused])
async def test_a_notice_in_doubt_brings_its_reminder_at_once_and_one_only(
    db: Db, book: Book, dsn: str, how: type[Refused | Uncertain]
) -> None:
    _, hand_off_id = await offered(db, book)
    assert f"hand-off/{hand_off_id}" in await notice_ends(db, book, dsn, how)
    await advance(db, book, hand_off_id, SOON)
    await advance(db, book, hand_off_id, SOON + timedelta(minutes=11))
    assert [(step, mail) for step, mail, _ in await notices(dsn, hand_off_id)] == [
        ("offer", "offer"),
        ("remind", "remind"),
    ]


async def test_a_notice_that_went_is_reminded_of_when_its_time_comes(db: Db, book: Book, dsn: str) -> None:
    _, hand_off_id = await offered(db, book)
    assert f"hand-off/{hand_off_id}" not in await notice_ends(db, book, dsn, Sent)
    await advance(db, book, hand_off_id, SOON)
    assert len(await notices(dsn, hand_off_id)) == 1
    await advance(db, book, hand_off_id, TUESDAY + timedelta(minutes=10))
    assert len(await notices(dsn, hand_off_id)) == 2


async def test_the_reminder_joins_the_thread_of_the_notice_it_reminds_of(db: Db, book: Book, dsn: str) -> None:
    _, hand_off_id = await offered(db, book)
    await notice_ends(db, book, dsn, Uncertain)
    await advance(db, book, hand_off_id, SOON)
    [first] = await acts.rows(dsn, "SELECT message_id FROM message WHERE step = 'offer'")
    [row] = await acts.rows(dsn, "SELECT message_id, lane FROM message WHERE status = 'reserved'")
    [claimed] = await acts.claim(db, book, row["lane"], at=SOON)
    assert claimed.thread == (first["message_id"],)


async def test_who_answered_already_gets_no_reminder_of_a_lost_notice(db: Db, book: Book, dsn: str) -> None:
    _, hand_off_id = await offered(db, book)
    async with db.transaction() as tx:
        await answering.decide(tx, hand_off_id, 1, ACCEPT, book=book, at=SOON)
    await advance(db, book, hand_off_id, SOON)
    async with db.read() as tx:
        assert (await hand_offs.get(tx, hand_off_id)).state == "accepted"
    assert [step for step, _, _ in await notices(dsn, hand_off_id)] == ["offer"]
