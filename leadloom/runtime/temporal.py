"""How this process meets Temporal: queues, converter, sandbox. Worker, tests and replayer share it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from temporalio.client import Client, ClientConfig
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig as Profile
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RPCError
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from leadloom.domain.errors import Unreachable
from leadloom.runtime.settings import Settings

PASSED_THROUGH: Sequence[str] = ("leadloom", "activities", "pydantic", "pydantic_core", "annotated_types")
"""Re-importing these for every workflow costs 20 to 55 ms each; `leadloom.domain` keeps no module state."""
OURS_FOR_EACH_LEAD: Sequence[str] = tuple(
    f"workflows.{each}" for each in ("waiting", "steps", "nurture", "lifecycle", "hand_off")
)
"""Workflows there is one of for each lead. They keep no module state either, and importing them anew costs each run
2 to 4 ms of CPU, more than a mail's whole letter. What the sandbox would forbid them is proven when they are replayed."""


def sandbox(*, strict: bool = False) -> SandboxedWorkflowRunner:
    """The sandbox of workers and replayers. Journeys as code are imported anew for every run.

    `strict` is for proofs: our own workflows, too, are watched for all that would not be deterministic.
    """
    passed = PASSED_THROUGH if strict else (*PASSED_THROUGH, *OURS_FOR_EACH_LEAD)
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*passed))


def client_config(client: Client) -> ClientConfig:
    """The same client with our converter."""
    config = client.config()
    config["data_converter"] = pydantic_data_converter
    return config


@cache
def runtime() -> Runtime:
    """The SDK's core, which speaks up for errors only: its warnings about old servers are no news for anybody."""
    quiet = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    return Runtime(telemetry=TelemetryConfig(logging=quiet))


async def connect(settings: Settings) -> Client:
    """A client by Temporal's own profiles, or to `temporal_address`. Raises Unreachable."""
    profile = Profile.load_client_connect_config()
    if settings.temporal_address:
        profile["target_host"] = settings.temporal_address
        profile["namespace"] = settings.temporal_namespace
    where = profile.setdefault("target_host", "localhost:7233")
    try:
        return await Client.connect(**profile, data_converter=pydantic_data_converter, runtime=runtime())
    except (RPCError, RuntimeError) as error:
        raise Unreachable("Temporal", str(where), _why(str(error))) from error


def _why(said: str) -> str:
    """The core's words without its Rust: what a person can act on."""
    if "ConnectionRefused" in said:
        return "nobody listens there (connection refused)"
    return said.split("\n", 1)[0].split(": tonic::", 1)[0]
