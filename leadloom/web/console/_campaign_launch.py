"""What does a campaign's page say about its way to the first mail: the check, the approval, stages and arms?"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from leadloom.domain.campaigns.approval import Approval
from leadloom.domain.campaigns.arms import Arm, arm_names
from leadloom.domain.campaigns.campaign import Campaign, Status
from leadloom.domain.campaigns.checklist import Counted, Finding, Grade
from leadloom.domain.campaigns.stages import Group, Stage, Total, at_gate, next_stage, summed
from leadloom.domain.model import Value
from leadloom.store import campaign_approvals, campaign_checks, campaign_stages
from leadloom.store.campaign_checks import Check
from leadloom.store.published import Book
from leadloom.store.tx import Tx
from leadloom.web.console._listing import name_of


class Listed(Value):
    """A number of a finding, and the rows it counted."""

    words: str
    number: int
    href: str


class Looked(Value):
    """One finding of the newest check."""

    finding: Finding
    counts: tuple[Listed, ...]


class Part(Value):
    """A stage or an arm, and what came of it so far."""

    name: str
    note: str
    href: str
    """Its members; with `&fate=enrolled` those who came in."""
    total: Total


class LaunchView(Value):
    """All of it."""

    check: Check | None
    looked_by: str
    """Name of who did."""
    looked: tuple[Looked, ...]
    blocks: int
    warns: int
    approval: Approval
    said_by: str
    """Name of who said the last word about the approval."""
    approvers: str
    stages: tuple[Part, ...]
    following: int | None
    """The stage that a word would open now."""
    arms: tuple[Part, ...]


async def launch_view(tx: Tx, campaign: Campaign, *, book: Book) -> LaunchView:
    """Read it. Results are counted only for a campaign that has stages or arms."""
    check = await campaign_checks.last(tx, campaign.campaign_id) if campaign.launched_at is None else None
    approval = await campaign_approvals.stands(tx, campaign, book=book)
    stages = (await campaign_stages.of(tx, [campaign.campaign_id])).get(campaign.campaign_id, ())
    several = bool(stages or campaign.arms)
    groups = await campaign_stages.results(tx, campaign.campaign_id) if several else ()
    found = check.findings if check else ()
    return LaunchView(
        check=check,
        looked_by=name_of(book, check.by) if check else "",
        looked=tuple(Looked(finding=one, counts=_listed(one, campaign)) for one in found),
        blocks=sum(one.grade is Grade.BLOCKS for one in found),
        warns=sum(one.grade is Grade.WARNS for one in found),
        approval=approval,
        said_by=name_of(book, approval.last.by) if approval.last else "",
        approvers=" or ".join(book.definition.campaigns.approval.by),
        stages=tuple(_stage(one, stages, groups, campaign, book) for one in stages),
        following=_following(campaign, stages),
        arms=tuple(_arm(name, campaign, groups) for name in arm_names(campaign.holdout, campaign.arms)),
    )


def _listed(finding: Finding, campaign: Campaign) -> tuple[Listed, ...]:
    return tuple(Listed(words=one.words, number=one.number, href=_href(one, campaign)) for one in finding.counts)


def _href(counted: Counted, campaign: Campaign) -> str:
    if counted.why is None:
        return _members(campaign)
    return f"/rows/exclusions?{urlencode({'campaign': campaign.name, 'why': counted.why})}"


def _following(campaign: Campaign, stages: Sequence[Stage]) -> int | None:
    following = next_stage(stages) if campaign.status is Status.RUNNING and at_gate(stages) else None
    return None if following is None else following.no


def _stage(stage: Stage, stages: Sequence[Stage], groups: Sequence[Group], campaign: Campaign, book: Book) -> Part:
    note = "not opened yet"
    if stage.opened_by is not None:
        by = "itself" if stage.opened_by == "leadloom" else name_of(book, stage.opened_by)
        note = f"opened by {by}{'' if stage.reached_at else ', still coming in'}"
    href = _members(campaign, stage=str(stage.no))
    total = summed([one for one in groups if one.stage == stage.no])
    return Part(name=f"Stage {stage.no} of {len(stages)}", note=note, href=href, total=total)


def _arm(name: str, campaign: Campaign, groups: Sequence[Group]) -> Part:
    arm: Arm | None = next((one for one in campaign.arms if one.name == name), None)
    note = "gets nothing" if arm is None else f"{arm.share:g} %, {arm.journey or campaign.journey}"
    total = summed([one for one in groups if one.arm == name])
    return Part(name=name, note=note, href=_members(campaign, arm=name), total=total)


def _members(campaign: Campaign, **said: str) -> str:
    return f"/rows/members?{urlencode({'campaign': campaign.name, **said})}"
