"""Does a condition, asked of all leads at once in SQL, hold for the very leads for whom it holds one by one?"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import NamedTuple

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadloom.domain.definitions.company_rules import CompanyRules
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.regions import Region, localised
from leadloom.domain.definitions.score_rules import Category
from leadloom.domain.facts import Facts
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import holds, words
from leadloom.domain.lead import BasisKind, EventDraft, LeadDraft
from leadloom.domain.model import LeadId
from leadloom.domain.stages.company import stands
from leadloom.domain.stages.scoring import score
from leadloom.domain.standing import Colleague
from leadloom.store import colleagues, conditions, events, leads, standing
from leadloom.store.db import Db
from leadloom.store.published import Book, Judging
from tests import services, world

AT = world.MONDAY + timedelta(days=40)
TRACK = "new-business"
KINDS = ("guide_requested", "article_read", "price_page", "webinar_attended", "calculator_finished")
TOLD = (None, "", "Überlingen", "ÜBERLINGEN GMBH", "12", "12.5", "-3", "1e3", 5, 5.0, 12.5, 0, True, False, "5",
        "2026-04-20", "2026-03-01T10:00", "2026-02-30", "0000-01-01", ["Kit", "fleet"], {"a": 1}, "true")  # fmt: skip
TAGS = ("expo", "partner", "loud")


CATEGORIES = ("fleet", "site")


class Crowd(NamedTuple):
    """Leads of every sort, in a database and as facts."""

    db: Db
    book: Book
    facts: dict[LeadId, Facts]
    people: dict[LeadId, tuple[Colleague, ...] | None]
    """Everybody at each lead's company; None for who is at none."""


def kelvance() -> Definition:
    """The example's definition, with points that count for products."""
    known = world.definition()
    of_product = {name: Category(means=name) for name in CATEGORIES}
    rules = {"price_page": "site", "calculator_finished": "fleet", "article_read": "fleet"}
    events_ = {kind: rule.but(category=rules.get(kind)) for kind, rule in known.events.items()}
    alps = Region(
        label="Alps",
        countries=("DE", "BR"),
        engagement_digits={1: 22.0, 2: 9.0, 3: 2.0},
        letters={"A": 90, "B": 40, "C": 5},
    )
    return known.but(
        events=events_, scoring=known.scoring.but(categories=of_product), regions={**known.regions, "alps": alps}
    )


@pytest.fixture(scope="module")
async def crowd(databases: services.Databases, template: str) -> AsyncIterator[Crowd]:
    async with databases.fresh(template) as url:
        db = await Db.open(url, size=4)
        definition = kelvance()
        alps = Judging(definition=localised(definition, "alps"), version=1)
        book = (await world.publish(db)).but(definition=definition, local={"DE": alps, "BR": alps})
        chance = random.Random(7)
        for no in range(90):
            async with db.transaction() as tx:
                await leads.capture(tx, someone(chance, no), book=book, at=AT - timedelta(days=30), actor="lead")
        connection = await asyncpg.connect(url)
        for (lead_id,) in await connection.fetch("SELECT lead_id FROM lead ORDER BY email"):
            for tag in chance.sample(TAGS, chance.randint(0, 2)):
                await connection.execute("INSERT INTO lead_tag VALUES ($1, $2, $3, 'test')", lead_id, tag, AT)
            if chance.random() < 0.3:
                await connection.execute(
                    "UPDATE enrolment SET status = 'finished', ended_at = $2, outcome = 'x' WHERE lead_id = $1",
                    lead_id, AT,
                )  # fmt: skip
        await connection.execute("UPDATE lead SET account_id = NULL WHERE email LIKE 'lead1%'")
        await connection.execute(
            "UPDATE account SET parent_id = (SELECT min(account_id::text)::uuid FROM account)"
            " WHERE account_id IN (SELECT account_id FROM account ORDER BY account_id OFFSET 1 LIMIT 4)"
        )
        facts = await facts_of(db, book, connection)
        async with db.read() as tx:
            found = await colleagues.of_companies(tx, [one.lead.account_id for one in facts.values()])
        people = {lead_id: found.get(one.lead.account_id) for lead_id, one in facts.items() if one.lead.account_id}
        yield Crowd(db, book, facts, {**dict.fromkeys(facts), **people})
        await connection.close()
        await db.close()


