"""What follows from what came back? mail.md §3 as data; wrong suppression is worse than a missed one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from leadloom.domain.model import Instant, Value
from leadloom.domain.returns.kind import Kind, Reason

KEPT_RAW = timedelta(days=90)
"""How long the raw mail is kept: a person can look at what was decided, then the bytes go and the decision stays."""
DISABLED_AGAIN = timedelta(days=7)
"""A disabled mailbox counts the second time, at least this much later."""
FULL_TIMES, FULL_OVER = 3, timedelta(days=14)
"""A full mailbox counts the third time, and over this time."""


class Effect(StrEnum):
    """What is done about an address, or the mail."""

    SUPPRESS = "suppress"
    """Never write to the address again, for whatever purpose; its journeys end."""
    SUPPRESS_IF_AGAIN = "suppress_if_again"
    SUPPRESS_IF_STAYS = "suppress_if_stays"
    SLOW_GROUP = "slow_group"
    """Ours to mend: never the address. The provider group is slowed or paused, the operator hears."""
    TEMPLATE_FAULT = "template_fault"
    """The mail itself is at fault: the step must not go to anybody else like this."""
    NOTHING = "nothing"
    LOOK = "look"
    """Kept for a person to look at; nothing else."""


OF_BOUNCE: dict[Reason, Effect] = {
    Reason.UNKNOWN_USER: Effect.SUPPRESS,
    Reason.UNKNOWN_DOMAIN: Effect.SUPPRESS,
    Reason.MOVED: Effect.SUPPRESS,
    Reason.DISABLED: Effect.SUPPRESS_IF_AGAIN,
    Reason.FILTERED: Effect.SUPPRESS_IF_AGAIN,
    Reason.MAILBOX_FULL: Effect.SUPPRESS_IF_STAYS,
    Reason.REPUTATION: Effect.SLOW_GROUP,
    Reason.POLICY: Effect.SLOW_GROUP,
    Reason.SPAM: Effect.SLOW_GROUP,
    Reason.AUTH: Effect.SLOW_GROUP,
    Reason.RATE: Effect.SLOW_GROUP,
    Reason.TOO_BIG: Effect.TEMPLATE_FAULT,
    Reason.CONTENT: Effect.TEMPLATE_FAULT,
    Reason.SYNTAX: Effect.TEMPLATE_FAULT,
    Reason.TIMEOUT: Effect.NOTHING,
    Reason.NETWORK: Effect.NOTHING,
    Reason.RELAY: Effect.NOTHING,
    Reason.UNKNOWN: Effect.LOOK,
}
"""The table of mail.md §3, a row for each reason."""

DEAD_WORDS: dict[Reason, str] = {
    Reason.UNKNOWN_USER: "unknown user",
    Reason.UNKNOWN_DOMAIN: "unknown domain",
    Reason.MOVED: "moved",
    Reason.DISABLED: "disabled twice, a week apart",
    Reason.FILTERED: "called unknown after the content twice, a week apart",
    Reason.MAILBOX_FULL: "full three times in two weeks",
}
"""Why an address is dead, for the event and the operator."""


class Before(Value):
    """A bounce of the same address, before this one."""

    reason: Reason
    at: Instant


def effect_of(kind: Kind, reason: Reason | None = None) -> Effect:
    """The row of the table. A complaint suppresses; all that is no bounce has rules of its own."""
    if kind is Kind.COMPLAINT:
        return Effect.SUPPRESS
    if kind is Kind.BOUNCE:
        return OF_BOUNCE[reason or Reason.UNKNOWN]
    return Effect.LOOK if kind is Kind.UNKNOWN else Effect.NOTHING


def suppresses(reason: Reason, before: Sequence[Before], *, alive_at: datetime | None, at: datetime) -> bool:
    """Whether this bounce is the one that makes the address dead.

    `before` are the address's earlier bounces in any order; `alive_at` is its last proof of life (a delivery proof, a
    click or answer by a person): what was before it counts no more.
    """
    effect = OF_BOUNCE[reason]
    if effect is Effect.SUPPRESS:
        return True
    since = [each.at for each in before if each.reason is reason and (alive_at is None or each.at > alive_at)]
    if effect is Effect.SUPPRESS_IF_AGAIN:
        return any(at - earlier >= DISABLED_AGAIN for earlier in since)
    if effect is Effect.SUPPRESS_IF_STAYS:
        return len(since) >= FULL_TIMES - 1 and at - min(since) >= FULL_OVER
    return False
