"""Whoever opens the live world finds one draft of the definition, and it awaits Greta."""

from __future__ import annotations

from datetime import timedelta

from leadloom.store import definition_drafts, published
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.world import governors
from tests.store.acts import TUESDAY


async def test_a_draft_awaits_greta_once_the_threshold_fell(db: Db, book: Book) -> None:
    await governors.leave_draft(db, book.definition, at=TUESDAY)
    async with db.transaction() as tx:
        assert await definition_drafts.listed(tx) == (), "before it fell there is nothing to propose"
        lower = book.definition.but(engagement_digits={**book.definition.engagement_digits, 2: 35.0})
        await published.publish_definition(tx, lower, at=TUESDAY, by="samira-haddad")
    await governors.leave_draft(db, book.definition, at=TUESDAY + timedelta(hours=1))
    async with db.read() as tx:
        [draft] = await definition_drafts.listed(tx)
        view = await definition_drafts.view(tx, draft.draft_no, book=await published.book(tx))
    assert (draft.state, draft.waiting_for) == ("in review", "the signature of Greta Lindqvist")
    assert [one.words for one in view.differences] == ["engagement_digits › 2: 35 becomes 40"]
