"""Would runs that began with earlier code go on with today's? Replays what was recorded, and compares the sources."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from leadloom.runtime import catalog
from leadloom.runtime.sandbox import sandbox
from tests.e2e.test_no_person_in_temporal import words
from tests.replay import advice
from tests.replay.fingerprint import BASELINE, fingerprints
from tests.replay.record import HISTORIES


def recorded() -> list[Path]:
    return sorted(HISTORIES.glob("*/*/*.json"))


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


async def refused(contents: Mapping[Path, dict[str, Any]], *, strict: bool = False) -> dict[Path, str]:
    """Which of them today's workflows refuse, and why; `strict` also when they reach for what isn't deterministic."""
    path_of: dict[str, Path] = {}

    async def each() -> AsyncIterator[WorkflowHistory]:
        for path, content in contents.items():
            history = WorkflowHistory.from_json(content["workflowId"], {"events": content["events"]})
            path_of[history.run_id] = path
            yield history

    replayer = Replayer(
        workflows=catalog.workflow_classes(),
        workflow_runner=sandbox(strict=strict),
        data_converter=pydantic_data_converter,
    )
    results = await replayer.replay_workflows(each(), raise_on_replay_failure=False)
    return {path_of[run_id]: str(failure) for run_id, failure in results.replay_failures.items()}


@pytest.mark.parametrize("strict", [False, True], ids=["as workers do", "watched by the whole sandbox"])
async def test_every_recorded_run_goes_on_with_todays_code(strict: bool) -> None:
    failures = await refused({path: read(path) for path in recorded()}, strict=strict)
    assert failures == {}, advice.for_recordings(failures)


def test_each_workflow_has_a_recording() -> None:
    names = {thing.__name__ for thing in catalog.workflow_classes()}
    assert {path.parents[1].name for path in recorded()} >= names, "Run: python -m tests.replay.record"


async def test_a_changed_order_is_refused() -> None:
    """The replay is able to fail: a history whose first effect is another's is no run of ours."""
    [path] = HISTORIES.glob("Nurture/*/welcome-to-its-end.json")
    foreign = path.read_text(encoding="utf-8").replace('"Nurture"', '"HandOff"')
    assert list(await refused({path: json.loads(foreign)})) == [path]


def test_recordings_name_no_machine_and_no_person() -> None:
    for path in recorded():
        text = path.read_text(encoding="utf-8")
        spoken = "\n".join(words(json.loads(text))).lower()
        assert not [name for name in ("torres", "osei", "kaya", "moss", "lind", ".example") if name in spoken], path
        assert str(Path(__file__).parents[2]) not in text, path
        assert '"identity"' not in text, path


@pytest.mark.parametrize("place", sorted(fingerprints()))
def test_the_commands_of_workflows_are_those_that_were_accepted(place: str) -> None:
    accepted, now = json.loads(BASELINE.read_text(encoding="utf-8")).get(place), fingerprints()[place]
    assert now == accepted, advice.for_commands(place, accepted, now)


def test_everything_accepted_still_exists() -> None:
    accepted, now = json.loads(BASELINE.read_text(encoding="utf-8")), fingerprints()
    gone = sorted(set(accepted) - set(now))
    assert gone == [], "\n".join(advice.for_commands(place, accepted[place], None) for place in gone)