def someone(chance: random.Random, no: int) -> LeadDraft:
    happened = [
        EventDraft(
            kind=chance.choice(KINDS),
            at=AT - timedelta(days=chance.uniform(30.1, 70)),
            key=f"{no}/{index}",
            data=chance.choice([{}, {"form": "guide"}, {"form": 1, "n": 2}, {"form": True}, {"form": None}]),
        )
        for index in range(chance.randint(0, 14))
    ]
    return world.draft(
        f"lead{no}.{chance.choice(['a', 'b'])}",
        *sorted(happened, key=lambda event: event.at),
        email=f"lead{no}@company{chance.randint(0, 25)}.example",
        company=f"Company {chance.randint(0, 25)}",
        country=chance.choice([None, "US", "DE", "GB", "CA", "BR"]),
        role=chance.choice([None, "quality", "logistics", "it", "finance"]),
        industry=chance.choice([None, "pharma distribution", "hospital", "retail"]),
        sites=chance.choice([None, 1, 3, 12]),
        source=chance.choice(["webinar", "microsite", "referral"]),
        bases=() if chance.random() < 0.5 else (world.permission(chance.choice(_GIVEN), AT - timedelta(days=50)),),
        attributes={name: chance.choice(TOLD) for name in ("budget", "audit_date") if chance.random() < 0.8},
    )


_GIVEN = (BasisKind.EXPRESS, BasisKind.DOUBLE_OPT_IN, BasisKind.SOFT_OPT_IN)


async def facts_of(db: Db, book: Book, connection: asyncpg.Connection[asyncpg.Record]) -> dict[LeadId, Facts]:
    """What `holds` looks at, for everybody."""
    ids = [LeadId(row[0]) for row in await connection.fetch("SELECT lead_id FROM lead")]
    tags = await connection.fetch("SELECT lead_id, tag FROM lead_tag")
    runs = await connection.fetch("SELECT lead_id, journey, status = 'active' AS is_open FROM enrolment")
    async with db.read() as tx:
        found = await standing.of(tx, await standing.seen(tx, ids), book=book, at=AT)
        happened = {lead_id: await events.of_lead(tx, lead_id) for lead_id in ids}
    return {
        lead_id: Facts(
            lead=one.lead,
            account=one.account,
            entered_at=AT,
            stage=one.stages.get(TRACK, book.definition.first_stage),
            score=score(book.judges(one), one.lead, account=one.account, entries=one.entries, at=AT),
            events=tuple(reversed(happened[lead_id])),
            bases=one.bases,
            may_market=one.may_market,
            last_reason=one.last_reason,
            tags=tuple(row["tag"] for row in tags if row["lead_id"] == lead_id),
            in_journeys=tuple(row["journey"] for row in runs if row["lead_id"] == lead_id and row["is_open"]),
            was_in=tuple(row["journey"] for row in runs if row["lead_id"] == lead_id and not row["is_open"]),
        )
        for lead_id, one in found.items()
    }


TEXTS = st.sampled_from(["über", "ÜBER", "kit", "FLEET", "12", "2026", "", "%", "_", "ß"])
SPANS = st.integers(0, 120).map(lambda days: timedelta(days=days))
VALUES = st.sampled_from([value for value in TOLD if value is not None])
FIELDS = st.sampled_from(["budget", "audit_date", "email", "country", "role", "industry", "sites", "created_at", "name",
                          "language", "company", "lead_id", "attributes", "nothing"])  # fmt: skip


def some(*names: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=3).map(tuple)


