"""What Temporal must hear after a commit: which workflow looks again. Ids and names only (law 2)."""

from __future__ import annotations

from leadloom.domain.model import EnrolmentId, HandOffId, LeadId, Value

JOURNEYS_QUEUE = "journeys"
"""Task queue of workflow tasks and the database steps between them (local activities)."""
MAIL_QUEUE = "mail"
"""Task queue of drains. Apart, because an activity on the workflow's own queue starts eagerly, past rate limits."""
CLOCK_AHEAD = "clock_ahead_s"
"""Memo key: business time minus Temporal's time (decision 0004)."""

NURTURE = "Nurture"
HAND_OFF = "HandOff"
LIFECYCLE = "LeadLifecycle"
LANE = "MailLane"


class LookAgain(Value):
    """Start this workflow if it isn't open, and signal `look_again` either way. Twice is once."""

    workflow: str
    workflow_id: str
    input: str
    """The one id (or lane name) the workflow is about."""


def run_looks(enrolment_id: EnrolmentId, workflow: str = NURTURE) -> LookAgain:
    """Wake the run of an enrolment; `workflow` is the class of a journey as code."""
    return LookAgain(workflow=workflow, workflow_id=f"run/{enrolment_id}", input=str(enrolment_id))


def hand_off_looks(hand_off_id: HandOffId) -> LookAgain:
    """Wake a hand-off."""
    return LookAgain(workflow=HAND_OFF, workflow_id=f"hand-off/{hand_off_id}", input=str(hand_off_id))


def lifecycle_looks(lead_id: LeadId) -> LookAgain:
    """Wake a lead's lifecycle."""
    return LookAgain(workflow=LIFECYCLE, workflow_id=f"lead/{lead_id}", input=str(lead_id))


def lane_looks(lane: str) -> LookAgain:
    """Wake a mail lane."""
    return LookAgain(workflow=LANE, workflow_id=f"lane/{lane}", input=lane)
