"""What does a report look like on a terminal? Every figure with its basis; rounded here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from leadloom.domain.cooling import ScoresReport
from leadloom.domain.figures import Frame, Share
from leadloom.domain.funnel import Cohort, FunnelReport
from leadloom.domain.pipeline import CurrencyPipeline, LeadsOfClass, PipelineReport
from leadloom.domain.promises import SlaReport
from leadloom.domain.response_time import ResponseTime
from leadloom.domain.velocity import StepVelocity, VelocityReport

BAR_WIDTH = 24
SCORES_SHOWN = 25
NOTHING = "–"
FLOW_BASIS = "days from creation to close; velocity = deals × win rate × mean won deal ÷ mean days to won"


def funnel(report: FunnelReport) -> Iterator[RenderableType]:
    """The funnel as tables."""
    yield _title("Funnel", report.frame)
    yield from _section("Cohort", report.cohort_basis, _cohort_table(report.cohort))
    if report.too_young:
        yield _note(f"Too young to be judged, left out: {', '.join(report.too_young)}.")
    yield from _section(
        "By month", "the same leads, by the month they came in", _cohorts_table("came in", report.months)
    )
    if report.groups:
        yield from _section(
            "By source", "the same leads, by where they first came from", _cohorts_table("source", report.groups)
        )
    steps = [f"{step.from_stage} → {step.to_stage}" for step in (report.periods[0].steps if report.periods else ())]
    by_period = _table("month", *steps, rows=[(p.month, *(_ratio(s.share) for s in p.steps)) for p in report.periods])
    yield from _section("Period", report.period_basis, by_period)
    recycled = [("per visit", _share(report.recycle.per_visit)), ("per lead", _share(report.recycle.per_lead))]
    yield from _section("Recycled", report.recycle_basis, _table("counted", "recycled", rows=recycled))


def velocity(report: VelocityReport) -> Iterator[RenderableType]:
    """Stage velocity and lead growth as tables."""
    yield _title("Velocity", report.frame)
    heads = ("from → to", "leads", "median", "p75", "p90", "mean", "active median")
    rows = [_step_row(step) for step in (*report.steps, *report.whole)]
    yield from _section("Stage velocity, days", report.velocity_basis, _table(*heads, rows=rows))
    if report.out_of_velocity:
        yield _note(f"Left out, junk and the like: {report.out_of_velocity} lead(s).")
    stages = [
        (s.stage, str(s.left.count), _number(s.left.median), _number(s.left.p90), str(s.open),
         _number(s.open_median_days), _number(s.open_oldest_days))
        for s in report.stages
    ]  # fmt: skip
    heads = ("stage", "visits ended", "median", "p90", "open", "median age", "oldest")
    yield from _section("Time in stage, days", report.stage_basis, _table(*heads, rows=stages))
    months = [
        (m.month if m.is_whole else f"{m.month} (not over)", str(m.qualified), _percent(m.percent),
         ", ".join(str(version) for version in m.definition_versions) or NOTHING)
        for m in report.growth
    ]  # fmt: skip
    growth = _table("month", "qualified", "growth", "definition", rows=months)
    yield from _section("Lead growth", report.growth_basis, growth)


def pipeline(report: PipelineReport) -> Iterator[RenderableType]:
    """Classes and money as tables."""
    yield _title("Pipeline", report.frame, f"look-back {_look_back(report)}")
    for currency in report.currencies:
        of = f"Deals in {currency.currency}" if currency.currency else "Deals without an amount"
        yield from _section(of, report.deal_basis, _deals_table(currency))
        yield from _section("Flow", FLOW_BASIS, _flow_table(currency))
    if not report.currencies:
        yield _note("No deals yet.")
    leads = _leads_table(report.accepted_leads, report.all_leads)
    yield from _section("Leads by class", report.lead_basis, leads)
    if report.untouched_leads:
        yield _note(f"In no class yet: {report.untouched_leads} lead(s) who never answered and were never accepted.")
    yield _note(report.note)


def sla(report: SlaReport) -> Iterator[RenderableType]:
    """Answers, outcomes and promises as tables."""
    yield _title("Service levels", report.frame)
    yield from _section("To the first attempt", report.response_basis, _response_table(report.first_attempt))
    yield from _section("To the decision", report.response_basis, _response_table(report.decision))
    outcomes = [("open" if row.outcome == "offered" else row.outcome, str(row.count)) for row in report.outcomes]
    outcomes.append(("of all, escalated", str(report.escalated)))
    yield from _section("Outcomes", "hand-offs by where they stand", _table("outcome", "hand-offs", rows=outcomes))
    if report.reasons:
        reasons = _table("reason", "given", rows=[(row.label, _share(row.share)) for row in report.reasons])
        yield from _section("Reasons", "of rejected and recycled hand-offs", reasons)
    if report.other_alarm:
        yield _note("`Other` is given too often: the list of reasons misses one.")
    charter = [
        (row.by, row.promise, f"{row.promised_percent:.0f} %", _share(row.today), _kept(row.is_kept))
        for row in report.charter
    ]
    promises = _table("by", "promise", "promised", "today", "kept", rows=charter, words=2)
    yield from _section("What we promised each other", "all hand-offs offered by the as-of date", promises)


def scores(report: ScoresReport) -> Iterator[RenderableType]:
    """The warmest leads as a table."""
    yield _title("Scores", report.frame, f"half-life {report.half_life_days:g} d · cools to {report.threshold:g}")
    rows = [
        (str(lead.lead_id), f"{lead.engagement:.1f}", str(lead.entries),
         f"{lead.cools_at:%Y-%m-%d}" if lead.cools_at else "cool", _number(lead.cools_in_days))
        for lead in report.leads[:SCORES_SHOWN]
    ]  # fmt: skip
    table = _table("lead", "engagement", "events", "cools on", "in days", rows=rows)
    yield from _section(f"The {len(rows)} warmest of {len(report.leads)}", report.basis, table)


def _title(name: str, frame: Frame, *more: str) -> Text:
    said = [f"as of {frame.as_of:%Y-%m-%d %H:%M} UTC", f"definition {frame.definition} v{frame.definition_version}"]
    said += [f"track {frame.track}"] if frame.track else []
    return Text.assemble((name, "bold"), "  ", (" · ".join([*said, *more]), "dim"))


def _section(name: str, basis: str, table: Table) -> Iterable[RenderableType]:
    return Text.assemble("\n", (name, "bold cyan"), "\n", (basis, "dim")), table


def _note(words: str) -> Text:
    return Text(words, style="dim italic")


def _table(*heads: str, rows: Iterable[Sequence[RenderableType]], words: int = 1) -> Table:
    """A table whose first `words` columns are words and whose others are figures, set right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place < words else "right", no_wrap=place > 0)
    for row in rows:
        table.add_row(*row)
    return table


