"""Does a page of drafts become the same leads as its drafts one by one, with few statements and without deadlock?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.lead import BasisKind, EventDraft, LeadDraft
from leadloom.domain.standing import CodeEntry
from leadloom.store import entering, events, leads, permissions, published, tx
from leadloom.store.db import Db
from leadloom.store.leads import Captured
from leadloom.store.permissions import Silence
from leadloom.store.published import Book
from tests import world
from tests.store.acts import rows
from tests.world import MONDAY, happened

DAY = timedelta(days=1)
LIST = str(uuid4())


def on_the_list(name: str, stage: str | None = None, **rest: Any) -> LeadDraft:
    """A row of an imported file."""
    data = {"import": LIST, "precision": "day", **({"stage": stage} if stage else {})}
    met_at = MONDAY - 90 * DAY
    return world.draft(name, happened("imported", key=f"import/{LIST}", data=data), created_at=met_at, **rest)


async def capture(db: Db, book: Book, *drafts: LeadDraft, at=MONDAY, history=False, keep_existing=False):
    async with db.transaction() as tx:
        return await leads.capture_all(
            tx, drafts, book=book, at=at, actor="lead", history=history, keep_existing=keep_existing
        )


async def bring(db: Db, book: Book, *drafts: LeadDraft, at=MONDAY, **rest: bool) -> list[Captured]:
    return await capture(db, book, *drafts, at=at, history=True, **rest)


async def kinds(db: Db, captured: Captured) -> list[str]:
    async with db.read() as tx:
        return [event.kind for event in reversed(await events.of_lead(tx, captured.lead_id))]


def outcomes(captured: Sequence[Captured]) -> list[tuple[bool, bool]]:
    return [(each.is_new, each.changed) for each in captured]


async def test_a_page_that_contradicts_itself_about_a_known_lead_is_no_news_the_second_time(
    db: Db, book: Book, dsn: str
) -> None:
    page = [on_the_list("ana.torres", company=name, phone=phone) for name, phone in (("Alder", "1"), ("Birch", "2"))]
    assert outcomes(await bring(db, book, *page)) == [(True, True), (False, True)]
    assert outcomes(await bring(db, book, *page)) == [(False, False), (False, False)]
    (lead,) = await rows(dsn, "SELECT company, phone FROM lead")
    assert tuple(lead) == ("Birch", "2")


async def test_a_page_answers_in_the_order_of_its_drafts_and_colleagues_share_a_company(
    db: Db, book: Book, dsn: str
) -> None:
    names = ["ana.torres", "ben.ito", "cleo.marsh"]
    captured = await capture(db, book, *(world.draft(name, happened("article_read")) for name in names))
    found = await rows(dsn, "SELECT lead_id, email, last_event_no FROM lead")
    emails = {row["lead_id"]: row["email"].split("@")[0] for row in found}
    assert [emails[each.lead_id] for each in captured] == names
    assert outcomes(captured) == [(True, True)] * 3
    assert {row["last_event_no"] for row in found} == {1}
    assert len(await rows(dsn, "SELECT FROM account")) == 1


async def test_as_many_statements_for_a_hundred_new_leads_as_for_two(
    db: Db, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    queries = tx.queries()

    class Counted(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            asked.append(name)
            return queries[name]

    monkeypatch.setattr(tx, "queries", Counted)

    async def page(start: int, size: int) -> list[str]:
        asked.clear()
        people = (
            on_the_list("x", email=f"p{no}@c{no}.example", company=f"Company {no}", bases=(world.permission(),))
            for no in range(start, start + size)
        )
        await bring(db, book, *people)
        return list(asked)

    assert await page(0, 2) == await page(2, 100)


async def test_drafts_of_one_person_are_taken_in_turn(db: Db, book: Book, dsn: str) -> None:
    first, second, third = await capture(
        db,
        book,
        world.draft("ana.torres", happened("article_read", key="one"), phone="+1 212 555 0199"),
        world.draft("ana.torres", happened("price_page", key="two"), external_id="crm-7", role="it"),
        LeadDraft(external_id="crm-7", title="QA Manager", events=(happened("article_read", key="one"),)),
    )
    assert len({first.lead_id, second.lead_id, third.lead_id}) == 1
    assert outcomes([first, second, third]) == [(True, True), (False, True), (False, True)]
    assert [[event.no for event in each.recorded.events] for each in (first, second, third)] == [
        [1],
        [2, 3],
        [],
    ]  # warmed came of it
    (ana,) = await rows(dsn, "SELECT phone, role, title, last_event_no FROM lead")
    assert tuple(ana) == ("+1 212 555 0199", "it", "QA Manager", 3)


async def test_the_first_yes_of_somebody_new_lifts_the_no_their_address_said_before(db: Db, book: Book) -> None:
    address = "ana.torres@meridian-pharma.example"
    async with db.transaction() as tx:
        await permissions.suppress(tx, [Silence(value=address, purpose="marketing", reason="unsubscribed", at=MONDAY)])
    await capture(db, book, world.draft("ana.torres", bases=(world.permission(at=MONDAY + DAY),)), at=MONDAY + DAY)
    async with db.read() as tx:
        assert await permissions.suppressions_of(tx, address) == ()


async def test_a_known_person_with_a_new_key_keeps_it_also_when_the_page_tells_of_others(
    db: Db, book: Book, dsn: str
) -> None:
    (ana,) = await capture(db, book, world.draft("ana.torres", happened("article_read")))
    again, ben = await capture(
        db, book, world.draft("ana.torres", external_id="crm-7"), world.draft("ben.ito", external_id="crm-8")
    )
    keys = await rows(dsn, "SELECT value, lead_id FROM identity_key WHERE kind = 'external_id'")
    assert again.lead_id == ana.lead_id
    assert {row["value"]: row["lead_id"] for row in keys} == {"crm-7": ana.lead_id, "crm-8": ben.lead_id}


async def test_a_later_yes_of_the_same_page_outlives_an_earlier_no(db: Db, book: Book) -> None:
    no = world.draft("ana.torres", happened("unsubscribed"))
    yes = world.draft("ana.torres", bases=(world.permission(at=MONDAY + DAY),))
    captured, _ = await capture(db, book, no, yes, at=MONDAY + DAY - timedelta(hours=1))
    async with db.read() as tx:
        basis, *_ = await permissions.of_lead(tx, captured.lead_id)
        assert (basis.revoked_at, await permissions.suppressions_of(tx, "ana.torres@meridian-pharma.example")) == (
            None,
            (),
        )


async def test_two_pages_with_the_same_people_in_other_orders_make_each_once(db: Db, book: Book, dsn: str) -> None:
    known = [world.draft(f"known{no}.x", email=f"known{no}@k{no % 3}.example", company=None) for no in range(6)]
    await capture(db, book, *known)

    def people(tag: str) -> list[LeadDraft]:
        fresh = [
            world.draft(f"new{no}.x", happened("demo_requested"), email=f"new{no}@f{no % 4}.example", company=None)
            for no in range(12)
        ]
        return [
            draft.model_copy(update={"external_id": f"crm-{draft.email}", "industry": tag, "title": tag})
            for draft in (*known, *fresh)
        ]

    pages = [people("a"), people("b")[::-1], people("c")[5:], people("d")[::-1][3:]]
    captured = await asyncio.gather(*(capture(db, book, *page, at=MONDAY + DAY) for page in pages))
    assert sum(each.is_new for page in captured for each in page) == 12
    assert len(await rows(dsn, "SELECT FROM lead")) == 18
    assert len(await rows(dsn, "SELECT FROM identity_key")) == 36
    assert len(await rows(dsn, "SELECT FROM account")) == 7
    assert await rows(dsn, "SELECT FROM identity_key WHERE lead_id NOT IN (SELECT lead_id FROM lead)") == []


async def test_colleagues_who_are_all_new_begin_one_run_of_their_company_s_journey(
    db: Db, book: Book, dsn: str
) -> None:
    door = CodeEntry(name="circle", workflow="BuyingCircle", events=("article_read",), per="account")
    async with db.transaction() as tx:
        await published.publish_code_journey(tx, door, at=MONDAY, by="leo-novak")
        book = await published.book(tx)

    def people(*names: str) -> list[LeadDraft]:
        return [world.draft(name, happened("article_read"), email=f"{name}@nordkap.example") for name in names]

    async def begun() -> list[tuple[str, str | None]]:
        query = """SELECT DISTINCT l.email, o.workflow_id FROM enrolment e JOIN lead l USING (lead_id)
                     LEFT JOIN outbox o ON o.input = to_jsonb(e.enrolment_id::text) WHERE e.journey = 'circle'"""
        return [(row["email"], row["workflow_id"]) for row in await rows(dsn, query)]

    first, *_ = await capture(db, book, *people("ana", "ben"))
    [(email, told)] = await begun()  # a company nobody knew is locked by nobody
    assert email == "ana@nordkap.example" and told is not None
    pages = [people("cleo", "dan"), people("eve", "finn")]
    await asyncio.gather(*(capture(db, book, *page) for page in pages))
    assert await begun() == [(email, told)]

    async with db.transaction() as tx:
        await entering.let_out(
            tx, [first.lead_id], entering.ByHand(journey="circle", by="leo", occasion="x"), "over", at=MONDAY
        )
    await asyncio.gather(*(capture(db, book, *page) for page in [people("gil", "hana"), people("ida", "jo")]))
    assert len(await begun()) == 2


async def test_one_bad_draft_keeps_the_page_out(db: Db, book: Book, dsn: str) -> None:
    with pytest.raises(BadInput, match="email"):
        await capture(db, book, world.draft("ana.torres"), LeadDraft(email="not an address"))
    assert await rows(dsn, "SELECT FROM lead") == []


async def test_a_list_brings_people_where_another_system_had_them_and_nobody_acts(db: Db, book: Book, dsn: str) -> None:
    (captured,) = await bring(db, book, on_the_list("ana.torres", "mql"))
    (ana,) = await rows(dsn, "SELECT created_at FROM lead")
    changes = await rows(dsn, "SELECT to_stage, at, reason, evidence FROM stage_change ORDER BY no")
    assert ana["created_at"] == MONDAY - 90 * DAY
    assert [tuple(change)[:3] for change in changes] == [
        ("aware", MONDAY - 90 * DAY, "captured"),
        ("mql", MONDAY - 90 * DAY, "imported"),
    ]
    assert all('"precision": "day"' in change["evidence"] for change in changes)
    assert [event.kind for event in captured.recorded.events] == ["imported"]
    for table in ("hand_off", "enrolment", "outbox", "lead_clock"):
        assert await rows(dsn, f"SELECT FROM {table}") == [], table


async def test_the_same_list_twice_changes_nothing_and_writes_nothing(db: Db, book: Book, dsn: str) -> None:
    page = [
        on_the_list("ana.torres", "mql", bases=(world.permission(BasisKind.LEGITIMATE_INTEREST),)),
        on_the_list("ben.ito", opted_out=True),
        on_the_list("cleo.marsh", email=None, external_id="crm-3"),
    ]
    page[2] = page[2].model_copy(update={"events": (*page[2].events, happened("reply", key="reply/1"))})
    await bring(db, book, *page)
    versions = """
        SELECT xmin::text FROM lead UNION ALL SELECT xmin::text FROM account UNION ALL SELECT xmin::text FROM event
         UNION ALL SELECT xmin::text FROM basis UNION ALL SELECT xmin::text FROM suppression"""
    before = await rows(dsn, versions)
    again = await bring(db, book, *page, at=MONDAY + DAY)
    assert outcomes(again) == [(False, False)] * 3
    assert await rows(dsn, versions) == before


async def test_a_list_that_says_something_new_of_a_known_lead_is_an_event_without_a_stage(db: Db, book: Book) -> None:
    (known,) = await capture(db, book, world.draft("ana.torres", role=None))
    (told,) = await bring(db, book, on_the_list("ana.torres", "mql"), at=MONDAY + DAY)
    (event,) = told.recorded.events
    assert (told.lead_id, told.is_new, told.changed) == (known.lead_id, False, True)
    data = {"import": LIST, "there": "mql", "precision": "day"}
    assert (event.kind, event.at, event.data) == ("imported", MONDAY + DAY, data)
    assert told.recorded.consequences.changes == ()


async def test_keep_existing_fills_only_blanks_of_leads_and_companies(db: Db, book: Book, dsn: str) -> None:
    await capture(db, book, world.draft("ana.torres", title=None, attributes={"a": 1}))
    told = on_the_list("ana.torres", title="QA Manager", role="it", sites=9, attributes={"a": 2, "b": 2})
    (captured,) = await bring(db, book, told, keep_existing=True)
    (ana,) = await rows(
        dsn, "SELECT l.title, l.role, l.attributes, a.sites FROM lead l JOIN account a USING (account_id)"
    )
    assert tuple(ana) == ("QA Manager", "quality", '{"a": 1, "b": 2}', 4)
    assert captured.changed


async def test_who_opted_out_elsewhere_is_left_alone_and_what_came_with_the_no_grants_nothing(
    db: Db, book: Book
) -> None:
    granted = await capture(db, book, world.draft("ana.torres", bases=(world.permission(),)))
    no = on_the_list("ana.torres", opted_out=True, bases=(world.permission(BasisKind.SOFT_OPT_IN),))
    (told,) = await bring(db, book, no, at=MONDAY + DAY)
    (again,) = await bring(db, book, no, at=MONDAY + 2 * DAY)
    async with db.read() as tx:
        basis, *_ = await permissions.of_lead(tx, granted[0].lead_id)
        (suppression,) = await permissions.suppressions_of(tx, "ana.torres@meridian-pharma.example")
    assert basis.revoked_at == MONDAY + DAY
    assert (suppression.purpose, suppression.reason) == ("marketing", "unsubscribed")
    assert (told.changed, again.changed) == (True, False)
    (event,) = [event for event in told.recorded.events if event.kind == "unsubscribed"]
    assert (event.actor, event.data) == ("lead", {"import": LIST})


async def test_no_later_list_overrules_a_no_that_was_told_without_an_address(db: Db, book: Book) -> None:
    no = on_the_list("ben.ito", email=None, external_id="crm-7", opted_out=True)
    (told,) = await bring(db, book, no)
    collected = (world.permission(at=MONDAY - 30 * DAY), world.permission(BasisKind.SOFT_OPT_IN, at=MONDAY + DAY))
    await bring(db, book, on_the_list("ben.ito", external_id="crm-7", bases=collected), at=MONDAY + 2 * DAY)
    async with db.read() as tx:
        bases = await permissions.of_lead(tx, told.lead_id)
    assert [(one.act, one.holds(MONDAY + 3 * DAY)) for one in bases].count(("given", False)) == 2
    yes = world.permission(at=MONDAY + 3 * DAY)
    await capture(db, book, world.draft("ben.ito", external_id="crm-7", bases=(yes,)), at=MONDAY + 3 * DAY)
    async with db.read() as tx:
        assert (await permissions.of_lead(tx, told.lead_id))[-1].holds(MONDAY + 4 * DAY)


async def test_a_no_that_is_told_again_closes_an_address_that_was_allowed_in_between(db: Db, book: Book) -> None:
    no = on_the_list("ana.torres", opted_out=True)
    await bring(db, book, no)
    await capture(db, book, world.draft("ana.torres", bases=(world.permission(at=MONDAY + DAY),)), at=MONDAY + DAY)
    (again,) = await bring(db, book, no, at=MONDAY + 2 * DAY)
    async with db.read() as tx:
        assert await permissions.suppressions_of(tx, "ana.torres@meridian-pharma.example") != ()
    assert await kinds(db, again) == ["imported", "unsubscribed"]


async def test_history_moves_stages_at_its_own_instants_and_keeps_only_agreed_dates(
    db: Db, book: Book, dsn: str
) -> None:
    (ana,) = await bring(db, book, on_the_list("ana.torres", "mql"))
    then = MONDAY - 60 * DAY
    data = {"precision": "day", "kind": "hand-raise", "reason": "not_now", "until": (MONDAY + 9 * DAY).isoformat()}
    lost = [happened("deal_opened", then), EventDraft(kind="deal_lost", at=then + DAY, data=data)]
    async with db.transaction() as tx:
        asked = happened("demo_requested", then - DAY)
        await events.record(tx, ana.lead_id, [asked, *lost], book=book, at=MONDAY, history=True)
    changes = await rows(dsn, "SELECT to_stage, at FROM stage_change WHERE no > 2 ORDER BY no")
    assert {change["at"] for change in changes} <= {then - DAY, then, then + DAY}
    assert changes[-1]["to_stage"] == "recycled"
    assert [row["kind"] for row in await rows(dsn, "SELECT kind FROM lead_clock")] == ["recycle:new-business"]
    assert await rows(dsn, "SELECT FROM hand_off") == []
    assert await rows(dsn, "SELECT FROM outbox") == []


async def test_a_draft_that_names_two_leads_is_noted_once_however_often_it_comes(db: Db, book: Book, dsn: str) -> None:
    await capture(db, book, LeadDraft(external_id="crm-7"), world.draft("ben.ito"))
    for _ in range(2):
        await capture(db, book, world.draft("ben.ito", external_id="crm-7"))
    assert len(await rows(dsn, "SELECT FROM audit WHERE action = 'found two leads'")) == 1


async def test_words_with_odd_signs_come_back_as_they_were_told(db: Db, book: Book, dsn: str) -> None:
    odd = "Ø\"x\\y\t{a,b}'NULL"
    await capture(db, book, world.draft("ana.torres", last_name=odd, company="NULL", attributes={odd: [odd, None]}))
    (ana,) = await rows(dsn, "SELECT last_name, company, attributes->$1->>0 FROM lead", odd)
    assert tuple(ana) == (odd, "NULL", odd)
