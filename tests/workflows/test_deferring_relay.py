"""Does each of thirty leads get each mail once, though the relay says "try again later" in their midst?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.mails.retries import IN_A_ROW
from leadloom.domain.model import LeadId
from leadloom.runtime.local.mail_trap import Fault
from leadloom.runtime.local.trapped_mail import TrappedMail
from tests.acts_in_house import all_stuck, comes, letters_to, rows
from tests.house import TestHouse, a_house

LEADS = 30


async def thirty_readers(house: TestHouse) -> list[LeadId]:
    """Each of another company, so that no company's cap is near."""
    return [
        await comes(
            house, f"reader{no}", "guide_requested", email=f"reader{no}@firm{no}.example", company=f"Firm {no} Ltd"
        )
        for no in range(LEADS)
    ]


def defers_from(house: TestHouse, count: int) -> None:
    """From this many mails on the relay takes no more, until it recovers."""

    async def on_mail(_: TrappedMail) -> None:
        if len(house.trap.mails) == count:
            house.trap.fail(Fault.DEFER)

    house.trap.on_mail = on_mail


@pytest.mark.parametrize("outage", [timedelta(seconds=3), timedelta(minutes=10)])
async def test_a_relay_that_defers_amid_thirty_leads_delays_mail_and_loses_or_doubles_none(
    dsn: str, outage: timedelta
) -> None:
    async with a_house(dsn) as house:
        defers_from(house, LEADS // 3)
        await thirty_readers(house)
        await house.pass_time(outage)
        guides = len(house.trap.mails)
        house.trap.recover()
        defers_from(house, LEADS + LEADS // 3)
        # Day 3 is a Thursday afternoon: all thirty second letters are due in this hour.
        await house.pass_time(timedelta(days=3, minutes=30) + outage)
        letters = len(house.trap.mails)
        house.trap.recover()
        await house.pass_time(timedelta(days=2))
        # Whoever was in the middle of a mail when the relay changed its mind gets it through: one a connection at most.
        under_way = house.house.settings.smtp_connections
        assert LEADS // 3 <= guides < LEADS // 3 + under_way
        assert LEADS + LEADS // 3 <= letters < LEADS + LEADS // 3 + under_way
        for no in range(LEADS):
            assert letters_to(house, f"reader{no}") == ["deliver-guide", "nine-minutes"]
        assert house.trap.duplicates() == {}
        assert await rows(house, "SELECT FROM message WHERE status <> 'sent'") == []
        # After so many "later" in a row the relay rests: whoever waits behind them burns no try.
        assert len(await rows(house, "SELECT FROM message WHERE tries > 1")) >= 2 * IN_A_ROW
        assert await all_stuck(house) == ()
