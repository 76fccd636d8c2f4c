"""Does somebody who takes a seat get there, or get the part that matters, at the hours the webinar itself sets?"""

from __future__ import annotations

from datetime import timedelta

from tests.acts_in_house import all_stuck, comes, does, letters_to
from tests.house import TestHouse

NAME = "webinar-audit-season"


async def test_reminders_count_back_from_the_hour_and_the_question_is_answered(house: TestHouse) -> None:
    held_at = await house.now() + timedelta(days=4)
    seat = {"webinar_at": held_at.isoformat()}
    ana = await comes(house, "ana.torres", "webinar_registered", attributes=seat, company="Alder Cold Chain")
    await comes(house, "ben.ruiz", "webinar_registered", attributes=seat, company="Birch Foods")

    await house.pass_time(timedelta(days=3, minutes=10))
    assert letters_to(house, "ana.torres") == ["day-before"]
    await house.pass_time(timedelta(hours=23))
    assert letters_to(house, "ana.torres") == ["day-before", "hour-before"]

    await house.pass_time(timedelta(hours=20))
    await does(house, ana, "webinar_attended", question="Who signs a gap?", answer="Whoever was on duty.")
    await house.pass_time(timedelta(hours=1))

    (letter,) = [mail for mail in house.trap.mails if mail.subject == "The recording, and your question answered"]
    assert letter.recipients[0].startswith("ana.torres")
    assert "You asked: “Who signs a gap?” The answer: Whoever was on duty." in letter.text
    assert letters_to(house, "ben.ruiz") == ["day-before", "hour-before"]
    assert await all_stuck(house) == ()
