"""The given of tests about the write path: a lead that fits, where they stand, and what happens to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leadloom.domain.consequences import Consequences, decide
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.lead import Account, Event, EventDraft, Lead, Verdict
from leadloom.domain.model import AccountId, EnrolmentId, Json
from leadloom.domain.stages.clocks import SetClock
from leadloom.domain.standing import Clock, CodeEntry, OpenRun, PublishedJourney, ScoreEntry, Standing
from tests.domain.a_run import DAY_0, LEAD, the_definition

DEFINITION: Definition = the_definition()
ACCOUNT = Account(
    account_id=AccountId(UUID(int=2)), name="Nordkap Pharma", industry="pharma distribution", sites=4, country="DE"
)


def a_lead(**changes: Any) -> Lead:
    """A quality manager at a pharma distributor with four sites: fit 100, A, and complete."""
    told: dict[str, Any] = {
        "lead_id": LEAD,
        "account_id": ACCOUNT.account_id,
        "email": "mia@nordkap.example",
        "company": "Nordkap Pharma",
        "country": "DE",
        "role": "quality",
        "source": "microsite",
        "created_at": DAY_0,
    }
    return Lead(**{**told, **changes})


def a_standing(stage: str | None = "aware", **changes: Any) -> Standing:
    """That lead at a stage of new business; None for one who was never recorded."""
    known: dict[str, Any] = {"lead": a_lead(), "account": ACCOUNT}
    if stage is not None:
        known |= {"stages": {"new-business": stage}, "since": {"new-business": DAY_0}}
        known |= {"last_change_no": {"new-business": 1}}
    return Standing(**{**known, **changes})


def a_draft(kind: str, at: datetime = DAY_0, *, verdict: Verdict = Verdict.HUMAN, **more: Any) -> EventDraft:
    """That this happened."""
    return EventDraft(kind=kind, at=at, verdict=verdict, **more)


def an_event(kind: str, no: int, at: datetime = DAY_0, **more: Any) -> Event:
    """That this happened as the lead's event of that number."""
    return Event(lead_id=LEAD, no=no, kind=kind, at=at, **more)


def entries(*earned: tuple[str, float, datetime]) -> tuple[ScoreEntry, ...]:
    """Score entries of (kind, points, at), numbered from 1."""
    return tuple(
        ScoreEntry(event_no=no, kind=kind, points=points, at=at) for no, (kind, points, at) in enumerate(earned, 1)
    )


def warm(at: datetime = DAY_0) -> dict[str, Any]:
    """What a lead has who attended the webinar and finished the calculator at that instant: engagement 40."""
    return {
        "entries": entries(("webinar_attended", 20, at), ("calculator_finished", 20, at)),
        "recent": (an_event("webinar_attended", 1, at), an_event("calculator_finished", 2, at)),
        "last_event_no": 2,
    }


def a_run(journey: Journey | None, no: int = 1, *, listens: Sequence[str] = (), name: str = "") -> OpenRun:
    """An open run of that journey (None: as code)."""
    return OpenRun(
        enrolment_id=EnrolmentId(UUID(int=100 + no)),
        journey=journey.name if journey else name,
        key="once",
        listens=tuple(listens),
        prospect=True,
        workflow="Nurture",
        body=journey,
    )


def a_clock(kind: str, due_at: datetime, **data: Json) -> Clock:
    """A clock that is set."""
    return Clock(kind=kind, due_at=due_at, data=data)


def after(
    standing: Standing,
    *drafts: EventDraft,
    at: datetime = DAY_0,
    journeys: Sequence[Journey] = (),
    code: Sequence[CodeEntry] = (),
    history: bool = False,
    definition: Definition = DEFINITION,
) -> Consequences:
    """What follows from the drafts, under Kelvance's definition unless another is told."""
    published = [PublishedJourney(hash=f"hash of {journey.name}", journey=journey) for journey in journeys]
    return decide(definition, published, code_journeys=code, standing=standing, drafts=drafts, at=at, history=history)


def stages(found: Consequences) -> list[tuple[str | None, str]]:
    """(from, to) of each change, in order."""
    return [(change.from_stage, change.to_stage) for change in found.changes]


def clocks_set(found: Consequences) -> dict[str, datetime]:
    """Kind → due instant of each clock that was set."""
    return {clock.kind: clock.due_at for clock in found.clocks if isinstance(clock, SetClock)}
