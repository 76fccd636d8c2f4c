"""What is an outside effect of a run's step about? Read from rows, so that Temporal holds the step's key alone."""

from __future__ import annotations

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.journeys.journey import Step
from leadloom.domain.lead import Account, Lead
from leadloom.domain.model import EnrolmentId, Instant, Value
from leadloom.store import published, standing
from leadloom.store.run_facts import RunStanding
from leadloom.store.tx import Tx


class Errand(Value):
    """What a step of a run asks for outside."""

    enrolment_id: EnrolmentId
    visit: int
    lead: Lead
    account: Account | None
    journey: str
    step: Step
    """As the version says that the run stands in."""
    reached_at: Instant
    """When the run came to the step: the same at each try."""
    definition: Definition
    """In force now: endpoints move, and are withdrawn."""


async def errand(tx: Tx, enrolment_id: EnrolmentId, step: str, visit: int) -> Errand | None:
    """What the step asks for; None when the run has ended or isn't at that visit of the step any more.

    Nothing is locked: who asks posts afterwards, and no lead is held while another system takes its time.
    """
    rows = await tx.all("run_standings_seen", enrolment_ids=[enrolment_id])
    run = RunStanding(**rows[0]) if rows else None
    if run is None or run.status != "active" or run.journey_hash is None:
        return None
    if (run.progress.step, run.progress.visits.get(step)) != (step, visit):
        return None
    journey = await published.journey(tx, run.journey_hash)
    lead, _ = (await standing.seen(tx, [run.lead_id]))[run.lead_id]
    companies = await standing.accounts(tx, [lead.account_id])
    return Errand(
        enrolment_id=enrolment_id,
        visit=visit,
        lead=lead,
        account=companies[lead.account_id] if lead.account_id else None,
        journey=journey.name,
        step=journey.step(step),
        reached_at=run.progress.arrived_at,
        definition=(await published.book(tx)).definition,
    )
