"""Is the definition changed only by those whose word it takes, and does each word leave a trace?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from leadloom.domain.definitions.charter import Right
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.drafting import Draft, Proposal, Word
from leadloom.domain.errors import BadInput, Conflict
from leadloom.runtime.publishing import Drafts, Governed, publish_all
from leadloom.store import definition_drafts, governing, published, regions
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store.acts import TUESDAY, capture, rows

SAMIRA, GRETA, RUTH, TOM, INES = "samira-haddad", "greta-lindqvist", "ruth-adeyemi", "tom-achterberg", "ines-carvalho"
Act = Callable[..., Awaitable[Draft]]


def stricter(definition: Definition, **more: Any) -> Definition:
    """The same with a higher threshold for engagement."""
    return definition.but(engagement_digits={1: 70.0, 2: 50.0, 3: 15.0}, **more)


async def said(db: Db, act: Act, draft_no: int, by: str, why: str = "", *, days: float = 0) -> Draft:
    async with db.transaction() as tx:
        word = Word(by=by, at=TUESDAY + timedelta(days=days), why=why)
        return await act(tx, draft_no, word, book=await published.book(tx))


async def proposed(db: Db, definition: Definition, by: str = SAMIRA, **more: Any) -> Draft:
    """A draft in review."""
    async with db.transaction() as tx:
        word, book = Word(by=by, at=TUESDAY, why="fewer, better"), await published.book(tx)
        draft = await definition_drafts.draw_up(tx, Proposal(definition=definition, **more), word, book=book)
        return await definition_drafts.submit(tx, draft.draft_no, word, book=book)


async def version(db: Db) -> int:
    async with db.read() as tx:
        return (await published.book(tx)).definition_version


async def audit_of(db: Db, draft_no: int) -> list[tuple[str, str]]:
    async with db.read() as tx:
        return [(one.by, one.act) for one in await definition_drafts.said(tx, draft_no)]


async def test_a_draft_comes_into_force_by_its_owner_and_sales_and_the_audit_shows_both(db: Db, book: Book) -> None:
    draft = await proposed(db, stricter(book.definition))
    assert (draft.state, draft.waiting_for) == ("in review", "the signature of Samira Haddad and of Greta Lindqvist")
    draft = await said(db, definition_drafts.sign, draft.draft_no, SAMIRA)
    assert (draft.state, draft.waiting_for) == ("in review", "the signature of Greta Lindqvist")
    assert await version(db) == 1
    draft = await said(db, definition_drafts.sign, draft.draft_no, GRETA, "agreed in our monthly")
    assert (draft.state, draft.version, draft.waiting_for) == ("in force", 2, None)
    async with db.read() as tx:
        live = await published.book(tx)
        [newest, first] = await definition_drafts.versions(tx, "kelvance")
    assert live.definition.engagement_digits[2] == 50
    assert (live.definition.version, live.definition.effective) == (2, TUESDAY.date())
    assert (newest.approved_by, newest.draft_no, first.draft_no) == (f"{SAMIRA}, {GRETA}", draft.draft_no, None)
    assert await audit_of(db, draft.draft_no) == [
        (SAMIRA, "drew up"), (SAMIRA, "submitted"), (SAMIRA, "signed"), (GRETA, "signed"), ("system", "approved"),
        ("system", "put in force"),
    ]  # fmt: skip


async def test_a_rejected_and_a_withdrawn_draft_change_nothing_but_the_audit(db: Db, dsn: str, book: Book) -> None:
    lead_id = await capture(db, book, world.draft("ana.torres", world.happened("guide_requested", TUESDAY)))
    tables = ("published", "stage_change", "lead_stage", "lead", "hand_off", "event", "reevaluation", "owner")

    async def everything() -> dict[str, str]:
        return {
            table: (await rows(dsn, f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"))[0][0]
            for table in tables
        }

    before = await everything()
    refused = await proposed(db, stricter(book.definition))
    await said(db, definition_drafts.sign, refused.draft_no, SAMIRA)
    refused = await said(db, definition_drafts.reject, refused.draft_no, GRETA, "the reps have no room")
    taken_back = await proposed(db, stricter(book.definition))
    taken_back = await said(db, definition_drafts.withdraw, taken_back.draft_no, SAMIRA)
    assert await governing.come_into_force(db, at=TUESDAY + timedelta(days=400)) == ()
    assert (refused.state, taken_back.state) == ("rejected", "withdrawn")
    assert await everything() == before
    assert (await audit_of(db, refused.draft_no))[-1] == (GRETA, "rejected")
    with pytest.raises(Conflict, match="is rejected, so it can't be signed"):
        await said(db, definition_drafts.sign, refused.draft_no, GRETA)
    assert lead_id


async def test_only_the_charter_proposes_and_only_whose_word_it_takes_signs(db: Db, book: Book) -> None:
    with pytest.raises(Conflict, match=r"Inês Carvalho is not of the charter\. Those who are may propose: Samira"):
        await proposed(db, stricter(book.definition), by=INES)
    draft = await proposed(db, stricter(book.definition))
    with pytest.raises(Conflict, match=r"Tom Achterberg's signature is not asked for .* Samira Haddad"):
        await said(db, definition_drafts.sign, draft.draft_no, TOM)
    await said(db, definition_drafts.sign, draft.draft_no, SAMIRA)
    with pytest.raises(Conflict, match="Samira Haddad signed draft 1 on 2026-03-03"):
        await said(db, definition_drafts.sign, draft.draft_no, SAMIRA)
    with pytest.raises(Conflict, match="with a reason, so that its author can do better"):
        await said(db, definition_drafts.reject, draft.draft_no, GRETA)
    with pytest.raises(Conflict, match="they withdraw it, or the owner does"):
        await said(db, definition_drafts.withdraw, draft.draft_no, GRETA)


async def test_nobody_approves_alone_what_they_wrote(db: Db, book: Book) -> None:
    lonely = book.definition.but(charter=book.definition.charter.but(rights={"scoring": Right(decides=SAMIRA)}))
    async with db.transaction() as tx:
        await published.publish_definition(tx, lonely, at=TUESDAY, by=SAMIRA)
    draft = await proposed(db, stricter(lonely))
    draft = await said(db, definition_drafts.sign, draft.draft_no, SAMIRA)
    assert (draft.state, draft.waiting_for) == ("in review", "the signature of Greta Lindqvist")


async def test_what_a_draft_touches_says_whose_word_it_takes(db: Db, book: Book) -> None:
    mail = book.definition.mail.but(view_for=timedelta(days=30))
    draft = await proposed(db, book.definition.but(mail=mail), by="priya-nair")
    async with db.read() as tx:
        view = await definition_drafts.view(tx, draft.draft_no, book=book)
    assert [(one.by, one.because) for one in view.signatures] == [(TOM, "decides mail"), (SAMIRA, "co-signs mail")]
    assert [one.words for one in view.differences] == ["mail › view_for: 365d becomes 30d"]
    assert view.differences[0].whom == "what leads are sent, how often and when"


async def test_a_draft_with_a_date_changes_nothing_before_it(db: Db, book: Book) -> None:
    draft = await proposed(db, stricter(book.definition), effective_at=TUESDAY + timedelta(days=9))
    for handle in (SAMIRA, GRETA):
        draft = await said(db, definition_drafts.sign, draft.draft_no, handle)
    assert (draft.state, draft.waiting_for, draft.waits_until) == ("approved", "its date", TUESDAY + timedelta(days=9))
    assert await governing.come_into_force(db, at=TUESDAY + timedelta(days=8.9)) == ()
    assert await version(db) == 1
    assert await governing.come_into_force(db, at=TUESDAY + timedelta(days=9)) == (draft.draft_no,)
    assert await version(db) == 2
    assert await governing.come_into_force(db, at=TUESDAY + timedelta(days=9)) == ()


async def test_a_draft_that_another_version_overtook_cannot_undo_it(db: Db, book: Book) -> None:
    late = await proposed(db, stricter(book.definition), effective_at=TUESDAY + timedelta(days=9))
    unsigned = await proposed(db, stricter(book.definition, half_life=timedelta(days=20)))
    soon = await proposed(db, book.definition.but(half_life=timedelta(days=45)))
    for handle in (SAMIRA, GRETA):
        await said(db, definition_drafts.sign, late.draft_no, handle)
        await said(db, definition_drafts.sign, soon.draft_no, handle)
    await governing.apply(db)
    with pytest.raises(Conflict, match="was drawn from version 1, and version 2 is in force now"):
        await said(db, definition_drafts.sign, unsigned.draft_no, SAMIRA)
    await governing.come_into_force(db, at=TUESDAY + timedelta(days=9))
    async with db.read() as tx:
        late = await definition_drafts.get(tx, late.draft_no)
    assert (late.state, await version(db)) == ("withdrawn", 2)


async def test_bad_drafts_are_refused_with_what_to_do(db: Db, book: Book) -> None:
    with pytest.raises(Conflict, match="there is nothing to propose"):
        await proposed(db, book.definition.but(version=7))
    with pytest.raises(BadInput, match="Name a day ahead"):
        await proposed(db, stricter(book.definition), effective_at=TUESDAY - timedelta(days=1))
    with pytest.raises(BadInput, match="americas, asia-pacific, europe"):
        await proposed(db, stricter(book.definition), regions=("mars",))
    await capture(db, book, world.draft("ana.torres", world.happened("guide_requested", TUESDAY)))
    stages = tuple(stage for stage in book.definition.stages if stage.name != "inquiry")
    with pytest.raises(Conflict, match="1 leads stand at `inquiry`, which the draft has no more"):
        await proposed(db, book.definition.but(stages=stages))


async def test_a_changed_file_is_not_published_past_the_governors_unless_somebody_says_why(db: Db, book: Book) -> None:
    changed = Drafts(stricter(book.definition), (), (), {})
    with pytest.raises(Conflict, match="definitions propose --as YOU"):
        await publish_all(db, at=TUESDAY, by=TOM, drafts=changed, governed=Governed(None))
    assert await version(db) == 1
    done = await publish_all(db, at=TUESDAY, by=TOM, drafts=changed, governed=Governed("the house burns"))
    assert done.definition_version == 2


async def test_a_file_that_an_approved_version_overtook_is_no_change(db: Db, book: Book) -> None:
    draft = await proposed(db, stricter(book.definition))
    for handle in (SAMIRA, GRETA):
        await said(db, definition_drafts.sign, draft.draft_no, handle)
    done = await publish_all(db, at=TUESDAY, by=SAMIRA, drafts=Drafts(book.definition, (), (), {}))
    assert done.definition_version == 2


async def test_a_roll_out_begins_in_one_region_and_goes_on_when_the_sponsor_says_go(db: Db, book: Book) -> None:
    draft = await proposed(db, stricter(book.definition), regions=("americas",))
    for handle in (SAMIRA, GRETA):
        await said(db, definition_drafts.sign, draft.draft_no, handle)
    async with db.transaction() as tx:
        live = await published.book(tx)
        assert [live.judging(country).version for country in ("US", "DE", "SG", "ZA", None)] == [2, 1, 1, 2, 2]
        assert live.judging("DE").definition.engagement_digits[2] == 40
        with pytest.raises(Conflict, match="The roll-out is Ruth Adeyemi's to decide"):
            await regions.decide(tx, "europe", "go", Word(by=TOM, at=TUESDAY), book=live, figures={})
        await regions.decide(tx, "europe", "no-go", Word(by=RUTH, at=TUESDAY, why="stale"), book=live, figures={})
        assert (await published.book(tx)).judging("DE").version == 1
        await regions.decide(tx, "europe", "go", Word(by=RUTH, at=TUESDAY), book=live, figures={"x": 1})
        assert (await published.book(tx)).judging("DE").version == 2
        acts = [(one.region, one.act, one.by) for one in await regions.acts(tx)]
    assert sorted(acts) == [
        ("asia-pacific", "stays", SAMIRA), ("europe", "go", RUTH), ("europe", "no-go", RUTH),
        ("europe", "stays", SAMIRA),
    ]  # fmt: skip


async def test_publishing_journeys_leaves_a_definition_alone_that_a_later_version_overtook(db: Db, book: Book) -> None:
    async with db.transaction() as tx:
        await published.publish_definition(tx, stricter(book.definition), at=TUESDAY, by=SAMIRA)
    unchanged = Drafts(book.definition, (), (), {})
    done = await publish_all(db, at=TUESDAY, by=TOM, drafts=unchanged, governed=Governed(None))
    assert done.definition_version == 2
