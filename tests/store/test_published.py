"""Do runs read what was published, and only that?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from leadloom.domain.errors import NotFound
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.standing import CodeEntry
from leadloom.store import audit, owners, published
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world

LATER = world.MONDAY + timedelta(days=1)


async def test_the_book_is_what_was_published(book: Book) -> None:
    assert book.definition == world.definition()
    assert book.definition_version == 1
    assert [each.journey for each in book.journeys] == [world.small_journey()]


async def test_publishing_the_same_again_changes_nothing_and_leaves_no_note(db: Db, book: Book) -> None:
    async with db.transaction() as tx:
        await published.publish_definition(tx, world.definition(), at=LATER, by="samira-haddad")
        assert await published.book(tx) == book
        assert len(await audit.notes(tx, "definition kelvance")) == 1


async def test_a_changed_definition_is_a_new_version_with_a_note_and_owners_follow_it(db: Db, book: Book) -> None:
    greta = book.definition.person("greta-lindqvist").model_copy(update={"phone": "+49 30 555"})
    others = tuple(entry for entry in book.definition.owners if entry.handle != greta.handle)
    changed = book.definition.model_copy(update={"owners": (*others, greta)})
    async with db.transaction() as tx:
        before = await owners.named(tx, greta.handle)
        await published.publish_definition(tx, changed, at=LATER, by="samira-haddad")
        after = await owners.named(tx, greta.handle)
        newer = await published.book(tx)
        notes = await audit.notes(tx, "definition kelvance")
    assert (newer.definition_version, newer.definition) == (2, changed)
    assert after == before.model_copy(update={"phone": "+49 30 555"})
    assert (notes[-1].actor, notes[-1].at) == ("samira-haddad", LATER)


async def test_an_older_version_can_be_put_in_force_again(db: Db, book: Book) -> None:
    changed = world.small_journey().model_copy(update={"purpose": "Something else."})
    async with db.transaction() as tx:
        await published.publish_journey(tx, changed, at=LATER, by="priya-nair")
        assert [each.journey for each in (await published.book(tx)).journeys] == [changed]
        await published.publish_journey(tx, world.small_journey(), at=LATER, by="priya-nair")
        assert (await published.book(tx)).journeys == book.journeys


async def test_a_run_reads_the_version_it_began_with_after_a_newer_one(db: Db, book: Book) -> None:
    began_with = book.journeys[0].hash
    changed = world.small_journey().model_copy(update={"purpose": "Something else."})
    async with db.transaction() as tx:
        await published.publish_journey(tx, changed, at=LATER, by="priya-nair")
        assert await published.journey(tx, began_with) == world.small_journey()


async def test_the_answers_of_a_task_stand_in_the_order_their_author_wrote_and_another_order_is_another_version(
    db: Db, book: Book
) -> None:
    def asks(*answers: str) -> Journey:
        step = {"do": "task", "id": "call", "to": "owner", "words": "Call", "within": "3d"}
        told = {
            **world.small_journey().model_dump(by_alias=True),
            "steps": [step | {"outcomes": dict.fromkeys(answers, "end")}],
        }
        return Journey.model_validate(told)

    for answers in (("went very badly", "ok", "so so"), ("ok", "so so", "went very badly")):
        async with db.transaction() as tx:
            named = await published.publish_journey(tx, asks(*answers), at=LATER, by="priya-nair")
            # Not through `published.journey`: what this process has published it needn't read.
            body = (await tx.one("published_body", kind="journey", hash=named))["body"]
        assert tuple(body["steps"][0]["outcomes"]) == answers


async def test_the_door_of_a_journey_as_code_is_in_the_book(db: Db, book: Book) -> None:
    door = CodeEntry(name="circle", workflow="BuyingCircle", events=("article_read",), per="account")
    async with db.transaction() as tx:
        await published.publish_code_journey(tx, door, at=LATER, by="leo-novak")
        assert (await published.book(tx)).code == (door,)


async def test_a_template_is_found_by_its_mail_and_read_by_its_hash(db: Db, book: Book) -> None:
    async with db.read() as tx:
        found = await published.template_hash(tx, "small", "guide")
        assert await published.template(tx, found) == world.template("guide")
        with pytest.raises(NotFound, match="small/nothing"):
            await published.template_hash(tx, "small", "nothing")


async def test_two_who_publish_different_versions_at_once_get_different_numbers(db: Db, book: Book) -> None:
    async def publish(purpose: str) -> None:
        async with db.transaction() as tx:
            draft = world.small_journey().model_copy(update={"purpose": purpose})
            await published.publish_journey(tx, draft, at=LATER, by="priya-nair")

    await asyncio.gather(*(publish(f"purpose {number}") for number in range(5)))
    async with db.read() as tx:
        notes = await audit.notes(tx, "journey small")
    assert [note.after["version"] for note in notes if isinstance(note.after, dict)] == [1, 2, 3, 4, 5, 6]


async def test_without_a_definition_the_book_says_what_to_do(db: Db) -> None:
    async with db.read() as tx:
        with pytest.raises(NotFound, match=r"publish definition\.yaml first"):
            await published.book(tx)


async def test_an_owner_is_away_from_the_first_instant_to_before_the_last(db: Db, book: Book) -> None:
    async with db.transaction() as tx:
        await owners.be_away(
            tx, "jonas-brandt", from_at=world.MONDAY, until_at=LATER, by="greta-lindqvist", at=world.MONDAY
        )
        assert await owners.absent_handles(tx, world.MONDAY) == {"jonas-brandt"}
        assert await owners.absent_handles(tx, LATER) == frozenset()


async def test_owners_have_the_address_and_regions_of_the_definition(db: Db, book: Book) -> None:
    async with db.read() as tx:
        marcus = await owners.named(tx, "marcus-oyelaran")
    assert (marcus.email, marcus.regions) == ("marcus.oyelaran@kelvance.example", ("Americas",))
