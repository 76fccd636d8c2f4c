"""The given of tests about runs: a lead, its events, its facts and a journey, with the least that matters said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.facts import Facts, MessageStatus, Score, SentMail
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import read_journey
from leadloom.domain.lead import Event, Lead, Verdict
from leadloom.domain.model import LeadId, MessageId

ROOT = Path(__file__).parents[2]
LEAD = LeadId(UUID(int=1))
DAY_0 = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
"""A Tuesday."""

HEAD = """
name: {name}
purpose: To test.
owner: priya-nair
class: marketing
sender: priya-nair
enter: {{events: [guide_requested]}}
exit: [{{events: [unsubscribed], outcome: asked us to stop}}]
goal: [talk_requested]
steps:
"""


def days(number: float) -> timedelta:
    """So many days."""
    return timedelta(days=number)


def day(number: float) -> datetime:
    """That day of the journey."""
    return DAY_0 + days(number)


def the_definition() -> Definition:
    """Kelvance's."""
    text = (ROOT / "definition.yaml").read_text(encoding="utf-8")
    return Definition.model_validate(DraftText("definition.yaml", text).data)


def a_draft(steps: str, *, name: str = "test") -> DraftText:
    """A journey's text with these steps."""
    return DraftText(f"{name}.yaml", HEAD.format(name=name) + steps)


def a_journey(steps: str) -> Journey:
    """A journey with these steps, entered by asking for the guide."""
    return read_journey(a_draft(steps))


def an_event(kind: str, no: int, at: datetime, *, verdict: Verdict = Verdict.HUMAN) -> Event:
    """Something that happened to the lead."""
    return Event(kind=kind, at=at, verdict=verdict, lead_id=LEAD, no=no)


def a_mail(
    step: str, slot_at: datetime, *, sent_at: datetime | None = None, status: MessageStatus | None = None
) -> SentMail:
    """A mail of the run; sent when it has an instant, else reserved."""
    status = status or (MessageStatus.SENT if sent_at else MessageStatus.RESERVED)
    message_id = MessageId(UUID(int=7))
    return SentMail(message_id=message_id, step=step, visit=1, status=status, slot_at=slot_at, sent_at=sent_at)


def a_lead(**told: object) -> Lead:
    """Ana, of whom we know what `told` says."""
    return Lead.model_validate({"lead_id": LEAD, "created_at": DAY_0, **told})


def facts(**known: object) -> Facts:
    """Facts about Ana, who entered on day 0 and may get marketing mail."""
    score = Score(fit=60, letter="B", engagement=20.0, digit=3)
    given = {"lead": a_lead(), "entered_at": DAY_0, "stage": "inquiry", "score": score, "may_market": True}
    return Facts.model_validate({**given, **known})
