"""Is a refusal about us and not about the mail or its reader? Then the group rests, and the mail waits (mail.md §3)."""

from __future__ import annotations

from leadloom.domain.returns.kind import Reason
from leadloom.domain.returns.reasons import judge

_OURS = frozenset((Reason.REPUTATION, Reason.AUTH, Reason.RATE))
"""On somebody's list, without SPF, DKIM or a name, or too fast: true of the next mail, too, until somebody mends it.
Spam and policy may be about this one mail, and stay refusals."""


def is_ours(code: int, reply: str) -> bool:
    """Whether the relay would refuse any mail of ours with these words."""
    return judge(reply, code=code).reason in _OURS
