"""How will a case go? The rehearsal's answer, before anything of it is played in Temporal."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import Facts
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.steps.call import Call
from leadloom.domain.journeys.steps.wait import Wait
from leadloom.domain.lead import Basis, Event
from leadloom.domain.mails.sending import may_market
from leadloom.domain.mails.windows import zone_of
from leadloom.domain.rehearsal.happenings import Ends, Happening
from leadloom.domain.rehearsal.player import Did, Played, Player
from leadloom.domain.rehearsal.postings import ByPolicy
from leadloom.domain.rehearsal.said import said
from leadloom.domain.stages.scoring import score
from tests.rehearsed.cases import PROOF, Case
from tests.rehearsed.journeys import FAILS
from tests.rehearsed.told import Deed, Mail, Told, is_a_moment

_SAID_ALIKE = (moves.Skip, moves.PlanMail, moves.RecordEvent, moves.Call, moves.Wait, moves.Finish)
"""Moves that the log tells in the same words; of others it says what came of it."""
_MOST_RUNS = 60
"""Of the journey beside: more are no journey but a storm."""


def predict(case: Case, definition: Definition, *, until: datetime) -> Told:
    """The case in memory, to `until`."""
    return told(case, rehearse(case, definition, until=until))


def rehearse(case: Case, definition: Definition, *, until: datetime) -> Played:
    """Play it. What it begins beside it ends by itself: played again until all such ends are known."""
    ends: list[Ends] = []
    if case.held:
        ends.append(Ends(at=case.held_from + _lasts(case.holder), journey=case.holder.name))
    while True:
        played = _play(case, definition, (*case.script, *ends), until)
        unended = next(iter((Counter(_of_begun(case, played)) - Counter(ends)).elements()), None)
        if unended is None or len(ends) > _MOST_RUNS:
            return played
        ends.append(unended)


def _of_begun(case: Case, played: Played) -> list[Ends]:
    """How the runs it began end: after their wait, unless it stops them before."""
    stopped = {no: did.at for no, did in enumerate(played.did) if isinstance(did.effect, moves.StopRun)}
    found: list[Ends] = []
    for begun, did in enumerate(played.did):
        if isinstance(did.effect, moves.StartRun):
            over = did.at + _lasts(case.sub)
            if not any(no > begun and at < over for no, at in stopped.items()):
                found.append(Ends(at=over, journey=case.sub.name))
    return found


def _lasts(beside: Journey) -> timedelta:
    [pause] = beside.steps
    assert isinstance(pause, Wait)
    assert pause.for_ is not None
    return pause.for_


def _play(case: Case, definition: Definition, script: tuple[Happening, ...], until: datetime) -> Played:
    journey = case.journey
    failing = {step.id: "Told: it was told to fail" for step in journey.steps if _fails(step)}
    postings = ByPolicy(definition, topic=journey.topic, priority=journey.priority)
    player = Player(journey, _facts(case, definition), script, postings=postings, failing=failing, run_id=case.run_id)
    return player.play(until)


def _fails(step: object) -> bool:
    return isinstance(step, Call) and step.with_.get("ends") == FAILS


def _facts(case: Case, definition: Definition) -> Facts:
    lead, at = case.lead, case.enters_at
    bases = (Basis(lead_id=lead.lead_id, **PROOF.model_dump()),) if case.may_market else ()
    entry = Event(lead_id=lead.lead_id, no=1, kind="guide_requested", at=at, data={"form": case.journey.name})
    in_now = (case.journey.name, case.holder.name) if case.held else (case.journey.name,)
    return Facts(
        lead=lead,
        entered_at=at,
        stage=definition.first_stage,
        score=score(definition, lead, account=None, entries=(), at=at),
        events=(entry,) if case.by_event else (),
        may_market=may_market(definition, bases, lead.country, at),
        zone=zone_of(lead, None, definition.company),
        in_journeys=in_now,
        busy_with=case.holder.name if case.held else None,
    )


def told(case: Case, played: Played) -> Told:
    """The play in the form that both have."""
    failing = {step.id for step in case.journey.steps if _fails(step)}
    mails = [
        Mail(
            step=letter.mail.step,
            visit=letter.mail.visit,
            mail=letter.mail.mail,
            to="lead" if letter.mail.to is None else "owner",
            fate=_fate(letter.slot_at, played, cancelled=letter.cancelled, refused=letter.refused),
            slot_at=letter.slot_at,
        )
        for letter in played.letters
    ]
    return Told(
        mails=tuple(mails),
        deeds=tuple(
            _deed(did)
            for did in played.did
            if not (isinstance(did.effect, moves.Call) and did.step in failing) and not is_a_moment(said(did.effect))
        ),
        ended=played.outcome,
        ended_at=played.at if played.outcome is not None else None,
        waiting_for=played.waits.waiting_for if played.waits else None,
        waits_until=played.waits.until if played.waits else None,
    )


def _fate(slot_at: datetime | None, played: Played, *, cancelled: bool, refused: bool) -> str:
    if slot_at is None:
        return "expired"
    if cancelled:
        return "cancelled"
    if refused:
        return "suppressed"
    return "sent" if played.outcome is not None or slot_at <= played.at else "reserved"


def _deed(did: Did) -> Deed:
    words = said(did.effect) if isinstance(did.effect, _SAID_ALIKE) else ""
    return Deed(did.step, did.visit, words, did.at)
