"""How did the sending of a mail end?"""

from __future__ import annotations

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
    phase: str | None = None
    """At which step: what is said of an address before it is named, or after the content, is less (`reasons`)."""


class Deferred(_Outcome):
    """The relay asked to come back later (4xx), or was not there."""

    kind: Literal["deferred"] = "deferred"
    until: Instant
    reply: str
    by_relay: bool = True
    """False when it never got so far: a mail that could not be written is nobody's "later"."""


class Uncertain(_Outcome):
    """The answer after the dot was lost: nobody knows."""

    kind: Literal["uncertain"] = "uncertain"
    reply: str


class Released(_Outcome):
    """Surely not sent (RSET, lost before the dot, or not marked): it is due again."""

    kind: Literal["released"] = "released"


SendOutcome = Annotated[Sent | Refused | Deferred | Uncertain | Released, Field(discriminator="kind")]
