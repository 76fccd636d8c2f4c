"""What a rehearsal reads: how leads stand with their runs and mail, and how people answered before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.errors import Conflict
from leadloom.domain.facts import MessageStatus
from leadloom.domain.lead import Verdict
from leadloom.store import messages, rehearsals
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_messages import ask, claimed, mark, settle
from tests.world import happened


async def test_a_lead_is_read_with_open_runs_mail_that_takes_room_and_a_no(db: Db, book: Book) -> None:
    lead_id, enrolment_id = await acts.in_journey(db, book)
    await acts.advance(db, book, enrolment_id)
    await acts.happens(db, book, lead_id, happened("bounced", TUESDAY))
    async with db.read() as tx:
        [start] = await rehearsals.at_start(tx, [lead_id], book=book, at=TUESDAY)
    [run] = start.runs
    assert (run.enrolment_id, run.body.name, run.progress.step) == (enrolment_id, "small", "pause")
    assert run.waits_until is not None
    assert [(mail.step, mail.status, mail.enrolment_id) for mail in start.mails] == [
        ("guide", MessageStatus.RESERVED, enrolment_id)
    ]
    assert (start.silenced, start.standing.runs[0].journey) == (True, "small")


async def test_past_answers_count_what_people_did_after_a_mail_and_no_machine(db: Db, book: Book) -> None:
    with pytest.raises(Conflict, match="no past to go by"):
        async with db.read() as tx:
            await rehearsals.past_answers(tx, at=TUESDAY)
    for no in range(4):
        run = await acts.in_journey(db, book, f"reader{no}.torres")
        await ask(db, book, run)
        for mail in await claimed(db, book, run[0]):
            await mark(db, mail)
            await settle(db, book, messages.Sent(message_id=mail.message_id, claim=mail.claim, reply="250"))
        soon, verdict = TUESDAY + timedelta(hours=2), Verdict.HUMAN if no == 0 else Verdict.MACHINE
        await acts.happens(db, book, run[0], happened("link_clicked", soon, verdict=verdict))
        await acts.happens(db, book, run[0], happened("mail_opened", soon))
    async with db.read() as tx:
        found = await rehearsals.past_answers(tx, at=TUESDAY + timedelta(days=1))
    assert found.per_mail == {"small": {"link_clicked": 0.25}, "*": {"link_clicked": 0.25}}
    assert found.accepted == 1.0
