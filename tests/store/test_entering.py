"""Who comes in by hand, who stays out and why, and can a lead ever be in one place of a journey twice?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadloom.domain.campaigns.membership import LeftOut
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.model import LeadId
from leadloom.runtime import by_hand
from leadloom.runtime.by_hand import Whom
from leadloom.store import entering, published
from leadloom.store.db import Db
from leadloom.store.entering import Admitted, ByHand
from leadloom.store.published import Book
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

DAY = timedelta(days=1)
TEXT = """
name: {name}
purpose: Test.
owner: priya-nair
sender: ines-carvalho
class: service
enter: {{{enter}}}
exit: [{{events: [unsubscribed], outcome: asked us to stop}}]
{more}
steps: [{{do: wait, id: rest, for: 30d}}]
"""


async def publish(db: Db, enter: str, *, name: str = "other", more: str = "") -> Book:
    async with db.transaction() as tx:
        journey = Journey.model_validate(DraftText("j.yaml", TEXT.format(name=name, enter=enter, more=more)).data)
        await published.publish_journey(tx, journey, at=world.MONDAY, by="priya-nair")
        return await published.book(tx)


async def lead(db: Db, book: Book, name: str, **told: object) -> LeadId:
    return await acts.capture(db, book, world.draft(name, company=name, **{"email": f"{name}@{name}.example", **told}))


async def let_in(
    db: Db, book: Book, *lead_ids: LeadId, occasion: str = "first", after: timedelta = timedelta(), **more: object
) -> Admitted:
    order = ByHand.model_validate({"journey": "other", "by": "priya-nair", "occasion": occasion, **more})
    async with db.transaction() as tx:
        return await entering.let_in(tx, lead_ids, order, book=book, at=TUESDAY + after)


async def open_runs(dsn: str, lead_id: LeadId) -> list[str]:
    query = "SELECT journey FROM enrolment WHERE lead_id = $1 AND status = 'active' ORDER BY journey, key"
    return [row["journey"] for row in await acts.rows(dsn, query, lead_id)]


async def test_a_person_lets_leads_in_once_and_each_other_one_has_one_reason(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, "when: {field: role, one_of: [it]}")
    ana = await lead(db, book, "ana", role="it")
    ben = await lead(db, book, "ben", role="quality")
    nobody = LeadId(UUID(int=7))
    told = await let_in(db, book, ana, ben, nobody)
    assert told == Admitted(enrolled=(ana,), left_out={ben: LeftOut.CONDITION, nobody: LeftOut.UNKNOWN})
    again = await let_in(db, book, ana)
    assert again.left_out == {ana: LeftOut.IN_ALREADY}
    [run] = await acts.rows(dsn, "SELECT key, entered_by FROM enrolment WHERE lead_id = $1", ana)
    assert tuple(run) == ("once", "hand:priya-nair")
    [note] = await acts.rows(dsn, "SELECT actor FROM audit WHERE action = 'let leads in by hand' LIMIT 1")
    assert note["actor"] == "priya-nair"


async def test_a_preview_says_the_same_and_writes_nothing(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, "events: [price_page]")
    ana, ben = await lead(db, book, "ana"), await lead(db, book, "ben", email=None, external_id="crm-9")
    async with db.read() as tx:
        seen = await entering.preview(tx, [ana, ben], "other", book=book, at=TUESDAY)
    assert seen == Admitted(enrolled=(ana,), left_out={ben: LeftOut.NO_ADDRESS})
    assert await open_runs(dsn, ana) == []
    assert await let_in(db, book, ana, ben) == seen


async def test_a_journey_that_takes_nobody_by_hand_says_so(db: Db, book: Book) -> None:
    book = await publish(db, "events: [price_page], by_hand: false")
    ana = await lead(db, book, "ana")
    with pytest.raises(Conflict, match="by_hand: false"):
        await let_in(db, book, ana)
    with pytest.raises(NotFound):
        await let_in(db, book, ana, journey="nowhere")


async def test_who_was_in_rests_as_long_as_the_journey_says(db: Db, book: Book) -> None:
    book = await publish(db, "again: after exit, rest: 7d")
    ana = await lead(db, book, "ana")
    await let_in(db, book, ana)
    assert await take_out(db, ana) == 1
    assert await take_out(db, ana) == 0
    assert (await let_in(db, book, ana, occasion="second", after=6 * DAY)).left_out == {ana: LeftOut.RESTS}
    assert (await let_in(db, book, ana, occasion="second", after=7 * DAY)).enrolled == (ana,)


async def take_out(db: Db, lead_id: LeadId) -> int:
    order = ByHand(journey="other", by="priya-nair", occasion="out")
    async with db.transaction() as tx:
        return await entering.let_out(tx, [lead_id], order, "asked on the phone", at=TUESDAY)


async def test_who_is_taken_out_is_remembered_by_the_words_said(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, "events: [price_page]")
    ana = await lead(db, book, "ana")
    await let_in(db, book, ana)
    await take_out(db, ana)
    [run] = await acts.rows(dsn, "SELECT status, outcome FROM enrolment WHERE journey = 'other'")
    assert tuple(run) == ("exited", "asked on the phone")
    order = ByHand(journey="other", by="priya-nair", occasion="out")
    with pytest.raises(BadInput, match="why they leave"):
        async with db.transaction() as tx:
            await entering.let_out(tx, [ana], order, " ", at=TUESDAY)


async def test_a_pace_puts_off_first_steps_over_all_pages(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, "events: [price_page]")
    ids = [str(await lead(db, book, f"lead{no}")) for no in range(5)]
    order = ByHand(journey="other", by="priya-nair", occasion="all", per_minute=2)
    done = await by_hand.enrol(db, Whom(names=(*ids, "nobody@there.example")), order, at=TUESDAY)
    assert (done.enrolled, done.left_out) == (5, {LeftOut.UNKNOWN: ("nobody@there.example",)})
    starts = await acts.rows(dsn, "SELECT waits_until FROM enrolment WHERE journey = 'other' ORDER BY 1")
    assert [(row["waits_until"] - TUESDAY) / timedelta(minutes=1) for row in starts] == [0, 0, 1, 1, 2]


GROUP = "exclusive: {{group: offers, when_busy: {when_busy}}}"


async def test_a_group_that_refuses_keeps_out_and_one_that_replaces_ends_the_other(
    db: Db, dsn: str, book: Book
) -> None:
    await publish(db, "events: [price_page]", name="spring", more=GROUP.format(when_busy="refuse"))
    book = await publish(db, "events: [guide_requested]", more=GROUP.format(when_busy="refuse"))
    ana = await lead(db, book, "ana", events=(world.happened("price_page", TUESDAY),))
    assert (await let_in(db, book, ana)).left_out == {ana: LeftOut.GROUP_BUSY}
    book = await publish(db, "events: [careers_page]", more=GROUP.format(when_busy="replace"))
    assert (await let_in(db, book, ana)).enrolled == (ana,)
    assert await open_runs(dsn, ana) == ["other"]
    [run] = await acts.rows(dsn, "SELECT outcome FROM enrolment WHERE journey = 'spring'")
    assert run["outcome"] == "replaced by other"


async def test_an_event_replaces_what_is_open_and_is_refused_where_the_group_is_busy(
    db: Db, dsn: str, book: Book
) -> None:
    await publish(db, "events: [price_page]", name="spring", more=GROUP.format(when_busy="refuse"))
    book = await publish(db, "events: [careers_page]", more=GROUP.format(when_busy="replace"))
    ana = await lead(db, book, "ana", events=(world.happened("careers_page", TUESDAY),))
    await acts.happens(db, book, ana, world.happened("price_page", TUESDAY + DAY))
    assert await open_runs(dsn, ana) == ["other"]


async def test_each_deal_has_its_own_run_and_coming_to_a_stage_lets_in(db: Db, dsn: str, book: Book) -> None:
    await publish(db, "stages: [inquiry]", name="staged")
    book = await publish(db, "events: [price_page], key: deal")
    ana = await lead(db, book, "ana")
    for deal in ("D-1", "D-2", "D-1", None):
        event = world.happened("price_page", TUESDAY, data={} if deal is None else {"deal": deal})
        await acts.happens(db, book, ana, event)
    await acts.happens(db, book, ana, world.happened("guide_requested", TUESDAY + DAY))
    query = "SELECT key, place, entered_by FROM enrolment WHERE journey IN ('other', 'staged') ORDER BY key"
    assert [tuple(row) for row in await acts.rows(dsn, query)] == [
        ("deal/D-1", "D-1", "price_page"), ("deal/D-2", "D-2", "price_page"), ("once", "", "stage:inquiry"),
    ]  # fmt: skip


async def test_the_database_itself_refuses_two_open_runs_of_one_place(db: Db, dsn: str, book: Book) -> None:
    book = await publish(db, "events: [price_page], again: after exit")
    ana = await lead(db, book, "ana")
    await let_in(db, book, ana)
    copy = (
        "INSERT INTO enrolment (enrolment_id, lead_id, journey, journey_hash, key, place, entered_at, entered_by,"
        " status, progress, prospect) SELECT gen_random_uuid(), lead_id, journey, journey_hash, $1, $2, entered_at,"
        " entered_by, status, progress, prospect FROM enrolment WHERE journey = 'other'"
    )
    with pytest.raises(asyncpg.UniqueViolationError, match="enrolment_open_place"):
        await acts.rows(dsn, copy, "another", "")
    await acts.rows(dsn, copy, "elsewhere", "D-1")


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["price_page", "careers_page", "guide_requested", "unsubscribed", "by hand"]),
        st.sampled_from([None, "D-1", "D-2"]),
    ),
    min_size=1,
    max_size=8,
)
MODES = st.tuples(
    st.sampled_from(["never", "after exit", "concurrent"]), st.booleans(),
    st.sampled_from(["wait, at_most: 9d", "replace", "refuse", ""]),
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=ACTS, mode=MODES)
async def test_whatever_happens_no_place_of_a_journey_has_two_open_runs(
    db: Db, dsn: str, book: Book, happened: list[tuple[str, str | None]], mode: tuple[str, bool, str]
) -> None:
    again, keyed, when_busy = mode
    more = f"exclusive: {{group: offers, when_busy: {when_busy}}}" if when_busy else ""
    key = ", key: deal" if keyed else ""
    await publish(db, "events: [careers_page], again: after exit", name="spring", more=more)
    book = await publish(db, f"events: [price_page, guide_requested], again: {again}{key}", more=more)
    counted = await acts.rows(dsn, "SELECT count(*) AS n FROM lead")
    ana = await lead(db, book, f"ana{counted[0]['n']}")
    for no, (kind, deal) in enumerate(happened):
        if kind == "by hand":
            told = await let_in(db, book, ana, occasion=str(no))
            assert len(told.enrolled) + len(told.left_out) == 1
        else:
            data = {} if deal is None else {"deal": deal}
            await acts.happens(db, book, ana, world.happened(kind, TUESDAY + no * DAY, data=data))
    query = "SELECT journey, place, count(*) FROM enrolment WHERE lead_id = $1 AND status = 'active' GROUP BY 1, 2"
    rows = await acts.rows(dsn, query, ana)
    assert all(row["count"] == 1 for row in rows)
    if again != "concurrent" and not keyed:
        assert all(row["place"] == "" for row in rows)
    if when_busy in ("replace", "refuse"):
        assert len({row["journey"] for row in rows if row["journey"] in ("spring", "other")}) <= 1
