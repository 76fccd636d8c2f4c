"""How our child processes die with us: even after SIGKILL of the parent nothing is left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000


def free_port() -> int:
    """A TCP port on the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def die_with_parent(sign: signal.Signals, *, hide_root: bool = False) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends `sign` to the child when we die (Linux only; elsewhere nothing).

    `hide_root` enters a user namespace, where Postgres does not see root; nothing is chowned or chmodded.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def set_up() -> None:
        if hide_root and os.geteuid() == 0 and libc.unshare(_CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "this kernel allows no user namespaces")
        if sys.platform == "linux":
            libc.prctl(_PR_SET_PDEATHSIG, sign, 0, 0, 0)

    return set_up
