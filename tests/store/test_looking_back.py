"""Does a look back tell what two versions would have made of a span, beside the facts, and change nothing?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.drafting import Draft, Proposal, Word
from leadloom.domain.errors import BadInput
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import LeadId
from leadloom.store import definition_drafts, events, governing, looking_back, owners, published
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store.acts import TUESDAY, capture, happens, rows

SAMIRA, GRETA = "samira-haddad", "greta-lindqvist"
DAY = timedelta(days=1)
NOW = TUESDAY + 40 * DAY


def at_least(definition: Definition, least: float) -> Definition:
    return definition.but(engagement_digits={1: max(60.0, least), 2: least, 3: 15.0})


async def proposed(db: Db, definition: Definition, **more: object) -> Draft:
    async with db.transaction() as tx:
        book, word = await published.book(tx), Word(by=SAMIRA, at=NOW, why="try it")
        proposal = Proposal.model_validate({"definition": definition, **more})
        draft = await definition_drafts.draw_up(tx, proposal, word, book=book)
        return await definition_drafts.submit(tx, draft.draft_no, word, book=book)


async def a_lead(db: Db, book: Book, name: str, country: str, *days_of_interest: tuple[int, str]) -> LeadId:
    (first, kind), *rest = days_of_interest
    born = TUESDAY + first * DAY
    draft = world.draft(
        name, world.happened(kind, born), email=f"{name}@{name}.example", company=f"{name} Ltd", country=country
    )
    lead_id = await capture(db, book, draft, born)
    for day, kind in rest:
        await happens(db, book, lead_id, world.happened(kind, TUESDAY + day * DAY))
    return lead_id


async def answers(db: Db, book: Book, lead_id: LeadId, day: float, kind: str = "hand_off_accepted") -> None:
    data = {"kind": "scored-mql", "reason": "no-fit"} if kind == "hand_off_rejected" else {"kind": "scored-mql"}
    draft = EventDraft(kind=kind, at=TUESDAY + day * DAY, actor="marcus-oyelaran", data=data)
    await happens(db, book, lead_id, draft)


@pytest.fixture
async def past(db: Db, book: Book) -> tuple[Book, dict[str, LeadId]]:
    """Five weeks under a threshold of 40: two were handed over, one nearly was, one hardly did anything."""
    lives: dict[str, tuple[str, list[tuple[int, str]]]] = {
        "kept": ("US", [(0, "webinar_attended"), (1, "reply"), (2, "calculator_finished")]),
        "given-back": ("US", [(7, "webinar_attended"), (8, "calculator_finished"), (8, "guide_requested")]),
        "nearly": ("DE", [(14, "webinar_attended"), (15, "guide_requested")]),
        "cold": ("DE", [(14, "article_read")]),
    }
    return book, {name: await a_lead(db, book, name, country, *days) for name, (country, days) in lives.items()}


async def everybody(dsn: str) -> object:
    query = (
        "SELECT md5(string_agg(l::text || s::text, '|' ORDER BY lead_id)) FROM lead l JOIN lead_stage s USING (lead_id)"
    )
    return (await rows(dsn, query))[0][0]


async def test_the_past_is_told_in_fact_by_the_version_in_force_and_by_the_draft(
    db: Db, dsn: str, past: tuple[Book, dict[str, LeadId]]
) -> None:
    book, leads = past
    await answers(db, book, leads["kept"], 2)
    await answers(db, book, leads["given-back"], 9, "hand_off_rejected")
    before, heard = await everybody(dsn), list[tuple[int, int]]()
    looser = await proposed(db, at_least(book.definition, 25))
    span = {"since": TUESDAY - 7 * DAY, "until": NOW, "at": NOW}
    found = await looking_back.look_back(db, looser.draft_no, **span, told=lambda *far: heard.append(far))
    assert heard == [(4, 4)]
    assert (found.total("mql_really"), found.total("mql_before"), found.total("mql_after")) == (2, 2, 3)
    assert (found.total("sal_really"), found.total("sal_before"), found.total("sal_after")) == (1, 1, 1)
    assert [(w.monday - found.weeks[0].monday).days for w in found.weeks if w.mql_after] == [7, 14, 21]
    assert (found.total("unasked_after"), found.expected_sals()) == (1, 2), "half of those asked were accepted"
    [told] = found.told
    assert (told.lead_id, told.case, told.owner) == (leads["nearly"], "only after", "ines-carvalho")
    assert [(one.who, one.before, one.after) for one in found.load] == [
        ("ines-carvalho", 0, 1), ("marcus-oyelaran", 1, 1), ("marcus-oyelaran", 1, 1),
    ]  # fmt: skip

    stricter = await proposed(db, at_least(book.definition, 70))
    found = await looking_back.look_back(db, stricter.draft_no, **span)
    assert (found.total("mql_before"), found.total("mql_after"), found.total("sal_after")) == (2, 0, 0)
    assert {(one.lead_id, one.case) for one in found.told} == {
        (leads["kept"], "missed"), (leads["given-back"], "only before"),
    }  # fmt: skip
    async with db.read() as tx:
        assert await looking_back.kept(tx, stricter.draft_no) == found
    assert await everybody(dsn) == before, "looking changes nothing"


async def test_load_goes_to_the_deputy_of_whoever_was_away_then(db: Db, past: tuple[Book, dict[str, LeadId]]) -> None:
    book, _ = past
    async with db.transaction() as tx:
        away = {"from_at": TUESDAY + 5 * DAY, "until_at": TUESDAY + 12 * DAY}
        await owners.be_away(tx, "marcus-oyelaran", **away, by=GRETA, at=NOW)
    draft = await proposed(db, at_least(book.definition, 39))
    found = await looking_back.look_back(db, draft.draft_no, since=TUESDAY - DAY, until=NOW, at=NOW)
    assert [(one.who, one.after) for one in found.load] == [("dana-whitlock", 1), ("marcus-oyelaran", 1)]


async def test_a_span_that_is_not_over_is_refused_with_what_to_do(db: Db, book: Book) -> None:
    draft = await proposed(db, at_least(book.definition, 50))
    with pytest.raises(BadInput, match="Name a span that is over"):
        await looking_back.look_back(db, draft.draft_no, since=NOW, until=NOW + DAY, at=NOW)


async def test_a_preview_for_a_day_ahead_equals_what_happens_when_the_clock_comes_there(
    db: Db, past: tuple[Book, dict[str, LeadId]]
) -> None:
    """Frozen data, a moved clock: what interest is left on the day decides, not what is left when somebody looks."""
    book, leads = past
    looking, day = TUESDAY + 16 * DAY, TUESDAY + 30 * DAY
    numbers = {}
    for least in (15.5, 25):
        async with db.transaction() as tx:
            word = Word(by=SAMIRA, at=looking, why="try it")
            looser = at_least(book.definition, least)
            proposal = Proposal(definition=looser, effective_at=day)
            draft = await definition_drafts.draw_up(tx, proposal, word, book=await published.book(tx))
            await definition_drafts.submit(tx, draft.draft_no, word, book=await published.book(tx))
        found = await governing.preview(db, draft.draft_no, at=looking)
        assert found.at == day
        numbers[draft.draft_no] = [one.lead_id for one in found.of("moves")]
    # 20 and 10 points of day 14 and 15 are 20.9 on day 30: enough for the one, no more for the other.
    first, second = numbers
    assert numbers == {first: [leads["nearly"]], second: []}
    for number in numbers:
        async with db.transaction() as tx:
            for handle in (SAMIRA, GRETA):
                live = await published.book(tx)
                if number == first:
                    await definition_drafts.sign(tx, number, Word(by=handle, at=looking), book=live)
    assert await governing.come_into_force(db, at=day - timedelta(minutes=1)) == ()
    assert await governing.come_into_force(db, at=day) == (first,)
    await governing.apply(db)
    moved = {lead_id for lead_id in leads.values() if "definition_changed" in await changes(db, lead_id)}
    assert moved == {leads["nearly"]}


async def changes(db: Db, lead_id: LeadId) -> list[object]:
    async with db.read() as tx:
        return [one.evidence.get("event") for one in await events.stage_changes(tx, lead_id)]
