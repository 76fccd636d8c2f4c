"""What does a report look like on a terminal? Every figure with its basis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table

from leadloom.cli import _report_words as words
from leadloom.domain.reports.calibration import CalibrationReport
from leadloom.domain.reports.classes import CreditClass
from leadloom.domain.reports.cooling import ScoresReport
from leadloom.domain.reports.figures import Share
from leadloom.domain.reports.funnel import Cohort, FunnelReport
from leadloom.domain.reports.groups import Only, basis
from leadloom.domain.reports.mutual_promises import PromiseFigure, PromisesReport
from leadloom.domain.reports.pipeline import CurrencyPipeline, LeadsOfClass, PipelineGroup, PipelineReport
from leadloom.domain.reports.promises import SlaReport
from leadloom.domain.reports.response_time import ResponseTime
from leadloom.domain.reports.velocity import Growth, StepVelocity, VelocityReport

SCORES_SHOWN = 25
MARK = "*"
SPREAD_HEADS = ("leads", "p25", "median", "p75", "p90", "mean")
FLOW_BASIS = "days from creation to close; velocity = deals × win rate × mean won deal ÷ mean days to won"


def funnel(report: FunnelReport) -> Iterator[RenderableType]:
    """The funnel as tables."""
    yield words.title("Funnel", report.frame, *_filters(report.only))
    yield from words.section("Cohort", report.cohort_basis, _cohort_table(report.cohort))
    if report.not_entered:
        yield words.note(f"Not in the funnel: {report.not_entered} lead(s) that have reached none of these stages.")
    if report.too_young:
        yield words.note(f"Too young to be judged, left out: {', '.join(report.too_young)}.")
    months = _cohorts_table("came in", report.months)
    yield from words.section("By month", "the same leads, by the month they came in", months)
    if report.by:
        groups = _cohorts_table(report.by, report.groups)
        yield from words.section(f"By {report.by}", f"the same leads, {basis(report.by)}", groups)
    if report.recorded_from and any(row.left_truncated for row in report.months):
        yield words.note(
            f"{MARK} left-truncated: has leads that came before anybody recorded {report.stages[-1]}"
            f" (first: {report.recorded_from:%Y-%m-%d}). Its rates are too low to be compared."
        )
    steps = [f"{step.from_stage} → {step.to_stage}" for step in (report.periods[0].steps if report.periods else ())]
    told = [period for period in report.periods if any(s.share.part or s.share.whole for s in period.steps)]
    by_period = words.table("month", *steps, rows=[(p.month, *(words.ratio(s.share) for s in p.steps)) for p in told])
    yield from words.section("Period", report.period_basis, by_period)
    recycled = [
        ("per visit", words.share(report.recycle.per_visit)),
        ("per lead", words.share(report.recycle.per_lead)),
    ]
    yield from words.section("Recycled", report.recycle_basis, words.table("counted", "recycled", rows=recycled))


def velocity(report: VelocityReport) -> Iterator[RenderableType]:
    """Stage velocity and lead growth as tables."""
    yield words.title("Velocity", report.frame, *_filters(report.only))
    lines = (*report.steps, *report.whole)
    rows = [(_span(step), *_spread_cells(step), words.number(step.active.median)) for step in lines]
    heads = ("from → to", *SPREAD_HEADS, "active median")
    yield from words.section("Stage velocity, days", report.velocity_basis, words.table(*heads, rows=rows))
    yield from _left_out(report)
    reached = [(_span(step), *_by_day_cells(step)) for step in lines if step.by_day[0].reached.part]
    heads = ("from → to", *(f"by day {one.days}" for one in lines[0].by_day))
    yield from words.section("Reached the second stage", report.by_day_basis, words.table(*heads, rows=reached))
    yield from _velocity_groups(report)
    stages = [
        (s.stage, str(s.left.count), words.number(s.left.median), words.number(s.left.p90), str(s.open),
         words.number(s.open_median_days), words.number(s.open_oldest_days))
        for s in report.stages
    ]  # fmt: skip
    heads = ("stage", "visits ended", "median", "p90", "open", "median age", "oldest")
    yield from words.section("Time in stage, days", report.stage_basis, words.table(*heads, rows=stages))
    growth = words.table(
        "month", "qualified", "growth", "definition", rows=[_growth_row(m) for m in _told(report.growth)]
    )
    yield from words.section("Lead growth", report.growth_basis, growth)


def pipeline(report: PipelineReport) -> Iterator[RenderableType]:
    """Classes and money as tables."""
    yield words.title("Pipeline", report.frame, f"look-back {_look_back(report)}", *_filters(report.only))
    for currency in report.currencies:
        of = f"Deals in {currency.currency}" if currency.currency else "Deals without an amount"
        yield from words.section(of, report.deal_basis, _deals_table(currency))
        if currency.untold:
            yield words.note(
                f"Nobody told the amount of {currency.untold} deal(s): counted, and in no sum and no mean."
            )
        if currency.win_rate.whole and currency.win_rate.part == currency.win_rate.whole:
            yield words.note("No lost deal is known: such a win rate says only that.")
        if currency.pipeline is not None or currency.days_to_won.count or currency.open:
            yield from words.section("Flow", FLOW_BASIS, _flow_table(currency))
        if currency.undated:
            yield words.note(f"Nobody told when {currency.undated} closed deal(s) were opened: in no number of days.")
    if report.untouched_deals:
        yield words.note(
            f"No touch is known of {report.untouched_deals} deal(s): sales-only by the rule, and nobody saw it."
        )
    if not report.currencies:
        yield words.note("No deals yet.")
    if report.by and report.groups:
        yield from words.section(
            f"Deals by {report.by}", _deals_by(report), _deal_groups_table(report.by, report.groups)
        )
    leads = _leads_table(report.accepted_leads, report.all_leads)
    yield from words.section("Leads by class", report.lead_basis, leads)
    if report.untouched_leads:
        yield words.note(
            f"In no class yet: {report.untouched_leads} lead(s) who never answered and were never accepted."
        )
    yield words.note(report.note)


def sla(report: SlaReport) -> Iterator[RenderableType]:
    """Answers, outcomes and promises as tables."""
    yield words.title("Service levels", report.frame)
    yield from words.section("To the first attempt", report.response_basis, _response_table(report.first_attempt))
    yield from words.section("To the decision", report.response_basis, _response_table(report.decision))
    outcomes = [("open" if row.outcome == "offered" else row.outcome, str(row.count)) for row in report.outcomes]
    outcomes.append(("of all, escalated", str(report.escalated)))
    yield from words.section(
        "Outcomes", "hand-offs by where they stand", words.table("outcome", "hand-offs", rows=outcomes)
    )
    if report.reasons:
        reasons = words.table("reason", "given", rows=[(row.label, words.share(row.share)) for row in report.reasons])
        yield from words.section("Reasons", "of rejected and recycled hand-offs", reasons)
    if report.other_alarm:
        yield words.note("`Other` is given too often: the list of reasons misses one.")
    charter = [
        (row.by, row.promise, f"{row.promised_percent:.0f} %", words.share(row.today), words.kept(row.is_kept))
        for row in report.charter
    ]
    promises = words.table("by", "promise", "promised", "today", "kept", rows=charter, left=2)
    yield from words.section("What we promised each other", "all hand-offs offered by the as-of date", promises)


def promises(report: PromisesReport) -> Iterator[RenderableType]:
    """Each side's promises with their figures, and which hand-offs broke one."""
    period = f"offered since {report.since:%Y-%m-%d}" if report.since else "offered at any time"
    yield words.title("Mutual promises", report.frame, f"{report.hand_offs} hand-offs {period}")
    for side, other in (("marketing", "sales"), ("sales", "marketing")):
        rows = [
            (one.words, f"{one.promised_percent:g} %", _judged(one), words.share(one.before) if one.before else "–",
             str(len(one.broken)), str(len(one.open)), one.verdict)
            for one in report.promises if one.by == side
        ]  # fmt: skip
        heads = ("promise", "promised", "in this period", "the period before", "broken", "open", "")
        yield from words.section(f"What {side} promises {other}", report.basis, words.table(*heads, rows=rows))


