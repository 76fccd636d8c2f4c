"""Which stage does an event move a lead to, and which hand-off does that open?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from leadloom.domain.definitions import move_reasons
from leadloom.domain.definitions.definition import Definition, EvidenceGate
from leadloom.domain.definitions.own_events import APPEAL_UPHELD, SUPPORT_RAISED
from leadloom.domain.definitions.parts import CUSTOMERS, Part
from leadloom.domain.facts import Score
from leadloom.domain.lead import Event, Verdict
from leadloom.domain.model import Json
from leadloom.domain.stages.checklist import sql_gate
from leadloom.domain.stages.qualification import GateDecision, is_shut, mql
from leadloom.domain.stages.scoring import explain, score
from leadloom.domain.stages.stage_walk import Moved, OpenHandOff, StageWalk
from leadloom.domain.standing import Standing

IMPORTED = "imported"
STAGE_GIVEN = "stage_given"
"""A journey asks for a stage; the event says which."""
DEFINITION_CHANGED = "definition_changed"
"""Another version is in force; the event says which, and whether somebody has been asked to answer for the lead."""
GIVEN_BACK = ("hand_off_rejected", "hand_off_recycled", "deal_lost")
_TOLD_REASONS = 2
"""How many single responses a notice names besides fit and engagement: more is not read."""


def moves(definition: Definition, standing: Standing, *, event: Event, at: datetime, history: bool = False) -> Moved:
    """Where the event moves the lead, if the definition allows it; in `history` a won deal needs no leave.

    `standing` is before the event's stage changes, with the event among `recent` and its score entry counted.
    Machines and unsure verdicts move nobody.
    """
    if event.verdict is not Verdict.HUMAN:
        return Moved()
    walk = StageWalk(definition, standing, event=event, at=at)
    if event.kind == "deal_won":
        _won(walk, history=history)
    elif event.kind in _STEPS:
        _STEPS[event.kind](walk)
    elif definition.events[event.kind].response or definition.events[event.kind].asks:
        _answered(walk)
    _gates_by_evidence(walk)
    return walk.moved()


def _imported(walk: StageWalk) -> None:
    """Another system says where the person stands. Who stands somewhere with us already stays there."""
    track, told = walk.definition.tracks[0], walk.event.data.get("stage")
    now = walk.stages.get(track)
    if not isinstance(told, str) or now != walk.definition.first_stage or told == now:
        return
    meant = walk.definition.meant(told)
    stage = next((stage for stage in walk.definition.stages if stage.name in (told, meant)), None)
    if stage is None:
        walk.refuse(track, told, why=f"The definition has no stage {told}.")
    elif stage.kind == "sla":
        # Its clock would run out on an owner who was never asked.
        walk.refuse(track, told, why=f"In {told} an owner works the lead: a list can't put anybody there.")
    elif stage.name != now:
        walk.place(track, stage.name, reason="imported")


def _answered(walk: StageWalk) -> None:
    """A response: the first makes an inquiry, and each may open the gate."""
    asks = walk.definition.events[walk.event.kind].asks
    track = _selling_track(walk, asks=asks)
    now = walk.stages[track]
    decision = _passing(walk, asks=asks)
    if now == walk.definition.first_stage:
        walk.step(track, walk.named(Part.ANSWERED), reason="first response")
    elif now == walk.named(Part.QUIET):
        walk.step(track, walk.named(Part.ANSWERED), reason="answered again")
    elif now == walk.named(Part.CLOSED) and asks and decision is not None:
        walk.step(track, walk.named(Part.ANSWERED), reason="asked to talk")
    elif now == walk.named(Part.RETURNED) and not asks:
        # A date was agreed or a reason given: reading an article doesn't overrule the rep, asking to talk does.
        return
    if decision is None:
        return
    if now == walk.named(Part.READY) and asks:
        _offer(walk, track, decision)
    elif walk.allows(track, walk.named(Part.READY)):
        _pass_gate(walk, track, decision)


def _selling_track(walk: StageWalk, *, asks: bool) -> str:
    """The track the event names; else the first until the lead is a customer, then the next.

    Asking to talk opens a track, and so does its name: one person can be in several funnels at once.
    """
    first, *others = walk.definition.tracks
    named = walk.event.data.get("track")
    if isinstance(named, str) and named in others:
        walk.begin(named, reason="answered there")
        return named
    if walk.stages.get(first) not in walk.definition.customers() or not others:
        return first
    if asks:
        walk.begin(others[0], reason="a customer asked to talk")
    return others[0] if others[0] in walk.stages else first


def _decide_gate(walk: StageWalk, *, asks: bool) -> GateDecision:
    return gate_now(walk.definition, walk.standing, walk.at, asks=asks)


def _passing(walk: StageWalk, *, asks: bool) -> GateDecision | None:
    """The gate's decision when it lets the lead through. Most it doesn't, and why not is asked by nobody here."""
    if not asks and is_shut(walk.definition, _score(walk.definition, walk.standing, walk.at)):
        return None
    decision = _decide_gate(walk, asks=asks)
    return decision if decision.passed else None


def _score(definition: Definition, standing: Standing, at: datetime) -> Score:
    return score(definition, standing.lead, account=standing.account, entries=standing.entries, at=at)


def gate_now(definition: Definition, standing: Standing, at: datetime, *, asks: bool = False) -> GateDecision:
    """What the gate says of a lead at that instant; unless they ask, by fit, engagement and kinds of response."""
    return mql(
        definition,
        standing.lead,
        account=standing.account,
        score=_score(definition, standing, at),
        responses=_since_back_with_us(standing.recent),
        asked=asks,
        at=at,
    )


def _since_back_with_us(recent: tuple[Event, ...]) -> tuple[Event, ...]:
    """What counts for rule (b): responses the owner who gave the lead back didn't know yet."""
    back = max((e.no for e in recent if e.kind in (*GIVEN_BACK, "recycle_due")), default=0)
    return tuple(event for event in recent if event.no > back)


