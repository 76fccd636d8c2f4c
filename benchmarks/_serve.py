"""What answers a post? The real app, or a bare one: `python -m benchmarks._serve bare|bare-tracking|bare-touch|ours`.

Both served by the same server with the same settings; prints its port on stdout when it listens.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from datetime import datetime
from typing import Any

import asyncpg
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from temporalio.client import Client

from benchmarks._bare_touch import QUEUE, BareTouch
from leadloom.runtime.settings import Settings
from leadloom.runtime.temporal import connect
from leadloom.runtime.wiring import opened
from leadloom.web.app import create_app

FIELDS = ("email", "first_name", "company", "country", "consent")


def bare_app(pool: asyncpg.Pool[Any]) -> FastAPI:
    """The floor: parse the form, insert one row, thank."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    columns, places = ", ".join(FIELDS), ", ".join(f"${no}" for no in range(1, len(FIELDS) + 1))
    insert = f"INSERT INTO posted ({columns}) VALUES ({places})"

    @app.post("/f/{name}")
    async def take(request: Request, name: str) -> RedirectResponse:
        form = await request.form()
        await pool.execute(insert, *(form.get(field) for field in FIELDS))
        return RedirectResponse(f"/f/{name}/thanks", status_code=303)

    return app


def bare_touch_app(pool: asyncpg.Pool[Any], client: Client) -> FastAPI:
    """The floor of a first touch: insert a row, start the workflow that sends, thank."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/f/{name}")
    async def take(request: Request, name: str) -> RedirectResponse:
        form = dict(await request.form())
        insert = "INSERT INTO touched (email, body) VALUES ($1, $2) RETURNING no"
        no = await pool.fetchval(insert, form.get("email"), json.dumps(form, default=str))
        await client.start_workflow(BareTouch.run, str(no), id=f"touch/{no}", task_queue=QUEUE)
        return RedirectResponse(f"/f/{name}/thanks", status_code=303)

    return app


class Told(BaseModel):
    """One call, as anybody would validate it."""

    type: str
    message_id: str = Field(alias="messageId")
    anonymous_id: str | None = Field(default=None, alias="anonymousId")
    user_id: str | None = Field(default=None, alias="userId")
    event: str | None = None
    timestamp: datetime
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}

    def row(self) -> tuple[object, ...]:
        """As a table takes it."""
        objects = (json.dumps(each) for each in (self.properties, self.traits, self.context))
        return (self.message_id, self.type, self.anonymous_id, self.user_id, self.event, self.timestamp, *objects)


class ToldBatch(BaseModel):
    """Several."""

    batch: list[Told]


TOLD = ("message_id", "type", "anonymous_id", "user_id", "event", "at", "properties", "traits", "context")


def bare_tracking_app(pool: asyncpg.Pool[Any]) -> FastAPI:
    """The floor of tracking calls: validate, then insert the one or COPY the batch."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    places = ", ".join(f"${no}" for no in range(1, len(TOLD) + 1))
    insert = f"INSERT INTO told ({', '.join(TOLD)}) VALUES ({places})"

    @app.post("/v1/batch")
    async def take_batch(told: ToldBatch) -> dict[str, bool]:
        async with pool.acquire() as connection:
            await connection.copy_records_to_table("told", columns=TOLD, records=[one.row() for one in told.batch])
        return {"success": True}

    @app.post("/v1/{call}")
    async def take(call: str, told: Told) -> dict[str, bool]:
        await pool.execute(insert, *told.row())
        return {"success": True}

    return app


async def main(kind: str) -> None:
    """Serve until told to stop."""
    settings = Settings()
    if kind == "ours":
        async with opened(settings) as house:
            await _serve(create_app(house))
        return
    # As many connections as our own pool has.
    pool = await asyncpg.create_pool(settings.database_url, min_size=1, max_size=settings.database_connections)
    if kind == "bare-touch":
        await _serve(bare_touch_app(pool, await connect(settings)))
    else:
        await _serve(bare_app(pool) if kind == "bare" else bare_tracking_app(pool))
    await pool.close()


async def _serve(app: FastAPI) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app, access_log=False, log_level="warning", lifespan="off", server_header=False, timeout_graceful_shutdown=5
        )
        print(listener.getsockname()[1], flush=True)  # who comes before the server has started waits
        await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
