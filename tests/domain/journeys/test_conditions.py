"""Questions about a lead: each kind of condition by an example that holds and one that doesn't."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadloom.domain.facts import CompanyStand, Score
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import either, holds, looked_at, roughly, span_words, value_of, words
from leadloom.domain.journeys.turns import next_look, next_turn
from leadloom.domain.lead import Account, Verdict
from leadloom.domain.model import AccountId
from tests.domain.a_run import LEAD, a_lead, an_event, day, days, facts

MERIDIAN = Account(account_id=AccountId(LEAD), name="Meridian Pharma", industry="hospital", sites=4, country="DE")
ANA = facts(
    lead=a_lead(
        role="quality",
        attributes={
            "loggers": 12,
            "pilot": False,
            "note": "",
            "plan": "Fleet, a year",
            "wants": ["a Demo", "a price"],
            "trucks": "7.5",
            "audit_date": "2026-03-20",
            "renewed_on": "2026-03-02T23:59:00",
        },
    ),
    tags=("vip", "beta"),
    in_journeys=("welcome",),
    was_in=("webinar", "hand-raise"),
    arm="short",
    account=MERIDIAN,
    stage="mql",
    last_reason="not-yet",
    score=Score(fit=60, letter="B", engagement=20.0, digit=3, categories={"fleet": 2, "site": 4}),
    company=CompanyStand(points=64.0, digit=1, covered=("quality", "it")),
    events=(
        an_event("article_read", 3, day(2)).but(data={"piece": "dock", "seconds": 60}),
        an_event("price_page", 4, day(3), verdict=Verdict.MACHINE),
    ),
)
NOW = day(5)


def asked(**said: object) -> Condition:
    return Condition.model_validate(said)


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ({"event": "article_read"}, {"event": "guide_requested"}),
        ({"event": "article_read", "within": "3d"}, {"event": "article_read", "within": "2d"}),
        ({"not": {"event": "price_page"}}, {"event": "price_page"}),
        ({"basis": "marketing"}, {"basis": "surveys"}),
        ({"category": {"fleet": [1, 2]}}, {"category": {"fleet": [1, 2], "site": [1, 2]}}),
        ({"company": [1, 2]}, {"company": [3, 4]}),
        ({"covers": ["it", "quality"]}, {"covers": ["it", "finance"]}),
        ({"covers_at_least": 2}, {"covers_at_least": 3}),
        ({"field": "role"}, {"field": "phone"}),
        ({"field": "role", "is": "quality"}, {"field": "role", "is": "it"}),
        ({"field": "industry", "one_of": ["hospital"]}, {"field": "industry", "one_of": ["food logistics"]}),
        ({"field": "loggers", "is": 12}, {"field": "loggers", "is": "12"}),
        ({"field": "pilot", "is": False}, {"field": "pilot", "is": True}),
        ({"field": "pilot"}, {"field": "note"}),
        ({"field": "sites", "one_of": ["4"]}, {"field": "sites", "one_of": ["None"]}),
        ({"stage": ["mql", "sal"]}, {"stage": ["inquiry"]}),
        ({"fit": ["A", "B"]}, {"fit": ["C"]}),
        ({"engagement": [3]}, {"engagement": [1, 2]}),
        ({"recycled_for": ["not-yet"]}, {"recycled_for": ["no-budget"]}),
        ({"event": "article_read", "times": 1}, {"event": "article_read", "times": 2}),
        (
            {"event": "article_read", "data": {"piece": "dock", "seconds": 60}},
            {"event": "article_read", "data": {"piece": "dock", "seconds": 61}},
        ),
        ({"event": "article_read", "data": {}}, {"event": "article_read", "data": {"form": None}}),
        ({"field": "loggers", "at_least": 12}, {"field": "loggers", "at_least": 12.5}),
        ({"field": "trucks", "at_most": 7.5}, {"field": "trucks", "at_most": 7}),
        ({"field": "loggers", "at_least": 1, "at_most": 20}, {"field": "plan", "at_least": 0}),
        ({"field": "plan", "contains": "FLEET"}, {"field": "plan", "contains": "kit"}),
        ({"field": "wants", "contains": "demo"}, {"field": "loggers", "contains": "1"}),
        ({"field": "renewed_on", "past": "6d"}, {"field": "renewed_on", "past": "5d"}),
        ({"field": "audit_date", "ahead": "12d"}, {"field": "audit_date", "ahead": "11d"}),
        ({"not": {"field": "audit_date", "past": "90d"}}, {"field": "plan", "ahead": "90d"}),
        ({"tag": ["gold", "vip"]}, {"tag": ["gold"]}),
        ({"in_journey": ["welcome"]}, {"in_journey": ["webinar"]}),
        ({"was_in": ["webinar"]}, {"was_in": ["welcome"]}),
        ({"arm": ["short", "long"]}, {"arm": ["long"]}),
        ({"all": [{"stage": ["mql"]}, {"fit": ["B"]}]}, {"all": [{"stage": ["mql"]}, {"fit": ["A"]}]}),
        ({"any": [{"stage": ["won"]}, {"fit": ["B"]}]}, {"any": [{"stage": ["won"]}, {"fit": ["A"]}]}),
        ({"stage": ["mql"], "fit": ["B"]}, {"stage": ["mql"], "fit": ["A"]}),
        ({}, {"not": {}}),
    ],
)
def test_a_condition_holds_for_what_it_says_and_for_nothing_else(yes: dict[str, object], no: dict[str, object]) -> None:
    assert holds(asked(**yes), ANA, NOW)
    assert not holds(asked(**no), ANA, NOW)


def test_what_happened_before_entry_counts_only_within_a_span() -> None:
    read_before = facts(events=(an_event("article_read", 1, day(-1)),))
    assert not holds(asked(event="article_read"), read_before, NOW)
    assert holds(asked(event="article_read", within="7d"), read_before, NOW)


def test_what_happens_later_than_now_does_not_count_yet() -> None:
    assert not holds(asked(event="article_read"), ANA, day(1))


def test_without_permission_the_basis_does_not_hold() -> None:
    assert not holds(asked(basis="marketing"), facts(may_market=False), NOW)


def test_the_lead_s_own_country_comes_before_the_account_s() -> None:
    assert value_of("country", ANA) == "DE"
    assert value_of("country", facts(lead=a_lead(country="AT"), account=MERIDIAN)) == "AT"


def test_ids_are_no_fields_a_condition_may_ask() -> None:
    assert value_of("lead_id", ANA) is None


def test_a_decision_shows_the_values_it_was_made_by() -> None:
    condition = asked(event="article_read", stage=["mql"], any=[{"field": "role", "is": "it"}, {"fit": ["A"]}])
    assert looked_at(condition, ANA, NOW) == {
        "last article read": "2026-03-05T09:00:00+00:00",
        "stage": "mql",
        "role": "quality",
        "fit": "B",
    }


@pytest.mark.parametrize(
    "said", [{"company": [4]}, {"covers": []}, {"covers_at_least": 1}], ids=["digit", "roles", "number"]
)
def test_nothing_is_so_of_the_company_of_somebody_who_has_none(said: dict[str, object]) -> None:
    alone = ANA.but(account=None, company=None)
    assert not holds(asked(**said), alone, NOW)
    assert holds(asked(**{"not": said}), alone, NOW)


def test_a_decision_about_a_company_shows_how_it_stood() -> None:
    condition = asked(company=[1], any=[{"covers_at_least": 2}, {"category": {"site": [1]}}])
    assert looked_at(condition, ANA, NOW) == {
        "company": 1,
        "engaged at the company": ["quality", "it"],
        "engagement by category": {"site": 4},
    }


def test_whoever_waits_for_a_company_looks_once_a_day_and_whoever_does_not_only_at_a_turn() -> None:
    whole = asked(any=[{"not": {"company": [1]}}, {"event": "article_read", "within": "30d"}])
    assert next_look(whole, ANA, NOW) == NOW + timedelta(days=1)
    assert next_turn(whole, ANA, NOW) == day(32) + timedelta(microseconds=1)
    assert next_look(asked(engagement=[1]), ANA, NOW) is None


@pytest.mark.parametrize(
    ("said", "reads"),
    [
        ({"event": "article_read"}, "article read since entry"),
        ({"event": "article_read", "within": "14d"}, "article read in the last 14 days"),
        ({"basis": "marketing"}, "may get marketing mail"),
        ({"field": "audit_date"}, "audit date is known"),
        ({"field": "role", "one_of": ["quality", "it"], "stage": ["mql"]}, "role is quality or it, and stage is mql"),
        ({"any": [{"fit": ["A"]}, {"engagement": [1]}]}, "(fit is A or engagement is 1)"),
        ({"not": {"recycled_for": ["not-yet"]}}, "not (recycled for is not-yet)"),
        ({"event": "article_read", "times": 3, "within": "14d"}, "article read at least 3 times in the last 14 days"),
        ({"event": "guide_requested", "data": {"form": "footer"}}, "guide requested with form footer since entry"),
        ({"field": "sites", "at_least": 3, "at_most": 9}, "sites is at least 3 and is at most 9"),
        ({"field": "plan", "contains": "year"}, "plan has year in it"),
        ({"field": "renewed_on", "past": "7d"}, "renewed on was at most 7 days ago"),
        ({"field": "audit_date", "ahead": "60d"}, "audit date is at most 60 days ahead"),
        ({"tag": ["vip", "beta"]}, "tagged vip or beta"),
        ({"in_journey": ["welcome"]}, "in the journey welcome"),
        ({"was_in": ["welcome"]}, "was in the journey welcome"),
        ({"arm": ["short", "long"]}, "campaign arm is short or long"),
        ({"category": {"fleet": [1, 2]}}, "engagement in fleet is 1 or 2"),
        ({"company": [1]}, "the company's engagement is 1"),
        ({"covers": ["quality", "it"]}, "somebody in quality and it is engaged at the company"),
        ({"covers_at_least": 2}, "at least 2 roles of the buying group are engaged at the company"),
        (
            {"all": [{"fit": ["A"]}, {"any": [{"stage": ["mql"]}, {"tag": ["vip"]}]}]},
            "fit is A, and (stage is mql or tagged vip)",
        ),
        ({}, "always"),
    ],
)
def test_a_condition_reads_as_a_marketer_would_say_it(said: dict[str, object], reads: str) -> None:
    assert words(asked(**said)) == reads


def test_spans_and_choices_read_as_words() -> None:
    assert [span_words(span) for span in (days(1), days(14), timedelta(hours=36), timedelta(minutes=90))] == [
        "1 day",
        "14 days",
        "36 hours",
        "90 minutes",
    ]
    assert [either(options) for options in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a or b", "a, b or c"]


def test_how_often_something_happened_is_shown_with_the_decision() -> None:
    often = asked(event="article_read", times=2)
    assert looked_at(often, ANA, NOW) == {
        "last article read": "2026-03-05T09:00:00+00:00",
        "times article read": 1,
    }
    assert looked_at(asked(all=[{"tag": ["vip"]}, {"was_in": ["webinar"]}]), ANA, NOW) == {
        "tags": ["vip", "beta"],
        "was in journeys": ["webinar", "hand-raise"],
    }


def test_lateness_is_said_no_finer_than_a_reader_wants() -> None:
    spans = (days(3) + timedelta(hours=7), timedelta(hours=26), timedelta(minutes=119), timedelta(seconds=100))
    assert [roughly(span) for span in spans] == ["3 days", "26 hours", "119 minutes", "a minute"]


@pytest.mark.parametrize(
    ("condition", "turn"),
    [
        ({"event": "article_read"}, None),
        ({"stage": ["mql"]}, None),
        ({"event": "article_read", "within": "5d"}, day(7) + timedelta(microseconds=1)),
        ({"field": "audit_date", "ahead": "7d"}, datetime(2026, 3, 13, tzinfo=UTC)),
        ({"field": "audit_date", "ahead": "36h"}, datetime(2026, 3, 19, tzinfo=UTC)),
        ({"field": "audit_date", "past": "7d"}, datetime(2026, 3, 20, tzinfo=UTC)),
        ({"field": "renewed_on", "past": "7d"}, datetime(2026, 3, 10, tzinfo=UTC)),
        ({"field": "plan", "past": "7d"}, None),
        (
            {"any": [{"field": "audit_date", "ahead": "7d"}, {"not": {"event": "article_read", "within": "5d"}}]},
            day(7) + timedelta(microseconds=1),
        ),
    ],
)
def test_the_instant_at_which_time_alone_may_change_an_answer_is_known(
    condition: dict[str, object], turn: datetime | None
) -> None:
    assert next_turn(asked(**condition), ANA, NOW) == turn


def test_no_answer_changes_by_time_alone_before_that_instant() -> None:
    for said in (
        {"event": "article_read", "within": "5d"},
        {"field": "audit_date", "ahead": "7d"},
        {"field": "audit_date", "past": "3d"},
        {"field": "audit_date", "past": "36h"},
        {"field": "audit_date", "ahead": "36h"},
        {"not": {"field": "renewed_on", "past": "7d"}},
    ):
        at, last = NOW, asked(**said)
        while (turn := next_turn(last, ANA, at)) is not None:
            steps = [at + (turn - at) * part / 7 for part in range(7)]
            assert len({holds(last, ANA, moment) for moment in steps}) == 1, (said, at)
            at = turn