def asked(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[Condition]:
    return st.fixed_dictionaries(fields).map(Condition.model_validate)


DIGITS = st.lists(st.integers(1, 4), min_size=1, max_size=2).map(tuple)
LEAVES = st.one_of(
    asked(event=st.sampled_from(KINDS), within=SPANS, times=st.sampled_from([None, 1, 2, 4]),
          data=st.sampled_from([None, {"form": "guide"}, {"form": 1}, {"form": True}, {"form": None}, {"n": 2.0}])),
    asked(field=FIELDS),
    asked(field=FIELDS, one_of=st.lists(st.sampled_from(["5", "true", "True", "12", "quality", "US", "hospital", "en"]),
                                        min_size=1, max_size=3).map(tuple)),
    asked(**{"field": FIELDS, "is": VALUES}),
    asked(field=FIELDS, contains=TEXTS),
    asked(field=FIELDS, at_least=st.sampled_from([None, -5.0, 0.0, 12.5]), at_most=st.sampled_from([None, 5.0, 12.0])),
    asked(field=FIELDS, past=SPANS),
    asked(field=FIELDS, ahead=SPANS),
    asked(basis=st.sampled_from(["marketing", "service"])),
    asked(stage=some("aware", "inquiry", "mql", "sal")),
    asked(fit=some("A", "B", "C", "D")),
    asked(engagement=DIGITS),
    asked(category=st.dictionaries(st.sampled_from([*CATEGORIES, "nothing"]), DIGITS, min_size=1)),
    asked(company=DIGITS),
    asked(covers=some("quality", "logistics", "it", "finance", "janitor")),
    asked(covers_at_least=st.integers(0, 5)),
    asked(recycled_for=some("not-yet", "no-budget")),
    asked(tag=some(*TAGS)),
    asked(in_journey=some("small", "other")),
    asked(was_in=some("small", "other")),
    asked(arm=some("short", "long")),
    st.just(Condition()),
)  # fmt: skip


def nested(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        several.map(lambda parts: Condition(all=parts)),
        several.map(lambda parts: Condition(any=parts)),
        inner.map(lambda part: Condition.model_validate({"not": part})),
        st.tuples(inner, inner).map(lambda two: two[0].model_copy(update={"not_": two[1]})),
    )


CONDITIONS = st.recursive(LEAVES, nested, max_leaves=5)
RULES = st.builds(
    CompanyRules,
    formula=st.sampled_from(["sum", "max", "mean"]),
    per_person=st.sampled_from([None, 8.0, 60.0]),
    cap=st.sampled_from([None, 30.0, 200.0]),
    digits=st.sampled_from([None, {1: 25.0, 2: 12.0, 3: 4.0}]),
    engaged_at=st.sampled_from([2.0, 9.0]),
    roles=st.sampled_from([("quality", "logistics", "it", "finance"), ("it",), ()]),
)


@settings(max_examples=250, deadline=None)
@given(condition=CONDITIONS, rules=RULES)
async def test_the_audience_of_a_condition_is_whom_it_holds_for(
    crowd: Crowd, condition: Condition, rules: CompanyRules
) -> None:
    definition = crowd.book.definition.but(company_score=rules)
    one_by_one = {lead_id for lead_id in crowd.facts if holds(condition, with_company(crowd, lead_id, definition), AT)}
    local = {country: one.definition for country, one in crowd.book.local.items()}
    where = conditions.compiled(condition, definition=definition, track=TRACK, at=AT, local=local)
    async with crowd.db.read() as tx:
        found = await tx.all_where("audience_page", where, **EVERYBODY)
    assert {row["lead_id"] for row in found} == one_by_one, words(condition)


def with_company(crowd: Crowd, lead_id: LeadId, definition: Definition) -> Facts:
    """The lead's facts, their company as these rules see it."""
    people = crowd.people[lead_id]
    return crowd.facts[lead_id].but(company=None if people is None else stands(definition, people, at=AT))


EVERYBODY = {
    "sources": None, "track": TRACK, "stages": None, "countries": None, "imports": None, "owner": None,
    "after": None, "page_limit": 1000,
}  # fmt: skip


async def test_the_crowd_is_of_every_sort(crowd: Crowd) -> None:
    """Else the test above would compare nobody with nobody."""
    everybody = crowd.facts.values()
    assert {facts.score.letter for facts in everybody} == {"A", "B", "C", "D"}
    assert len({facts.score.digit for facts in everybody}) >= 3
    assert {facts.may_market for facts in everybody} == {True, False}
    assert any(facts.in_journeys for facts in everybody)
    assert any(facts.was_in for facts in everybody)
    assert len({facts.score.categories["fleet"] for facts in everybody}) >= 2
    whole = [with_company(crowd, lead_id, crowd.book.definition).company for lead_id in crowd.facts]
    assert len({one.digit for one in whole if one}) >= 2
    assert {len(one.covered) for one in whole if one} >= {0, 1, 2}
    assert None in whole


@pytest.mark.parametrize("text", ["'; DROP TABLE lead; --", "{1}", "$1", "%s", "\\"])
async def test_what_a_condition_says_is_a_value_and_never_sql(crowd: Crowd, text: str) -> None:
    asks = Condition.model_validate(
        {
            "field": text,
            "contains": text,
            "any": [{"tag": [text]}, {"event": text, "within": "1d", "data": {text: text}}],
        }
    )
    where = conditions.compiled(asks, definition=crowd.book.definition, track=text, at=AT)
    async with crowd.db.read() as tx:
        assert await tx.all_where("audience_page", where, **EVERYBODY) == []
