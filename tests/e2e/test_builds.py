"""With builds named: who carries on a run that an older build began? A pinned one its own build, others the current."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta

from temporalio import workflow
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import VersioningBehavior
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from leadloom.runtime.settings import Settings
from leadloom.runtime.versioning import deployment_of
from tests.acts_in_house import comes
from tests.live_house import LiveHouse

QUEUE = "visits"
PATIENCE_S = 30


class Visit:
    """Waits until somebody leaves."""

    def __init__(self) -> None:
        self.left = False

    @workflow.signal
    def leave(self) -> None:
        self.left = True


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)
class ShortVisit(Visit):
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self.left)


@workflow.defn
class LongVisit(Visit):
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self.left)


def build(name: str) -> Settings:
    return Settings(build_id=name, deployment="visits")


@contextlib.asynccontextmanager
async def worker_of(client: Client, settings: Settings) -> AsyncIterator[None]:
    async with Worker(
        client, task_queue=QUEUE, workflows=[ShortVisit, LongVisit], workflow_runner=UnsandboxedWorkflowRunner(),
        deployment_config=deployment_of(settings), max_cached_workflows=0, max_concurrent_workflow_task_polls=1,
    ):  # fmt: skip
        yield


async def make_current(client: Client, settings: Settings) -> None:
    """What `temporal worker deployment set-current-version` does; a build is known once a worker of it polls."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=settings.deployment, build_id=settings.build_id or ""
    )
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(RPCError):
                await client.workflow_service.set_worker_deployment_current_version(request)
                return
            await asyncio.sleep(0.2)


async def build_of(handle: WorkflowHandle) -> str:
    """The build that did the last task of a run."""
    described = await handle.describe()
    return described.raw_description.workflow_execution_info.versioning_info.deployment_version.build_id


async def begins(client: Client, visit: type) -> WorkflowHandle:
    name = visit.__name__
    handle = await client.start_workflow(name, id=f"{name}/1", task_queue=QUEUE, task_timeout=timedelta(seconds=2))
    async with asyncio.timeout(PATIENCE_S):
        while not await build_of(handle):  # noqa: ASYNC110  nobody tells when a task was done
            await asyncio.sleep(0.1)
    return handle


async def test_a_pinned_run_ends_on_its_build_and_any_other_on_the_current_one(live: LiveHouse) -> None:
    old, new = build("old"), build("new")
    async with worker_of(live.temporal, old), worker_of(live.temporal, new):
        await make_current(live.temporal, old)
        short, long = [await begins(live.temporal, visit) for visit in (ShortVisit, LongVisit)]
        assert [await build_of(handle) for handle in (short, long)] == ["old", "old"]
        await make_current(live.temporal, new)
        for handle in (short, long):
            await handle.signal("leave")
            async with asyncio.timeout(PATIENCE_S):
                await handle.result()
        assert [await build_of(handle) for handle in (short, long)] == ["old", "new"]


async def test_workers_of_a_named_build_mail_a_lead_once_it_is_current(live: LiveHouse) -> None:
    named = build("2026-11-22")
    live.house = dataclasses.replace(
        live.house,
        settings=live.house.settings.model_copy(update={"build_id": named.build_id, "deployment": named.deployment}),
    )
    async with live.worker():
        await make_current(live.temporal, named)
        await comes(live, "ana.torres", "exploring_told")
        async with asyncio.timeout(PATIENCE_S):
            await live.trap.arrived(2)


def test_without_a_build_any_worker_takes_any_task() -> None:
    assert deployment_of(Settings()) is None
