"""What is a campaign, and what may be done to it when, by whom? An audience sent into a journey: cost, goal, owner."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from leadloom.domain.campaigns.arms import Arm, check_arms, fraction
from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import CampaignId, Instant, Json, LeadId, Value

STOPPED = "campaign stopped"
"""The outcome of runs that a stopped campaign ends."""
LOOKS_WHOLE = timedelta(days=7)
"""After so long a campaign whose members are all decided looks anyway whether its last run has ended; the sweep knows
within its round."""
MOST_PER_LOOK = 500
"""Members one look enrols at most (temporal.md §1.14)."""

_MARKETING = ("marketer", "head-of-marketing", "lead-management-owner", "sponsor", "engineer")
"""Roles that may let mail go out. Whoever is named in the definition may make it wait."""


class Status(StrEnum):
    """Where a campaign stands."""

    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"


class Act(StrEnum):
    """What a person does to it."""

    LAUNCH = "launch"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


OnGap = Literal["leave-out", "block"]
"""What becomes of members without a sufficient permission: each is left out, or they keep the campaign from going."""


class CampaignDraft(Value):
    """What somebody plans."""

    name: str = Field(min_length=1, max_length=120)
    journey: str
    goal: str = Field(min_length=1)
    """What it is for, in words."""
    owner: str
    """Handle of the marketer who answers for it."""
    audience: Audience
    holdout: float = 0.0
    """Share of the audience that gets nothing, to compare with."""
    per_minute: int | None = None
    """Pace of enrolment; None as fast as the workers go."""
    spread: timedelta = timedelta()
    """First steps are spread over so long."""
    cost: Decimal = Decimal(0)
    """What is known of its cost; 0 writes no row."""
    currency: str | None = None
    free_because: str | None = None
    """Why it costs nothing, in words."""
    expected: int | None = None
    """How large whoever plans it thinks the audience is."""
    on_gap: OnGap = "leave-out"
    arms: tuple[Arm, ...] = ()
    """Ways to do it that are compared; none sends everybody the same way."""
    values: dict[str, Json] = Field(default_factory=dict)
    """What its mails may quote as `campaign.<name>`."""


class Campaign(Value):
    """A planned campaign as it stands."""

    campaign_id: CampaignId
    name: str
    journey: str
    goal: str
    owner: str
    """Handle."""
    audience: Audience
    per_minute: int | None
    spread_s: int
    holdout: float
    status: Status
    status_at: Instant
    planned_at: Instant
    planned_by: str
    launched_at: Instant | None
    ended_at: Instant | None
    waiting_for: str | None
    waits_until: Instant | None
    error: str | None
    free_because: str | None = None
    expected: int | None = None
    on_gap: OnGap = "leave-out"
    arms: tuple[Arm, ...] = ()
    values: dict[str, Json] = Field(default_factory=dict)
    held_because: str | None = None
    """Why it paused by itself; None when a person paused it."""

    @property
    def journeys(self) -> tuple[str, ...]:
        """Names of the journeys its arms lead into, each once; without arms its own."""
        return tuple(dict.fromkeys(arm.journey or self.journey for arm in self.arms)) or (self.journey,)

    def journey_of(self, arm: str) -> str:
        """The journey an arm leads into."""
        return next((one.journey for one in self.arms if one.name == arm and one.journey), self.journey)

    @property
    def per_look(self) -> int:
        """Members of one look: a minute's worth of the pace, never more than one look may take."""
        return min(self.per_minute or MOST_PER_LOOK, MOST_PER_LOOK)

    @property
    def rest(self) -> timedelta:
        """How long after a look the pace lets the next one begin."""
        return timedelta(minutes=self.per_look / self.per_minute) if self.per_minute else timedelta()


_MOVES: dict[Act, tuple[tuple[Status, ...], Status]] = {
    Act.LAUNCH: ((Status.PLANNED,), Status.RUNNING),
    Act.PAUSE: ((Status.RUNNING,), Status.PAUSED),
    Act.RESUME: ((Status.PAUSED,), Status.RUNNING),
    Act.STOP: ((Status.PLANNED, Status.RUNNING, Status.PAUSED), Status.STOPPED),
}


