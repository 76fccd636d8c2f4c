"""How did the sending of a mail end, and does the relay's answer say that the address is dead?"""

from __future__ import annotations

import re
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from leadloom.domain.model import Instant, MessageId, Value


class _Outcome(Value):
    message_id: MessageId
    claim: UUID
    """The claim under which it was tried: an outcome of a claim that is no longer held changes nothing."""


class Sent(_Outcome):
    """The relay took it: 250 after the dot."""

    kind: Literal["sent"] = "sent"
    reply: str


class Refused(_Outcome):
    """The relay refused it for good (5xx)."""

    kind: Literal["refused"] = "refused"
    code: int
    reply: str


class Deferred(_Outcome):
    """The relay asked to come back later (4xx), or was not there."""

    kind: Literal["deferred"] = "deferred"
    until: Instant
    reply: str


class Uncertain(_Outcome):
    """The answer after the dot was lost: nobody knows."""

    kind: Literal["uncertain"] = "uncertain"
    reply: str


class Released(_Outcome):
    """Surely not sent (RSET, lost before the dot, or not marked): it is due again."""

    kind: Literal["released"] = "released"


SendOutcome = Annotated[Sent | Refused | Deferred | Uncertain | Released, Field(discriminator="kind")]

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_DEAD = {(1, 1): "unknown user", (1, 2): "unknown domain", (1, 6): "moved", (1, 10): "the domain takes no mail"}
"""RFC 3463 and RFC 7505 statuses that say the address itself is dead (mail.md §3)."""
_DEAD_PHRASES = re.compile(
    r"(user|recipient|mailbox|address)( is)? (unknown|not found|does not exist|doesn't exist)"
    r"|(unknown|no such) (user|recipient|mailbox|address)",
    re.IGNORECASE,
)
_NO_MAILBOX = frozenset({550, 551, 553})


def dead_address(code: int, reply: str) -> str | None:
    """Why the address must not be written to again, in words; None when the answer says nothing about the address.

    Judged by reason, never by '5xx': spam, policy, size and full mailboxes refuse mails, not people. A reply with an
    enhanced status is judged by that alone; phrases only speak where a relay sends none.
    """
    if code < 500:
        return None
    if status := _STATUS.search(reply):
        subject, detail = int(status.group(2)), int(status.group(3))
        return _DEAD.get((subject, detail)) if status.group(1) == "5" else None
    return "unknown user" if code in _NO_MAILBOX and _DEAD_PHRASES.search(reply) else None
