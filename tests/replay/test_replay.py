"""Would runs that began with earlier code go on with today's? Replays what was recorded, and compares the sources."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from leadloom.runtime import catalog
from leadloom.runtime.sandbox import sandbox
from tests.e2e.test_no_person_in_temporal import words
from tests.replay.fingerprint import BASELINE, fingerprints
from tests.replay.record import HISTORIES


def recorded() -> list[Path]:
    return sorted(HISTORIES.glob("*/*/*.json"))


def read(path: Path) -> WorkflowHistory:
    content = json.loads(path.read_text(encoding="utf-8"))
    return WorkflowHistory.from_json(content.pop("workflowId"), content)


async def replayed(histories: list[WorkflowHistory], *, strict: bool = False) -> dict[str, str]:
    """Which of them today's workflows refuse, and why; `strict` also when they reach for what isn't deterministic."""

    async def each() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            yield history

    replayer = Replayer(
        workflows=catalog.workflow_classes(),
        workflow_runner=sandbox(strict=strict),
        data_converter=pydantic_data_converter,
    )
    results = await replayer.replay_workflows(each(), raise_on_replay_failure=False)
    return {run_id: str(failure) for run_id, failure in results.replay_failures.items()}


@pytest.mark.parametrize("strict", [False, True], ids=["as workers do", "watched by the whole sandbox"])
async def test_every_recorded_run_goes_on_with_todays_code(strict: bool) -> None:
    histories = [read(path) for path in recorded()]
    assert await replayed(histories, strict=strict) == {}, (
        "A recorded run can't go on. Guard the change with workflow.patched(); record anew only what was never "
        "released."
    )


def test_each_workflow_has_a_recording() -> None:
    names = {thing.__name__ for thing in catalog.workflow_classes()}
    assert {path.parents[1].name for path in recorded()} >= names, "Run: python -m tests.replay.record"


async def test_a_changed_order_is_refused() -> None:
    """The replay is able to fail: a history whose first effect is another's is no run of ours."""
    [path] = HISTORIES.glob("Nurture/*/welcome-to-its-end.json")
    foreign = path.read_text(encoding="utf-8").replace('"Nurture"', '"HandOff"')
    content = json.loads(foreign)
    history = WorkflowHistory.from_json(content.pop("workflowId"), content)
    assert len(await replayed([history])) == 1


def test_recordings_name_no_machine_and_no_person() -> None:
    for path in recorded():
        text = path.read_text(encoding="utf-8")
        spoken = "\n".join(words(json.loads(text))).lower()
        assert not [name for name in ("torres", "osei", "kaya", "moss", "lind", ".example") if name in spoken], path
        assert str(Path(__file__).parents[2]) not in text, path
        assert '"identity"' not in text, path


@pytest.mark.parametrize("place", sorted(fingerprints()))
def test_the_commands_of_workflows_are_those_that_were_accepted(place: str) -> None:
    accepted = json.loads(BASELINE.read_text(encoding="utf-8"))
    assert fingerprints()[place] == accepted.get(place), (
        f"{place} would produce other commands than runs that are open now have in their histories. If it is on "
        "purpose: keep the old way behind workflow.patched(), record the new one (python -m tests.replay.record), "
        "then accept it: python -m tests.replay.fingerprint"
    )


def test_everything_accepted_still_exists() -> None:
    assert set(json.loads(BASELINE.read_text(encoding="utf-8"))) == set(fingerprints())