def _pass_gate(walk: StageWalk, track: str, decision: GateDecision) -> None:
    if walk.standing.open_deal:
        walk.joins_deal = decision.why
        return
    evidence: dict[str, Json] = {**decision.values, "rule": decision.rule, "why": list(decision.why)}
    reason = "asked to talk" if decision.rule == "asks" else "fits and engages"
    if walk.step(track, walk.named(Part.READY), reason=reason, evidence=evidence):
        _offer(walk, track, decision)


def _offer(walk: StageWalk, track: str, decision: GateDecision) -> None:
    if decision.hand_off is None:
        return
    best = explain(walk.definition, walk.standing.entries, at=walk.at)[:_TOLD_REASONS]
    why = (*decision.why, *(f"{reason.words}: {reason.points:+.1f}" for reason in best if reason.points > 0))
    walk.hand_offs.append(OpenHandOff(kind=decision.hand_off, track=track, asked_by=f"gate:{decision.rule}", why=why))


def _accepted(walk: StageWalk) -> None:
    """An SDR took the lead; other owners' acceptance moves no stage."""
    if not _is_sdr_hand_off(walk):
        return
    accepted = walk.named(Part.ACCEPTED)
    track = walk.track_for(accepted)
    _through_gate(walk, track, accepted)
    evidence: dict[str, Json] = {"hand_off": walk.event.data.get("kind"), "definition_version": walk.definition.version}
    walk.step(track, accepted, reason="accepted", evidence=evidence)


def _through_gate(walk: StageWalk, track: str, to_stage: str) -> None:
    """A hand-off that a journey raised (a buying circle) decided before the gate could: say so in the log."""
    ready = walk.named(Part.READY)
    if not walk.allows(track, to_stage) and walk.allows(track, ready):
        walk.step(track, ready, reason="handed over", evidence={"hand_off": walk.event.data.get("kind")})


def _is_sdr_hand_off(walk: StageWalk) -> bool:
    contract = walk.definition.hand_offs.get(str(walk.event.data.get("kind")))
    return contract is None or contract.to == "sdr"


def _won(walk: StageWalk, *, history: bool) -> None:
    """A won deal always gets somebody to look after the customer, even one that sales won without us."""
    bought = walk.named(Part.CUSTOMER)
    track = walk.track_for(bought)
    was_customer = walk.stages.get(track) in walk.definition.customers()
    if history and track in walk.stages and not was_customer:
        # The stages in between were passed in another system, which didn't tell them.
        walk.place(track, bought, reason="deal won")
    else:
        walk.step(track, bought, reason="deal won")
    kinds = [kind for kind, contract in walk.definition.hand_offs.items() if contract.to == "customer-success"]
    if kinds and not was_customer:
        means = walk.definition.hand_offs[kinds[0]].means
        walk.hand_offs.append(OpenHandOff(kind=kinds[0], track=track, asked_by=walk.event.kind, why=(means,)))


def _given_back(walk: StageWalk) -> None:
    """Rejected, recycled or lost: back to marketing with a date and a reason, or disqualified with a reason."""
    data = walk.event.data
    told_reason = data.get("reason")
    reason = str(told_reason) if told_reason in walk.definition.reject_reasons else _without_chip(walk.event.kind)
    rule = walk.definition.reject_reasons.get(reason)
    told = data.get("to_stage")
    if told is None and walk.event.kind != "deal_lost" and not _is_sdr_hand_off(walk):
        return
    returned = walk.named(Part.RETURNED)
    to_stage = str(told or (walk.named(Part.CLOSED) if rule and rule.then == "disqualify" else returned))
    until = _back_at(walk, reason) if to_stage == returned else None
    evidence: dict[str, Json] = {
        "hand_off": data.get("kind"),
        "owner": walk.event.actor,
        "reason": rule.label if rule else told_reason,
        "until": until.isoformat() if until else None,
    }
    track = walk.track_for(to_stage)
    _through_gate(walk, track, to_stage)
    walk.step(track, to_stage, reason=reason, evidence=evidence, until=until)


