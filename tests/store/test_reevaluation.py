"""Do leads move when another version comes into force: whom the two judge differently, once, wherever it is cut?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.drafting import Draft, Proposal, Word
from leadloom.domain.definitions.regions import Region, language_in, reason_label
from leadloom.domain.model import LeadId
from leadloom.store import definition_drafts, events, governing, lifecycle, published, reevaluation, regions
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.store.acts import TUESDAY, capture, rows

SAMIRA, GRETA = "samira-haddad", "greta-lindqvist"
WARM = (world.happened("webinar_attended", TUESDAY), world.happened("calculator_finished", TUESDAY))
"""Engagement 40, of two kinds."""


def at_least(definition: Definition, least: float) -> Definition:
    """The same with another threshold for digit 2."""
    return definition.but(engagement_digits={1: 60.0, 2: least, 3: 15.0})


async def in_force(db: Db, definition: Definition) -> Book:
    async with db.transaction() as tx:
        await published.publish_definition(tx, definition, at=TUESDAY - timedelta(days=1), by=SAMIRA)
        return await published.book(tx)


async def approved(db: Db, definition: Definition, **more: object) -> Draft:
    """A draft in force, its leads not judged yet."""
    async with db.transaction() as tx:
        book, word = await published.book(tx), Word(by=SAMIRA, at=TUESDAY, why="try it")
        proposal = Proposal.model_validate({"definition": definition, **more})
        draft = await definition_drafts.draw_up(tx, proposal, word, book=book)
        await definition_drafts.submit(tx, draft.draft_no, word, book=book)
        await definition_drafts.sign(tx, draft.draft_no, word, book=book)
        return await definition_drafts.sign(tx, draft.draft_no, word.but(by=GRETA), book=book)


async def people(db: Db, book: Book, *countries: str) -> list[LeadId]:
    """Warm leads, each of a company of their own."""
    found: list[LeadId] = []
    for no, country in enumerate(countries):
        draft = world.draft(f"ana.{no}", *WARM, email=f"ana@firm{no}.example", company=f"Firm {no}", country=country)
        found.append(await capture(db, book, draft))
    return sorted(found)


async def stages(db: Db, leads: list[LeadId]) -> list[str]:
    async with db.read() as tx:
        return [(await events.stage_changes(tx, lead_id))[-1].to_stage for lead_id in leads]


async def test_a_judging_cut_short_goes_on_and_moves_each_lead_once(
    db: Db, dsn: str, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reevaluation, "PAGE", 2)
    strict = await in_force(db, at_least(book.definition, 50))
    leads = await people(db, strict, "US", "US", "US", "DE", "SG")
    assert await stages(db, leads) == ["inquiry"] * 5
    draft = await approved(db, at_least(book.definition, 35))
    first = await governing.apply(db, most_pages=1)
    assert (first.judged, first.is_over) == (2, False)
    assert (await stages(db, leads)).count("mql") == 2
    rest = await governing.apply(db)
    assert (rest.judged, rest.is_over, await stages(db, leads)) == (3, True, ["mql"] * 5)
    assert (await governing.apply(db)).judged == 0
    changes = await rows(
        dsn,
        "SELECT reason, actor, definition_version, stayed, evidence ->> 'event' AS event, at FROM stage_change "
        "WHERE to_stage = 'mql'",
    )
    assert {tuple(row) for row in changes} == {
        ("fits and engages", "system", draft.version, timedelta(0), "definition_changed", TUESDAY)
    }
    offered = await rows(
        dsn, "SELECT o.handle, count(*) FROM hand_off JOIN owner o USING (owner_id) GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in offered] == [("ines-carvalho", 1), ("marcus-oyelaran", 3), ("wei-jie-tan", 1)]


async def test_the_preview_says_who_would_move_to_whom_and_moves_nobody(db: Db, book: Book) -> None:
    strict = await in_force(db, at_least(book.definition, 50))
    leads = await people(db, strict, "US", "DE")
    async with db.transaction() as tx:
        word = Word(by=SAMIRA, at=TUESDAY, why="try it")
        proposal = Proposal(definition=at_least(book.definition, 35))
        draft = await definition_drafts.draw_up(tx, proposal, word, book=strict)
    found = await governing.preview(db, draft.draft_no, at=TUESDAY)
    assert [one.lead_id for one in found.of("moves")] == leads
    assert sorted((one.who, one.open_now, one.added) for one in found.load) == [
        ("ines-carvalho", 0, 1), ("marcus-oyelaran", 0, 1),
    ]  # fmt: skip
    counted = {one.stage: (one.before, one.after) for one in found.stages}
    assert counted == {"inquiry": (2, 0), "mql": (0, 2)}
    assert await stages(db, leads) == ["inquiry", "inquiry"]
    async with db.read() as tx:
        assert await definition_drafts.kept_preview(tx, draft.draft_no) == found


async def test_who_has_been_offered_stays_when_the_gate_gets_stricter(db: Db, book: Book) -> None:
    leads = await people(db, book, "US")
    assert await stages(db, leads) == ["mql"]
    await approved(db, at_least(book.definition, 50))
    await governing.apply(db)
    assert await stages(db, leads) == ["mql"]


async def test_leads_are_judged_by_the_numbers_of_their_region(db: Db, dsn: str, book: Book) -> None:
    declared = {**book.definition.regions}
    declared["europe"] = declared["europe"].but(engagement_digits={1: 60.0, 2: 50.0, 3: 15.0})
    local = await in_force(db, book.definition.but(regions=declared))
    await people(db, local, "US", "DE", "IE")
    stood = await rows(dsn, "SELECT country, stage FROM lead JOIN lead_stage USING (lead_id) ORDER BY country")
    assert [tuple(row) for row in stood] == [("DE", "inquiry"), ("IE", "inquiry"), ("US", "mql")]


async def test_a_roll_out_moves_the_first_region_now_and_another_at_its_go(db: Db, book: Book) -> None:
    strict = await in_force(db, at_least(book.definition, 50))
    leads = await people(db, strict, "US", "DE")
    await approved(db, at_least(book.definition, 35), regions=("americas",))
    await governing.apply(db)
    assert sorted(await stages(db, leads)) == ["inquiry", "mql"]
    async with db.transaction() as tx:
        word = Word(by="ruth-adeyemi", at=TUESDAY)
        await regions.decide(tx, "europe", "go", word, book=await published.book(tx), figures={})
    await governing.apply(db)
    assert await stages(db, leads) == ["mql", "mql"]


async def clocks(db: Db, lead_id: LeadId) -> dict[str, datetime]:
    async with db.read() as tx:
        return {row["kind"]: row["due_at"] for row in await tx.all("clocks_of_leads", lead_ids=[lead_id])}


async def woken(dsn: str) -> int:
    """How many lifecycles have been told to look again since the last time."""
    found = await rows(dsn, "DELETE FROM outbox WHERE workflow_id LIKE 'lead/%' RETURNING 1")
    return len(found)


async def test_cooling_and_silence_ring_by_the_new_numbers_once_however_often_it_is_cut(
    db: Db, dsn: str, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reevaluation, "PAGE", 1)
    strict = await in_force(db, at_least(book.definition, 50))
    leads = await people(db, strict, "US", "DE")
    assert (await clocks(db, leads[0]))["inactivity"] == TUESDAY + timedelta(days=180)
    shorter = at_least(strict.definition, 50).but(cooling_below=20.0, inactive_after=timedelta(days=60))
    await woken(dsn)
    await approved(db, shorter)
    assert (await governing.apply(db, most_pages=1)).judged == 1
    assert [(await clocks(db, lead))["inactivity"] - TUESDAY for lead in leads] == [
        timedelta(days=60), timedelta(days=180),
    ]  # fmt: skip
    await governing.apply(db)
    # 40 points halve to 20 in one half-life of 30 days.
    due = {"cooling": TUESDAY + timedelta(days=30), "inactivity": TUESDAY + timedelta(days=60)}
    assert [await clocks(db, lead) for lead in leads] == [due, due]
    assert await woken(dsn) == 2, "each is told once that it rings sooner"
    await governing.apply(db)
    assert ([await clocks(db, lead) for lead in leads], await woken(dsn)) == ([due, due], 0)


async def test_who_is_silent_for_longer_than_the_new_version_allows_counts_as_such_at_once(
    db: Db, dsn: str, book: Book
) -> None:
    strict = await in_force(db, at_least(book.definition, 50))
    [lead_id] = await people(db, strict, "US")
    later = TUESDAY + timedelta(days=100)
    async with db.transaction() as tx:
        live = await published.book(tx)
        shorter = strict.definition.but(inactive_after=timedelta(days=60))
        word = Word(by=SAMIRA, at=later, why="sooner")
        draft = await definition_drafts.draw_up(tx, Proposal(definition=shorter), word, book=live)
        await definition_drafts.submit(tx, draft.draft_no, word, book=live)
        for handle in (SAMIRA, GRETA):
            await definition_drafts.sign(tx, draft.draft_no, word.but(by=handle), book=live)
    await governing.apply(db)
    assert (await clocks(db, lead_id))["inactivity"] == later
    async with db.transaction() as tx:
        await lifecycle.advance(tx, lead_id, book=await published.book(tx), at=later)
    [last] = await rows(dsn, "SELECT to_stage, reason, stayed FROM stage_change ORDER BY no DESC LIMIT 1")
    assert tuple(last) == ("inactive", "no-response", timedelta(days=100))


def test_a_region_may_not_change_what_a_stage_means() -> None:
    with pytest.raises(ValueError, match="A region may not change `stages`: stages mean the same everywhere"):
        Region.model_validate({"label": "Mars", "countries": ["US"], "stages": []})


def test_a_region_calls_reasons_in_its_own_words_and_reads_its_own_language() -> None:
    definition = world.definition()
    declared = {**definition.regions}
    declared["europe"] = declared["europe"].but(labels={"no-fit": "Passt nicht"}, language="fr")
    local = definition.but(regions=declared)
    assert [reason_label(local, "no-fit", country) for country in ("FR", "US", None)] == [
        "Passt nicht", "No need or no fit", "No need or no fit",
    ]  # fmt: skip
    assert [language_in(local, country) for country in ("FR", "DE", "US", None)] == ["fr", "de", "en", "en"]
