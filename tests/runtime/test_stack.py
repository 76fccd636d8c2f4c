"""Does the local stack start in one go, tell others where it is, and come back after whatever ended it?"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import smtplib
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncpg
import pytest
from temporalio.client import Client

from leadloom.domain.errors import Conflict, Unreachable
from leadloom.runtime.local import kept
from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.runtime.local.stack import Running, stack
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import settings_of_running_stack
from tests.services import Databases

NOBODY = "127.0.0.1:1"

Light = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine that runs the tests exports must not be taken for what the test says."""
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "SMTP_URL", "LEADLOOM_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)


def settings(state: Path, **given: object) -> Settings:
    """The settings of an environment that names only these."""
    return Settings.model_validate({"state": state, **given})


@pytest.fixture
def light(tmp_path: Path, dsn: str, temporal_address: str) -> Light:
    """A stack that only has to start its mail trap: the test's own servers serve, unless others are given."""

    def start(**given: object) -> AbstractAsyncContextManager[Running]:
        served = {"database_url": dsn, "temporal_address": temporal_address}
        return stack(settings(tmp_path, **{**served, **given}))

    return start


async def query(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def namespaces(address: str) -> int:
    """How many runs the server knows: any answer shows that it serves."""
    client = await Client.connect(address)
    return (await client.count_workflows()).count


async def test_one_start_brings_a_database_a_temporal_and_a_trap_that_answer(tmp_path: Path) -> None:
    async with stack(settings(tmp_path)) as running:
        found = running.settings
        assert found.database_url is not None and found.temporal_address is not None and found.smtp_url is not None
        assert await query(found.database_url, "SELECT current_database()") == "leadloom"
        assert await namespaces(found.temporal_address) == 0
        assert running.trap is not None
        assert await asyncio.to_thread(say_hello, running.trap.port) == 250


def say_hello(port: int) -> int:
    with smtplib.SMTP("127.0.0.1", port) as client:
        return client.noop()[0]


async def test_after_both_servers_were_killed_the_next_start_has_their_data(tmp_path: Path) -> None:
    async with stack(settings(tmp_path)) as running:
        assert running.postgres is not None and running.temporal is not None
        assert running.settings.database_url is not None
        await query(running.settings.database_url, "CREATE TABLE kept AS SELECT 42 AS answer")
        address = running.temporal.address
        client = await Client.connect(address)
        await client.start_workflow("Anything", id="kept", task_queue="nobody")
        for server in (running.postgres, running.temporal):
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
        said = await running.lost()
    assert "ended" in said

    async with stack(settings(tmp_path)) as again:
        assert again.settings.database_url is not None and again.temporal is not None
        assert await query(again.settings.database_url, "SELECT answer FROM kept") == 42
        assert again.temporal.address == address, "a worker in another terminal finds Temporal where it was"
        found = await (await Client.connect(address)).get_workflow_handle("kept").describe()
        assert found.id == "kept"


async def test_a_first_start_cut_short_leaves_nothing_that_stops_the_next(tmp_path: Path) -> None:
    async def begin() -> None:
        async with stack(settings(tmp_path)):
            pytest.fail("the start was to be cut short")

    start = asyncio.create_task(begin())
    while not (tmp_path / "up" / "postgres" / "data.making").exists():  # noqa: ASYNC110  a folder raises no event
        await asyncio.sleep(0.001)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    async with stack(settings(tmp_path)) as running:
        assert running.settings.database_url is not None
        assert await query(running.settings.database_url, "SELECT 1") == 1


async def test_other_processes_find_a_running_stack_and_only_its_user_may_read_how(
    tmp_path: Path, light: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADLOOM_STATE", str(tmp_path))
    path = tmp_path / "up" / "running.json"
    async with light() as running:
        assert path.stat().st_mode & 0o777 == 0o600
        assert settings_of_running_stack() == running.settings
    assert not path.exists()


async def test_what_the_environment_names_wins_over_the_running_stack(
    tmp_path: Path, light: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with light():
        monkeypatch.setenv("LEADLOOM_STATE", str(tmp_path))
        monkeypatch.setenv("SMTP_URL", "smtp://relay.example:25")
        assert settings_of_running_stack().smtp_url == "smtp://relay.example:25"


async def test_a_second_stack_in_the_same_folder_is_told_who_has_it(light: Light) -> None:
    async with light():
        with pytest.raises(Conflict, match=rf"process {os.getpid()}.*LEADLOOM_STATE"):
            async with light():
                pytest.fail("two stacks share a folder")
    async with light() as later:
        assert later.settings.smtp_url, "the folder is free once the first has stopped"


async def test_ports_stay_so_that_links_in_old_mails_keep_working(light: Light) -> None:
    async with light() as first:
        pass
    async with light() as second:
        assert second.settings.public_url == first.settings.public_url
        assert second.settings.smtp_url == first.settings.smtp_url


def test_a_port_somebody_else_sits_on_is_lent_another_and_kept_for_later(tmp_path: Path) -> None:
    mine = kept.port_of(tmp_path, "web")
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", mine))
        somebody.listen()
        assert kept.port_of(tmp_path, "web") != mine
    assert kept.port_of(tmp_path, "web") == mine


async def test_a_public_url_the_environment_names_is_left_alone(light: Light) -> None:
    async with light(public_url="https://go.kelvance.example") as running:
        assert running.settings.public_url == "https://go.kelvance.example"


async def test_mails_of_an_earlier_start_are_not_written_over(tmp_path: Path, light: Light) -> None:
    for _ in range(2):
        async with light() as running:
            assert running.trap is not None
            await asyncio.to_thread(send_one, running.trap.port)
    assert len(list((tmp_path / "up" / "mail").glob("*/*.eml"))) == 2


def send_one(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("a@kelvance.example", ["b@alder.example"], "Subject: one\r\n\r\nOne.\r\n")


@pytest.mark.parametrize(
    ("given", "service", "variable"),
    [
        ({"database_url": f"postgresql://leadloom:secret@{NOBODY}/leadloom"}, "Postgres", "DATABASE_URL"),
        ({"temporal_address": NOBODY}, "Temporal", "TEMPORAL_ADDRESS"),
        ({"smtp_url": f"smtp://{NOBODY}"}, "SMTP", "SMTP_URL"),
    ],
)
async def test_a_named_service_that_is_away_is_said_in_one_sentence_with_the_way_out(
    tmp_path: Path, light: Light, given: dict[str, str], service: str, variable: str
) -> None:
    with pytest.raises(Unreachable) as said:
        async with light(**given):
            pytest.fail("it started without what it was told to use")
    assert service in str(said.value) and variable in str(said.value) and "127.0.0.1:1" in str(said.value)
    assert "secret" not in str(said.value)
    assert "\n" not in str(said.value)
    assert not (tmp_path / "up" / "running.json").exists()


async def test_a_database_that_does_not_exist_and_a_wrong_password_are_said_as_such(
    dsn: str, light: Light, databases: Databases
) -> None:
    with pytest.raises(Unreachable, match="no database of that name"):
        async with light(database_url=databases.url("nowhere")):
            pytest.fail("it started on a database that isn't there")
    rest = dsn.partition("@")[2]
    with pytest.raises(Unreachable, match="refuses the user or the password"):
        async with light(database_url=f"postgresql://leadloom:wrong@{rest}"):
            pytest.fail("it started with a wrong password")


async def test_with_time_skipping_no_development_server_is_started(tmp_path: Path, dsn: str) -> None:
    async with MailTrap() as trap:
        given = settings(tmp_path, database_url=dsn, smtp_url=trap.url)
        async with stack(given, folder=tmp_path / "demo", skipping=True) as running:
            assert running.temporal is None and running.skipping is not None
            before = await running.skipping.get_current_time()
            await running.skipping.sleep(90 * 24 * 3600)
            assert (await running.skipping.get_current_time() - before).days == 90
            assert json.loads((tmp_path / "demo" / "running.json").read_text())["smtp_url"] == trap.url
