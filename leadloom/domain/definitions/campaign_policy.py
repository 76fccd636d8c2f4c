"""What does the definition say about campaigns: which need an approval, by whom, and when does one hold by itself?"""

from __future__ import annotations

from collections.abc import Iterator

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.model import Value


class ApprovalPolicy(Value):
    """Which campaigns somebody else must approve before they are launched."""

    above: int = 500
    """Those whose audience has more members than this; 0 means every one."""
    by: tuple[str, ...] = ("head-of-marketing", "lead-management-owner", "sponsor")
    """Roles that may approve."""
    not_the_planner: bool = True
    """Whoever planned a campaign can't approve it."""


class HoldPolicy(Value):
    """When a running campaign pauses by itself: shares of the mails that went since somebody last let it run."""

    bounced: float = 0.05
    """Above this share of mails that came back; lists that old hurt whoever mails next."""
    complained: float = 0.003
    """Above this share of complaints; Gmail and Yahoo refuse senders from 0.3 % on."""
    of_at_least: int = 100
    """Before so many mails went, a share says nothing."""


class CampaignPolicy(Value):
    """What campaigns must have, and obey."""

    approval: ApprovalPolicy = ApprovalPolicy()
    hold: HoldPolicy = HoldPolicy()
    sample: int = 60
    """Leads for whom a check writes every letter; each language that occurs is among them."""


def check(policy: CampaignPolicy, roles: set[str]) -> Iterator[Fault]:
    """What keeps the policy from being lived by. `roles` are those of the owners."""
    if policy.approval.above < 0:
        yield Fault(path=("campaigns", "approval", "above"), words="Write 0 or more members.")
    if not policy.approval.by:
        yield Fault(path=("campaigns", "approval", "by"), words="Nobody could approve: name a role.")
    for place, role in enumerate(policy.approval.by):
        if role not in roles:
            words = f"No owner is `{role}`. There are: {', '.join(sorted(roles))}."
            yield Fault(path=("campaigns", "approval", "by", place), words=words)
    for name, share in (("bounced", policy.hold.bounced), ("complained", policy.hold.complained)):
        if not 0 < share <= 1:
            yield Fault(path=("campaigns", "hold", name), words="Write a share above 0 and at most 1, such as 0.05.")
    if policy.hold.of_at_least < 1:
        yield Fault(path=("campaigns", "hold", "of_at_least"), words="Write 1 mail or more.")
    if not 1 <= policy.sample <= 1000:
        yield Fault(path=("campaigns", "sample"), words="Write a number of leads from 1 to 1000.")