def _cohort_table(cohort: Cohort) -> Table:
    before = (NOTHING, *(_percent(step.share.percent) for step in cohort.steps))
    rows = [
        (step.to_stage, str(step.share.part), _percent(step.share.percent), onward, _bar(step.share.percent))
        for step, onward in zip(cohort.reached, before, strict=True)
    ]
    table = _table("stage", "leads", "of cohort", "of stage before", "", rows=rows)
    table.columns[-1].justify = "left"
    return table


def _cohorts_table(head: str, cohorts: Sequence[Cohort]) -> Table:
    stages = [step.to_stage for step in (cohorts[0].reached[1:] if cohorts else ())]
    return _table(
        head, "leads", *stages,
        rows=[
            (row.name, str(row.leads),
             *(f"{step.share.part} ({_percent(step.share.percent)})" for step in row.reached[1:]))
            for row in cohorts
        ],
    )  # fmt: skip


def _step_row(step: StepVelocity) -> tuple[str, ...]:
    elapsed = step.elapsed
    figures = (elapsed.median, elapsed.p75, elapsed.p90, elapsed.mean, step.active.median)
    return (f"{step.from_stage} → {step.to_stage}", str(elapsed.count), *(_number(figure) for figure in figures))


def _deals_table(currency: CurrencyPipeline) -> Table:
    rows = [
        (row.deal_class.value, str(row.deals), _money(row.pipeline.part), _percent(row.pipeline.percent),
         _money(row.won.part), _percent(row.won.percent), _share(row.win_rate), _number(row.days_to_won.median))
        for row in currency.classes
    ]  # fmt: skip
    touched, won, days = currency.touched, currency.touched_won, currency.days_to_won.median
    rows += [
        ("touched", "", _money(touched.part), _percent(touched.percent), _money(won.part), _percent(won.percent),
         "", ""),
        ("all", str(currency.deals), _money(currency.pipeline), "", _money(currency.won), "",
         _share(currency.win_rate), _number(days)),
    ]  # fmt: skip
    return _table("class", "deals", "pipeline", "share", "won", "share", "win rate", "days to won", rows=rows)