def _judged(one: PromiseFigure) -> str:
    few = one.verdict == "not enough yet"
    return f"{one.today.whole:.0f} of the {one.judged_from} it takes" if few else words.share(one.today)


def calibration(report: CalibrationReport) -> Iterator[RenderableType]:
    """A table for each version of the definition."""
    yield words.title("Calibration", report.frame)
    if not report.versions:
        yield words.note("Nobody was called ready for sales yet.")
    for part in report.versions:
        rows = [
            (
                row.band or "no score", str(row.qualified), str(row.open), words.share(row.accepted),
                words.interval(row.accepted), words.share(row.won), words.interval(row.won),
                "below a worse band" if row.out_of_order else "",
            )
            for row in (*part.bands, part.all)
        ]  # fmt: skip
        heads = ("band", "ready", "open", "accepted", "95 %", "won", "95 %", "")
        drawn = words.table(*heads, rows=rows)
        yield from words.section(f"Definition version {part.definition_version}", report.basis, drawn)


def scores(report: ScoresReport) -> Iterator[RenderableType]:
    """The warmest leads as a table."""
    yield words.title("Scores", report.frame, f"half-life {report.half_life_days:g} d · cools to {report.threshold:g}")
    rows = [
        (str(lead.lead_id), f"{lead.engagement:.1f}", str(lead.entries),
         f"{lead.cools_at:%Y-%m-%d}" if lead.cools_at else "cool", words.number(lead.cools_in_days))
        for lead in report.leads[:SCORES_SHOWN]
    ]  # fmt: skip
    table = words.table("lead", "engagement", "events", "cools on", "in days", rows=rows)
    yield from words.section(f"The {len(rows)} warmest of {len(report.leads)}", report.basis, table)