def _without_chip(kind: str) -> str:
    """The code for leads that come back without a reason of our list; another system's own words stay beside it."""
    return move_reasons.DEAL_LOST if kind == "deal_lost" else move_reasons.GIVEN_BACK


def _given_stage(walk: StageWalk) -> None:
    """A journey's word counts where the definition lets a lead go; the check of journeys lets it name no gate."""
    data = walk.event.data
    track, to_stage = str(data.get("track")), str(data.get("to"))
    if walk.stages.get(track) != to_stage and walk.allows(track, to_stage):
        told = str(data.get("why"))
        leads_back = move_reasons.leads_back(walk.definition, walk.stages[track], to_stage)
        reason = data.get("reason") or (move_reasons.BY_JOURNEY if leads_back else told)
        walk.step(track, to_stage, reason=str(reason), evidence={"journey": data.get("journey"), "why": [told]})


def _back_at(walk: StageWalk, reason: str) -> datetime:
    """The date the owner gave, else the reason's own span, else when the lead would count as inactive."""
    given = walk.event.data.get("until")
    if isinstance(given, str):
        date = datetime.fromisoformat(given)
        return max(walk.at, date if date.tzinfo else date.replace(tzinfo=UTC))
    rule = walk.definition.reject_reasons.get(reason)
    return walk.at + (rule.after if rule and rule.after else walk.definition.inactive_after)


def _raised(walk: StageWalk) -> None:
    """Support heard a wish for sales: it is offered whatever the score, or whoever has the deal hears of it."""
    kinds = [name for name, contract in walk.definition.hand_offs.items() if contract.from_ == "support"]
    track = _selling_track(walk, asks=True)
    _awake(walk, track, reason="said to support")
    why = (walk.definition.hand_offs[kinds[0]].means,) if kinds else ()
    if walk.standing.open_deal:
        walk.joins_deal = why
    elif kinds:
        walk.hand_offs.append(OpenHandOff(kind=kinds[0], track=track, asked_by=walk.event.kind, why=why))


def _appeal_upheld(walk: StageWalk) -> None:
    """What was turned down is offered anew: to whom the decision named, else to whom the rules find."""
    data = walk.event.data
    kind, to = data.get("kind"), data.get("to")
    if not isinstance(kind, str) or kind not in walk.definition.hand_offs:
        kind = walk.definition.mql.scored.hand_off
    track = walk.track_for(walk.named(Part.ANSWERED))
    if walk.definition.hand_offs[kind].to == "sdr":
        if not walk.allows(track, walk.named(Part.READY)):
            _awake(walk, track, reason="the appeal was upheld")
        walk.step(track, walk.named(Part.READY), reason="the appeal was upheld")
    why = ("The lead-management owner upheld marketing's appeal",)
    offer = OpenHandOff(
        kind=kind, track=track, asked_by=walk.event.kind, why=why, prefer=to if isinstance(to, str) else None
    )
    walk.hand_offs.append(offer)


def _awake(walk: StageWalk, track: str, *, reason: str) -> None:
    """Who has not answered yet, has fallen silent or was closed is somebody who answers."""
    asleep = (walk.definition.first_stage, walk.named(Part.QUIET), walk.named(Part.CLOSED))
    if walk.stages.get(track) in asleep:
        walk.step(track, walk.named(Part.ANSWERED), reason=reason)


def _date_came(walk: StageWalk) -> None:
    """Repaired data goes back to the same owner, once; everybody else is an inquiry again."""
    data = walk.event.data
    answered = walk.named(Part.ANSWERED)
    track = walk.track_for(answered)
    if walk.stages.get(track) != walk.named(Part.RETURNED):
        return
    if not _is_repaired(walk):
        walk.step(track, answered, reason="the date came", evidence={"reason": data.get("reason")})
        return
    why = ("You sent the lead back for wrong data; what it takes is known now",)
    if walk.standing.open_deal:
        walk.step(track, answered, reason="the date came")
        walk.joins_deal = why
        return
    kind, owner = data.get("hand_off"), data.get("owner")
    known = isinstance(kind, str) and kind in walk.definition.hand_offs
    offer = OpenHandOff(
        kind=str(kind) if known else walk.definition.mql.scored.hand_off,
        track=track,
        asked_by=walk.event.kind,
        why=why,
        prefer=owner if isinstance(owner, str) else None,
    )
    if walk.step(track, walk.named(Part.READY), reason="data repaired", evidence={"why": list(why)}):
        walk.hand_offs.append(offer)


