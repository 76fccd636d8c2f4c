"""Is what a workflow says about itself all there is to say? A new one edits nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import workflows
from leadloom.domain import wake
from leadloom.runtime import catalog

PLANTED = """
from temporalio import workflow
from workflows.waiting import LooksAgain

@workflow.defn
class Planted(LooksAgain):
    turn = 5
    one_per_lead = {one_per_lead}

    @workflow.run
    async def run(self, about: str) -> str:
        return about
"""


@pytest.mark.parametrize("one_per_lead", [True, False])
def test_a_new_workflow_says_its_own_turn_and_whether_it_passes_through_the_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_per_lead: bool
) -> None:
    (tmp_path / "planted.py").write_text(PLANTED.format(one_per_lead=one_per_lead))
    monkeypatch.setattr(workflows, "__path__", [*workflows.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "workflows.planted", raising=False)
    catalog._turns.cache_clear()
    try:
        assert catalog.turn_of("Planted") == 5
        assert ("workflows.planted" in catalog.modules_for_each_lead()) is one_per_lead
    finally:
        sys.modules.pop("workflows.planted", None)
        catalog._turns.cache_clear()


def test_what_keeps_the_others_going_comes_before_the_runs() -> None:
    turns = {name: catalog.turn_of(name) for name in (wake.LANE, wake.HAND_OFF, wake.MAINTENANCE, wake.CAMPAIGN)}
    assert max(turns.values()) < catalog.turn_of(wake.NURTURE) < catalog.turn_of(wake.LIFECYCLE)


def test_runs_of_leads_pass_through_the_sandbox_and_journeys_as_code_do_not() -> None:
    assert catalog.modules_for_each_lead() == [
        f"workflows.{name}" for name in ("hand_off", "lifecycle", "nurture", "steps", "waiting")
    ]
