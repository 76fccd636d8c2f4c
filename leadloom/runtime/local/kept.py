"""What does a state folder keep between two starts? Its lock, its ports, and where the running stack is found."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
from collections.abc import Generator
from pathlib import Path

from leadloom.domain.errors import Conflict
from leadloom.runtime.local.children import free_port
from leadloom.runtime.settings import Settings

_RUNNING = "running.json"
_PORTS = "ports.json"
_LOCK = "lock"


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """Hold the folder for this process; the kernel lets go of it however we die. Raises Conflict naming who has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(_taken(folder)) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def holder(folder: Path) -> str | None:
    """The process id of whoever holds the folder now; None when nobody does."""
    path = folder / _LOCK
    if not path.exists():
        return None
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read().strip() or "unknown"
    return None


def _taken(folder: Path) -> str:
    return (
        f"A stack runs in {folder} already (process {holder(folder) or 'unknown'}). "
        "Stop it first (Ctrl-C where it runs), or start this one elsewhere: LEADLOOM_STATE=another-folder."
    )


def is_free(port: int) -> bool:
    """Whether a server could listen there now; connections of an earlier server that still fade away don't count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def port_of(folder: Path, name: str, *, first: int | None = None) -> int:
    """The port this folder has given to `name`, so that links in old mails keep working.

    The first time it is `first` if free, else any. When somebody else sits on a kept port, another one is lent for
    this start and the kept one stays noted.
    """
    path = folder / _PORTS
    kept: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    if name in kept:
        return kept[name] if is_free(kept[name]) else free_port()
    port = first if first is not None and is_free(first) else free_port()
    write_whole(path, json.dumps({**kept, name: port}, indent=2) + "\n")
    return port


@contextlib.contextmanager
def announced(folder: Path, settings: Settings) -> Generator[None]:
    """Let other processes find the running stack for the length of a block. Holds passwords, so it is ours alone."""
    path = folder / _RUNNING
    write_whole(path, settings.model_dump_json(indent=2) + "\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a file that only we may read, all of it or nothing: a kill in the middle leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    new.replace(path)
