"""A reader asks for what we hold about them, then to be forgotten, by nothing but the mails they got: does it come?"""

from __future__ import annotations

import json
import re
from datetime import timedelta

import httpx

from leadloom.runtime.local.trapped_mail import TrappedMail
from leadloom.web.app import create_app
from tests.acts_in_house import comes
from tests.house import TestHouse, a_house
from tests.store import acts

ANA = "ana.torres@meridian-pharma.example"


def link_in(mail: TrappedMail, kind: str) -> str:
    """The path of the mail's link of that kind."""
    found = re.search(rf"https?://[^/\s]+(/{kind}/\S+)", mail.text)
    assert found is not None, f"no /{kind}/ in {mail.subject}"
    return found.group(1)


async def newest(house: TestHouse, subject: str, *, after: timedelta = timedelta(minutes=30)) -> TrappedMail:
    await house.pass_time(after)
    [mail] = [mail for mail in house.trap.mails if ANA in mail.recipients and subject in mail.subject]
    return mail


async def test_the_data_comes_to_their_mailbox_and_after_the_erasure_nothing_does(dsn: str) -> None:
    async with a_house(dsn) as house:
        lead_id = await comes(house, "ana.torres", "guide_requested")
        letter = await newest(house, "Nine minutes", after=timedelta(days=4))
        transport = httpx.ASGITransport(create_app(house.house), client=("203.0.113.7", 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://kelvance.example") as reader:
            choices = link_in(letter, "p")
            await reader.post(choices, data={"wish": "data"})
            sent = await newest(house, "All we hold about you")
            told = json.loads((await reader.post(link_in(sent, "d"), data={"form": "json"})).text)
            assert told["lead"][0]["email"] == ANA
            assert len(told["message"]) >= 2

            await reader.post(choices, data={"wish": "erasure"})
            asked = await newest(house, "Shall we forget you?")
            before = len(house.trap.mails)
            assert "You are forgotten" in (await reader.post(link_in(asked, "e"))).text
        await house.pass_time(timedelta(days=60))
        assert [mail.subject for mail in house.trap.mails[before:] if ANA in mail.recipients] == []
        [left] = await acts.rows(dsn, "SELECT email, first_name, erased_at FROM lead WHERE lead_id = $1", lead_id)
        assert (left["email"], left["first_name"], left["erased_at"] is not None) == (None, None, True)
        runs = await acts.rows(dsn, "SELECT FROM enrolment WHERE lead_id = $1 AND status = 'active'", lead_id)
        assert len(runs) == 0
