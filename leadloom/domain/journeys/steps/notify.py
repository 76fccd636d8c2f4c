"""`do: notify`: tell a channel of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.outside import Outside
from leadloom.domain.journeys.steps.scene import Scene

NOTIFY_CHANNEL = "notify_channel"
"""The activity that does it."""


class Notify(Outside):
    """Tell a channel of ours something, by a webhook shaped like Slack's."""

    do: Literal["notify"]
    channel: str
    """A key of the definition's `endpoints`, of the kind `slack`."""
    words: str
    """What to say. Names nobody: the lead's page is linked."""

    def said(self) -> str:
        """`Tell sales-alerts: a customer is unhappy`."""
        return f"Tell {self.channel}: {self.words}"

    def move(self, scene: Scene) -> moves.Call:
        """Let the message be posted."""
        return self.called(scene, NOTIFY_CHANNEL)

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """A channel nobody set up."""
        yield from super().faults(checked)
        yield from checked.endpoint(("channel",), self.channel, "slack")
