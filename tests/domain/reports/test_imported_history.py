"""Are figures about another system's past honest: bounded, grouped without guessing, and nothing made up or clipped?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from leadloom.domain.model import DealId, LeadId
from leadloom.domain.reports.figures import Proportion, quantile
from leadloom.domain.reports.funnel import FunnelQuestion, FunnelReport, funnel
from leadloom.domain.reports.groups import Only
from leadloom.domain.reports.pipeline import Deal, PipelineQuestion, PipelineReport, pipeline
from leadloom.domain.reports.survival import by_day, kaplan_meier
from leadloom.domain.reports.velocity import StepVelocity, VelocityQuestion, VelocityReport, velocity
from leadloom.domain.reports.way import StageEntry, Way
from tests import hand_cases
from tests.hand_cases import day, name_of

AS_OF = day("06-30")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2024-{text}+00:00")


def imported(name: str, came: str, won: str | None = None, **told: object) -> Way:
    """A lead of an imported list: placed at mql on the day it came, won at an instant a deal told."""
    entries = [
        StageEntry(stage="aware", at=day(came)),
        StageEntry(stage="mql", at=day(came), day_only=True, placed=True),
    ]
    entries += [StageEntry(stage="won", at=at(won))] if won else []
    about = {"lead_id": LeadId(name_of(name)), "entries": entries, "history": True, **told}
    return Way.model_validate(about)


def ask_funnel(ways: Iterable[Way], **asked: object) -> FunnelReport:
    question = FunnelQuestion.model_validate({"as_of": AS_OF, **asked})
    return funnel(hand_cases.definition(), tuple(ways), question)


def ask_velocity(ways: Iterable[Way], **asked: object) -> VelocityReport:
    question = VelocityQuestion.model_validate({"as_of": AS_OF, **asked})
    return velocity(hand_cases.definition(), tuple(ways), question)


def mql_to_won(report: VelocityReport) -> StepVelocity:
    return next(step for step in report.whole if (step.from_stage, step.to_stage) == ("mql", "won"))


# ── Figures ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_share_of_leads_says_in_which_range_its_rate_lies() -> None:
    """leads.md R9: Wilson of 30/200."""
    share = Proportion(part=30, whole=200)
    assert (share.low, share.high) == (pytest.approx(10.7136, abs=5e-5), pytest.approx(20.6056, abs=5e-5))
    assert (Proportion(part=0, whole=0).low, Proportion(part=0, whole=4).low) == (None, 0)


def test_a_quantile_is_no_hair_beside_the_figure_it_should_be() -> None:
    assert quantile([*range(756), 161.0, 162.0, *range(200, 284)], 0.9) == 161.9


def test_kaplan_and_meier_count_who_was_still_watched() -> None:
    """Six leads: ended on days 1, 3, 3; open since 2, 5 and 10 days. S(1) = 5/6, S(3) = 5/6 · 2/4."""
    watched = [(20.0, 1.0), (20.0, 3.0), (20.0, 3.0), (2.0, None), (5.0, None), (10.0, None)]
    survival = kaplan_meier(watched)
    assert [survival(t) for t in (0, 1, 2.5, 3)] == pytest.approx([1, 5 / 6, 5 / 6, 5 / 12])
    assert survival(30) is None


def test_a_lead_that_has_not_had_so_long_is_in_no_share_by_day() -> None:
    thirty, sixty, ninety = by_day([(100.0, 40.0), (100.0, None), (45.0, 10.0), (45.0, None)])
    assert [(row.reached.part, row.reached.whole) for row in (thirty, sixty, ninety)] == [(1, 4), (1, 2), (1, 2)]
    assert sixty.kaplan_meier_percent == pytest.approx(100 * (1 - 3 / 4 * 2 / 3))


# ── Groups ──────────────────────────────────────────────────────────────────────────────────────────────────────
TOLD = (
    imported("a", "01-05", "01-20T09:00", source="Google", country="US"),
    imported("b", "01-06", source="google ", country="BR"),
    imported("c", "01-07", source="unknown"),
    imported("d", "01-08", "02-01T09:00"),
    imported("e", "02-08", source="search-ads"),
)


def test_spellings_of_one_source_are_one_and_blank_never_joins_unknown() -> None:
    groups = ask_funnel(TOLD, by="source").groups
    assert [(row.key, row.name, row.leads, row.overall.part) for row in groups] == [
        ("google", "Google", 2, 1),
        ("search-ads", "Search ads", 1, 0),
        ("unknown", "unknown", 1, 0),
        (None, "not told", 1, 1),
    ]


def test_months_stand_in_their_order_and_a_lead_of_two_campaigns_in_both() -> None:
    sent = (*TOLD[:4], TOLD[4].model_copy(update={"campaigns": ("Spring", "Audit week")}))
    assert [row.name for row in ask_velocity(sent, by="month").groups] == ["2024-01", "2024-02"]
    assert [(row.name, row.leads) for row in ask_velocity(sent, by="campaign").groups] == [
        ("in no campaign", 4),
        ("Audit week", 1),
        ("Spring", 1),
    ]


@pytest.mark.parametrize(
    ("only", "leads"),
    [
        (Only(by="source", value="GOOGLE"), 2),
        (Only(by="source", value="Search ads"), 1),
        (Only(by="source", value=None), 1),
        (Only(by="country", value="us"), 1),
        (Only(by="country", value=None), 3),
    ],
)
def test_a_filter_leaves_one_waterfall_of_fewer_leads(only: Only, leads: int) -> None:
    assert ask_funnel(TOLD, only=(only,)).cohort.leads == leads


# ── History ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_cohorts_from_before_the_first_recorded_win_are_left_truncated_our_own_never() -> None:
    own = imported("own", "01-03").model_copy(update={"history": False})
    months = ask_funnel((imported("x", "01-01"), imported("y", "02-25", "03-02T02:00"), imported("z", "04-01"))).months
    assert [(row.name, row.left_truncated) for row in months] == [
        ("2024-01", True),
        ("2024-02", True),
        ("2024-04", False),
    ]
    assert not any(row.left_truncated for row in ask_funnel((own,)).months)


def test_the_month_of_the_first_win_itself_is_truncated_when_it_began_before() -> None:
    first = ask_funnel((imported("x", "03-01", "03-05T02:00"), imported("y", "03-20")))
    assert (first.months[0].left_truncated, first.recorded_from) == (True, at("03-05T02:00"))


def test_days_are_calendar_days_where_nobody_knew_the_hour() -> None:
    won = (imported("a", "01-01", "01-31T23:00"), imported("b", "01-01", "02-01T00:30"))
    step = mql_to_won(ask_velocity(won))
    assert (step.elapsed.p25, step.elapsed.mean) == (30.25, 30.5)
    assert ask_funnel(won, within=timedelta(days=30)).cohort.overall.part == 1


def test_a_win_before_the_lead_came_is_quarantined_and_told_with_and_without() -> None:
    ways = (imported("a", "01-10", "01-08T12:00"), imported("b", "01-10", "01-16T12:00"))
    report = ask_velocity(ways)
    step = mql_to_won(report)
    assert (step.backwards, report.quarantined) == (1, (ways[0].lead_id,))
    assert (step.elapsed.count, step.elapsed.median) == (1, 6)
    assert (step.with_backwards.count, step.with_backwards.median) == (2, 2)
    assert [(row.reached.part, row.reached.whole) for row in step.by_day] == [(2, 2)] * 3


def test_a_win_on_the_day_the_lead_came_is_not_backwards() -> None:
    noon = (StageEntry(stage="mql", at=at("01-10T12:00")), StageEntry(stage="won", at=day("01-10"), day_only=True))
    step = mql_to_won(ask_velocity([imported("a", "01-10").model_copy(update={"entries": noon})]))
    assert (step.backwards, step.elapsed.count, step.elapsed.median) == (0, 1, 0)


def test_no_velocity_is_made_up_for_leads_without_dates() -> None:
    """All their entries are the instant of the import."""
    entries = (StageEntry(stage="aware", at=day("06-01")), StageEntry(stage="won", at=day("06-01"), placed=True))
    undated = imported("a", "06-01").model_copy(update={"entries": entries, "history": False})
    report = ask_velocity([undated], start="aware")
    assert [step.elapsed.count for step in (*report.steps, *report.whole)] == [0] * 8
    assert report.whole[1].undated == 1
    assert report.stages[0].left.count == 0
    cohort = ask_funnel([undated], start="aware").cohort
    assert (cohort.overall.part, cohort.left_truncated) == (1, False)


def test_leads_that_have_not_come_into_the_funnel_are_counted_beside_it() -> None:
    aware = imported("a", "01-01").model_copy(update={"entries": (StageEntry(stage="aware", at=day("01-01")),)})
    report = ask_funnel((*TOLD, aware))
    assert (report.cohort.leads, report.not_entered) == (5, 1)


# ── Deals ───────────────────────────────────────────────────────────────────────────────────────────────────────
def deal(name: str, amount: int | None, created: str, won: str | None, **told: object) -> Deal:
    about = {
        "deal_id": DealId(name_of(name)), "external_id": name, "currency": None if amount is None else "USD",
        "amount": None if amount is None else Decimal(amount), "created_at": day(created),
        "stage": "won" if won else "open", "closed_at": day(won) if won else None, **told,
    }  # fmt: skip
    return Deal.model_validate(about)


def ask_pipeline(*deals: Deal, **asked: object) -> PipelineReport:
    question = PipelineQuestion.model_validate({"as_of": AS_OF, **asked})
    return pipeline(hand_cases.definition(), deals, (), question)


def test_an_amount_nobody_told_is_counted_and_never_averaged_as_nothing() -> None:
    told, untold = deal("told", 900, "01-01", "01-11"), deal("untold", None, "01-01", "01-21", currency="USD")
    (usd,) = ask_pipeline(told, untold).currencies
    assert (usd.deals, usd.untold, usd.pipeline, usd.mean_won) == (2, 1, 900, 900)
    assert (usd.win_rate.part, usd.days_to_won.mean, usd.per_day_closed) == (2, 15, 60)
    (nothing,) = ask_pipeline(deal("x", None, "01-01", "01-21")).currencies
    assert (nothing.currency, nothing.pipeline, nothing.won, nothing.mean_won) == (None, None, None, None)


def test_a_deal_without_any_touch_is_sales_only_by_the_rule_and_said_to_be() -> None:
    seen = deal("seen", 100, "01-05", "01-11", touches=hand_cases.touches("seen", "S 01-02"))
    report = ask_pipeline(seen, deal("unseen", 100, "01-05", "01-11"))
    assert ([one.deal_class for one in report.deals], report.untouched_deals) == (["sales-only", "sales-only"], 1)


def test_a_deal_whose_opening_nobody_told_has_no_days() -> None:
    (usd,) = ask_pipeline(deal("dated", 100, "01-01", "01-11"), deal("undated", 100, "01-21", "01-21")).currencies
    assert (usd.days_to_won.count, usd.days_to_won.mean, usd.undated) == (1, 10, 1)


def test_deals_are_grouped_and_filtered_by_what_their_lead_tells() -> None:
    deals = (
        deal("a", 100, "01-01", "01-11", source="webinar"),
        deal("b", 50, "02-01", None),
        deal("c", None, "02-01", None),
    )
    report = ask_pipeline(*deals, by="source")
    assert [(row.key, row.deals, [one.currency for one in row.currencies]) for row in report.groups] == [
        (None, 2, ["USD", None]),
        ("webinar", 1, ["USD"]),
    ]
    assert [row.name for row in ask_pipeline(*deals, by="month").groups] == ["2024-01", "2024-02"]
    (usd,) = ask_pipeline(*deals, only=(Only(by="source", value="Webinar"),)).currencies
    assert (usd.deals, usd.won) == (1, 100)
