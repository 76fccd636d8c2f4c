"""Which pictures do reports have? Each draws figures a report has decided, and prints their basis with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from markupsafe import Markup

from leadloom.domain.reports.classes import CreditClass
from leadloom.domain.reports.figures import Bucket, Share
from leadloom.domain.reports.funnel import FunnelReport
from leadloom.domain.reports.promises import SlaReport
from leadloom.domain.reports.velocity import StepVelocity
from leadloom.web.drawing import Bar, Table, bars, columns, figure, stacked

OUTCOME_WORDS = {"offered": "open", "accepted": "accepted", "rejected": "rejected", "recycled": "recycled"}
NOTHING = "–"


def funnel_chart(report: FunnelReport) -> Markup:
    """The cohort's leads, stage below stage."""
    reached = report.cohort.reached
    onward = (NOTHING, *(percent(step.share) for step in report.cohort.steps))
    return figure(
        "Funnel",
        report.cohort_basis,
        bars([Bar(label=s.to_stage, size=float(s.share.part), words=_part(s.share)) for s in reached]),
        table=Table(
            head=("stage", "leads", "of cohort", "of stage before"),
            rows=tuple(
                (step.to_stage, str(step.share.part), percent(step.share), before)
                for step, before in zip(reached, onward, strict=True)
            ),
        ),
    )


def velocity_chart(step: StepVelocity) -> Markup:
    """How many leads took how many days from one stage to another."""
    buckets = step.elapsed.buckets
    named = list(zip(_bucket_names(buckets), buckets, strict=True))
    median = NOTHING if step.elapsed.median is None else f"{step.elapsed.median:.1f}"
    return figure(
        f"Days from {step.from_stage} to {step.to_stage}",
        f"{step.elapsed.count} leads that did both, from first entry to first entry; median {median} days",
        columns([Bar(label=name, size=bucket.count, words=str(bucket.count)) for name, bucket in named]),
        table=Table(head=("days", "leads"), rows=tuple((name, str(bucket.count)) for name, bucket in named)),
    )


def mails_chart(per_day: Sequence[tuple[date, int]]) -> Markup:
    """Mails to leads on each day from the first to the last with one."""
    counts = dict(per_day)
    first, last = (min(counts), max(counts)) if counts else (date.min, date.min)
    length = (last - first).days + 1 if counts else 0
    days = [first + timedelta(days=after) for after in range(length)]
    most = max(counts.values(), default=0)
    return figure(
        "Mails per day",
        f"{sum(counts.values())} mails that left for leads, by UTC day, at most {most} a day; owner notices left out",
        columns([_day_bar(day, counts.get(day, 0)) for day in days], labelled=4),
        table=Table(head=("day", "mails"), rows=tuple((f"{day}", str(counts.get(day, 0))) for day in days)),
    )


def outcomes_chart(report: SlaReport) -> Markup:
    """What became of hand-offs."""
    total = sum(row.count for row in report.outcomes)
    shares = [(OUTCOME_WORDS[row.outcome], Share(part=row.count, whole=total)) for row in report.outcomes]
    shares.append(("escalated", Share(part=report.escalated, whole=total)))
    return figure(
        "Hand-off outcomes",
        f"{total} hand-offs offered by the as-of date, by where they stand; escalated: of all, whatever became of them",
        bars([Bar(label=label, size=float(share.part), words=_part(share)) for label, share in shares]),
        table=Table(
            head=("outcome", "hand-offs", "share"),
            rows=tuple((label, str(share.part), percent(share)) for label, share in shares),
        ),
    )


def classes_chart(title: str, basis: str, counts: Mapping[CreditClass, int]) -> Markup:
    """Deals or leads by class, as one bar: the classes are disjoint and make the whole."""
    total = sum(counts.values())
    shares = [(one.value, Share(part=counts.get(one, 0), whole=total)) for one in CreditClass]
    return figure(
        title,
        basis,
        stacked([Bar(label=label, size=float(share.part), words=_part(share)) for label, share in shares]),
        table=Table(
            head=("class", "count", "share"),
            rows=tuple((label, str(share.part), percent(share)) for label, share in shares),
        ),
    )


def percent(share: Share) -> str:
    """A share as people read it."""
    return NOTHING if share.percent is None else f"{share.percent:.1f} %"


def _part(share: Share) -> str:
    return f"{share.part} · {percent(share)}"


def _day_bar(day: date, mails: int) -> Bar:
    return Bar(label=f"{day.day} {day:%b}", size=mails, words=str(mails))


def _bucket_names(buckets: Sequence[Bucket]) -> list[str]:
    names: list[str] = []
    below = None
    for bucket in buckets:
        if bucket.up_to is None:
            names.append(f"> {below:g}" if below is not None else "all")
        else:
            names.append(f"≤ {bucket.up_to:g}")
        below = bucket.up_to
    return names
