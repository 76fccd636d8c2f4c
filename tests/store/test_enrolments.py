"""Does a run do each thing once, whoever looks how often, and say what it waits for?"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import EnrolmentId
from leadloom.store import enrolments, published, standing
from leadloom.store.advanced import Advanced
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY


async def traces(dsn: str) -> list[object]:
    """Everything a run may have written."""
    tables = [f"SELECT * FROM {table} ORDER BY 1, 2" for table in ("enrolment", "message", "step_log")]
    events = "SELECT lead_id, no, kind FROM event ORDER BY 1, 2"
    return [[tuple(row) for row in await acts.rows(dsn, query)] for query in (*tables, events)]


async def publish(db: Db, steps: str) -> Book:
    """A journey `other` that `price_page` leads into."""
    head = "name: other\npurpose: Test.\nowner: priya-nair\nsender: ines-carvalho\nenter: {events: [price_page]}\n"
    async with db.transaction() as tx:
        journey = Journey.model_validate(DraftText("other.yaml", head + steps).data)
        await published.publish_journey(tx, journey, at=world.MONDAY, by="priya-nair")
        return await published.book(tx)


async def template(db: Db, journey: str, mail: str) -> None:
    """A mail that the journey sends."""
    async with db.transaction() as tx:
        body = world.template(mail)
        await published.publish_template(tx, journey, mail, body, at=world.MONDAY, by="priya-nair")


async def other_run(db: Db, steps: str, at: datetime = TUESDAY) -> tuple[Book, EnrolmentId]:
    """Ana's run of the journey with these steps, which nobody has looked at yet."""
    book = await publish(db, steps)
    await template(db, "other", "guide")
    may = (world.permission(at=at),)
    lead_id = await acts.capture(db, book, world.draft("ana.torres", world.happened("price_page", at), bases=may), at)
    async with db.read() as tx:
        return book, (await enrolments.of_lead(tx, lead_id))[0].enrolment_id


async def kept(db: Db, run: EnrolmentId) -> tuple[enrolments.Step, ...]:
    """What the run decided."""
    async with db.read() as tx:
        return await enrolments.steps(tx, run)


async def test_a_look_does_all_that_can_be_done_and_answers_a_wait_with_a_name_and_a_deadline(
    db: Db, dsn: str, book: Book
) -> None:
    _, run = await acts.in_journey(db, book)
    answer = await acts.advance(db, book, run)
    [row] = await acts.rows(dsn, "SELECT waiting_for, waits_until, progress ->> 'step' AS step FROM enrolment")
    [mail] = await acts.rows(dsn, "SELECT step, status, template_hash, deadline - asked_at AS worth FROM message")
    assert (answer.kind, answer.until) == ("wait", TUESDAY + timedelta(days=3))
    assert (row["waiting_for"], row["waits_until"]) == (answer.waiting_for, answer.until)
    assert row["step"] == "pause"
    assert (mail["step"], mail["status"], mail["worth"]) == ("guide", "reserved", timedelta(days=7))


async def test_a_second_look_changes_nothing_and_answers_the_same(db: Db, dsn: str, book: Book) -> None:
    _, run = await acts.in_journey(db, book)
    first = await acts.advance(db, book, run)
    before = await traces(dsn)
    assert await acts.advance(db, book, run) == first
    assert await acts.advance(db, book, run, TUESDAY + timedelta(hours=5)) == first
    assert await traces(dsn) == before


async def test_many_workers_looking_at_once_act_once_and_hear_the_same(db: Db, dsn: str, book: Book) -> None:
    _, run = await acts.in_journey(db, book)
    answers = await asyncio.gather(*(acts.advance(db, book, run) for _ in range(8)))
    assert len(set(map(str, answers))) == 1
    assert len(await acts.rows(dsn, "SELECT FROM message")) == 1
    before = await traces(dsn)
    await acts.advance(db, book, run)
    assert await traces(dsn) == before


