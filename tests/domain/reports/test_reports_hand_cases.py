"""Do the reports give the figures that were worked out by hand (leads.md §5: R4, R5, R6, R14, R15), to the digit?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.model import LeadId
from leadloom.domain.reports import cooling, promises
from leadloom.domain.reports.classes import CreditClass, deal_class, lead_class
from leadloom.domain.reports.figures import Share
from leadloom.domain.reports.funnel import FunnelQuestion, FunnelReport, funnel
from leadloom.domain.reports.pipeline import PipelineQuestion, PipelineReport, pipeline
from leadloom.domain.reports.response_time import FIRST_ATTEMPT, answers, response_time
from leadloom.domain.reports.velocity import VelocityQuestion, VelocityReport, velocity
from tests import hand_cases
from tests.hand_cases import after, day, name_of

GENERATED, ENHANCED, SALES_ONLY, PARTNER_ONLY = CreditClass
SNAPSHOT = day("03-15")


def part_of(share: Share) -> tuple[float, float]:
    return float(share.part), float(share.whole)


# ── R4 ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("case", "business", "wall"), [("a", 30, 3_870), ("b", 35, 3_815), ("c", 6, 2_406)], ids=lambda value: str(value)
)
def test_r4_speed_to_lead_counts_the_owners_working_minutes_and_wall_minutes(
    case: str, business: float, wall: float
) -> None:
    (answer,) = answers(hand_cases.definition(), hand_cases.hand_offs(case), FIRST_ATTEMPT, as_of=day("2024-12-31"))
    assert (answer.business_minutes, answer.wall_minutes) == (business, wall)


def test_r4_a_lead_without_an_answer_is_breached_and_in_the_denominator_but_not_in_the_median() -> None:
    measured = answers(hand_cases.definition(), hand_cases.hand_offs("abd"), FIRST_ATTEMPT, as_of=SNAPSHOT)
    summed = response_time("all", measured)
    assert [answer.state for answer in measured] == ["in time", "late", "unanswered"]
    assert (part_of(summed.in_time), summed.breached, summed.unanswered) == ((1, 3), 2, 1)
    assert (summed.business_minutes.count, summed.business_minutes.median) == (2, 32.5)
    assert summed.wall_minutes.median == 3_842.5


def test_a_lead_whose_deadline_has_not_passed_is_waiting_and_in_no_share() -> None:
    offered_at, _ = hand_cases.ANSWERS["d"]
    report = promises.sla(hand_cases.definition(), hand_cases.hand_offs("d"), as_of=offered_at)
    everything = report.first_attempt[0]
    assert (everything.waiting, everything.breached, everything.in_time.percent) == (1, 0, None)


# ── R5 ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def r5_funnel(**asked: object) -> FunnelReport:
    question = FunnelQuestion.model_validate({"as_of": SNAPSHOT, "months": ("2024-01",), **asked})
    return funnel(hand_cases.definition(), hand_cases.ways(), question)


def r5_velocity() -> VelocityReport:
    return velocity(hand_cases.definition(), hand_cases.ways(), VelocityQuestion(as_of=SNAPSHOT))


def test_r5_the_january_cohort_converts_from_stage_to_stage() -> None:
    cohort = r5_funnel().cohort
    assert cohort.leads == 4
    assert [(step.from_stage, step.to_stage, *part_of(step.share)) for step in cohort.steps] == [
        ("inquiry", "mql", 3, 4),
        ("mql", "sal", 2, 3),
        ("sal", "sql", 2, 2),
        ("sql", "won", 1, 2),
    ]
    assert (cohort.steps[0].share.percent, cohort.overall.percent) == (75, 25)


@pytest.mark.parametrize("lost", ["disqualified", "recycled"])
def test_r5_recycling_is_counted_per_visit_and_per_lead_and_a_lost_deal_is_no_recycling(lost: str) -> None:
    recycle = funnel(hand_cases.definition(), hand_cases.ways(lost), FunnelQuestion(as_of=SNAPSHOT)).recycle
    assert (part_of(recycle.per_visit), recycle.per_visit.percent) == ((1, 4), 25)
    assert (part_of(recycle.per_lead), recycle.per_lead.percent) == ((1, 3), pytest.approx(33.3333, abs=5e-5))


def test_r5_elapsed_counts_from_the_first_entry_and_active_from_the_last_visit() -> None:
    to_mql, to_sal, _, _ = r5_velocity().steps
    assert (to_mql.elapsed.count, to_mql.elapsed.median) == (3, 2)
    assert to_mql.elapsed.mean == pytest.approx(3.3333, abs=5e-5)
    assert (to_sal.elapsed.count, to_sal.elapsed.median, to_sal.elapsed.mean) == (2, 17, 17)
    assert to_sal.elapsed.p90 == pytest.approx(1 + 0.9 * 32)
    assert (to_sal.active.median, to_sal.active.p90) == (1, 1)


def test_r5_open_leads_age_in_their_stage_and_closed_visits_have_lasted() -> None:
    stages = {stage.stage: stage for stage in r5_velocity().stages}
    assert (stages["mql"].open, stages["mql"].open_oldest_days) == (1, 69)
    assert (stages["sql"].left.count, stages["sql"].left.mean) == (2, 15)
    assert stages["sql"].left.p75 == 10 + 0.75 * 10


def test_period_figures_count_what_entered_in_the_month_whoever_it_was() -> None:
    january, february, *_ = funnel(hand_cases.definition(), hand_cases.ways(), FunnelQuestion(as_of=SNAPSHOT)).periods
    assert [part_of(step.share) for step in january.steps] == [(3, 4), (1, 3), (1, 1), (1, 1)]
    assert [part_of(step.share) for step in february.steps] == [(1, 0), (1, 1), (1, 1), (0, 1)]
    assert february.steps[0].share.percent is None


def test_a_month_younger_than_the_limit_is_left_out_and_named() -> None:
    young = r5_funnel(within="60d")
    assert (young.too_young, young.cohort.leads) == (("2024-01",), 0)
    old_enough = r5_funnel(within="30d")
    assert [part_of(step.share) for step in old_enough.cohort.steps] == [(3, 4), (1, 3), (1, 1), (1, 1)]


def test_leads_without_a_source_are_a_row_of_their_own() -> None:
    first, *others = hand_cases.ways()
    asked = FunnelQuestion(as_of=SNAPSHOT, by="source")
    told = (first.model_copy(update={"source": "microsite"}), *others)
    groups = funnel(hand_cases.definition(), told, asked).groups
    assert [(group.name, group.leads, *part_of(group.overall)) for group in groups] == [
        ("not told", 3, 0, 3),
        ("Microsite", 1, 1, 1),
    ]


def test_a_funnel_between_stages_that_do_not_follow_is_refused() -> None:
    with pytest.raises(BadInput, match="Name a stage after mql"):
        r5_funnel(start="mql", end="inquiry")
    with pytest.raises(BadInput, match="Name one of aware"):
        r5_funnel(end="recycled")


def test_junk_is_out_of_velocity_and_said_so() -> None:
    first, *others = hand_cases.ways()
    junk = (first.model_copy(update={"reject_reasons": ("junk",)}), *others)
    report = velocity(hand_cases.definition(), junk, VelocityQuestion(as_of=SNAPSHOT))
    assert (report.out_of_velocity, report.steps[0].elapsed.count) == (1, 2)


def test_lead_growth_is_not_drawn_across_two_definitions_nor_for_a_month_that_is_not_over() -> None:
    months = r5_velocity().growth
    assert [(row.month, row.qualified, row.percent) for row in months] == [
        ("2024-01", 3, None),
        ("2024-02", 0, -100),
        ("2024-03", 0, None),
    ]


# ── R6 ──────────────────────────────────────────────────────────────────────────────────────────────────────────
R6_AS_OF = day("04-30")


def r6(**asked: object) -> PipelineReport:
    question = PipelineQuestion.model_validate({"as_of": R6_AS_OF, **asked})
    return pipeline(hand_cases.definition(), hand_cases.deals(), (), question)


def test_r6_each_deal_has_its_class() -> None:
    assert {deal.deal: deal.deal_class for deal in r6().deals} == {
        "O1": GENERATED,
        "O2": ENHANCED,
        "O3": SALES_ONLY,
        "O4": SALES_ONLY,
        "O5": GENERATED,
        "O6": SALES_ONLY,
    }


def test_r6_an_unlimited_look_back_finds_the_touch_of_the_year_before() -> None:
    classes = {deal.deal: deal.deal_class for deal in r6(look_back=None).deals}
    assert (classes["O4"], r6(look_back=None).look_back_days) == (GENERATED, None)


def test_r6_pipeline_and_won_amounts_by_class() -> None:
    (usd,) = r6().currencies
    by_class = {row.deal_class: row for row in usd.classes}
    assert (usd.pipeline, usd.won) == (62_000, 42_000)
    assert [float(by_class[c].pipeline.part) for c in (GENERATED, ENHANCED, SALES_ONLY)] == [17_000, 20_000, 25_000]
    assert [by_class[c].pipeline.percent for c in (GENERATED, ENHANCED, SALES_ONLY)] == pytest.approx(
        [27.4194, 32.2581, 40.3226], abs=5e-5
    )
    assert [float(by_class[c].won.part) for c in (GENERATED, ENHANCED, SALES_ONLY)] == [10_000, 20_000, 12_000]
    assert [by_class[c].won.percent for c in (GENERATED, ENHANCED, SALES_ONLY)] == pytest.approx(
        [23.8095, 47.6190, 28.5714], abs=5e-5
    )
    assert (float(usd.touched_won.part), usd.touched_won.percent) == (30_000, pytest.approx(71.4286, abs=5e-5))


def test_r6_win_rates_are_of_decided_deals() -> None:
    (usd,) = r6().currencies
    rates = {row.deal_class: part_of(row.win_rate) for row in usd.classes}
    assert rates == {GENERATED: (1, 2), ENHANCED: (1, 1), SALES_ONLY: (1, 2), PARTNER_ONLY: (0, 0)}


def test_a_report_of_an_earlier_day_knows_nothing_later() -> None:
    """On 1 February O2 was open and had its marketing response; O1's win of 11 February had not happened."""
    (usd,) = r6(as_of=day("02-01")).currencies
    assert (usd.deals, usd.open, usd.won) == (2, 2, 0)


