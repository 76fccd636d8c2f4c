"""Does each kind of step leave what it says it leaves, once, and does the run go where it leads?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Conflict
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.store import enrolments, leads, published
from leadloom.store.advanced import Advanced
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

DAY = timedelta(days=1)
HEAD = "name: {name}\npurpose: Test.\nowner: priya-nair\nsender: ines-carvalho\nenter: {{events: [{door}]{more}}}\n"


async def publish(
    db: Db, steps: str, *, name: str = "other", door: str = "price_page", more: str = "", head: str = ""
) -> Book:
    """A journey `other` that `price_page` leads into."""
    text = HEAD.format(name=name, door=door, more=more) + head + steps
    async with db.transaction() as tx:
        journey = Journey.model_validate(DraftText(f"{name}.yaml", text).data)
        await published.publish_journey(tx, journey, at=world.MONDAY, by="priya-nair")
        return await published.book(tx)


async def enters(db: Db, book: Book, kind: str = "price_page", **rest: object) -> tuple[LeadId, EnrolmentId]:
    draft = world.draft("ana.torres", world.happened(kind, TUESDAY), bases=(world.permission(at=TUESDAY),), **rest)
    lead_id = await acts.capture(db, book, draft, TUESDAY)
    async with db.read() as tx:
        [run] = [run for run in await enrolments.of_lead(tx, lead_id) if run.status == "active"]
    return lead_id, run.enrolment_id


async def advance(db: Db, book: Book, run: EnrolmentId, after: timedelta = timedelta()) -> Advanced:
    """Looks twice: the second changes nothing."""
    answer = await acts.advance(db, book, run, TUESDAY + after)
    assert await acts.advance(db, book, run, TUESDAY + after) == answer
    return answer


WAIT = "  - {do: wait, id: rest, for: 30d}\n"


async def test_a_fact_is_noted_in_its_column_or_among_the_attributes_and_taken_away(db: Db, book: Book) -> None:
    steps = (
        "steps:\n  - {do: set, id: role, field: role, value: it}\n  - {do: set, id: plan, field: plan, value: annual}\n"
        "  - {do: set, id: gone, field: budget, value: null}\n"
    )
    book = await publish(db, steps + WAIT)
    lead_id, run = await enters(db, book, attributes={"budget": 5, "kept": True})
    await advance(db, book, run)
    async with db.read() as tx:
        lead = await leads.get(tx, lead_id)
    assert (lead.role, lead.attributes) == ("it", {"plan": "annual", "kept": True})


async def test_a_language_is_set_in_its_column_where_mails_look_for_it(db: Db, book: Book) -> None:
    book = await publish(db, "steps:\n  - {do: set, id: tongue, field: language, value: de}\n" + WAIT)
    lead_id, run = await enters(db, book)
    await advance(db, book, run)
    async with db.read() as tx:
        lead = await leads.get(tx, lead_id)
    assert (lead.language, lead.attributes) == ("de", {})


async def test_a_tag_is_put_on_and_taken_off_and_a_condition_sees_it(db: Db, dsn: str, book: Book) -> None:
    steps = (
        "steps:\n  - {do: tag, id: on, tag: vip}\n  - {do: tag, id: also, tag: expo}\n"
        "  - {do: tag, id: off, remove: expo}\n  - do: branch\n    id: is-vip\n"
        "    cases: [{when: {tag: [vip], not: {tag: [expo]}}, go: rest}]\n    otherwise: end\n"
    )
    book = await publish(db, steps + WAIT)
    _, run = await enters(db, book)
    assert (await advance(db, book, run)).kind == "wait"
    assert [tuple(row) for row in await acts.rows(dsn, "SELECT tag, by FROM lead_tag")] == [("vip", "journey:other")]


async def test_points_are_an_entry_of_the_score_once(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, "steps:\n  - {do: score, id: points, points: 12.5, why: told us their budget}\n" + WAIT)
    _, run = await enters(db, book)
    await advance(db, book, run)
    rows = await acts.rows(dsn, "SELECT kind, points FROM score_entry WHERE kind = 'points_given'")
    assert [tuple(row) for row in rows] == [("points_given", 12.5)]


async def test_a_stage_is_reached_where_the_definition_lets_a_lead_go(db: Db, dsn: str, book: Book) -> None:
    near, far = (
        "{do: stage, id: back, to: inquiry, reason: another-need, why: came back}",
        "{do: stage, id: far, to: advocate, why: no}",
    )
    steps = f"steps:\n  - {near}\n  - {far}\n"
    book = await publish(db, steps + WAIT, door="careers_page")
    lead_id, run = await enters(db, book, "careers_page")
    await advance(db, book, run)
    [row] = await acts.rows(dsn, "SELECT stage FROM lead_stage WHERE lead_id = $1", lead_id)
    said = [row["did"] for row in await acts.rows(dsn, "SELECT did FROM step_log ORDER BY no")]
    assert row["stage"] == "inquiry"
    assert "the definition lets no lead go from inquiry to advocate" in said


TASK = """steps:
  - do: task
    id: call
    to: marcus-oyelaran
    words: Call about the audit
    within: 2d
    outcomes: {reached: rest, lost: end}
    otherwise: late
  - {do: tag, id: late, tag: late}
