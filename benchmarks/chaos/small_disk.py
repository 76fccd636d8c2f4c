"""What does a full disk do? A Postgres whose whole folder is a small file system that can be filled and emptied.

`python -m benchmarks.chaos.small_disk FOLDER MEGABYTES` prints the database's address; SIGUSR1 fills the disk to its
last byte, SIGUSR2 empties it again. The file system belongs to this process alone (a user and a mount namespace of its
own, Linux), so nobody needs to be root, and it goes when the process does.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import os
import signal
import sys
from pathlib import Path

from leadloom.domain.errors import Unreachable
from leadloom.runtime.local.postgres import LocalPostgres

_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x00020000
_NOBODY = 65534
"""Postgres refuses to be root, and wants a user that has a name."""
_BALLAST = "ballast"


def mount(folder: Path, megabytes: int) -> None:
    """Put a file system of that size over the folder, for this process and its children. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    _done(libc.unshare(_NEW_USER | _NEW_MOUNTS), "this kernel allows no user namespaces")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_NOBODY} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{_NOBODY} {group} 1")
    size = f"size={megabytes}m,mode=0700".encode()
    _done(libc.mount(b"small", str(folder).encode(), b"tmpfs", 0, size), "no file system may be mounted here")


def _done(answer: int, why: str) -> None:
    if answer != 0:
        raise OSError(ctypes.get_errno(), why)


def fill(folder: Path) -> None:
    """Leave no byte free, as a log that grew over night does."""
    with (folder / _BALLAST).open("ab", buffering=0) as ballast:
        for size in (2**20, 4096):
            with contextlib.suppress(OSError):
                while True:
                    ballast.write(b"\0" * size)


def empty(folder: Path) -> None:
    """Give the room back."""
    (folder / _BALLAST).unlink(missing_ok=True)


async def serve(folder: Path) -> None:
    """Serve until SIGTERM; a Postgres that the full disk ended is started again, as a supervisor would."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, fill, folder)
    loop.add_signal_handler(signal.SIGUSR2, empty, folder)
    postgres = LocalPostgres(folder / "postgres")
    await postgres.start()
    print(postgres.url(), flush=True)
    stopping = asyncio.create_task(stop.wait())
    while not stop.is_set():
        ended = asyncio.create_task(postgres.ended())
        await asyncio.wait([ended, stopping], return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not stop.is_set():
            await asyncio.sleep(0.5)
            with contextlib.suppress(Unreachable, OSError):
                await postgres.start()
    await postgres.stop()


if __name__ == "__main__":
    where = Path(sys.argv[1])
    try:
        mount(where, int(sys.argv[2]))
    except OSError as error:
        print(f"{error.strerror or error}", file=sys.stderr)
        sys.exit(errno.EPERM)
    asyncio.run(serve(where))
