"""Do people who come at the same moment share a commit, and nothing else?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.capture import Door
from leadloom.domain.lead import LeadDraft
from leadloom.runtime.arrivals import Arrivals
from leadloom.store import leads
from leadloom.store.db import Db, OutboxRow
from leadloom.store.published import Book
from leadloom.store.tx import Tx
from tests.store.acts import TUESDAY, rows

DOOR = Door(name="guide", at=TUESDAY, event="guide_requested", source="microsite", wording="Yes, write to me.")


def fields(no: int) -> dict[str, str]:
    return {"email": f"lead{no}@c{no % 3}.example", "first_name": f"Lead {no}", "consent": "on"}


async def test_who_comes_at_once_becomes_a_lead_in_one_transaction_and_gets_an_own_answer(
    db: Db, book: Book, dsn: str
) -> None:
    arrivals = Arrivals(db)
    captured = await asyncio.gather(*(arrivals.form(fields(no), DOOR, at=TUESDAY) for no in range(12)))
    found = await rows(dsn, "SELECT lead_id, email, xmin::text AS by FROM lead")
    emails = {row["lead_id"]: row["email"] for row in found}
    assert [emails[each.lead_id] for each in captured] == [fields(no)["email"] for no in range(12)]
    assert len({row["by"] for row in found}) == 1


async def test_a_crowd_is_parted_so_that_one_half_is_decided_about_while_the_other_is_written(
    db: Db, book: Book, dsn: str
) -> None:
    arrivals, crowd = Arrivals(db), [{"email": f"lead{no}@c{no}.example"} for no in range(60)]
    captured = await asyncio.gather(*(arrivals.form(each, DOOR, at=TUESDAY) for each in crowd))
    found = await rows(dsn, "SELECT xmin::text AS by, count(*) AS leads FROM lead GROUP BY 1")
    assert all(each.is_new for each in captured)
    assert sorted(row["leads"] for row in found) == [30, 30]


async def test_colleagues_of_who_is_being_written_wait_for_that_commit_and_hold_up_nobody(
    db: Db, book: Book, dsn: str
) -> None:
    # Two groups of one company would wait for one another in Postgres, and with them all who came along.
    arrivals = Arrivals(db)
    crowd = [{"email": f"lead{no}@c{no % 20 if no % 20 < 2 else no}.example"} for no in range(60)]
    await asyncio.gather(*(arrivals.form(each, DOOR, at=TUESDAY) for each in crowd))
    found = await rows(
        dsn, "SELECT l.xmin::text AS by, count(*) AS leads, count(DISTINCT account_id) AS homes FROM lead l GROUP BY 1"
    )
    assert sorted((row["leads"], row["homes"]) for row in found) == [(2, 2), (28, 28), (30, 28)]


async def test_nobody_waiting_begins_no_transaction(db: Db, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[int] = []
    take = leads.capture_all

    async def counted(tx: Tx, drafts: Sequence[LeadDraft], **rest: Any) -> list[leads.Captured]:
        groups.append(len(drafts))
        return await take(tx, drafts, **rest)

    monkeypatch.setattr(leads, "capture_all", counted)
    arrivals = Arrivals(db)
    await asyncio.gather(*(arrivals.form(fields(no), DOOR, at=TUESDAY) for no in range(2)))
    await asyncio.gather(*arrivals._forms._entrance._tasks)
    assert groups == [2]


async def test_who_cannot_be_read_is_refused_alone(db: Db, book: Book, dsn: str) -> None:
    arrivals = Arrivals(db)
    posts = [fields(1), {"email": "not an address"}, fields(2)]
    first, refused, second = await asyncio.gather(
        *(arrivals.form(post, DOOR, at=TUESDAY) for post in posts), return_exceptions=True
    )
    assert isinstance(refused, BadInput)
    assert isinstance(first, leads.Captured)
    assert isinstance(second, leads.Captured)


async def test_when_one_of_a_group_fails_the_others_are_taken_one_by_one(db: Db, book: Book, dsn: str) -> None:
    arrivals = Arrivals(db)
    unread = arrivals._forms.take(lambda definition: LeadDraft(email="not an address"), TUESDAY)
    *captured, refused = await asyncio.gather(
        *(arrivals.form(fields(no), DOOR, at=TUESDAY) for no in range(4)), unread, return_exceptions=True
    )
    assert isinstance(refused, BadInput)
    assert all(isinstance(each, leads.Captured) for each in captured)
    assert len(await rows(dsn, "SELECT FROM lead")) == 4


async def test_who_hangs_up_takes_nobody_along(db: Db, book: Book, dsn: str) -> None:
    arrivals = Arrivals(db)
    first, second = [asyncio.create_task(arrivals.form(fields(no), DOOR, at=TUESDAY)) for no in range(2)]
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).is_new
    with pytest.raises(asyncio.CancelledError):
        await first
    assert len(await rows(dsn, "SELECT FROM lead")) == 2


async def test_temporal_is_told_before_the_answer_and_holds_up_nobody_else(db: Db, book: Book, dsn: str) -> None:
    asked, slow = asyncio.Event(), asyncio.Event()

    async def relay(told: list[OutboxRow]) -> None:
        if not asked.is_set():
            asked.set()
            await slow.wait()

    db.relay = relay
    arrivals = Arrivals(db)
    first = asyncio.create_task(arrivals.form(fields(1), DOOR, at=TUESDAY))
    await asked.wait()
    assert (await arrivals.form(fields(2), DOOR, at=TUESDAY)).is_new
    assert not first.done()
    slow.set()
    assert (await first).is_new


async def test_forms_and_calls_of_one_person_at_once_are_one_lead(db: Db, book: Book, dsn: str) -> None:
    arrivals = Arrivals(db)
    calls = (arrivals.call({**fields(1), "consent": None}, DOOR, at=TUESDAY) for _ in range(3))
    forms = (arrivals.form(fields(1), DOOR, at=TUESDAY) for _ in range(3))
    captured = await asyncio.gather(*calls, *forms)
    assert len({each.lead_id for each in captured}) == 1
    assert sum(each.is_new for each in captured) == 1