"""


async def test_a_task_waits_for_its_owner_and_is_taken_back_when_nobody_answers(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, TASK + WAIT)
    _, run = await enters(db, book)
    waits = await advance(db, book, run)
    assert (waits.kind, waits.until) == ("wait", TUESDAY + 2 * DAY)
    [task] = await acts.rows(dsn, "SELECT words, status, due_at, ARRAY(SELECT unnest(outcomes) ORDER BY 1) FROM task")
    assert tuple(task) == ("Call about the audit", "open", TUESDAY + 2 * DAY, ["lost", "reached"])
    await advance(db, book, run, 2 * DAY)
    [task] = await acts.rows(dsn, "SELECT status, outcome FROM task")
    assert tuple(task) == ("cancelled", None)
    assert await acts.rows(dsn, "SELECT FROM lead_tag WHERE tag = 'late'")


async def test_a_run_that_ends_takes_back_what_it_asked_for(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, TASK + WAIT, head="exit: [{events: [unsubscribed], outcome: asked us to stop}]\n")
    lead_id, run = await enters(db, book)
    await advance(db, book, run)
    await acts.happens(db, book, lead_id, world.happened("unsubscribed", TUESDAY + DAY))
    [task] = await acts.rows(dsn, "SELECT status FROM task")
    assert task["status"] == "cancelled"


SUB = """steps:
  - {do: start, id: sub, journey: small-talk, wait: 10d, otherwise: late}
  - {do: tag, id: done, tag: done}
