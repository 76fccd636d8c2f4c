"""`do: webhook`: tell another system."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.conditions import in_words
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.outside import Outside
from leadloom.domain.journeys.steps.scene import Scene

POST_WEBHOOK = "post_webhook"
"""The activity that does it."""


class Webhook(Outside):
    """Post a signed message about the lead to another system (headers as the Standard Webhooks specification says)."""

    do: Literal["webhook"]
    endpoint: str
    """A key of the definition's `endpoints`, of the kind `signed`."""
    with_: tuple[str, ...] = Field(default=(), alias="with")
    """The fields of the lead it carries besides the lead's id; none that nobody asked for."""

    def said(self) -> str:
        """`Post a message to crm with country and role`."""
        carried = f" with {' and '.join(in_words(name) for name in self.with_)}" if self.with_ else ""
        return f"Post a message to {self.endpoint}{carried}"

    def move(self, scene: Scene) -> moves.Call:
        """Let the message be posted."""
        return self.called(scene, POST_WEBHOOK)

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """A system nobody set up."""
        yield from super().faults(checked)
        yield from checked.endpoint(("endpoint",), self.endpoint, "signed")
