"""What became of a hand-off, in a sentence for somebody who waits to hear?"""

from __future__ import annotations

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.handoffs.hand_off import HandOffState, name_of
from leadloom.domain.model import Instant, Value

SUPPORT_HEARD, UPHELD = "Support heard: ", " upheld the appeal: "
"""How a reason begins, or goes on after a name, that somebody of ours wrote for whoever gets the lead."""


def is_written(reason: str) -> bool:
    """Whether a person of ours wrote it, so that a card shows it however many points others earned."""
    return reason.startswith(SUPPORT_HEARD) or UPHELD in reason


class Ended(Value):
    """What a row knows of the answer besides its state."""

    decided_by: str | None = None
    reason: str | None = None
    reason_text: str | None = None
    recycle_until: Instant | None = None


def outcome(definition: Definition, state: HandOffState, ended: Ended) -> str:
    """`Marcus Oyelaran gave it back: No budget. It comes back on 14 Mar 2026.`; empty while nobody has answered."""
    if state.state == "offered":
        return ""
    who = name_of(definition, ended.decided_by) if ended.decided_by else "Somebody"
    rule = definition.reject_reasons.get(ended.reason or "")
    if state.state == "accepted" and ended.reason is None:
        return f"{who} took it and will speak with them."
    said = f"{who} gave it back: {rule.label if rule else ended.reason or 'no reason was kept'}."
    if ended.reason_text:
        said += f" In their words: {ended.reason_text.strip().rstrip('.')}."
    if ended.recycle_until is not None:
        said += f" It comes back on {ended.recycle_until:%d %b %Y}."
    return said
