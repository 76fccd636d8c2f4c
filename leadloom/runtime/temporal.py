"""How does this process meet Temporal? Profile, converter, the core's runtime."""

from __future__ import annotations

from functools import cache

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig as Profile
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RPCError

from leadloom.domain.errors import Unreachable
from leadloom.runtime.settings import Settings


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
