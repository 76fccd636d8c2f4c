"""Does the owner of a deal read the letter first, change it from the notice, and does silence let it go so?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadloom.domain.mails.links import PATHS, Purpose
from leadloom.domain.model import LeadId
from leadloom.runtime import reviews
from leadloom.runtime.local.trapped_mail import TrappedMail
from leadloom.runtime.reviews import Wish
from leadloom.store import deals, published
from leadloom.store.deals import DealDraft
from tests.acts_in_house import all_stuck, comes, letters_to, notices, step_of
from tests.house import TestHouse

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def sells(house: TestHouse, lead_id: LeadId, at: datetime, *, lost_at: datetime | None = None) -> None:
    """Dana's deal with the lead's company is open; or it is lost."""
    draft = DealDraft(
        external_id="crm-7", name="Kit for Meridian", lead_id=lead_id, owner="dana-whitlock", created_at=at,
        stage="lost" if lost_at else "open", closed_at=lost_at,
    )  # fmt: skip
    async with house.db.transaction() as tx:
        await deals.save(tx, draft, book=await published.book(tx), at=lost_at or at)


def coming(house: TestHouse) -> TrappedMail:
    (notice,) = [mail for mail in notices(house) if step_of(mail).endswith("review")]
    return notice


def token(notice: TrappedMail) -> str:
    path = PATHS[Purpose.REVIEW]
    return next(link.split(path, 1)[1] for link in notice.links if path in link)


@pytest.fixture
async def ana(house: TestHouse) -> LeadId:
    lead_id = await comes(house, "ana.torres", may_market=False)
    await sells(house, lead_id, await house.now())
    await house.pass_time(HOUR)
    return lead_id


async def test_silence_lets_the_very_letter_go_that_the_notice_showed(house: TestHouse, ana: LeadId) -> None:
    notice = coming(house)
    assert notice.recipients == ("dana.whitlock@kelvance.example",)
    assert "Before anybody relies on our records" in notice.text
    assert "Tue 03 Mar, 10:00" in notice.text
    assert letters_to(house, "ana.torres") == []

    await house.pass_time(DAY)

    assert letters_to(house, "ana.torres") == ["validation-pack"]
    assert await all_stuck(house) == ()


async def test_words_written_anew_by_the_link_are_those_the_reader_gets(house: TestHouse, ana: LeadId) -> None:
    wish = Wish(act="edit", passages={"opening": "We spoke about Part 11 yesterday; here is the pack."})
    await reviews.act_by_link(house.house, token(coming(house)), wish, at=await house.now())
    await house.pass_time(DAY)

    (letter,) = [mail for mail in house.trap.mails if mail.recipients[0].startswith("ana.torres")]
    assert "We spoke about Part 11 yesterday; here is the pack." in letter.text
    assert "Before anybody relies" not in letter.text
    assert "If your own template asks" in letter.text


async def test_a_held_letter_goes_when_it_is_released_and_not_before(house: TestHouse, ana: LeadId) -> None:
    link = token(coming(house))
    await reviews.act_by_link(house.house, link, Wish(act="hold"), at=await house.now())
    await house.pass_time(3 * DAY)
    assert letters_to(house, "ana.torres") == []

    await reviews.act_by_link(house.house, link, Wish(act="release"), at=await house.now())
    await house.pass_time(HOUR)
    assert letters_to(house, "ana.torres") == ["validation-pack"]


async def test_a_deal_that_is_lost_meanwhile_takes_the_letter_back(house: TestHouse, ana: LeadId) -> None:
    at = await house.now()
    await sells(house, ana, at - HOUR, lost_at=at)
    await house.pass_time(2 * DAY)

    assert letters_to(house, "ana.torres") == []