def test_money_of_two_currencies_is_never_added() -> None:
    first, *others = hand_cases.deals()
    mixed = (first.model_copy(update={"currency": "EUR"}), *others)
    report = pipeline(hand_cases.definition(), mixed, (), PipelineQuestion(as_of=R6_AS_OF))
    assert [(row.currency, row.pipeline) for row in report.currencies] == [("EUR", 10_000), ("USD", 52_000)]


# ── R14 ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("at", "left"), [(30, 10), (45, 7.0711), (60, 5)])
def test_r14_engagement_halves_every_thirty_days(at: float, left: float) -> None:
    report = cooling.scores(hand_cases.definition(), hand_cases.score_entries(), as_of=after(at))
    old = next(lead for lead in report.leads if lead.lead_id == name_of("old"))
    assert old.engagement == pytest.approx(left, abs=5e-5)


def test_r14_the_day_a_lead_cools_is_known_exactly() -> None:
    entries = hand_cases.score_entries()
    report = cooling.scores(hand_cases.definition(), entries, as_of=after(45), threshold=10)
    fresh, old = report.leads
    assert fresh.lead_id == LeadId(name_of("fresh"))
    assert fresh.engagement == pytest.approx(20.0081, abs=5e-5)
    assert fresh.cools_in_days == pytest.approx(30.0175, abs=5e-5)
    assert old.cools_at is None


