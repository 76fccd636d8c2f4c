"""Would today's code do again what a run did in production? For the tests that `runs export` writes.

Nothing of production is asked: the file holds what each look of the run saw, of a person who doesn't exist.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from leadloom.domain.errors import NotFound
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.rehearsal.recorded import RecordedRun, first_difference, lives_again
from leadloom.runtime import catalog
from leadloom.runtime.sandbox import sandbox
from leadloom.testing.story import journey_of


class FoundRun:
    """A run of a journey as data. Its questions answer in words; an empty answer is what a test wants."""

    def __init__(self, recorded: RecordedRun) -> None:
        self.recorded = recorded

    def differs_before(self, wrong: int) -> str:
        """The first decision before that one which today's code, by the version the run had, makes otherwise."""
        found = first_difference(self.recorded)
        return "" if found is None or found.no >= wrong else found.words

    def still_goes_wrong(self, wrong: int) -> str:
        """That decision, if today's code and today's draft of the journey still make it."""
        for lived in lives_again(self.recorded, self.draft):
            one = lived.decided
            if not lived.is_same and one.no <= wrong:
                return ""
            if one.no == wrong:
                return f"decision {one.no}, at step {one.step} on {lived.at:%Y-%m-%d %H:%M} UTC, is still: {one.did}"
        raise NotFound("decision of the run", wrong)

    @property
    def draft(self) -> Journey:
        """Today's draft of the journey; the version the run had when there is none."""
        try:
            return journey_of(self.recorded.journey.name)
        except NotFound:
            return self.recorded.journey


def found(path: Path) -> FoundRun:
    """A run as `runs export` wrote it."""
    return FoundRun(RecordedRun.model_validate_json(path.read_text(encoding="utf-8")))


async def refused(path: Path) -> str:
    """Why today's code can't go on with a run of a journey as code; empty when it can."""
    content = _read(path)
    history = WorkflowHistory.from_json(content["workflowId"], {"events": content["events"]})
    replayer = Replayer(
        workflows=catalog.workflow_classes(), workflow_runner=sandbox(), data_converter=pydantic_data_converter
    )
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    return "" if result.replay_failure is None else str(result.replay_failure)


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))
