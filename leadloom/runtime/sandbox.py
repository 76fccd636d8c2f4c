"""In what do workflows run? The SDK's sandbox, with what needs no watching passed through. Worker, tests, replayer."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from leadloom.runtime import catalog

PASSED_THROUGH: Sequence[str] = ("leadloom", "activities", "pydantic", "pydantic_core", "annotated_types")
"""Re-importing these for every workflow costs 20 to 55 ms each; `leadloom.domain` keeps no module state."""


def sandbox(*, strict: bool = False, also: Sequence[str] = ()) -> SandboxedWorkflowRunner:
    """The sandbox of workers and replayers. Workflows that say `one_per_lead` pass through, too; what the whole sandbox
    would forbid them is proven when they are replayed. Journeys as code are imported anew for every run.

    `strict` is for proofs: our own workflows, too, are watched for all that would not be deterministic. `also` names
    modules to pass through beside ours: a benchmark's floor runs as we do.
    """
    passed = PASSED_THROUGH if strict else (*PASSED_THROUGH, *catalog.modules_for_each_lead(), *also)
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*passed))