# ── R15 ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_r15_each_lead_has_its_class() -> None:
    found = {
        lead.lead_id: lead_class(lead.touches, accepted_at=lead.accepted_at, as_of=SNAPSHOT)
        for lead in hand_cases.leads()
    }
    expected = [GENERATED, ENHANCED, SALES_ONLY, ENHANCED, PARTNER_ONLY, SALES_ONLY]
    assert [found[LeadId(name_of(name))] for name in hand_cases.LEADS] == expected


def test_r15_accepted_leads_and_all_leads_are_two_bases() -> None:
    report = pipeline(hand_cases.definition(), (), hand_cases.leads(), PipelineQuestion(as_of=SNAPSHOT))
    assert [(row.lead_class, *part_of(row.share)) for row in report.accepted_leads] == [
        (GENERATED, 1, 5),
        (ENHANCED, 2, 5),
        (SALES_ONLY, 1, 5),
        (PARTNER_ONLY, 1, 5),
    ]
    assert [int(row.share.part) for row in report.all_leads] == [1, 2, 2, 1]


def test_a_lead_nobody_has_touched_is_in_no_class_until_it_is_accepted() -> None:
    quiet = hand_cases.leads()[0].model_copy(update={"accepted_at": None, "touches": ()})
    report = pipeline(hand_cases.definition(), (), (quiet,), PipelineQuestion(as_of=SNAPSHOT))
    assert (report.untouched_leads, [int(row.share.part) for row in report.all_leads]) == (1, [0, 0, 0, 0])


@pytest.mark.parametrize(("look_back_days", "expected"), [(365, GENERATED), (364, SALES_ONLY)])
def test_the_first_instant_of_the_look_back_counts_and_what_lies_before_does_not(
    look_back_days: int, expected: CreditClass
) -> None:
    touched = hand_cases.touches("edge", "M 2023-01-01")
    look_back = timedelta(days=look_back_days)
    found = deal_class(touched, created_at=day("01-01"), closed_at=None, as_of=SNAPSHOT, look_back=look_back)
    assert found is expected