def _flow_table(currency: CurrencyPipeline) -> Table:
    rows = [
        ("mean won deal", _money(currency.mean_won)),
        ("median days to won", _number(currency.days_to_won.median)),
        ("median days to lost", _number(currency.days_to_lost.median)),
        (f"median age of {currency.open} open deal(s), days", _number(currency.open_days.median)),
        ("pipeline velocity a day, open deals", _money(currency.per_day_open)),
        ("pipeline velocity a day, decided deals", _money(currency.per_day_closed)),
    ]
    return _table("figure", currency.currency or "", rows=rows)


def _leads_table(accepted: Sequence[LeadsOfClass], everyone: Sequence[LeadsOfClass]) -> Table:
    rows = [
        (one.lead_class.value, _share(one.share), _share(every.share))
        for one, every in zip(accepted, everyone, strict=True)
    ]
    return _table("class", "of accepted leads", "of all leads", rows=rows)


def _response_table(rows: Sequence[ResponseTime]) -> Table:
    return _table(
        "hand-offs", "in time", "breached", "unanswered", "not due", "median", "p90", "median, wall",
        rows=[
            (row.name, _share(row.in_time), str(row.breached), str(row.unanswered), str(row.waiting),
             _minutes(row.business_minutes.median), _minutes(row.business_minutes.p90),
             _minutes(row.wall_minutes.median))
            for row in rows
        ],
    )  # fmt: skip


def _look_back(report: PipelineReport) -> str:
    return "unlimited" if report.look_back_days is None else f"{report.look_back_days:g} d"


def _share(share: Share) -> str:
    return f"{_percent(share.percent)} ({share.part:g} of {share.whole:g})"


def _ratio(share: Share) -> str:
    """Of two counts of which neither contains the other."""
    return f"{_percent(share.percent)} ({share.part:g} ÷ {share.whole:g})"


def _percent(percent: float | None) -> str:
    return NOTHING if percent is None else f"{percent:.1f} %"


def _number(figure: float | None) -> str:
    return NOTHING if figure is None else f"{figure:,.1f}"


def _money(amount: float | Decimal | None) -> str:
    return NOTHING if amount is None else f"{amount:,.0f}"


def _minutes(minutes: float | None) -> str:
    if minutes is None:
        return NOTHING
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:,.1f} h"


def _kept(is_kept: bool | None) -> Text:
    if is_kept is None:
        return Text(NOTHING, style="dim")
    return Text("✓ kept", style="green") if is_kept else Text("✗ missed", style="red")


def _bar(percent: float | None) -> Text:
    return Text("█" * round(BAR_WIDTH * (percent or 0) / 100), style="cyan")
