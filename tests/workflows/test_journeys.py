"""Do leads go their whole way when every workflow task begins by replaying the history (a cache of no workflows)?"""

from __future__ import annotations

from datetime import timedelta

from leadloom.domain.handoffs.answers import Decision
from tests.acts_in_house import (
    all_stuck,
    comes,
    decides,
    does,
    letters_to,
    notices,
    offer_of,
    run_of,
    stage_of,
    step_of,
    tells,
    tries,
)
from tests.house import TestHouse

WELCOME = "welcome-four-degrees"


async def test_a_reader_who_stays_gets_each_letter_once_and_the_last_one_before_their_audit(house: TestHouse) -> None:
    ana = await comes(house, "ana.torres", "guide_requested")
    await house.pass_time(timedelta(days=40))
    audit = (await house.now()).date() + timedelta(days=90)
    await tells(house, "ana.torres", "audit_date_told", audit_date=audit.isoformat())
    await house.pass_time(timedelta(days=60))
    assert letters_to(house, "ana.torres") == [
        "deliver-guide", "nine-minutes", "calculator", "meridian", "audit-report", "one-question", "sixty-days",
    ]  # fmt: skip
    assert (await run_of(house, ana, WELCOME)).status == "finished"
    assert house.trap.duplicates() == {}
    assert await all_stuck(house) == ()


async def test_who_asks_to_talk_inside_a_wait_leaves_the_letters_at_once(house: TestHouse) -> None:
    ana = await comes(house, "ana.torres", "guide_requested")
    await house.pass_time(timedelta(days=10))
    read = letters_to(house, "ana.torres")
    await does(house, ana, "demo_requested")
    await house.pass_time(timedelta(minutes=1))
    await decides(house, ana, Decision(kind="accept", by="marcus-oyelaran", via="link"))
    await tries(house, ana, "marcus-oyelaran", reached=True)
    await house.pass_time(timedelta(days=40))
    run = await run_of(house, ana, WELCOME)
    assert (run.status, run.outcome) == ("exited", "asked to talk")
    assert read == ["deliver-guide", "nine-minutes", "calculator"]
    assert letters_to(house, "ana.torres") == [*read, "who-calls"]


async def test_who_unsubscribes_inside_a_wait_gets_nothing_more(house: TestHouse) -> None:
    ana = await comes(house, "ana.torres", "guide_requested")
    await house.pass_time(timedelta(days=10))
    before = letters_to(house, "ana.torres")
    await does(house, ana, "unsubscribed")
    await house.pass_time(timedelta(days=40))
    assert before == letters_to(house, "ana.torres") == ["deliver-guide", "nine-minutes", "calculator"]
    assert (await run_of(house, ana, WELCOME)).outcome == "asked us to stop"


async def test_a_demo_is_offered_reminded_escalated_and_accepted_by_the_deputy(house: TestHouse) -> None:
    ana = await comes(house, "ana.torres", "demo_requested")
    await house.pass_time(timedelta(minutes=35))
    assert [step_of(mail) for mail in notices(house)] == ["offer", "remind", "offer"]
    assert [mail.recipients[0].split("@")[0] for mail in notices(house)] == [
        "marcus.oyelaran", "marcus.oyelaran", "dana.whitlock",
    ]  # fmt: skip
    await decides(house, ana, Decision(kind="accept", by="dana-whitlock", via="link"))
    await tries(house, ana, "dana-whitlock")
    await house.pass_time(timedelta(days=3))
    offer = await offer_of(house, ana)
    assert (offer.state, offer.owner, offer.assignment_no) == ("accepted", "dana-whitlock", 2)
    assert offer.first_try_at is not None
    assert len(notices(house)) == 3
    assert letters_to(house, "ana.torres") == ["who-calls", "greta-apologises"]
    assert await stage_of(house, ana) == "sal"
    assert await all_stuck(house) == ()


async def test_an_accepted_lead_nobody_calls_is_told_to_the_manager_once(house: TestHouse) -> None:
    ana = await comes(house, "ana.torres", "demo_requested")
    await house.pass_time(timedelta(minutes=1))
    await decides(house, ana, Decision(kind="accept", by="marcus-oyelaran", via="page"))
    await house.pass_time(timedelta(days=3))
    assert [(step_of(mail), mail.recipients[0].split("@")[0]) for mail in notices(house)] == [
        ("offer", "marcus.oyelaran"), ("first-try-missed", "greta.lindqvist"),
    ]  # fmt: skip


async def test_a_lead_recycled_for_a_date_gets_the_letter_about_it_and_comes_back(house: TestHouse) -> None:
    ana = await comes(house, "ana.torres", "demo_requested")
    await house.pass_time(timedelta(minutes=1))
    back = await house.now() + timedelta(days=60)
    await decides(house, ana, Decision(kind="reject", by="marcus-oyelaran", via="link", reason="not-yet", until=back))
    await house.pass_time(timedelta(days=40))
    assert await stage_of(house, ana) == "recycled"
    assert letters_to(house, "ana.torres") == ["who-calls"]
    await house.pass_time(timedelta(days=15))
    assert letters_to(house, "ana.torres") == ["who-calls", "what-changed"]
    await house.pass_time(timedelta(days=6))
    assert await stage_of(house, ana) == "inquiry"
    assert await all_stuck(house) == ()


async def test_who_never_answers_again_falls_silent_after_180_days(house: TestHouse) -> None:
    ana = await comes(house, "ana.torres", "article_read")
    await house.pass_time(timedelta(days=179))
    assert await stage_of(house, ana) == "inquiry"
    await house.pass_time(timedelta(days=2))
    assert await stage_of(house, ana) == "inactive"
    assert await all_stuck(house) == ()


async def test_two_roles_of_a_company_make_one_brief_and_one_offer(house: TestHouse) -> None:
    ana = await comes(house, "ana.torres", "webinar_attended", role="quality")
    await house.pass_time(timedelta(days=2))
    run = await run_of(house, ana, "buying-circle")
    assert run.waiting_for == "a second role of the company to engage"
    await comes(house, "ben.osei", "article_read", role="logistics")
    await house.pass_time(timedelta(days=10))
    assert (await run_of(house, ana, "buying-circle")).waiting_for == "the company's rest after its brief to end"
    offer = await offer_of(house, ana)
    assert offer.kind == "buying-circle"
    assert letters_to(house, "ana.torres") == ["brief"]
    assert letters_to(house, "ben.osei") == []


async def test_one_role_alone_makes_no_circle(house: TestHouse) -> None:
    ana = await comes(house, "ana.torres", "article_read", role="quality")
    await house.pass_time(timedelta(days=3))
    await comes(house, "ben.osei", "article_read", role="quality")
    await house.pass_time(timedelta(days=20))
    assert (await run_of(house, ana, "buying-circle")).outcome == "one role only"
    assert notices(house) == []
    assert house.trap.mails == []
