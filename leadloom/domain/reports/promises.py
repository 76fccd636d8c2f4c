"""Did marketing and sales keep what they promised each other? Outcomes, reasons, and the charter beside today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Instant, Value
from leadloom.domain.reports.figures import Frame, Share, frame
from leadloom.domain.reports.response_time import (
    DECISION,
    FIRST_ATTEMPT,
    Answer,
    Clock,
    OfferedHandOff,
    ResponseTime,
    answers,
    offered_by,
    response_time,
)

Outcome = Literal["offered", "accepted", "rejected", "recycled"]
OUTCOMES: tuple[Outcome, ...] = ("offered", "accepted", "rejected", "recycled")


class OutcomeCount(Value):
    """Hand-offs that stand at one outcome; `offered` are open."""

    outcome: Outcome
    count: int


class ReasonCount(Value):
    """How often one reason was given."""

    reason: str
    label: str
    share: Share
    """Of all rejected and recycled hand-offs."""


class KeptPromise(Value):
    """One line of the charter beside today's figure."""

    by: Literal["marketing", "sales"]
    promise: str
    promised_percent: float
    today: Share
    is_kept: bool | None
    """None while there is nothing to judge."""


class SlaReport(Value):
    """Speed to lead, outcomes, reasons and mutual promises."""

    frame: Frame
    response_basis: str
    first_attempt: tuple[ResponseTime, ...]
    """All first, then by kind of hand-off, then by the calendar of the team."""
    decision: tuple[ResponseTime, ...]
    """The same rows, to the decision."""
    outcomes: tuple[OutcomeCount, ...]
    escalated: int
    """Hand-offs that went up the ladder at least once, whatever became of them."""
    reasons: tuple[ReasonCount, ...]
    other_alarm: bool
    """True when `other` is given more often than the definition allows: the list of reasons misses one."""
    charter: tuple[KeptPromise, ...]
    attempts: tuple[Answer, ...]
    """Each hand-off against the clock of its first attempt, oldest first."""


def sla(definition: Definition, hand_offs: Iterable[OfferedHandOff], *, as_of: Instant) -> SlaReport:
    """The SLA report of all hand-offs offered by `as_of`."""
    known = offered_by(hand_offs, as_of)
    states = Counter(hand_off.state for hand_off in known)
    reasons = _reasons(definition, known)
    free = definition.free_reason()
    other = next((row.share.percent for row in reasons if row.reason == free), None)
    decided = response_rows(definition, known, DECISION, as_of=as_of)
    return SlaReport(
        frame=frame(definition, as_of),
        response_basis=(
            "minutes from the first offer, working time of the owner's calendar and wall time; unanswered past the"
            " deadline counts as breached, in the share and not in the median"
        ),
        first_attempt=response_rows(definition, known, FIRST_ATTEMPT, as_of=as_of),
        decision=decided,
        outcomes=tuple(OutcomeCount(outcome=outcome, count=states[outcome]) for outcome in OUTCOMES),
        escalated=sum(hand_off.escalated_at is not None for hand_off in known),
        reasons=reasons,
        other_alarm=other is not None and other > 100 * definition.other_alarm_share,
        charter=_charter(definition, known, decided[0]),
        attempts=answers(definition, known, FIRST_ATTEMPT, as_of=as_of),
    )


def response_rows(
    definition: Definition, hand_offs: Sequence[OfferedHandOff], clock: Clock, *, as_of: Instant
) -> tuple[ResponseTime, ...]:
    """Response times of all hand-offs, then by kind, then by team."""
    measured = answers(definition, hand_offs, clock, as_of=as_of)
    kinds = [kind for kind in definition.hand_offs if any(a.kind == kind for a in measured)]
    teams = [team for team in definition.calendars if any(a.team == team for a in measured)]
    return (
        response_time("all", measured),
        *(response_time(kind, [a for a in measured if a.kind == kind]) for kind in kinds),
        *(response_time(f"team {team}", [a for a in measured if a.team == team]) for team in teams),
    )


def _reasons(definition: Definition, known: Sequence[OfferedHandOff]) -> tuple[ReasonCount, ...]:
    returned = [hand_off.reason for hand_off in known if hand_off.state in ("rejected", "recycled")]
    given = Counter(reason for reason in returned if reason is not None)
    return tuple(
        ReasonCount(reason=reason, label=_label(definition, reason), share=Share(part=count, whole=len(returned)))
        for reason, count in sorted(given.items(), key=lambda row: (-row[1], row[0]))
    )


def _label(definition: Definition, reason: str) -> str:
    """The chip's words; a reason that is no longer on the list keeps its key."""
    chip = definition.reject_reasons.get(reason)
    return reason if chip is None else chip.label


def _charter(definition: Definition, known: Sequence[OfferedHandOff], decided: ResponseTime) -> tuple[KeptPromise, ...]:
    marketing, sales = definition.charter.marketing, definition.charter.sales
    done = [hand_off for hand_off in known if hand_off.state != "offered"]
    returned = [hand_off for hand_off in done if hand_off.state in ("rejected", "recycled")]
    complete = Share(part=sum(h.is_complete for h in known), whole=len(known))
    accepted = Share(part=sum(h.state == "accepted" for h in done), whole=len(done))
    whys = Share(part=sum(h.has_why for h in known), whole=len(known))
    reasons = Share(part=sum(h.reason is not None for h in returned), whole=len(returned))
    return (
        _promise("marketing", "leads arrive complete", marketing.complete, complete),
        _promise("marketing", "leads offered are accepted (of those decided)", marketing.accepted, accepted),
        _promise("marketing", "each notice says why", float(marketing.reason_in_each_notice), whys),
        _promise("sales", "offers are answered in time", sales.answered_in_time, decided.in_time),
        _promise("sales", "each lead given back has a reason", float(sales.reason_each), reasons),
    )


def _promise(by: Literal["marketing", "sales"], promise: str, promised: float, today: Share) -> KeptPromise:
    percent = today.percent
    return KeptPromise(
        by=by,
        promise=promise,
        promised_percent=100 * promised,
        today=today,
        is_kept=None if percent is None else percent >= 100 * promised,
    )
