"""How many people called our mail spam, and what does that mean for the sender domain?"""

from __future__ import annotations

from typing import Literal

from leadloom.domain.definitions.delivery_policy import Complaints

ComplaintVerdict = Literal["fine", "alarm", "stop"]


def verdict_of(sent: int, complaints: int, policy: Complaints) -> ComplaintVerdict:
    """What a share of complaints means; few mails mean nothing (Google and Yahoo: below 0.1 %, never 0.3 %)."""
    if sent < policy.of_at_least:
        return "fine"
    if complaints >= sent * policy.stop:
        return "stop"
    return "alarm" if complaints >= sent * policy.alarm else "fine"
