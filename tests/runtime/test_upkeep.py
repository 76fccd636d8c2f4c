"""The sweeps run by a Schedule where there is one, and a second worker changes nothing about it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from leadloom.runtime import catalog
from leadloom.runtime.local.temporal import LocalTemporal, skipping
from leadloom.runtime.settings import Settings
from leadloom.runtime.temporal import connect
from leadloom.runtime.upkeep import MAINTENANCE, keep_maintained, stays_maintained


async def test_on_a_real_server_a_schedule_brings_the_rounds_and_a_pause_survives_the_next_worker(
    tmp_path: Path,
) -> None:
    server = LocalTemporal(tmp_path / "temporal")
    await server.start()
    try:
        settings = Settings(temporal_address=server.address, maintenance_every_s=60)
        client = await connect(settings)
        await keep_maintained(client, settings)
        await client.get_schedule_handle(MAINTENANCE).pause(note="an operator looks into something")
        await keep_maintained(client, settings.model_copy(update={"maintenance_every_s": 30.0}))
        found = (await client.get_schedule_handle(MAINTENANCE).describe()).schedule
        assert found.spec.intervals[0].every.total_seconds() == 30
        assert found.state.paused
    finally:
        await server.stop()


async def test_a_server_that_lost_its_store_gets_its_schedule_again(tmp_path: Path) -> None:
    server = LocalTemporal(tmp_path / "temporal", in_memory=True)
    await server.start()
    try:
        settings = Settings(temporal_address=server.address, maintenance_every_s=1)
        client = await connect(settings)
        await keep_maintained(client, settings)
        upkeep = asyncio.create_task(stays_maintained(client, settings))
        server.kill()
        await server.ended()
        await server.start()
        async with asyncio.timeout(60):
            while not await has_schedule(client):  # noqa: ASYNC110  the server tells nobody
                await asyncio.sleep(0.2)
        upkeep.cancel()
    finally:
        await server.stop()


async def has_schedule(client: Client) -> bool:
    try:
        await client.get_schedule_handle(MAINTENANCE).describe()
    except RPCError:
        return False
    return True


async def test_where_there_are_no_schedules_one_workflow_loops_over_all_sweeps() -> None:
    async with skipping() as environment:
        settings = Settings(maintenance_every_s=3600)
        await keep_maintained(environment.client, settings)
        await keep_maintained(environment.client, settings)
        description = await environment.client.get_workflow_handle(MAINTENANCE).describe()
        assert description.workflow_type == "Maintenance"
        assert "relay_outbox" in catalog.sweeps()
