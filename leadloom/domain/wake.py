"""What Temporal must hear after a commit: which workflow looks again. Ids and names only (law 2)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from leadloom.domain.model import CampaignId, EnrolmentId, HandOffId, LeadId, Value

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
CAMPAIGN = "Campaign"
LIST_IMPORT = "ListImport"
NOTICE_POST = "NoticePost"
MAINTENANCE = "Maintenance"

USUAL_TURN = 3
"""Of 1 to 5: the turn of a workflow that says none, where thousands wait for a worker."""


class LookAgain(Value):
    """Start this workflow if it isn't open, and signal `look_again` either way. Twice is once."""

    workflow: str
    workflow_id: str
    input: str
    """The one id (or lane name) the workflow is about."""
    begins: bool = False
    """A row that is new, so no workflow of it can be open: it is started, and needs no signal."""
    after_s: int = 0
    """With `begins`: how much later it looks first. Not kept in the outbox: what the sweep repairs is late already."""
    no_hurry: bool = False
    """Nobody waits for the commit that tells it. Not kept in the outbox either."""


def run_looks(enrolment_id: EnrolmentId, workflow: str = NURTURE) -> LookAgain:
    """Wake the run of an enrolment; `workflow` is the class of a journey as code."""
    of = str(enrolment_id)
    return LookAgain.built(workflow=workflow, workflow_id=f"run/{of}", input=of)


def run_begins(
    enrolment_id: EnrolmentId, workflow: str = NURTURE, *, after: timedelta = timedelta(), no_hurry: bool = False
) -> LookAgain:
    """Start the run of an enrolment whose row is new, and let it look first after so long."""
    looks = run_looks(enrolment_id, workflow)
    return looks.but(begins=True, after_s=int(after.total_seconds()), no_hurry=no_hurry)


def campaign_looks(campaign_id: CampaignId) -> LookAgain:
    """Wake a campaign."""
    return LookAgain(workflow=CAMPAIGN, workflow_id=f"campaign/{campaign_id}", input=str(campaign_id))


def list_looks(upload_id: UUID) -> LookAgain:
    """Have a list looked at that somebody sent by the browser."""
    return LookAgain(workflow=LIST_IMPORT, workflow_id=f"list/{upload_id}", input=str(upload_id))


def hand_off_looks(hand_off_id: HandOffId) -> LookAgain:
    """Wake a hand-off."""
    return LookAgain(workflow=HAND_OFF, workflow_id=f"hand-off/{hand_off_id}", input=str(hand_off_id))


def notice_post_looks(post_id: UUID) -> LookAgain:
    """Have a notice posted to a channel or another system."""
    return LookAgain(workflow=NOTICE_POST, workflow_id=f"notice-post/{post_id}", input=str(post_id))


def lifecycle_looks(lead_id: LeadId) -> LookAgain:
    """Wake a lead's lifecycle."""
    of = str(lead_id)
    return LookAgain.built(workflow=LIFECYCLE, workflow_id=f"lead/{of}", input=of)


def lane_looks(lane: str) -> LookAgain:
    """Wake a mail lane."""
    return LookAgain(workflow=LANE, workflow_id=f"lane/{lane}", input=lane)