"""
LATE = "  - {do: go, id: over, to: end}\n  - {do: tag, id: late, tag: late}\n"


async def test_a_journey_begins_another_waits_for_its_end_and_goes_on(db: Db, dsn: str, book: Book) -> None:
    await publish(db, "steps:\n  - {do: wait, id: three, for: 3d}\n", name="small-talk", door="careers_page")
    book = await publish(db, SUB + WAIT + LATE)
    _, run = await enters(db, book)
    waits = await advance(db, book, run)
    assert (waits.until, waits.waiting_for) == (TUESDAY + 10 * DAY, "the journey small-talk to end")
    [other] = await acts.rows(dsn, "SELECT enrolment_id, entered_by FROM enrolment WHERE journey = 'small-talk'")
    assert other["entered_by"] == "journey:other"
    async with db.transaction() as tx:
        ended = await enrolments.advance(tx, other["enrolment_id"], book=book, at=TUESDAY + 3 * DAY)
        assert [wake.input for wake in tx.wakes()] == [str(run)]
    assert ended.kind == "done"
    assert (await advance(db, book, run, 3 * DAY)).until == TUESDAY + 33 * DAY
    assert [row["tag"] for row in await acts.rows(dsn, "SELECT tag FROM lead_tag")] == ["done"]


async def test_a_journey_that_cannot_begin_another_says_so_and_goes_on_otherwise(db: Db, dsn: str, book: Book) -> None:
    await publish(db, "steps:\n  - {do: wait, id: three, for: 3d}\n", name="small-talk", door="careers_page")
    book = await publish(db, SUB + WAIT + LATE)
    _, run = await enters(db, book)
    async with db.transaction() as tx:  # the lead is in it already
        await tx.run("enter_journeys", rows=[], campaign_id=None, at=TUESDAY)
    await acts.happens(db, book, (await lead_of(dsn)), world.happened("careers_page", TUESDAY))
    assert (await advance(db, book, run)).kind == "done"
    assert [row["tag"] for row in await acts.rows(dsn, "SELECT tag FROM lead_tag")] == ["late"]


async def lead_of(dsn: str) -> LeadId:
    return LeadId((await acts.rows(dsn, "SELECT lead_id FROM lead"))[0]["lead_id"])


async def test_a_journey_ends_another(db: Db, dsn: str, book: Book) -> None:
    await publish(db, "steps:\n  - {do: wait, id: three, for: 3d}\n", name="small-talk", door="careers_page")
    book = await publish(
        db, "steps:\n  - {do: wait, id: one, for: 1d}\n  - {do: stop, id: stop, journey: small-talk}\n" + WAIT
    )
    lead_id, run = await enters(db, book)
    await acts.happens(db, book, lead_id, world.happened("careers_page", TUESDAY))
    await advance(db, book, run)
    await advance(db, book, run, DAY)
    [other] = await acts.rows(dsn, "SELECT status, outcome FROM enrolment WHERE journey = 'small-talk'")
    assert tuple(other) == ("exited", "stopped by other")


async def test_a_stream_sends_the_next_unseen_piece_and_is_exhausted(db: Db, dsn: str, book: Book) -> None:
    head = "streams: {pieces: [{mail: one, piece: dock}, {mail: two}, {mail: three}]}\nclass: service\n"
    steps = (
        "steps:\n  - {do: stream, id: next, from: pieces, exhausted: end}\n  - {do: wait, id: week, for: 1w}\n"
        "  - {do: go, id: again, to: next, visits: 9}\n"
    )
    book = await publish(db, steps, head=head)
    for mail in ("one", "two", "three"):
        async with db.transaction() as tx:
            await published.publish_template(tx, "other", mail, world.template(mail), at=world.MONDAY, by="priya-nair")
    lead_id, run = await enters(db, book)
    await acts.happens(db, book, lead_id, world.happened("article_read", TUESDAY, data={"piece": "dock"}))
    for week in range(4):
        answer = await advance(db, book, run, week * 7 * DAY + timedelta(minutes=week))
        await acts.rows(dsn, "UPDATE message SET status = 'sent', sent_at = slot_at, settled_at = slot_at")
    assert answer.kind == "done"
    assert [row["mail"] for row in await acts.rows(dsn, "SELECT mail FROM message ORDER BY asked_at")] == [
        "two",
        "three",
    ]


async def test_an_event_committed_while_the_look_was_under_way_is_not_waited_for(db: Db, book: Book) -> None:
    """The look's instant is its workflow task's: who comes meanwhile is committed, and nobody nudges for it."""
    heard = "{do: wait_for, id: heard, when: {event: calculator_finished}, within: 9d, then: end, otherwise: rest}"
    steps = f"steps:\n  - {heard}\n"
    book = await publish(db, steps + WAIT)
    lead_id, run = await enters(db, book)
    await acts.happens(db, book, lead_id, world.happened("calculator_finished", TUESDAY + timedelta(seconds=1)))
    assert (await acts.advance(db, book, run, TUESDAY)).kind == "done"


OUTSIDE = "steps:\n  - {do: webhook, id: tell, endpoint: crm, on_failure: %s}\n" + WAIT


@pytest.mark.parametrize(("policy", "ends"), [("skip", "rest"), ("exit", None), ("go:rest", "rest")])
async def test_an_outside_effect_that_failed_for_good_goes_as_its_step_says(
    db: Db, dsn: str, book: Book, policy: str, ends: str | None
) -> None:
    book = await publish(db, OUTSIDE % policy)
    _, run = await enters(db, book)
    assert (await advance(db, book, run)).kind == "call"
    for _ in range(2):
        async with db.transaction() as tx:
            assert await enrolments.failed(tx, run, "tell", 1, "Gone: a@b.example said no", book=book, at=TUESDAY)
    [row] = await acts.rows(dsn, "SELECT status, outcome, progress ->> 'step' AS step FROM enrolment")
    assert row["step" if ends else "outcome"] == (ends or "failed at tell")


async def test_an_outside_effect_without_a_way_out_blocks_its_run(db: Db, book: Book) -> None:
    book = await publish(db, OUTSIDE % "block")
    _, run = await enters(db, book)
    await advance(db, book, run)
    async with db.transaction() as tx:
        assert not await enrolments.failed(tx, run, "tell", 1, "Gone", book=book, at=TUESDAY)


async def test_a_text_column_is_never_set_to_something_else(db: Db, book: Book) -> None:
    book = await publish(db, "steps:\n  - {do: set, id: role, field: role, value: 5}\n" + WAIT)
    _, run = await enters(db, book)
    with pytest.raises(Conflict, match="role is a text"):
        await acts.advance(db, book, run)
