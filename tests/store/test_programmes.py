"""Does everybody of a webinar stand in one status, the furthest that happened, however we heard of it?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.definitions import programmes as rules
from leadloom.domain.definitions.programmes import Programme, Status
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.intake.listed_event import ListedEvent, check
from leadloom.store import programmes
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.store.rows import Order
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

SECOND = Programme(
    means="A second one",
    statuses={
        "registered": Status(event="webinar_registered"),
        "attended": Status(event="webinar_attended", success=True),
    },
)


def with_a_second(book: Book) -> Book:
    every = {**book.definition.programmes, "spring": SECOND}
    return book.but(definition=book.definition.but(programmes=every))


async def came(db: Db, book: Book, name: str, *kinds: str, programme: str | None = None) -> None:
    data = {"programme": programme} if programme else {}
    for place, kind in enumerate(kinds):
        event = world.happened(kind, TUESDAY + timedelta(minutes=place), key=f"{name}{kind}{programme}", data=data)
        await acts.capture(
            db, book, world.draft(name, event, email=f"{name}@alder.example"), TUESDAY + timedelta(hours=1)
        )


async def test_each_person_stands_in_the_furthest_status_that_happened_and_each_number_opens_them(
    db: Db, book: Book
) -> None:
    book = with_a_second(book)
    await came(db, book, "ana", "webinar_registered", "webinar_attended", "webinar_missed")
    await came(db, book, "bo", "webinar_registered", "webinar_missed")
    await came(db, book, "cleo", "webinar_registered", programme="audit-season")
    await came(db, book, "dev", "webinar_registered", programme="spring")
    await came(db, book, "dev", "webinar_attended", programme="spring")
    await came(db, book, "eve", "webinar_registered", programme="sprnig")
    await came(db, book, "fay", "price_page")
    at = TUESDAY + timedelta(days=1)
    async with db.read() as tx:
        season = await programmes.board(tx, book.definition, "audit-season", as_of=at)
        spring = await programmes.board(tx, book.definition, "spring", as_of=at)
        assert {line.status: line.members for line in season.statuses} == {"registered": 1, "missed": 1, "attended": 1}
        assert (season.members, season.succeeded) == (3, 1)
        assert ({line.status: line.members for line in spring.statuses}, spring.succeeded) == (
            {"registered": 0, "attended": 1}, 1,
        )  # fmt: skip
        for line in season.statuses:
            order = Order(sort="at", descending=True, limit=1)
            page = await programmes.members(tx, book.definition, "audit-season", order, status=line.status, as_of=at)
            assert (page.total, len(page.rows)) == (line.members, line.members)
        first = await programmes.members(tx, book.definition, "audit-season", Order(sort="at", limit=2), as_of=at)
        rest = await programmes.members(
            tx, book.definition, "audit-season", Order(sort="at", limit=2, after=first.next), as_of=at
        )
        assert len({row.lead_id for row in (*first.rows, *rest.rows)}) == 3
        (stranger,) = await programmes.strangers(tx, book.definition)
        assert (stranger.programme, stranger.kind, stranger.events) == ("sprnig", "webinar_registered", 1)
        before = await programmes.board(tx, book.definition, "audit-season", as_of=TUESDAY - timedelta(days=1))
        assert (before.members, before.first_at) == (0, None)
        with pytest.raises(NotFound):
            await programmes.board(tx, book.definition, "autumn", as_of=at)


def test_a_programme_without_success_two_events_of_one_status_and_a_kind_of_two_are_faults(book: Book) -> None:
    kinds = book.definition.events
    nobody = Programme(means="x", statuses={"in": Status(event="price_page")})
    (fault,) = rules.check({"x": nobody}, kinds)
    assert "success" in fault.words
    twice = {"a": Status(event="price_page", success=True), "b": Status(event="price_page")}
    (fault,) = rules.check({"x": Programme(means="x", statuses=twice)}, kinds)
    assert "brings `a` already" in fault.words
    both = Programme(means="x", statuses={"in": Status(event="price_page", success=True, unnamed=True)})
    (fault,) = rules.check({"x": both, "y": both}, kinds)
    assert "are of x already" in fault.words
    assert [fault.path for fault in rules.check({"x": both}, ())] == [("programmes", "x", "statuses", "in", "event")]


def test_a_list_names_a_programme_that_is_there_and_an_event_of_it(book: Book) -> None:
    check(book.definition, ListedEvent(kind="webinar_attended", programme="audit-season"))
    with pytest.raises(BadInput, match="audit-season"):
        check(book.definition, ListedEvent(kind="webinar_attended", programme="audit"))
    with pytest.raises(BadInput, match="brings no status"):
        check(book.definition, ListedEvent(kind="price_page", programme="audit-season"))
