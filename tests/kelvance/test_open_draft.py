"""Whoever opens the live world finds one draft of the definition, and it awaits Greta."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from leadloom.domain.model import LeadId
from leadloom.domain.reports.calibration import Qualified, calibration
from leadloom.store import definition_drafts, published
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.world import governors
from tests.store.acts import TUESDAY
from tests.world import definition


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
    assert "too few are answered yet to tell what 35 did" in view.said[0].why


def of(version: int, band: str, *, ready: int, accepted: int) -> list[Qualified]:
    return [
        Qualified(
            lead_id=LeadId(UUID(int=no)), definition_version=version, band=band, at=TUESDAY, accepted=no < accepted,
            answered=True, ended=False, won=False,
        )
        for no in range(ready)
    ]  # fmt: skip


def test_the_draft_claims_what_the_figures_of_digit_2_show_and_nothing_of_the_others() -> None:
    told = [
        *of(1, "A2", ready=10, accepted=8), *of(1, "B2", ready=3, accepted=1), *of(1, "A4", ready=30, accepted=2),
        *of(2, "A2", ready=20, accepted=9), *of(2, "C1", ready=4, accepted=4),
    ]  # fmt: skip
    report = calibration(definition(), told, as_of=TUESDAY, track="new-business")
    assert governors.what_came(report) == (
        "Of the leads of digit 2, sales took 9 of 13 while it began at 40 points, and 9 of 20 since it begins at 35:"
        " back to 40"
    )
