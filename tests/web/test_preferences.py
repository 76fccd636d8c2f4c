"""Can a reader choose what they get, see that it is kept, take it back, and is each choice heard before the dot?"""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest

from leadloom.domain.mails.links import Purpose
from leadloom.domain.model import EnrolmentId, LeadId, MessageId
from leadloom.store import asking, messages
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.web.site import Site

WHOLE = {
    "form": "whole", "marketing": "yes", "topic.cold-chain": "yes", "topic.webinars": "yes", "topic.product": "yes",
    "often": "usual", "pause": "", "tracking": "yes",
}  # fmt: skip
"""The form as the page shows it to somebody who gets everything."""


def but(*without: str, **other: str) -> dict[str, str]:
    return {name: value for name, value in (WHOLE | other).items() if name not in without}


async def page_of(site: Site) -> tuple[str, LeadId]:
    """The preference page of a mail that went, and whose it is."""
    message_id = await site.sent_mail()
    (row,) = await site.rows("SELECT lead_id::text FROM message WHERE message_id = $1", message_id)
    return site.link(Purpose.PREFERENCES, message_id), LeadId(UUID(str(row["lead_id"])))


async def planned(site: Site, lead_id: LeadId, step: str, *, topic: str | None = "webinars") -> MessageId:
    """A marketing mail of the lead's run, asked for and planned for a day of next week."""
    (run,) = await site.rows("SELECT enrolment_id::text FROM enrolment WHERE lead_id = $1", lead_id)
    order = asking.MessageOrder(
        lead_id=lead_id, enrolment_id=EnrolmentId(UUID(str(run["enrolment_id"]))), step=step, visit=1, journey="small",
        mail="dock", mail_class="marketing", sender="priya-nair", worth=timedelta(days=90), topic=topic,
        not_before=TUESDAY + timedelta(days=7),
    )  # fmt: skip
    async with site.db.transaction() as tx:
        return (await asking.ask(tx, order, book=site.book, at=TUESDAY)).message_id


async def status(site: Site, message_id: MessageId) -> tuple[str, str]:
    [row] = await site.rows("SELECT status, reason FROM message WHERE message_id = $1", message_id)
    return str(row["status"]), str(row["reason"])


async def claimable(site: Site, lead_id: LeadId, days: int) -> list[str]:
    """The steps of the lead's mails that their lane gets so many days later."""
    [row] = await site.rows("SELECT lane FROM message WHERE lead_id = $1 LIMIT 1", lead_id)
    claimed = await acts.claim(site.db, site.book, str(row["lane"]), TUESDAY + timedelta(days=days))
    return [mail.step for mail in claimed]


def takes_back(html: str) -> dict[str, str]:
    found = re.search(r'name="take_back" value="([0-9a-f-]{36})"', html)
    assert found is not None
    return {"take_back": found[1]}


async def test_a_topic_turned_off_calls_its_mail_off_and_taking_it_back_brings_it_back(site: Site) -> None:
    path, lead_id = await page_of(site)
    about, other = await planned(site, lead_id, "webinar"), await planned(site, lead_id, "case", topic="cold-chain")
    saved = await site.client.post(path, data=but("topic.webinars"))
    assert saved.status_code == 200
    assert "“Invitations to a webinar and what follows it” is off" in saved.text
    off = "This marketing mail doesn't go: they turned this subject off (webinars)."
    assert await status(site, about) == ("suppressed", off)
    assert await status(site, other) == ("reserved", "None")
    later = await planned(site, lead_id, "webinar-again")
    assert await status(site, later) == ("suppressed", off)
    [change] = await site.rows("SELECT before, after, proof, message_id FROM preference_change")
    assert '"topics_off": ["webinars"]' in str(change["after"])
    assert "203.0.113.7" in str(change["proof"])

    back = await site.client.post(path, data=takes_back(saved.text))
    assert "Taken back." in back.text
    assert 'name="topic.webinars" value="yes" checked' in back.text
    assert (await status(site, about))[0] == "reserved"
    assert sorted(await claimable(site, lead_id, 8)) == ["case", "webinar"]
    again = await site.client.post(path, data=takes_back(saved.text))
    assert (again.status_code, "Another choice came after" in again.text) == (409, True)


