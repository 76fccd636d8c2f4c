"""In what do workflows run? The SDK's sandbox, spared what it does for nobody. Worker, tests and replayer share it."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import Info

PASSED_THROUGH: Sequence[str] = ("leadloom", "activities", "pydantic", "pydantic_core", "annotated_types")
"""Re-importing these for every workflow costs 20 to 55 ms each; `leadloom.domain` keeps no module state."""
OURS_FOR_EACH_LEAD: Sequence[str] = tuple(
    f"workflows.{each}" for each in ("waiting", "steps", "nurture", "lifecycle", "hand_off")
)
"""Workflows there is one of for each lead. They keep no module state either, and importing them anew costs each run
2 to 4 ms of CPU, ten times a letter's. What the whole sandbox would forbid them is proven when they are replayed."""


class _Within(WorkflowInstance):
    """A workflow in its sandbox, of which only work is asked.

    The SDK asks it a dozen times for each task what a codec, or a storage beside Temporal, should know of a payload:
    each time sandboxed code is compiled and run. Our converter has neither, so there is nothing to know.
    """

    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        return self._instance.activate(act)

    def get_serialization_context(self, command_info: object) -> None:
        return None

    def get_external_store_context(self, command_info: object) -> StorageDriverStoreContext:
        return _NOWHERE

    def get_info(self) -> Info:
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        return self._instance.get_thread_id()


_NOWHERE = StorageDriverStoreContext(target=None)


class Sandbox(SandboxedWorkflowRunner):
    """The SDK's sandbox, asked for less."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Within(super().create_instance(det))


def sandbox(*, strict: bool = False) -> Sandbox:
    """The sandbox of workers and replayers. Journeys as code are imported anew for every run.

    `strict` is for proofs: our own workflows, too, are watched for all that would not be deterministic.
    """
    passed = PASSED_THROUGH if strict else (*PASSED_THROUGH, *OURS_FOR_EACH_LEAD)
    return Sandbox(restrictions=SandboxRestrictions.default.with_passthrough_modules(*passed))
