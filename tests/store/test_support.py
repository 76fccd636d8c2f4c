"""Does what support raises from two fields reach sales by the one write path, and does who raised it hear the end?"""

from __future__ import annotations

from uuid import uuid4

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.handoffs.answers import Decision
from leadloom.store import answering, cards, erasure, hand_offs, support
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.store.support import Heard, SupportRequest
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_hand_offs import ACCEPT, kinds, minutes, notices

BEN = "ben-okafor"


async def raises(
    db: Db, book: Book, about: str, said: str = "Wants loggers for a second depot", **rest: object
) -> SupportRequest:
    heard = Heard.model_validate({"request_id": uuid4(), "about": about, "said": said, "by": BEN, **rest})
    async with db.transaction() as tx:
        return await support.raise_lead(tx, heard, book=book, at=TUESDAY)


async def test_two_fields_about_a_stranger_make_a_lead_and_an_offer_with_the_clocks_of_support(
    db: Db, dsn: str, book: Book
) -> None:
    made = await raises(db, book, " Ana.Torres@Meridian-Pharma.example ")
    assert (made.stands, made.pool) == ("waits", "sales"), "nobody knows yet where she is"
    assert await kinds(dsn, made.lead_id) == ["support_raised"]
    assert made.hand_off_id is not None
    async with db.read() as tx:
        now = await hand_offs.get(tx, made.hand_off_id)
        card = await cards.read(tx, made.hand_off_id, definition=book.definition, at=TUESDAY)
    assert (now.kind, now.accept_in) == ("support-to-sales", book.definition.hand_offs["support-to-sales"].accept)
    assert any("second depot" in reason for reason in now.why)
    assert card.reasons[0].words == "Support heard: Wants loggers for a second depot", "however little else they did"
    assert card.kind_words == "Support heard a wish that is a matter for sales"


async def test_the_same_request_twice_is_one(db: Db, dsn: str, book: Book) -> None:
    name = uuid4()
    first = await raises(db, book, "ana.torres@meridian-pharma.example", request_id=name)
    assert await raises(db, book, "ana.torres@meridian-pharma.example", request_id=name) == first
    assert len(await acts.rows(dsn, "SELECT FROM hand_off")) == 1


async def test_a_company_is_whoever_we_heard_from_last_there_and_one_we_never_heard_of_is_made(
    db: Db, dsn: str, book: Book
) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres", world.happened("price_page", TUESDAY)))
    await acts.capture(db, book, world.draft("ben.torres"))
    (row,) = await acts.rows(dsn, "SELECT name FROM account")
    assert (await raises(db, book, row["name"].upper())).lead_id == ana
    strangers = await raises(db, book, "Polar Nord")
    assert (strangers.lead_id != ana, strangers.person) == (True, "Polar Nord")


async def test_what_somebody_has_open_already_is_joined_and_its_owner_reads_what_was_heard(
    db: Db, dsn: str, book: Book
) -> None:
    ana = await acts.capture(db, book, world.draft("ana.torres", world.happened("demo_requested", TUESDAY)))
    made = await raises(db, book, "ana.torres@meridian-pharma.example")
    assert (made.lead_id, made.owner) == (ana, "marcus-oyelaran")
    (row,) = await acts.rows(dsn, "SELECT kind, why FROM hand_off")
    assert row["kind"] == "hand-raise" and "second depot" in row["why"]
    assert [to for *_, to in await notices(dsn)] == ["marcus-oyelaran"], "one company, one owner, one notice"


async def test_who_raised_it_hears_once_how_it_ended_and_once_more_when_it_is_given_back(
    db: Db, dsn: str, book: Book
) -> None:
    made = await raises(db, book, "ana.torres@meridian-pharma.example")
    assert made.hand_off_id is not None
    async with db.transaction() as tx:
        taken = Decision.model_validate({**ACCEPT.model_dump(), "by": made.owner or "marcus-oyelaran"})
        await answering.decide(tx, made.hand_off_id, 1, taken, book=book, at=minutes(5))
    assert [(mail, to) for _, _, mail, to in await notices(dsn)][1:] == [("raised-ended", BEN)]
    async with db.transaction() as tx:
        no = Decision(kind="reject", by=taken.by, via="page", reason="no-budget")
        await answering.give_back(tx, made.hand_off_id, no, book=book, at=minutes(9))
        assert (await support.get(tx, made.request_id)).stands == "given back"
    assert [mail for _, _, mail, _ in await notices(dsn)].count("raised-ended") == 2


@pytest.mark.parametrize(
    ("field", "told"),
    [("about", {"about": " "}), ("said", {"said": ""}), ("said", {"said": "x" * 501}), ("by", {"by": "nobody"})],
)
async def test_a_field_that_says_nothing_is_named(
    db: Db, dsn: str, book: Book, field: str, told: dict[str, object]
) -> None:
    with pytest.raises(BadInput) as refused:
        await raises(db, book, **{"about": "ana@meridian-pharma.example", **told})
    assert refused.value.field == field
    assert await acts.rows(dsn, "SELECT FROM lead") == []


async def test_an_address_that_is_none_is_refused_and_nothing_is_left(db: Db, dsn: str, book: Book) -> None:
    with pytest.raises(BadInput):
        await raises(db, book, "ana@")
    assert await acts.rows(dsn, "SELECT FROM support_request") == []


async def test_the_erased_leave_no_word_of_what_support_heard(db: Db, dsn: str, book: Book) -> None:
    made = await raises(db, book, "ana.torres@meridian-pharma.example", "Ana Torres wants a second depot")
    async with db.transaction() as tx:
        what = erasure.Erasure(lead_id=made.lead_id, by="samira-haddad", why="by letter")
        await erasure.erase(tx, what, book=book, at=minutes(60))
    (row,) = await acts.rows(dsn, "SELECT about, said FROM support_request")
    assert tuple(row) == ("[erased]", "[erased]")
