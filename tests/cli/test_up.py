"""Does one command bring the whole house up, stop all of it when told, and go on where it was?"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = ("DATABASE_URL", "TEMPORAL_ADDRESS", "SMTP_URL", "LEADLOOM_PUBLIC_URL")


def environment(state: Path, **given: str) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name not in NOT_OURS},
            "LEADLOOM_STATE": str(state), **given}  # fmt: skip


async def starter(*arguments: str, env: Mapping[str, str]) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "starter.py", *arguments, cwd=ROOT, env=env, stdout=PIPE, stderr=PIPE
    )


async def ask(*arguments: str, env: Mapping[str, str]) -> tuple[int | None, str, str]:
    process = await starter(*arguments, env=env)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def up(state: Path) -> AsyncGenerator[tuple[Process, dict[str, Any]]]:
    """A house that is up, and where everything is."""
    process = await starter("up", "--empty", "--json", env=environment(state))
    assert process.stdout is not None and process.stderr is not None
    try:
        said = (await process.stdout.readuntil(b"}\n")).decode()
        yield process, json.loads(said)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def answers(url: str) -> int:
    with urlopen(url, timeout=10) as answer:
        return answer.status


async def test_up_is_well_ends_on_sigterm_with_all_its_children_and_goes_on_where_it_was(tmp_path: Path) -> None:
    env = environment(tmp_path)
    async with up(tmp_path) as (process, where):
        assert await asyncio.to_thread(answers, f"{where['console']}/healthz") == 200
        code, out, _ = await ask("definitions", "show", "--json", env=env)
        assert (code, json.loads(out)["version"]) == (0, 1)
        code, out, err = await ask("doctor", env=env)
        assert code == 0, out + err
        code, out, err = await ask("up", "--empty", env=env)
        assert (code, out) == (4, ""), "a second one in the same folder is a conflict"
        assert f"process {process.pid}" in err and "LEADLOOM_STATE" in err
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        assert [child for child in children if child.is_running()] == []
        assert not (tmp_path / "up" / "running.json").exists()

    async with up(tmp_path) as (process, again):
        assert again["console"] == where["console"], "links in old mails keep working"
        code, out, _ = await ask("definitions", "show", "--json", env=env)
        assert (code, json.loads(out)["version"]) == (0, 1), "nothing changed, so nothing was published anew"
        postgres = next(each for each in psutil.Process(process.pid).children() if each.name() == "postgres")
        postgres.kill()
        _, err = await process.communicate()
        assert process.returncode == 5
        assert b"Postgres ended" in err and b"Nothing is lost" in err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "postgresql://leadloom:hush@127.0.0.1:1/leadloom"),
        ("TEMPORAL_ADDRESS", "127.0.0.1:1"),
        ("SMTP_URL", "smtp://127.0.0.1:1"),
    ],
)
async def test_a_named_service_that_is_away_is_exit_5_and_one_sentence_with_the_way_out(
    tmp_path: Path, variable: str, value: str
) -> None:
    code, out, err = await ask("up", "--empty", env=environment(tmp_path, **{variable: value}))
    assert (code, out) == (5, "")
    [said] = [line for line in err.splitlines() if line.startswith("✗")]
    assert variable in said and "127.0.0.1:1" in said and "hush" not in err
    assert "Traceback" not in err
