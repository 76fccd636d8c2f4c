"""Does the owner of a deal see a letter a working day before it goes, and is their word about it kept to?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.mails.review import ReviewAct
from leadloom.runtime import reviews as looking
from leadloom.store import audit, calendars, enrolments, leads, messages, owners, reviews
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import coming, world
from tests.coming import OPENED, SILENT_UNTIL
from tests.store import acts

HOUR = timedelta(hours=1)


@pytest.fixture
async def book(db: Db) -> Book:
    return await coming.publish(db)


async def says(db: Db, act: str, at: datetime = OPENED + HOUR, by: str = "dana-whitlock", **passages: str) -> None:
    order = ReviewAct.model_validate({"act": act, "by": by, "via": "cli", "passages": passages})
    async with db.transaction() as tx:
        (letter,) = await reviews.coming(tx)
        await looking.act(tx, letter.message_id, order, at=at)


async def status(dsn: str) -> tuple[str, str | None]:
    (row,) = await acts.rows(dsn, "SELECT status, reason FROM message WHERE owner_id IS NULL")
    return row["status"], row["reason"]


async def claimed(db: Db, book: Book, dsn: str, at: datetime) -> list[messages.ClaimedMessage]:
    (row,) = await acts.rows(dsn, "SELECT lane FROM message WHERE owner_id IS NULL")
    return [each for each in await acts.claim(db, book, row["lane"], at=at) if each.owner_id is None]


async def test_the_deals_owner_hears_at_once_and_the_letter_waits_a_working_day(db: Db, book: Book, dsn: str) -> None:
    await coming.deal_opened(db, book)
    letter = await coming.mail(db, "dana-whitlock")

    assert (letter.mail, letter.state, letter.slot_at) == ("validation-pack", "open", SILENT_UNTIL)
    notices = await acts.rows(dsn, "SELECT step, slot_at FROM message WHERE owner_id IS NOT NULL")
    assert [(row["step"], row["slot_at"]) for row in notices] == [("validation-pack/review", OPENED)]


async def test_a_working_day_passes_no_weekend(db: Db, book: Book) -> None:
    friday = OPENED - timedelta(days=4)
    await coming.deal_opened(db, book, at=friday)

    assert (await coming.mail(db)).slot_at == friday + timedelta(days=3)


async def test_silence_lets_it_go(db: Db, book: Book, dsn: str) -> None:
    await coming.deal_opened(db, book)

    assert await claimed(db, book, dsn, SILENT_UNTIL - HOUR) == []
    (letter,) = await claimed(db, book, dsn, SILENT_UNTIL)
    assert letter.sender == "dana-whitlock"


async def test_an_owner_who_is_away_is_asked_through_their_deputy(db: Db, book: Book) -> None:
    async with db.transaction() as tx:
        span = {"from_at": OPENED - HOUR, "until_at": OPENED + timedelta(days=14)}
        await owners.be_away(tx, "dana-whitlock", **span, by="greta-lindqvist", at=OPENED)
    await coming.deal_opened(db, book)

    assert (await coming.mail(db)).owner == "marcus-oyelaran"


async def test_a_held_letter_waits_for_a_word_however_late_it_is(db: Db, book: Book, dsn: str) -> None:
    await coming.deal_opened(db, book)
    await says(db, "hold")

    assert await status(dsn) == ("held", "held by dana-whitlock")
    assert await claimed(db, book, dsn, SILENT_UNTIL + HOUR) == []
    async with db.transaction() as tx:
        await calendars.sweep_holds(tx, book=book, at=SILENT_UNTIL + HOUR)
    assert (await status(dsn))[0] == "held"
    await says(db, "release", at=SILENT_UNTIL + 2 * HOUR)
    assert len(await claimed(db, book, dsn, SILENT_UNTIL + 2 * HOUR)) == 1


async def test_a_letter_held_past_its_worth_expires_and_says_so(db: Db, book: Book, dsn: str) -> None:
    await coming.deal_opened(db, book)
    await says(db, "hold")
    deadline = (await coming.mail(db)).deadline
    async with db.transaction() as tx:
        await calendars.sweep_holds(tx, book=book, at=deadline)

    assert await status(dsn) == ("expired", "it was held until its deadline")


async def test_a_release_lets_it_go_at_once(db: Db, book: Book, dsn: str) -> None:
    await coming.deal_opened(db, book)
    await says(db, "release")

    assert (await coming.mail(db)).slot_at == OPENED + HOUR
    assert len(await claimed(db, book, dsn, OPENED + HOUR)) == 1


@pytest.mark.parametrize(("act", "after"), [("hold", "held"), ("skip", "cancelled")])
async def test_a_word_is_heard_until_the_dot(db: Db, book: Book, dsn: str, act: str, after: str) -> None:
    await coming.deal_opened(db, book)
    (letter,) = await claimed(db, book, dsn, SILENT_UNTIL)
    await says(db, act, at=SILENT_UNTIL)
    async with db.transaction() as tx:
        marked = await messages.mark_at_dot(tx, [(letter.message_id, letter.claim)], at=SILENT_UNTIL)

    assert marked == set()
    assert (await status(dsn))[0] == after


async def test_after_the_dot_it_is_too_late_and_nothing_changes(db: Db, book: Book, dsn: str) -> None:
    await coming.deal_opened(db, book)
    message_id = (await coming.mail(db)).message_id
    (letter,) = await claimed(db, book, dsn, SILENT_UNTIL)
    async with db.transaction() as tx:
        await messages.mark_at_dot(tx, [(letter.message_id, letter.claim)], at=SILENT_UNTIL)
    order = ReviewAct(act="skip", by="dana-whitlock", via="cli")
    with pytest.raises(Conflict, match="going this moment"):
        async with db.transaction() as tx:
            await looking.act(tx, message_id, order, at=SILENT_UNTIL)


async def test_words_written_anew_are_those_of_this_mail_alone(db: Db, book: Book, dsn: str) -> None:
    await coming.deal_opened(db, book)
    await says(db, "edit", opening="We spoke about Part 11 yesterday; here is the pack.")
    letter = await coming.mail(db)
    async with db.read() as tx:
        looked = await looking.look(tx, letter.message_id, at=OPENED + HOUR)

    assert (letter.edited_by, letter.state, letter.slot_at) == ("dana-whitlock", "open", SILENT_UNTIL)
    assert looked.paragraphs[:2] == ["Hello Ana,", "We spoke about Part 11 yesterday; here is the pack."]
    assert looked.passages["closing"].startswith("If your own template")
    (kept,) = await claimed(db, book, dsn, SILENT_UNTIL)
    assert kept.values is not None
    assert kept.values["edited"] == {"opening": "We spoke about Part 11 yesterday; here is the pack."}


async def test_an_edit_of_a_held_letter_lets_nothing_go(db: Db, book: Book, dsn: str) -> None:
    await coming.deal_opened(db, book)
    await says(db, "hold")
    await says(db, "edit", subject="The pack")

    assert (await status(dsn))[0] == "held"


@pytest.mark.parametrize(
    ("passages", "remedy"),
    [
        ({"opening": "Hurry, this is your last chance!"}, "We don't shout"),
        ({"opening": "word " * 120}, "130 is the most"),
        ({"subject": "x" * 51}, "at most 50 characters"),
        ({"opening": "  "}, "Write something"),
        ({"middel": "…"}, "This mail has subject, opening"),
    ],
)
async def test_words_we_would_not_send_are_refused(
    db: Db, book: Book, dsn: str, passages: dict[str, str], remedy: str
) -> None:
    await coming.deal_opened(db, book)
    with pytest.raises(BadInput, match=remedy):
        await says(db, "edit", **passages)

    assert (await coming.mail(db)).edited_by is None


async def test_each_word_is_kept_once_with_its_speaker_and_without_the_letter(db: Db, book: Book) -> None:
    await coming.deal_opened(db, book)
    letter = await coming.mail(db)
    for _ in range(2):
        await says(db, "hold")
    await says(db, "edit", opening="A sentence of mine.")
    async with db.read() as tx:
        notes = await audit.notes(tx, f"message {letter.message_id}")

    assert [(note.actor, note.action) for note in notes] == [
        ("dana-whitlock", "held a mail"),
        ("dana-whitlock", "wrote a mail anew"),
    ]
    assert "A sentence of mine" not in str(notes)


async def test_a_deal_that_is_lost_takes_its_letter_back(db: Db, book: Book, dsn: str) -> None:
    await coming.deal_opened(db, book)
    await coming.deal_lost(db, book)

    assert await claimed(db, book, dsn, SILENT_UNTIL) == []
    assert (await status(dsn))[0] == "cancelled"


async def test_a_colleague_who_asks_joins_the_deal_and_gets_the_paper_for_their_desk(
    db: Db, book: Book, dsn: str
) -> None:
    await coming.deal_opened(db, book)
    asked = world.happened("demo_requested", OPENED + HOUR)
    colleague = await acts.capture(db, book, world.draft("ben.ruiz", asked, role="it"), OPENED + HOUR)
    async with db.read() as tx:
        (run,) = [each for each in await enrolments.of_lead(tx, colleague) if each.journey == coming.NAME]
        owner = (await leads.get(tx, colleague)).owner_id
        dana = (await owners.named(tx, "dana-whitlock")).owner_id
    await acts.advance(db, book, run.enrolment_id, at=OPENED + HOUR)
    async with db.read() as tx:
        letters = await reviews.coming(tx, "dana-whitlock")

    assert (run.entered_by, owner) == ("deal_joined", dana)
    assert [(letter.person, letter.mail) for letter in letters] == [
        ("Ana Torres", "validation-pack"),
        ("Ben Ruiz", "security-sheet"),
    ]


async def test_whose_deal_it_is_joins_nothing_by_asking_again(db: Db, book: Book, dsn: str) -> None:
    lead_id = await coming.deal_opened(db, book)
    await acts.happens(db, book, lead_id, world.happened("demo_requested", OPENED + HOUR))

    assert await acts.rows(dsn, "SELECT FROM event WHERE kind = 'deal_joined'") == []
