"""One lead through every hop on real parts: captured, qualified, mailed over SMTP, handed to an owner who accepts."""

from __future__ import annotations

from datetime import timedelta

from leadloom.domain.lead import BasisKind
from leadloom.mail.wire_lint import lint_wire
from leadloom.store import inbox, leads, published
from tests.house import a_house
from tests.world import draft, happened, permission


async def test_a_lead_who_asks_for_the_guide_gets_it_and_then_the_letters_in_their_windows(dsn: str) -> None:
    async with a_house(dsn) as house:
        at = await house.now()
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            captured = await leads.capture(
                tx,
                draft("ana.torres", happened("guide_requested", at), bases=(permission(BasisKind.EXPRESS, at),)),
                book=book, at=at, actor="form",
            )  # fmt: skip
        await house.pass_time(timedelta(days=40))
        mails = [mail.header("Feedback-ID").split(":")[0] for mail in house.trap.mails]
        assert mails[0] == "deliver-guide"
        assert mails[1:] == ["nine-minutes", "calculator", "meridian", "audit-report", "one-question"]
        assert house.trap.duplicates() == {}
        classes = [mail.header("Feedback-ID").split(":")[2] for mail in house.trap.mails]
        assert [lint_wire(mail.raw, mail_class=kind) for mail, kind in zip(house.trap.mails, classes, strict=True)] == [
            [] for _ in mails
        ]
        assert captured.is_new


async def test_a_lead_who_asks_for_a_demo_is_offered_at_once_and_escalated_when_nobody_answers(dsn: str) -> None:
    async with a_house(dsn) as house:
        at = await house.now()
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            await leads.capture(tx, draft("ana.torres", happened("demo_requested", at)), book=book, at=at, actor="form")
        await house.pass_time(timedelta(days=5))
        async with house.db.read() as tx:
            (offer,) = await inbox.list_open(tx)
        assert offer.pool == "sales"
        notices = [mail.header("To") for mail in house.trap.mails if "kelvance" in mail.header("To")]
        assert len(notices) >= 3, notices
