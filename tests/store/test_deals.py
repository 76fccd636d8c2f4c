"""Do deals come back as facts: one row each, told once, ending a conversation only when it is over?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.model import LeadId
from leadloom.store import answering, deals, events, hand_offs, inbox, leads
from leadloom.store.db import Db
from leadloom.store.deals import Deal, DealDraft
from leadloom.store.hand_offs import HandOff
from leadloom.store.published import Book
from tests import world
from tests.world import MONDAY, happened

DAY = timedelta(days=1)


async def capture(db: Db, book: Book, name: str = "ana.torres", *drafts) -> LeadId:
    async with db.transaction() as tx:
        return (await leads.capture(tx, world.draft(name, *drafts), book=book, at=MONDAY, actor="lead")).lead_id


def deal(lead_id: LeadId | None, **rest: object) -> DealDraft:
    words = {
        "external_id": "crm-1",
        "name": "Kit for Meridian",
        "lead_id": lead_id,
        "owner": "dana-whitlock",
        "product": "Kit",
        "amount": "4800.00",
        "currency": "USD",
        "created_at": MONDAY + DAY,
    }
    return DealDraft.model_validate({**words, **rest})


async def save(db: Db, book: Book, draft: DealDraft, at=MONDAY + 30 * DAY) -> Deal:
    async with db.transaction() as tx:
        return await deals.save(tx, draft, book=book, at=at)


async def kinds(db: Db, lead_id: LeadId) -> list[str]:
    async with db.read() as tx:
        return [event.kind for event in reversed(await events.of_lead(tx, lead_id))]


async def accepted(db: Db, book: Book) -> HandOff:
    """The company's hand-off, taken by whoever it was offered to."""
    async with db.transaction() as tx:
        (row,) = await inbox.list_open(tx)
        decision = Decision(kind="accept", by=row.owner or "marcus-oyelaran", via="cli")
        at = MONDAY + timedelta(minutes=5)
        await answering.decide(tx, row.hand_off_id, row.assignment_no, decision, book=book, at=at)
        return await hand_offs.get(tx, row.hand_off_id)


async def hand_off(db: Db, one: HandOff) -> HandOff:
    async with db.read() as tx:
        return await hand_offs.get(tx, one.hand_off_id)


async def test_a_deal_is_its_leads_and_its_companys_and_is_told_once(db: Db, book: Book) -> None:
    ana = await capture(db, book)
    first = await save(db, book, deal(ana))
    again = await save(db, book, deal(ana, amount="5200.00"))
    async with db.read() as tx:
        (stored,) = await deals.of_lead(tx, ana)
        lead = await leads.get(tx, ana)
    assert (again.deal_id, stored.amount) == (first.deal_id, Decimal("5200.00"))
    assert stored.account_id == lead.account_id is not None
    assert await kinds(db, ana) == ["deal_opened"]


async def test_a_deal_first_heard_of_when_won_tells_both_turns_at_their_own_time(db: Db, book: Book) -> None:
    ana = await capture(db, book)
    await save(db, book, deal(ana, stage="won", closed_at=MONDAY + 20 * DAY))
    async with db.read() as tx:
        won, opened = await events.of_lead(tx, ana)
    assert [(each.kind, each.at, each.actor) for each in (opened, won)] == [
        ("deal_opened", MONDAY + DAY, "dana-whitlock"),
        ("deal_won", MONDAY + 20 * DAY, "dana-whitlock"),
    ]


async def test_an_accepted_hand_off_is_closed_when_the_companys_last_deal_is(db: Db, book: Book) -> None:
    ana = await capture(db, book, "ana.torres", happened("demo_requested"))
    taken = await accepted(db, book)
    await save(db, book, deal(ana))
    await save(db, book, deal(ana, external_id="crm-2"))
    await save(db, book, deal(ana, stage="lost", closed_at=MONDAY + 9 * DAY))
    assert (await hand_off(db, taken)).closed_at is None
    await save(db, book, deal(ana, external_id="crm-2", stage="lost", closed_at=MONDAY + 10 * DAY))
    assert (await hand_off(db, taken)).closed_at == MONDAY + 30 * DAY


async def test_an_old_deal_told_again_does_not_end_the_next_conversation(db: Db, book: Book) -> None:
    ana = await capture(db, book)
    lost = deal(ana, stage="lost", closed_at=MONDAY + 2 * DAY)
    await save(db, book, lost, at=MONDAY + 2 * DAY)
    async with db.transaction() as tx:
        await events.record(tx, ana, [happened("demo_requested", MONDAY + 3 * DAY)], book=book, at=MONDAY + 3 * DAY)
    taken = await accepted(db, book)
    await save(db, book, lost)
    assert (await hand_off(db, taken)).closed_at is None


async def test_a_company_deal_without_a_lead_is_kept_and_shown_to_its_people(db: Db, book: Book) -> None:
    ana = await capture(db, book)
    async with db.read() as tx:
        account_id = (await leads.get(tx, ana)).account_id
    await save(db, book, deal(None, account_id=account_id, stage="won", closed_at=MONDAY + 9 * DAY))
    async with db.read() as tx:
        assert [each.stage for each in await deals.of_lead(tx, ana)] == ["won"]
    assert await kinds(db, ana) == []


async def test_a_deal_for_nobody_we_know_is_refused(db: Db, book: Book) -> None:
    ana = await capture(db, book)
    with pytest.raises(NotFound, match="owner nobody"):
        await save(db, book, deal(ana, owner="nobody"))
    with pytest.raises(BadInput, match="new-business, expansion"):
        await save(db, book, deal(ana, track="renewal"))


async def test_what_nobody_told_stays_untold_and_what_is_known_is_not_unlearned(db: Db, book: Book) -> None:
    ana = await capture(db, book)
    untold = await save(db, book, deal(ana, amount=None, currency=None, attributes={"segment": "pet"}))
    assert (untold.amount, untold.currency, untold.attributes) == (None, None, {"segment": "pet"})
    told = await save(db, book, deal(ana, attributes={"tier": 2}))
    again = await save(db, book, deal(ana, amount=None, currency="EUR"))
    assert (told.amount, again.amount, again.currency) == (Decimal("4800.00"), Decimal("4800.00"), "USD")
    assert again.attributes == {"segment": "pet", "tier": 2}


async def test_a_day_without_an_hour_is_told_as_a_day(db: Db, book: Book) -> None:
    ana = await capture(db, book)
    await save(db, book, deal(ana, stage="won", closed_at=MONDAY + 9 * DAY, closed_day_only=True))
    async with db.read() as tx:
        won, opened = await events.of_lead(tx, ana)
    assert (opened.data.get("precision"), won.data.get("precision")) == (None, "day")


@pytest.mark.parametrize(
    "wrong",
    [
        {"stage": "won"},
        {"closed_at": MONDAY},
        {"stage": "lost", "closed_at": MONDAY},
        {"amount": "-1"},
        {"currency": "€"},
        {"currency": None},
    ],
)
def test_a_deal_that_contradicts_itself_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        deal(None, **wrong)