async def test_a_topic_turned_off_after_the_claim_keeps_the_mail_from_being_marked(site: Site) -> None:
    path, lead_id = await page_of(site)
    await planned(site, lead_id, "webinar")
    [row] = await site.rows("SELECT lane FROM message WHERE lead_id = $1 LIMIT 1", lead_id)
    at = TUESDAY + timedelta(days=7)
    [mail] = await acts.claim(site.db, site.book, str(row["lane"]), at)
    await site.client.post(path, data=but("topic.webinars"))
    async with site.db.transaction() as tx:
        assert await messages.mark_at_dot(tx, [(mail.message_id, mail.claim)], at=at) == set()
        assert (await messages.vetoes(tx, [mail.message_id], at=at))[mail.message_id][0].code == "topic_off"


async def test_a_pause_holds_mail_until_its_day_and_fewer_spreads_what_is_planned(site: Site) -> None:
    path, lead_id = await page_of(site)
    first = await planned(site, lead_id, "one")
    until = (TUESDAY + timedelta(days=20)).date()
    saved = await site.client.post(path, data=but(pause=until.isoformat()))
    assert f"letters pause until {until:%d %B %Y}" in saved.text
    assert await claimable(site, lead_id, 8) == []
    assert (await status(site, first))[0] == "held"
    assert [row["kind"] for row in await site.events("pause_told", "preferences_told")] == [
        "pause_told",
        "preferences_told",
    ]
    back = await site.client.post(path, data=takes_back(saved.text))
    assert "the pause is over" in back.text
    assert (await status(site, first))[0] == "reserved"

    second = await planned(site, lead_id, "two")
    apart = "extract(epoch FROM max(slot_at) - min(slot_at)) / 86400"
    slots, both = f"SELECT {apart} AS days FROM message WHERE message_id = ANY ($1)", [first, second]
    [close] = await site.rows(slots, both)
    fewer = await site.client.post(path, data=but(often="fewer"))
    assert "you get fewer letters" in fewer.text
    [far] = await site.rows(slots, both)
    assert float(str(close["days"])) < 8
    assert float(str(far["days"])) >= 30


@pytest.mark.parametrize("day", ["soon", "2026-01-01", "2031-01-01"])
async def test_a_pause_until_no_day_says_what_to_write_and_keeps_nothing(site: Site, day: str) -> None:
    path, _ = await page_of(site)
    wrong = await site.client.post(path, data=but("topic.webinars", pause=day))
    assert (wrong.status_code, "Give " in wrong.text) == (422, True)
    assert await site.count("preference_change") == 0


async def test_all_off_ends_the_runs_and_can_be_taken_back_with_proof(site: Site) -> None:
    path, _ = await page_of(site)
    off = await site.client.post(path, data=but(marketing="no"))
    assert "The letters have stopped." in off.text
    [run] = await site.rows("SELECT status, outcome FROM enrolment")
    assert (run["status"], run["outcome"]) == ("exited", "unsubscribed")
    on = await site.client.post(path, data=takes_back(off.text))
    assert "The letters go on." in on.text
    # What they said is told back to them, each time in a sentence.
    assert "you ended it: we may not write to you any more (unsubscribed)" in on.text
    assert "we may write to you, because you confirmed it (mail link)" in on.text
    [yes] = await site.rows("SELECT proof FROM basis WHERE kind = 'double-opt-in'")
    assert "203.0.113.7" in str(yes["proof"])
    assert await site.rows("SELECT 1 FROM suppression WHERE lifted_at IS NULL") == []


async def test_saving_what_stands_already_changes_nothing(site: Site) -> None:
    path, _ = await page_of(site)
    before = await site.row_counts()
    same = await site.client.post(path, data=WHOLE)
    assert "Nothing is different from before." in same.text
    assert await site.row_counts() == before


async def test_who_wants_not_to_be_seen_is_not_recorded_though_old_links_lead_on(site: Site) -> None:
    path, lead_id = await page_of(site)
    [row] = await site.rows("SELECT message_id::text FROM message WHERE lead_id = $1", lead_id)
    message_id = MessageId(UUID(str(row["message_id"])))
    saved = await site.client.post(path, data=but("tracking"))
    assert "we don&#39;t see what you open and follow" in saved.text
    followed = await site.client.get(f"/t/c/{site.signer.click(message_id, 1)}")
    await site.client.get(f"/t/o/{site.signer.mail(Purpose.OPEN, message_id)}")
    assert followed.headers["location"] == "https://kelvance.example/dock"
    assert await site.events("link_clicked", "mail_opened") == []