def check_draft(draft: CampaignDraft, definition: Definition) -> None:
    """Raises BadInput for what can't be planned; NotFound for an owner nobody knows."""
    if not 0 <= draft.holdout < 1:
        raise BadInput("holdout", draft.holdout, "Write a share from 0 to below 1, such as 0.1 for a tenth.")
    if draft.per_minute is not None and draft.per_minute < 1:
        raise BadInput("per minute", draft.per_minute, "Write 1 or more, or leave it out for no pace.")
    if draft.spread < timedelta() or draft.spread > timedelta(days=1):
        raise BadInput("spread", str(draft.spread), "Spread first steps over a day at most; for longer set a pace.")
    if draft.cost < 0:
        raise BadInput("cost", str(draft.cost), "A plan costs 0 or more; corrections come later: campaigns costs add.")
    if draft.cost and not draft.currency:
        raise BadInput("currency", None, "Say in which currency the cost is, such as --currency EUR.")
    if draft.cost and draft.free_because:
        raise BadInput("free because", draft.free_because, "It has a cost: say why it is free, or what it costs.")
    if draft.expected is not None and draft.expected < 1:
        raise BadInput("expected", draft.expected, "Write how many members you expect, 1 or more.")
    check_arms(draft.arms)
    may(Act.LAUNCH, draft.owner, definition, owner=draft.owner)


def move(campaign: Campaign, act: Act, *, by: str, definition: Definition) -> Status:
    """The status after the act. Raises Conflict with what stands against it and since when; NotFound for nobody."""
    may(act, by, definition, owner=campaign.owner)
    before, after = _MOVES[act]
    if campaign.status in before:
        return after
    if act is Act.RESUME and campaign.status is Status.RUNNING and campaign.error:
        return after
    raise Conflict(f"Campaign {campaign.name} {_since(campaign)}. {_remedy(campaign, act)}")


def may(act: Act, handle: str, definition: Definition, *, owner: str) -> None:
    """Raises NotFound for somebody the definition doesn't name, Conflict for somebody who may only make mail wait."""
    person = next((entry for entry in definition.owners if entry.handle == handle), None)
    if person is None:
        raise NotFound("owner", handle)
    if act is Act.PAUSE or person.role in _MARKETING:
        return
    ask = f"ask {owner}" if owner != handle else f"name one of: {', '.join(_marketers(definition))}"
    raise Conflict(f"{person.name} is {person.role}: marketing answers for campaigns, so {ask}. Anybody may pause one.")


def put_off(campaign_id: CampaignId, lead_id: LeadId, spread: timedelta) -> timedelta:
    """How long after its enrolment a lead's first step comes; the same whenever asked, in whole seconds."""
    return timedelta(seconds=int(fraction(campaign_id, lead_id, "spread") * spread.total_seconds()))


def may_answer_for(handle: str, definition: Definition) -> str:
    """Why somebody can't answer for a campaign, in words; empty when they can."""
    try:
        may(Act.LAUNCH, handle, definition, owner=handle)
    except (NotFound, Conflict) as against:
        return str(against)
    return ""


def next_look(campaign: Campaign, at: datetime) -> datetime:
    """When the pace lets enrolment go on: now, or when the last look's rest is over."""
    resting = campaign.per_minute is not None and campaign.waits_until is not None and campaign.waits_until > at
    return campaign.waits_until if resting and campaign.waits_until is not None else at


def named(text: str) -> UUID | None:
    """The id a text is, or None when it is a name."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _since(campaign: Campaign) -> str:
    words = {
        Status.PLANNED: "is planned and was never launched, since",
        Status.RUNNING: "is running already, since",
        Status.PAUSED: "is paused, since",
        Status.STOPPED: "was stopped for good on",
        Status.FINISHED: "is finished, since",
    }
    return f"{words[campaign.status]} {campaign.status_at:%Y-%m-%d %H:%M} UTC"


def _remedy(campaign: Campaign, act: Act) -> str:
    match campaign.status:
        case Status.PLANNED:
            return "Launch it first."
        case Status.RUNNING:
            return "Nothing was changed."
        case Status.PAUSED:
            return "Nothing was changed." if act is Act.PAUSE else "Resume it instead."
        case Status.STOPPED | Status.FINISHED:
            return "Plan a new one for whoever is still to be reached."


def _marketers(definition: Definition) -> list[str]:
    return [entry.handle for entry in definition.owners if entry.role in _MARKETING]
