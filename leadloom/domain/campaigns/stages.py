"""In which stages does an audience come in, what opens the next, and when does a campaign hold by itself?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from leadloom.domain.definitions.campaign_policy import HoldPolicy
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.journeys.spans import parse_span
from leadloom.domain.model import Instant, Value

_REST = ("rest", "the rest")
_WHOLE = 100.0
BY_CLOCK = "leadloom"
"""Who opened a stage whose wait was over."""


class Stage(Value):
    """A part of the audience that comes in before the rest."""

    no: int
    upto: int
    """Members up to this number; the last stage's is the whole audience."""
    wait_s: int | None
    """How long after its last member was decided the next stage opens; None waits for somebody to say go on."""
    opened_at: Instant | None = None
    opened_by: str | None = None
    reached_at: Instant | None = None
    """When its last member was decided."""


class Staging(Value):
    """How a launch lets the audience come in."""

    shares: tuple[float, ...]
    """Percent of the audience, each counted from its beginning; the last is 100."""
    wait: timedelta | None = None
    """How long after a stage the next one opens; None waits for somebody to say go on."""


class Results(Value):
    """What came of mails, so far."""

    sent: int = 0
    """Mails the relay took, and those it refused for good."""
    bounced: int = 0
    complained: int = 0
    unsubscribed: int = 0
    clicked: int = 0
    """Leads who followed a link themselves."""


class Group(Value):
    """Members of one stage and one arm, and what came of them."""

    stage: int
    arm: str
    members: int
    enrolled: int
    reached_goal: int
    results: Results


class Total(Value):
    """What came of all members of a stage, or of an arm."""

    members: int
    enrolled: int
    reached_goal: int
    results: Results


def read_stages(text: str) -> tuple[float, ...]:
    """Shares of the audience, each counted from its beginning, in percent: `10%, 50%, rest`. Raises BadInput."""
    words = [one.strip() for one in text.split(",") if one.strip()]
    try:
        shares = [_WHOLE if one in _REST else float(one.removesuffix("%")) for one in words]
    except ValueError:
        shares = list[float]()
    rising = all(one < other for one, other in zip([0.0, *shares], shares, strict=False))
    if not shares or not rising or shares[-1] != _WHOLE:
        remedy = "Write rising percentages that end with 100% or rest, such as 10%,100% or 10%,50%,rest."
        raise BadInput("stages", text, remedy)
    return tuple(shares)


def read_staging(stages: str, wait: str) -> Staging | None:
    """The stages that `10%,50%,rest` and the wait that `1d` say; None for no stages. Raises BadInput."""
    if not stages.strip():
        if wait.strip():
            raise BadInput("stage wait", wait, "A wait lies between stages: say which, such as 10%,rest.")
        return None
    span = parse_span(wait) if wait.strip() else None
    if isinstance(span, str):
        raise BadInput("stage wait", wait, "Write a length of time such as 2h, 1d or 1w.")
    return Staging(shares=read_stages(stages), wait=span)


def stages_of(shares: Sequence[float], members: int, wait: timedelta | None) -> tuple[Stage, ...]:
    """The stages of an audience of so many; of two that would end at one member only one is kept."""
    wait_s = None if wait is None else int(wait.total_seconds())
    ends = sorted({ceil(members * share / _WHOLE) for share in shares})
    return tuple(Stage(no=no, upto=upto, wait_s=wait_s) for no, upto in enumerate(ends, start=1))


def open_stage(stages: Sequence[Stage]) -> Stage | None:
    """The last stage that has been opened; None for a campaign without stages."""
    return next((one for one in reversed(stages) if one.opened_at is not None), None)


def next_stage(stages: Sequence[Stage]) -> Stage | None:
    """The first stage that is still shut."""
    return next((one for one in stages if one.opened_at is None), None)


def at_gate(stages: Sequence[Stage]) -> bool:
    """Whether all members of the open stage are decided and another stage is still shut."""
    here = open_stage(stages)
    return here is not None and here.reached_at is not None and next_stage(stages) is not None


def opens_at(stages: Sequence[Stage]) -> datetime | None:
    """When the next stage opens by itself; None while its members still come in, or when a person must say so."""
    here = open_stage(stages)
    if here is None or here.reached_at is None or here.wait_s is None or next_stage(stages) is None:
        return None
    return here.reached_at + timedelta(seconds=here.wait_s)


def gate_words(stages: Sequence[Stage]) -> str:
    """What a campaign waits for between two stages."""
    here = open_stage(stages)
    what = f"stage {here.no if here else 0} of {len(stages)}"
    by_itself = here is not None and here.wait_s is not None
    return f"the results of {what}" if by_itself else f"somebody to say go on after {what}"


def may_go_on(name: str, stages: Sequence[Stage]) -> Stage:
    """The stage that somebody's word opens. Raises Conflict with what stands against it."""
    following, here = next_stage(stages), open_stage(stages)
    if following is None:
        why = "has no stages" if here is None else f"has opened its last stage, {here.no} of {len(stages)}"
        raise Conflict(f"Campaign {name} {why}: there is nothing to go on to.")
    if here is not None and here.reached_at is None:
        raise Conflict(f"Stage {here.no} of {name} is still coming in. Look again when its last member is decided.")
    return following


def summed(groups: Sequence[Group]) -> Total:
    """What came of all these members; of none, nothing."""
    return Total(
        members=sum(one.members for one in groups),
        enrolled=sum(one.enrolled for one in groups),
        reached_goal=sum(one.reached_goal for one in groups),
        results=Results(**{name: sum(getattr(one.results, name) for one in groups) for name in Results.model_fields}),
    )


def trouble(results: Results, policy: HoldPolicy) -> str | None:
    """Why a campaign with these results holds by itself, in words; None lets it go on."""
    if results.sent < policy.of_at_least:
        return None
    for what, number, most in (
        ("called our mail spam", results.complained, policy.complained),
        ("came back", results.bounced, policy.bounced),
    ):
        if number > most * results.sent:
            share = f"{number / results.sent:.2%}".replace("%", " %")
            return f"{number:,} of {results.sent:,} mails {what}: {share}, and {most * _WHOLE:g} % is the most"
    return None
