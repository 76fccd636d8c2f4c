"""Which arm of a campaign is a lead in? Drawn once, from who it is and which campaign it is, and frozen with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from leadloom.domain.errors import BadInput
from leadloom.domain.journeys.steps import split
from leadloom.domain.model import CampaignId, LeadId, Value

HOLDOUT = "holdout"
"""The arm that gets nothing, to compare with."""
ENROL = "enrol"
"""The only other arm of a campaign that has no arms of its own."""
_WHOLE = 100.0
_EVERYBODY = 2.0
"""Above every fraction, so that no rounding leaves anybody without an arm."""


class Arm(Value):
    """A way to do it, tried on some of the audience."""

    name: str
    """What branches of a journey ask (`arm: [short]`) and reports call it."""
    share: float
    """Percent of those who aren't held out; all shares make 100."""
    journey: str | None = None
    """The published journey of this arm; None takes the campaign's."""


class Edge(NamedTuple):
    """Whose fraction is below this, and not below the edge before, is in this arm."""

    arm: str
    below: float


def edges(holdout: float, arms: Sequence[Arm]) -> tuple[Edge, ...]:
    """Where each arm ends on the line from 0 to 1, in their order; whoever is held out comes first."""
    found = [Edge(HOLDOUT, holdout)]
    reached = holdout
    for arm in arms:
        reached += (1 - holdout) * arm.share / _WHOLE
        found.append(Edge(arm.name, reached))
    last = found.pop() if arms else Edge(ENROL, 1)
    return (*found, Edge(last.arm, _EVERYBODY))


def arm_of(campaign_id: CampaignId, lead_id: LeadId, among: Sequence[Edge]) -> str:
    """Which arm a lead is in: the same whenever asked, and for each campaign drawn anew."""
    drawn = fraction(campaign_id, lead_id)
    return next(edge.arm for edge in among if drawn < edge.below)


def fraction(campaign_id: CampaignId, lead_id: LeadId, salt: str = "arm") -> float:
    """A number in [0, 1) that belongs to this lead in this campaign; drawn as the `split` of a journey draws."""
    return split.fraction(lead_id, f"{salt}/{campaign_id}")


def read_arm(text: str) -> Arm:
    """The arm that `short=50` or `long=50:welcome-long` says. Raises BadInput."""
    name, _, rest = text.partition("=")
    share, _, journey = rest.partition(":")
    try:
        return Arm(name=name.strip(), share=float(share.removesuffix("%")), journey=journey.strip() or None)
    except ValueError:
        remedy = "Write a name, its percent, and its journey if that is another one: short=50 or long=50:welcome-long."
        raise BadInput("arm", text, remedy) from None


def check_arms(arms: Sequence[Arm]) -> None:
    """Raises BadInput for arms nobody could tell apart, or that leave somebody without one."""
    if not arms:
        return
    if len(arms) == 1:
        raise BadInput("arm", arms[0].name, "One arm compares with nothing: give at least two, or none.")
    for name, number in Counter(arm.name for arm in arms).items():
        if number > 1 or name in {HOLDOUT, ENROL, ""}:
            raise BadInput("arm", name, f"Give each arm a name of its own, other than {HOLDOUT} and {ENROL}.")
    if any(arm.share <= 0 for arm in arms):
        raise BadInput("arm", [arm.share for arm in arms], "An arm without a share gets nobody: give it one.")
    if abs((whole := sum(arm.share for arm in arms)) - _WHOLE) > 1e-6:
        raise BadInput("arm", f"{whole:g} %", "The shares of all arms make 100; who is held out is not among them.")


def arm_names(holdout: float, arms: Sequence[Arm]) -> tuple[str, ...]:
    """What is compared, in the order of the plan; whoever is held out comes last. Without arms nothing is."""
    return (*(arm.name for arm in arms), *([HOLDOUT] if holdout else ())) if arms else ()


def arm_words(arms: Sequence[Arm], journey: str) -> str:
    """`short 50 % (welcome-four-degrees), long 50 % (welcome-long)`."""
    return ", ".join(f"{arm.name} {arm.share:g} % ({arm.journey or journey})" for arm in arms)
