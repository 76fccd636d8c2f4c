"""What does a report look like on a terminal? Every figure with its basis; rounded here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from leadloom.domain.classes import CreditClass
from leadloom.domain.cooling import ScoresReport
from leadloom.domain.figures import Frame, Proportion, Share
from leadloom.domain.funnel import Cohort, FunnelReport
from leadloom.domain.groups import Only, basis
from leadloom.domain.pipeline import CurrencyPipeline, LeadsOfClass, PipelineGroup, PipelineReport
from leadloom.domain.promises import SlaReport
from leadloom.domain.response_time import ResponseTime
from leadloom.domain.velocity import Growth, StepVelocity, VelocityReport

BAR_WIDTH = 24
SCORES_SHOWN = 25
NOTHING = "–"
MARK = "*"
SPREAD_HEADS = ("leads", "p25", "median", "p75", "p90", "mean")
FLOW_BASIS = "days from creation to close; velocity = deals × win rate × mean won deal ÷ mean days to won"


def funnel(report: FunnelReport) -> Iterator[RenderableType]:
    """The funnel as tables."""
    yield _title("Funnel", report.frame, *_filters(report.only))
    yield from _section("Cohort", report.cohort_basis, _cohort_table(report.cohort))
    if report.not_entered:
        yield _note(f"Not in the funnel: {report.not_entered} lead(s) that have reached none of these stages.")
    if report.too_young:
        yield _note(f"Too young to be judged, left out: {', '.join(report.too_young)}.")
    months = _cohorts_table("came in", report.months)
    yield from _section("By month", "the same leads, by the month they came in", months)
    if report.by:
        groups = _cohorts_table(report.by, report.groups)
        yield from _section(f"By {report.by}", f"the same leads, {basis(report.by)}", groups)
    if report.recorded_from and any(row.left_truncated for row in report.months):
        yield _note(
            f"{MARK} left-truncated: has leads that came before anybody recorded {report.stages[-1]}"
            f" (first: {report.recorded_from:%Y-%m-%d}). Its rates are too low to be compared."
        )
    steps = [f"{step.from_stage} → {step.to_stage}" for step in (report.periods[0].steps if report.periods else ())]
    told = [period for period in report.periods if any(s.share.part or s.share.whole for s in period.steps)]
    by_period = _table("month", *steps, rows=[(p.month, *(_ratio(s.share) for s in p.steps)) for p in told])
    yield from _section("Period", report.period_basis, by_period)
    recycled = [("per visit", _share(report.recycle.per_visit)), ("per lead", _share(report.recycle.per_lead))]
    yield from _section("Recycled", report.recycle_basis, _table("counted", "recycled", rows=recycled))


def velocity(report: VelocityReport) -> Iterator[RenderableType]:
    """Stage velocity and lead growth as tables."""
    yield _title("Velocity", report.frame, *_filters(report.only))
    lines = (*report.steps, *report.whole)
    rows = [(_span(step), *_spread_cells(step), _number(step.active.median)) for step in lines]
    heads = ("from → to", *SPREAD_HEADS, "active median")
    yield from _section("Stage velocity, days", report.velocity_basis, _table(*heads, rows=rows))
    yield from _left_out(report)
    reached = [(_span(step), *_by_day_cells(step)) for step in lines if step.by_day[0].reached.part]
    heads = ("from → to", *(f"by day {one.days}" for one in lines[0].by_day))
    yield from _section("Reached the second stage", report.by_day_basis, _table(*heads, rows=reached))
    if report.by:
        for place, step in enumerate(report.groups[0].whole if report.groups else ()):
            own = [(group.name, str(group.leads), group.whole[place]) for group in report.groups]
            rows = [(name, leads, *_spread_cells(one), *_by_day_cells(one, short=True)) for name, leads, one in own]
            heads = (report.by, "leads", "did both", *SPREAD_HEADS[1:], *(f"≤ {one.days} d" for one in step.by_day))
            yield from _section(f"{_span(step)} by {report.by}, days", basis(report.by), _table(*heads, rows=rows))
    stages = [
        (s.stage, str(s.left.count), _number(s.left.median), _number(s.left.p90), str(s.open),
         _number(s.open_median_days), _number(s.open_oldest_days))
        for s in report.stages
    ]  # fmt: skip
    heads = ("stage", "visits ended", "median", "p90", "open", "median age", "oldest")
    yield from _section("Time in stage, days", report.stage_basis, _table(*heads, rows=stages))
    growth = _table("month", "qualified", "growth", "definition", rows=[_growth_row(m) for m in _told(report.growth)])
    yield from _section("Lead growth", report.growth_basis, growth)


def pipeline(report: PipelineReport) -> Iterator[RenderableType]:
    """Classes and money as tables."""
    yield _title("Pipeline", report.frame, f"look-back {_look_back(report)}", *_filters(report.only))
    for currency in report.currencies:
        of = f"Deals in {currency.currency}" if currency.currency else "Deals without an amount"
        yield from _section(of, report.deal_basis, _deals_table(currency))
        if currency.untold:
            yield _note(f"Nobody told the amount of {currency.untold} deal(s): counted, and in no sum and no mean.")
        yield from _section("Flow", FLOW_BASIS, _flow_table(currency))
        if currency.undated:
            yield _note(f"Nobody told when {currency.undated} closed deal(s) were opened: in no number of days.")
    if not report.currencies:
        yield _note("No deals yet.")
    if report.by and report.groups:
        yield from _section(f"Deals by {report.by}", _deals_by(report), _deal_groups_table(report.by, report.groups))
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


def _filters(only: Sequence[Only]) -> list[str]:
    return [f"only {one.by} {one.value or 'not told'}" for one in only]


def _cohort_table(cohort: Cohort) -> Table:
    before = (NOTHING, *(_percent(step.share.percent) for step in cohort.steps))
    rows = [
        (step.to_stage, str(step.share.part), _percent(step.share.percent), _interval(step.share), onward,
         _bar(step.share.percent))
        for step, onward in zip(cohort.reached, before, strict=True)
    ]  # fmt: skip
    table = _table("stage", "leads", "of cohort", "95 %", "of stage before", "", rows=rows)
    table.columns[-1].justify = "left"
    return table


def _cohorts_table(head: str, cohorts: Sequence[Cohort]) -> Table:
    stages = [step.to_stage for step in (cohorts[0].reached[1:] if cohorts else ())]
    return _table(
        head, "leads", *stages, *(("95 %",) if stages else ()),
        rows=[
            (f"{row.name} {MARK}" if row.left_truncated else row.name, str(row.leads),
             *(f"{step.share.part} ({_percent(step.share.percent)})" for step in row.reached[1:]),
             _interval(row.overall))
            for row in cohorts
        ],
    )  # fmt: skip


def _span(step: StepVelocity) -> str:
    return f"{step.from_stage} → {step.to_stage}"


def _spread_cells(step: StepVelocity) -> tuple[str, ...]:
    spread = step.elapsed
    figures = (spread.p25, spread.median, spread.p75, spread.p90, spread.mean)
    return (str(spread.count), *(_number(figure) for figure in figures))


def _by_day_cells(step: StepVelocity, *, short: bool = False) -> tuple[str, ...]:
    """The share of all that have had so long and, unless `short`, what Kaplan and Meier make of all."""
    if short:
        return tuple(_percent(one.reached.percent) for one in step.by_day)
    return tuple(f"{_share(one.reached)}, K-M {_percent(one.kaplan_meier_percent)}" for one in step.by_day)


def _left_out(report: VelocityReport) -> Iterator[RenderableType]:
    """What is in no figure above, and why."""
    for step in report.steps + report.whole:
        if step.backwards:
            yield _note(
                f"Quarantined: {step.backwards} lead(s) that reached {step.to_stage} before {step.from_stage}. With"
                f" them: {step.with_backwards.count}, median {_number(step.with_backwards.median)},"
                f" mean {_number(step.with_backwards.mean)}."
            )
        if step.undated:
            yield _note(f"{_span(step)}: an import placed {step.undated} lead(s) there and nobody told when.")
    if report.out_of_velocity:
        yield _note(f"Left out, junk and the like: {report.out_of_velocity} lead(s).")


def _told(growth: Sequence[Growth]) -> list[Growth]:
    """Without months in which, and before which, nobody qualified: an old list would draw years of nothing."""
    before = (None, *growth)
    return [now for was, now in zip(before, growth, strict=False) if now.qualified or (was and was.qualified)]


def _growth_row(month: Growth) -> tuple[str, ...]:
    name = month.month if month.is_whole else f"{month.month} (not over)"
    versions = ", ".join(str(version) for version in month.definition_versions) or NOTHING
    return (name, str(month.qualified), _percent(month.percent), versions)


def _deals_by(report: PipelineReport) -> str:
    if report.by in ("month", "owner"):
        return {"month": "by the month they were created", "owner": "by the deal's own owner"}[report.by]
    return f"{report.deal_basis}; {basis(report.by)}, as its lead tells" if report.by else ""


def _deal_groups_table(head: str, groups: Sequence[PipelineGroup]) -> Table:
    classes = [one.value for one in CreditClass]
    rows = [
        (group.name, one.currency or NOTHING, str(one.deals), *(str(row.deals) for row in one.classes),
         _money(one.pipeline), _money(one.won), _share(one.win_rate), _number(one.days_to_won.median))
        for group in groups
        for one in group.currencies
    ]  # fmt: skip
    return _table(
        head, "in", "deals", *classes, "pipeline", "won", "win rate", "days to won", rows=rows, words=2
    )  # fmt: skip


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


def _interval(share: Proportion) -> str:
    """Wilson's: where the true rate lies, 95 times of 100."""
    return NOTHING if share.low is None or share.high is None else f"{share.low:.1f}-{share.high:.1f}"


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