async def test_a_look_that_comes_late_and_out_of_order_changes_nothing_twice(db: Db, dsn: str, book: Book) -> None:
    _, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    later = await acts.advance(db, book, run, TUESDAY + timedelta(days=20))
    before = await traces(dsn)
    await acts.advance(db, book, run, TUESDAY + timedelta(days=2))
    assert later.kind == "wait"
    mails = await acts.rows(dsn, "SELECT step FROM message ORDER BY asked_at, step")
    assert [row["step"] for row in mails] in (["guide"], ["guide", "dock"])
    assert (await traces(dsn))[1] == before[1]


async def test_each_decision_is_kept_with_the_values_that_made_it(db: Db, book: Book) -> None:
    _, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    async with db.read() as tx:
        steps = await enrolments.steps(tx, run)
    assert [step.no for step in steps] == [1, 2]
    assert steps[0].did == "asked for the mail guide"
    assert steps[0].why["may market"] is True
    assert steps[1].did.startswith("waits for")


async def test_an_exit_ends_the_run_at_once_and_its_next_look_says_so(db: Db, dsn: str, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    await acts.happens(db, book, lead_id, world.happened("unsubscribed", TUESDAY))
    answer = await acts.advance(db, book, run)
    [mail] = await acts.rows(dsn, "SELECT status, reason FROM message")
    assert (answer.kind, answer.waiting_for) == ("done", "unsubscribed")
    assert (mail["status"], mail["reason"]) == ("cancelled", "unsubscribed")


async def test_a_goal_that_comes_to_hold_takes_back_the_mail_that_has_not_gone(db: Db, dsn: str, book: Book) -> None:
    steps = "goal_when: {tag: [vip]}\nsteps:\n  - {do: send, id: letter, mail: guide, worth: 3w}\n"
    book, run = await other_run(db, steps + "  - {do: tag, id: mark, tag: vip}\n  - {do: wait, id: rest, for: 9d}")
    answer = await acts.advance(db, book, run)
    [mail] = await acts.rows(dsn, "SELECT status, reason FROM message")
    [row] = await acts.rows(dsn, "SELECT status, outcome FROM enrolment")
    assert (answer.kind, row["status"], row["outcome"]) == ("done", "exited", "goal")
    assert (mail["status"], mail["reason"]) == ("cancelled", "goal")


async def test_the_last_mail_of_a_run_that_came_to_its_end_still_goes(db: Db, dsn: str, book: Book) -> None:
    book, run = await other_run(db, "steps:\n  - {do: send, id: letter, mail: guide, worth: 3w}\n")
    await acts.advance(db, book, run)
    [row] = await acts.rows(
        dsn, "SELECT e.status, m.status AS mail FROM enrolment e JOIN message m USING (enrolment_id)"
    )
    assert (row["status"], row["mail"]) == ("finished", "reserved")


@pytest.mark.parametrize(("late", "days"), [(0.2, 1), (59, 1), (61, 2), (3600, 2)])
async def test_a_look_that_comes_moments_late_counts_from_the_instant_the_run_waited_for(
    db: Db, book: Book, late: float, days: int
) -> None:
    ten_in_new_york = "steps:\n  - {do: wait, id: one, for: 1d}\n  - {do: wait, id: two, for: 1d, until: '10:00'}\n"
    book, run = await other_run(db, ten_in_new_york)
    due = (await acts.advance(db, book, run)).until
    assert due == TUESDAY + timedelta(days=1)
    answer = await acts.advance(db, book, run, due + timedelta(seconds=late))
    assert answer.until == due + timedelta(days=days)
    on_time = {due} if late < 60 else {due + timedelta(seconds=late)}
    assert {step.at for step in (await kept(db, run))[1:]} == on_time


async def test_a_wait_counts_from_the_mail_the_run_asked_for_last_also_at_its_next_look(db: Db, book: Book) -> None:
    steps = (
        "steps:\n  - {do: send, id: window, mail: guide, worth: 3w}\n"
        "  - {do: send, id: at_once, mail: guide, class: service}\n  - {do: wait, id: rest, for: 1d}\n"
    )
    saturday = TUESDAY + timedelta(days=4)
    book, run = await other_run(db, steps, saturday)
    first = await acts.advance(db, book, run, saturday)
    assert (first.until, first.waiting_for) == (saturday + timedelta(days=1), "1 day after the mail of step at_once")
    assert (await acts.advance(db, book, run, saturday + timedelta(hours=3))).until == first.until


async def test_a_mail_of_a_stream_that_never_went_may_still_come_in_the_same_look(db: Db, dsn: str, book: Book) -> None:
    steps = (
        "streams: {pool: [{mail: guide}, {mail: dock}]}\nsteps:\n"
        "  - {do: stream, id: short, from: pool, worth: 1m, exhausted: end}\n"
        "  - {do: stream, id: long, from: pool, worth: 3w, exhausted: end}\n  - {do: wait, id: rest, for: 9d}\n"
    )
    saturday = TUESDAY + timedelta(days=4)
    book, run = await other_run(db, steps, saturday)
    await template(db, "other", "dock")
    await acts.advance(db, book, run, saturday)
    mails = await acts.rows(dsn, "SELECT step, mail, status FROM message ORDER BY turn_in_run")
    assert [tuple(row) for row in mails] == [("short", "guide", "expired"), ("long", "guide", "reserved")]


async def test_a_run_records_an_event_once_in_the_transaction_of_its_step(db: Db, dsn: str, book: Book) -> None:
    steps = "steps:\n  - {do: record, id: ask, event: reference_asked}\n  - {do: wait, id: rest, for: 9d}"
    book = await publish(db, steps)
    lead_id = await acts.capture(db, book, world.draft("ana.torres", world.happened("price_page", TUESDAY)))
    async with db.read() as tx:
        run = (await enrolments.of_lead(tx, lead_id))[0].enrolment_id
    await asyncio.gather(*(acts.advance(db, book, run) for _ in range(4)))
    kinds = await acts.rows(dsn, "SELECT key FROM event WHERE kind = 'reference_asked'")
    assert [row["key"] for row in kinds] == [f"run:{run}:ask:1"]


async def test_an_event_the_run_records_itself_may_end_it(db: Db, dsn: str, book: Book) -> None:
    steps = "exit: [{events: [not_us_told], outcome: not us}]\nsteps:\n  - {do: record, id: no, event: not_us_told}\n"
    book = await publish(db, steps + "  - {do: wait, id: rest, for: 9d}")
    lead_id = await acts.capture(db, book, world.draft("ana.torres", world.happened("price_page", TUESDAY)))
    async with db.read() as tx:
        run = (await enrolments.of_lead(tx, lead_id))[0].enrolment_id
    answer = await acts.advance(db, book, run)
    assert (answer.kind, answer.waiting_for) == ("done", "not us")


async def test_an_outside_effect_is_asked_for_until_it_is_told_done_and_then_once_only(db: Db, book: Book) -> None:
    steps = "steps:\n  - {do: call, id: crm, activity: tell_crm}\n  - {do: wait, id: rest, for: 9d}"
    book = await publish(db, steps)
    lead_id = await acts.capture(db, book, world.draft("ana.torres", world.happened("price_page", TUESDAY)))
    async with db.read() as tx:
        run = (await enrolments.of_lead(tx, lead_id))[0].enrolment_id
    asked = [await acts.advance(db, book, run) for _ in range(2)]
    assert {(answer.kind, answer.activity, answer.step, answer.visit) for answer in asked} == {
        ("call", "tell_crm", "crm", 1)
    }
    for _ in range(2):
        async with db.transaction() as tx:
            await enrolments.called(tx, run, "crm", 1, book=book, at=TUESDAY)
    answer = await acts.advance(db, book, run)
    assert (answer.kind, answer.until) == ("wait", TUESDAY + timedelta(days=9))


async def test_a_blocked_run_shows_its_error_without_addresses_and_a_retry_wakes_it(
    db: Db, dsn: str, book: Book
) -> None:
    _, run = await acts.in_journey(db, book)
    async with db.transaction() as tx:
        await enrolments.block(tx, run, "KeyError: ana.torres@meridian-pharma.example", at=TUESDAY)
    [row] = await acts.rows(dsn, "SELECT blocked_at, error FROM enrolment")
    assert (row["blocked_at"], row["error"]) == (TUESDAY, "KeyError: (address)")
    async with db.transaction() as tx:
        await enrolments.unblock(tx, run, at=TUESDAY)
        assert [wake.input for wake in tx.wakes()] == [str(run)]
    async with db.transaction() as tx:
        with pytest.raises(Conflict):
            await enrolments.unblock(tx, run, at=TUESDAY)


async def test_a_run_nobody_knows_is_not_found(db: Db, book: Book) -> None:
    lead_id, _ = await acts.in_journey(db, book)
    with pytest.raises(NotFound):
        await acts.advance(db, book, lead_id)  # type: ignore[arg-type]  an id of the wrong kind on purpose


async def together(db: Db, book: Book, *runs: EnrolmentId) -> dict[EnrolmentId, Advanced]:
    async with db.transaction() as tx:
        return await enrolments.advance_all(tx, dict.fromkeys(runs, TUESDAY), book=book)


async def test_runs_taken_together_do_and_answer_what_each_does_alone(db: Db, dsn: str, book: Book) -> None:
    runs = [(await acts.in_journey(db, book, name))[1] for name in ("ana.torres", "ben.ruiz", "cara.moss")]
    answers = await together(db, book, *runs)
    assert set(answers) == set(runs)
    assert len(await acts.rows(dsn, "SELECT FROM message WHERE status = 'reserved'")) == 3
    before = await traces(dsn)
    assert await together(db, book, *runs) == answers
    assert [await acts.advance(db, book, run) for run in runs] == [answers[run] for run in runs]
    assert await traces(dsn) == before


async def test_a_group_waits_for_no_lead_that_somebody_holds(db: Db, book: Book) -> None:
    ana, held = await acts.in_journey(db, book, "ana.torres")
    _, free = await acts.in_journey(db, book, "ben.ruiz")
    async with db.transaction() as tx:
        await standing.lock(tx, [ana])
        assert set(await together(db, book, held, free)) == {free}
    assert (await acts.advance(db, book, held)).kind == "wait"


async def test_a_run_that_does_more_than_mail_or_fails_is_left_to_be_taken_alone(db: Db, dsn: str, book: Book) -> None:
    book = await publish(
        db,
        "steps:\n  - {do: send, id: one, mail: guide, class: service}\n  - {do: record, id: two, event: reply}\n",
    )
    await template(db, "other", "guide")
    ana = await acts.capture(db, book, world.draft("ana.torres"))
    await acts.happens(db, book, ana, world.happened("price_page", TUESDAY))
    _, other = await acts.in_journey(db, book, "ben.ruiz")
    async with db.read() as tx:
        mixed = (await enrolments.of_lead(tx, ana))[0].enrolment_id
    assert set(await together(db, book, mixed, other)) == {other}
    assert (await acts.advance(db, book, mixed)).kind == "done"
    steps = await acts.rows(dsn, "SELECT did FROM step_log WHERE enrolment_id = $1 ORDER BY no", mixed)
    assert [row["did"] for row in steps] == ["asked for the mail guide", "recorded reply", "finished: finished"]
    assert len(await acts.rows(dsn, "SELECT FROM message WHERE enrolment_id = $1", mixed)) == 1