def _is_repaired(walk: StageWalk) -> bool:
    """Whether the lead was recycled for repair, for the first time, and nothing needed is missing now."""
    reason = walk.event.data.get("reason")
    rule = walk.definition.reject_reasons.get(str(reason))
    if rule is None or rule.then != "repair":
        return False
    before = (e for e in walk.standing.recent if e.kind == walk.event.kind and e.no < walk.event.no)
    first_time = not any(earlier.data.get("reason") == reason for earlier in before)
    return first_time and not _decide_gate(walk, asks=False).missing


def _gone_quiet(walk: StageWalk) -> None:
    """No response for long: inactive wherever the definition allows it; a recycle date outlives the silence."""
    quiet = walk.named(Part.QUIET)
    for track in tuple(walk.stages):
        if walk.stages[track] != walk.named(Part.RETURNED) and walk.allows(track, quiet):
            walk.step(track, quiet, reason=move_reasons.NO_RESPONSE)


def _gates_by_evidence(walk: StageWalk) -> None:
    """Adopted and advocate are passed by what customers do, counted since they became one."""
    if not any(walk.definition.stage(now).plays in CUSTOMERS for now in walk.stages.values()):
        return
    bought, live, vouches = walk.definition.customers()
    won = max((e.no for e in walk.standing.recent if e.kind == "deal_won"), default=0)
    seen = {e.kind for e in walk.standing.recent if e.no > won and e.verdict is Verdict.HUMAN}
    gates = ((bought, live, walk.definition.adopted), (live, vouches, walk.definition.advocate))
    for track in tuple(walk.stages):
        for from_stage, to_stage, gate in gates:
            if walk.stages[track] == from_stage and (proof := _proof(gate, seen)):
                words = [walk.definition.events[kind].means for kind in proof]
                walk.step(track, to_stage, reason="evidence", evidence={"why": list(words)})


def _proof(gate: EvidenceGate, seen: Iterable[str]) -> tuple[str, ...]:
    """The events that pass the gate, in the definition's order; none when it isn't passed."""
    there = set(seen)
    if not there.issuperset(gate.all_of) or (gate.any_of and there.isdisjoint(gate.any_of)):
        return ()
    return tuple(kind for kind in (*gate.all_of, *gate.any_of) if kind in there)


def _judged_anew(walk: StageWalk) -> None:
    """Another definition is in force: who passes its gate goes through, who stands in it and wouldn't pass goes back.

    Whom somebody has been asked to answer for (`offered`) stays: what was promised under the old words is kept.
    A detour is left as it was agreed, by a date, a reason or an answer.
    """
    ready = walk.named(Part.READY)
    for track in tuple(walk.stages):
        now = walk.stages[track]
        if now != ready and (walk.definition.stage(now).detour or not walk.allows(track, ready)):
            continue
        if now == ready and walk.event.data.get("offered"):
            continue
        decision = _decide_gate(walk, asks=False)
        if decision.passed and now != ready:
            _pass_gate(walk, track, decision)
        elif not decision.passed and now == ready:
            evidence: dict[str, Json] = {**decision.values, "why": list(decision.why)}
            walk.step(track, walk.named(Part.ANSWERED), reason=move_reasons.DEFINITION_CHANGED, evidence=evidence)


def _deal_opened(walk: StageWalk) -> None:
    """Another system says that a deal is open, so it is; what the gate had asked for is kept beside, met or not."""
    deal = walk.named(Part.DEAL)
    standing, definition = walk.standing, walk.definition
    kinds = {event.kind for event in standing.recent if event.verdict is Verdict.HUMAN}
    gate = sql_gate(definition, standing.answered_yes, kinds=kinds)
    walk.step(
        walk.track_for(deal), deal, reason="deal opened",
        evidence={"gate": gate.as_evidence(definition.version), "why": list(gate.why)},
    )  # fmt: skip


_STEPS: dict[str, Callable[[StageWalk], None]] = {
    "hand_off_accepted": _accepted,
    DEFINITION_CHANGED: _judged_anew,
    IMPORTED: _imported,
    "deal_opened": _deal_opened,
    "recycle_due": _date_came,
    SUPPORT_RAISED: _raised,
    APPEAL_UPHELD: _appeal_upheld,
    "went_inactive": _gone_quiet,
    **dict.fromkeys(GIVEN_BACK, _given_back),
    STAGE_GIVEN: _given_stage,
}
"""What the process itself records, and where that moves a lead."""