def _filters(only: Sequence[Only]) -> list[str]:
    return [f"only {one.by} {one.value or 'not told'}" for one in only]


def _cohort_table(cohort: Cohort) -> Table:
    before = (words.NOTHING, *(words.percent(step.share.percent) for step in cohort.steps))
    rows = [
        (step.to_stage, str(step.share.part), words.percent(step.share.percent), words.interval(step.share), onward,
         words.bar(step.share.percent))
        for step, onward in zip(cohort.reached, before, strict=True)
    ]  # fmt: skip
    table = words.table("stage", "leads", "of cohort", "95 %", "of stage before", "", rows=rows)
    table.columns[-1].justify = "left"
    return table


def _cohorts_table(head: str, cohorts: Sequence[Cohort]) -> Table:
    stages = [step.to_stage for step in (cohorts[0].reached[1:] if cohorts else ())]
    return words.table(
        head, "leads", *stages, *(("95 %",) if stages else ()),
        rows=[
            (f"{row.name} {MARK}" if row.left_truncated else row.name, str(row.leads),
             *(f"{step.share.part} ({words.percent(step.share.percent)})" for step in row.reached[1:]),
             words.interval(row.overall))
            for row in cohorts
        ],
    )  # fmt: skip


def _span(step: StepVelocity) -> str:
    return f"{step.from_stage} → {step.to_stage}"


def _spread_cells(step: StepVelocity) -> tuple[str, ...]:
    spread = step.elapsed
    figures = (spread.p25, spread.median, spread.p75, spread.p90, spread.mean)
    return (str(spread.count), *(words.number(figure) for figure in figures))


def _by_day_cells(step: StepVelocity, *, short: bool = False) -> tuple[str, ...]:
    """The share of all that have had so long and, unless `short`, what Kaplan and Meier make of all."""
    if short:
        return tuple(words.percent(one.reached.percent) for one in step.by_day)
    return tuple(f"{words.share(one.reached)}, K-M {words.percent(one.kaplan_meier_percent)}" for one in step.by_day)


def _velocity_groups(report: VelocityReport) -> Iterator[RenderableType]:
    """A table for each whole way that anybody has gone."""
    if report.by is None or not report.groups:
        return
    for place, step in enumerate(report.groups[0].whole):
        own = [(group.name, str(group.leads), group.whole[place]) for group in report.groups]
        if not any(one.with_backwards.count for _, _, one in own):
            continue
        rows = [(name, leads, *_spread_cells(one), *_by_day_cells(one, short=True)) for name, leads, one in own]
        heads = (report.by, "leads", "did both", *SPREAD_HEADS[1:], *(f"by day {one.days}" for one in step.by_day))
        made_of = f"{basis(report.by)}; shares are of all leads that have had so long"
        yield from words.section(f"{_span(step)} by {report.by}, days", made_of, words.table(*heads, rows=rows))


