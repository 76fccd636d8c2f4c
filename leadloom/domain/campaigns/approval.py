"""Has somebody else said yes to this very campaign? What they said yes to is kept, and any change of it asks anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from leadloom.domain.campaigns.arms import Arm, arm_words
from leadloom.domain.definitions.campaign_policy import ApprovalPolicy
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.model import Instant, Value

_SHORT = 8
"""Characters of a hash that a person compares."""


class Terms(Value):
    """What an approval is given to."""

    audience: str
    """In words."""
    members: int
    holdout: float
    arms: tuple[Arm, ...]
    journey: str
    journeys: dict[str, str]
    """Name → hash of the version in force; those of the arms, too."""
    mails: dict[str, str]
    """`journey/mail` → hash of the template in force."""
    costs: dict[str, str]
    """Currency → sum."""
    free_because: str | None


class Said(Value):
    """What somebody did about an approval."""

    no: int
    act: Literal["submitted", "approved", "taken back"]
    at: Instant
    by: str
    why: str
    terms: Terms


class Approval(Value):
    """How the approval of a campaign stands."""

    needed: bool
    state: Literal["none", "submitted", "approved", "changed"]
    """`changed`: what was submitted or approved is not what the campaign is now."""
    last: Said | None
    changes: tuple[str, ...] = ()
    """What changed since, each as `cost: 5,000.00 EUR → 6,180.50 EUR`."""

    @property
    def given(self) -> bool:
        """Whether it may be launched as far as approvals go."""
        return not self.needed or self.state == "approved"


def stands(now: Terms, said: Sequence[Said], policy: ApprovalPolicy) -> Approval:
    """How the approval stands, of what was said in order."""
    needed = now.members > policy.above
    last = said[-1] if said else None
    if last is None or last.act == "taken back":
        return Approval(needed=needed, state="none", last=last)
    changes = changed(last.terms, now)
    return Approval(needed=needed, state="changed" if changes else last.act, last=last, changes=changes)


def changed(before: Terms, now: Terms) -> tuple[str, ...]:
    """What is different, in words; empty when nothing is."""
    plain = (
        ("audience", before.audience, now.audience),
        ("members", f"{before.members:,}", f"{now.members:,}"),
        ("held out", f"{before.holdout:.0%}", f"{now.holdout:.0%}"),
        ("arms", arm_words(before.arms, before.journey) or "none", arm_words(now.arms, now.journey) or "none"),
        ("journey", before.journey, now.journey),
        ("cost", _cost(before), _cost(now)),
    )
    found = [f"{what}: {old} → {new}" for what, old, new in plain if old != new]
    for what, old, new in (("version of", before.journeys, now.journeys), ("letter", before.mails, now.mails)):
        found += [f"{what} {name}: {_version(old, name)} → {_version(new, name)}" for name in _different(old, new)]
    return tuple(found)


def may_submit(by: str, definition: Definition) -> None:
    """Raises NotFound for somebody the definition doesn't name."""
    _role(by, definition)


def may_approve(by: str, *, planned_by: str, approval: Approval, definition: Definition) -> None:
    """Raises Conflict with who may, or with what is to be done before; NotFound for nobody."""
    policy, role = definition.campaigns.approval, _role(by, definition)
    allowed = [entry.handle for entry in definition.owners if entry.role in policy.by]
    others = [handle for handle in allowed if handle != planned_by or not policy.not_the_planner]
    if role not in policy.by:
        raise Conflict(f"{by} is {role}; campaigns are approved by {' or '.join(policy.by)}: ask {_one_of(others)}.")
    if policy.not_the_planner and by == planned_by:
        raise Conflict(f"{by} planned it, and nobody approves a plan of their own: ask {_one_of(others)}.")
    if approval.state == "approved" and approval.last is not None:
        raise Conflict(f"{approval.last.by} approved it on {approval.last.at:%Y-%m-%d %H:%M} UTC already.")
    if approval.state == "changed":
        raise Conflict(f"It changed since ({'; '.join(approval.changes)}): let somebody submit it anew.")
    if approval.state == "none":
        raise Conflict("Nobody has asked for an approval yet: submit it first.")


def _one_of(handles: Sequence[str]) -> str:
    return " or ".join(handles) or "whoever governs the definition to name somebody"


def _role(handle: str, definition: Definition) -> str:
    person = next((entry for entry in definition.owners if entry.handle == handle), None)
    if person is None:
        raise NotFound("owner", handle)
    return person.role


def _cost(terms: Terms) -> str:
    sums = [f"{amount} {currency}" for currency, amount in sorted(terms.costs.items())]
    return ", ".join(sums) or (f"nothing ({terms.free_because})" if terms.free_because else "nothing")


def _different(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))


def _version(versions: Mapping[str, str], name: str) -> str:
    return versions[name][:_SHORT] if name in versions else "none"
