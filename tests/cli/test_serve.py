"""Does one command serve the web of a deployment, closed to whoever hasn't signed in, until it is told to stop?"""

from __future__ import annotations

import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec

import httpx

from leadloom.runtime.local.children import free_port
from leadloom.store.published import Book
from tests.repository import ROOT


async def test_it_serves_for_who_signs_in_and_ends_on_sigterm(dsn: str, book: Book) -> None:
    port = free_port()
    told = {"DATABASE_URL": dsn, "TEMPORAL_ADDRESS": "127.0.0.1:1", "LEADLOOM_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    process = await create_subprocess_exec(
        sys.executable, "starter.py", "serve", "--listen", str(port), "--json",
        cwd=ROOT, env={**os.environ, **told}, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        served = json.loads(await process.stdout.readuntil(b"}\n"))
        assert served == {
            "listens": f"127.0.0.1:{port}",
            "public_url": told["LEADLOOM_PUBLIC_URL"],
            "sign_in": "password",
        }
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as browser:
            answer = await browser.get("/leads", headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
