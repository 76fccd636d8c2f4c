"""What does an answer to an offered lead mean: for its owner, its stage, and when it comes back?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import RejectReason
from leadloom.domain.definitions.parts import Part
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.handoffs.hand_off import HandOffState, calendar_of, name_of
from leadloom.domain.journeys.conditions import span_words
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import Instant, Json, Value

LONGEST_RECYCLE = timedelta(days=730)
"""A later date is a slip of the finger: the definition lets no other clock of a lead run that long."""
_SELLING = ("sdr", "ae")
"""Roles whose "no" moves the lead; who looks after a customer doesn't change what the customer is."""


class Decided(Value):
    """What a decision means; the store writes it when the hand-off still stands where `decide` saw it."""

    state: Literal["accepted", "rejected", "recycled"]
    owner: str | None
    """Who has it from now on: whoever accepted it, else who had it."""
    reason: str | None = None
    first_try_by: Instant | None = None
    first_try_in: timedelta | None = None
    """Working time from the decision to `first_try_by`."""
    recycle_until: Instant | None = None
    """When the lead comes back, or its data must be repaired."""
    to_stage: str | None = None
    """None leaves the lead where it is."""
    out_of_velocity: bool = False
    """Keep the lead out of velocity figures: it never was one."""
    event: EventDraft
    """To be recorded for the lead; the store adds the key."""
    why: str


def decide(definition: Definition, state: HandOffState, decision: Decision, tries_made: int, at: datetime) -> Decided:
    """What the decision means. An accepted hand-off can still be given back, nothing closed can be decided again.

    Raises:
        Conflict: Somebody decided before.
        BadInput: The chip asks for something that isn't there, or can't be used yet.
    """
    if state.state not in ("offered", "accepted") or (state.state == "accepted" and decision.kind == "accept"):
        who = f" by {name_of(definition, state.owner)}" if state.owner and state.state == "accepted" else ""
        raise Conflict(f"The hand-off is {state.state}{who} already; nothing was changed. Open it to see who decided.")
    if decision.via != "clock" and decision.by not in {entry.handle for entry in definition.owners}:
        raise BadInput("by", decision.by, "Only an owner of the definition decides on a hand-off.")
    if state.owner is None and decision.via != "clock":
        _check_pool(definition, state.pool, decision.by)
    if decision.kind == "accept":
        return _take(definition, state, decision, at)
    return _give_back(definition, state, decision, tries_made, at)


def _check_pool(definition: Definition, name: str | None, by: str) -> None:
    """What lies in a pool is its members' to take; a pool that names nobody is everybody's."""
    pool = definition.routing.pools.get(name or "")
    may = {member.owner for member in pool.members} | {definition.routing.manager} if pool else {by}
    if by not in may:
        who = ", ".join(name_of(definition, handle) for handle in sorted(may))
        raise BadInput("by", by, f"It lies in the pool {name}: {who} may answer for it.")


def _take(definition: Definition, state: HandOffState, decision: Decision, at: datetime) -> Decided:
    """Accept is not contact: the first try has its own deadline, on the calendar of whoever accepted."""
    kind = definition.hand_offs[state.kind]
    to_stage = definition.named(Part.ACCEPTED) if kind.to == "sdr" else None
    return Decided(
        state="accepted",
        owner=decision.by,
        first_try_by=calendar_of(definition, decision.by).add(at, kind.first_try),
        first_try_in=kind.first_try,
        to_stage=to_stage,
        event=_event("hand_off_accepted", state, decision, at, {"to_stage": to_stage}),
        why=f"{name_of(definition, decision.by)} accepted by {decision.via}",
    )


def _give_back(
    definition: Definition, state: HandOffState, decision: Decision, tries_made: int, at: datetime
) -> Decided:
    key, rule = _reason(definition, state.kind, decision)
    _check_chip(key, rule, decision, tries_made)
    sells = definition.hand_offs[state.kind].to in _SELLING
    disqualifies = rule.then == "disqualify"
    until = None if disqualifies else _back_at(definition, rule, decision, at)
    to_stage = definition.named(Part.CLOSED if disqualifies else Part.RETURNED) if sells else None
    new_state: Literal["recycled", "rejected"] = "recycled" if rule.then == "recycle" else "rejected"
    data: dict[str, Json] = {
        "reason": key,
        "sub_reason": decision.sub_reason,
        "until": until.isoformat() if until else None,
        "to_stage": to_stage,
    }
    detail = f" ({decision.sub_reason})" if decision.sub_reason else ""
    return Decided(
        state=new_state,
        owner=state.owner,
        reason=key,
        recycle_until=until,
        to_stage=to_stage,
        out_of_velocity=rule.out_of_velocity,
        event=_event(f"hand_off_{new_state}", state, decision, at, data),
        why=f"{name_of(definition, decision.by)}: {rule.label}{detail}",
    )


def _reason(definition: Definition, kind: str, decision: Decision) -> tuple[str, RejectReason]:
    reasons = definition.reasons_of(kind)
    key = decision.reason
    if key is None and decision.kind == "recycle":
        key = next((name for name, rule in reasons.items() if rule.then == "recycle" and rule.asks == "date"), None)
    if key is None or key not in reasons:
        raise BadInput("reason", decision.reason, f"Choose one of {', '.join(reasons)}.")
    if decision.kind == "recycle" and reasons[key].then != "recycle":
        may = ", ".join(name for name, rule in reasons.items() if rule.then == "recycle") or "another kind of answer"
        raise BadInput("reason", key, f"It recycles nobody: reject with it, or choose one of {may}.")
    return key, reasons[key]


def _check_chip(key: str, rule: RejectReason, decision: Decision, tries_made: int) -> None:
    if tries_made < rule.needs_tries:
        raise BadInput("reason", key, f"It takes {rule.needs_tries} tries first; {tries_made} so far.")
    if rule.asks == "sub_reason" and decision.sub_reason not in rule.sub_reasons:
        raise BadInput("sub_reason", decision.sub_reason, f"Choose one of {', '.join(rule.sub_reasons)}.")
    if rule.asks in ("text", "who") and not (decision.text or "").strip():
        asked = "who is the right person" if rule.asks == "who" else "what it is"
        raise BadInput("text", decision.text, f"Say in a few words {asked}.")
    if rule.asks == "date" and decision.until is None:
        raise BadInput("until", None, "Give the date on which the lead should come back.")


def _back_at(definition: Definition, rule: RejectReason, decision: Decision, at: datetime) -> datetime:
    """The rep's date, else the reason's own span, else when the lead would count as inactive: nobody is forgotten."""
    if decision.until is None or rule.then != "recycle":
        return at + (rule.after or definition.inactive_after)
    if not at < decision.until <= at + LONGEST_RECYCLE:
        remedy = f"Give a date after today and within {LONGEST_RECYCLE.days} days."
        raise BadInput("until", decision.until.isoformat(), remedy)
    if decision.until < at + definition.contract.recycling.cool_off:
        cool_off = span_words(definition.contract.recycling.cool_off)
        remedy = f"Who is given back rests for {cool_off}: name a later date, or keep the lead and hide its card."
        raise BadInput("until", decision.until.isoformat(), remedy)
    return decision.until


def _event(kind: str, state: HandOffState, decision: Decision, at: datetime, data: dict[str, Json]) -> EventDraft:
    told = {name: value for name, value in data.items() if value is not None}
    return EventDraft(kind=kind, at=at, actor=decision.by, data={"kind": state.kind, **told})