def _left_out(report: VelocityReport) -> Iterator[RenderableType]:
    """What is in no figure above, and why."""
    for step in report.steps + report.whole:
        if step.backwards:
            yield words.note(
                f"Quarantined: {step.backwards} lead(s) that reached {step.to_stage} before {step.from_stage}. With"
                f" them: {step.with_backwards.count}, median {words.number(step.with_backwards.median)},"
                f" mean {words.number(step.with_backwards.mean)}."
            )
        if step.undated:
            yield words.note(f"{_span(step)}: an import placed {step.undated} lead(s) there and nobody told when.")
    if report.out_of_velocity:
        yield words.note(f"Left out, junk and the like: {report.out_of_velocity} lead(s).")


def _told(growth: Sequence[Growth]) -> list[Growth]:
    """Without months in which, and before which, nobody qualified: an old list would draw years of nothing."""
    before = (None, *growth)
    return [now for was, now in zip(before, growth, strict=False) if now.qualified or (was and was.qualified)]


def _growth_row(month: Growth) -> tuple[str, ...]:
    name = month.month if month.is_whole else f"{month.month} (not over)"
    versions = ", ".join(str(version) for version in month.definition_versions) or words.NOTHING
    return (name, str(month.qualified), words.percent(month.percent), versions)


def _deals_by(report: PipelineReport) -> str:
    if report.by in ("month", "owner"):
        return {"month": "by the month they were created", "owner": "by the deal's own owner"}[report.by]
    return f"{report.deal_basis}; {basis(report.by)}, as its lead tells" if report.by else ""


def _deal_groups_table(head: str, groups: Sequence[PipelineGroup]) -> Table:
    classes = [one.value for one in CreditClass]
    rows = [
        (group.name, one.currency or words.NOTHING, str(one.deals), *(str(row.deals) for row in one.classes),
         words.money(one.pipeline), words.money(one.won), words.share(one.win_rate),
         words.number(one.days_to_won.median))
        for group in groups
        for one in group.currencies
    ]  # fmt: skip
    return words.table(
        head, "in", "deals", *classes, "pipeline", "won", "win rate", "days to won", rows=rows, left=2
    )  # fmt: skip


def _deals_table(currency: CurrencyPipeline) -> Table:
    def money(share: Share) -> tuple[str, str]:
        """An amount and its share; where nobody told an amount, neither is a figure."""
        return (
            (words.NOTHING, words.NOTHING)
            if currency.pipeline is None
            else (words.money(share.part), words.percent(share.percent))
        )

    rows = [
        (row.deal_class.value, str(row.deals), *money(row.pipeline), *money(row.won), words.share(row.win_rate),
         words.number(row.days_to_won.median))
        for row in currency.classes
    ]  # fmt: skip
    days = currency.days_to_won.median
    rows += [
        ("touched", "", *money(currency.touched), *money(currency.touched_won), "", ""),
        ("all", str(currency.deals), words.money(currency.pipeline), "", words.money(currency.won), "",
         words.share(currency.win_rate), words.number(days)),
    ]  # fmt: skip
    return words.table("class", "deals", "pipeline", "share", "won", "share", "win rate", "days to won", rows=rows)


def _flow_table(currency: CurrencyPipeline) -> Table:
    rows = [
        ("mean won deal", words.money(currency.mean_won)),
        ("median days to won", words.number(currency.days_to_won.median)),
        ("median days to lost", words.number(currency.days_to_lost.median)),
        (f"median age of {currency.open} open deal(s), days", words.number(currency.open_days.median)),
        ("pipeline velocity a day, open deals", words.money(currency.per_day_open)),
        ("pipeline velocity a day, decided deals", words.money(currency.per_day_closed)),
    ]
    return words.table("figure", currency.currency or "", rows=rows)


def _leads_table(accepted: Sequence[LeadsOfClass], everyone: Sequence[LeadsOfClass]) -> Table:
    rows = [
        (one.lead_class.value, words.share(one.share), words.share(every.share))
        for one, every in zip(accepted, everyone, strict=True)
    ]
    return words.table("class", "of accepted leads", "of all leads", rows=rows)


def _response_table(rows: Sequence[ResponseTime]) -> Table:
    return words.table(
        "hand-offs", "in time", "breached", "unanswered", "not due", "median", "p90", "median, wall",
        rows=[
            (row.name, words.share(row.in_time), str(row.breached), str(row.unanswered), str(row.waiting),
             words.minutes(row.business_minutes.median), words.minutes(row.business_minutes.p90),
             words.minutes(row.wall_minutes.median))
            for row in rows
        ],
    )  # fmt: skip


def _look_back(report: PipelineReport) -> str:
    return "unlimited" if report.look_back_days is None else f"{report.look_back_days:g} d"
