"""What do the harness and its relay tell each other? Orders to fail, one file; what was accepted, another."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from leadloom.domain.model import Value


class Fault(StrEnum):
    """How the relay fails on request."""

    LATER = "451"
    """Says 451 to MAIL, RCPT or the dot (`at`) for a time."""
    REFUSE = "refuse"
    """Takes no connection for a time, and hangs up on those that carry no mail."""
    BEFORE_354 = "before-354"
    """Hangs up at DATA."""
    IN_BODY = "in-body"
    """Hangs up when the body begins."""
    AFTER_DOT = "after-dot"
    """Accepts the mail, then hangs up: the reply never arrives."""
    SILENCE = "silence"
    """Accepts the mail, then says nothing and keeps the connection."""
    HOLD_354 = "hold-354"
    """Thinks for a while before it says 354: the mail is claimed and not marked yet."""


LOSES_REPLIES = frozenset({Fault.AFTER_DOT, Fault.SILENCE, Fault.IN_BODY})
"""Faults after which a sender may not know what became of its mail: it had said the dot, and no reply came. (Who dies
in the body may do so before the sender notices, and the dot is on its way.)"""
FOR_A_TIME = frozenset({Fault.LATER, Fault.REFUSE})
"""Faults that last for seconds; the others hit a number of mails."""
BREAKS = tuple(fault for fault in Fault if fault is not Fault.HOLD_354)
"""What a relay may do to a mail; one that only thinks gives somebody else the time to die."""


class Order(Value):
    """What goes wrong from now on; several may be in force at once. None ends all that came before."""

    fault: Fault | None
    seconds: float | None = None
    """How long, for faults that last, from the first mail that meets them; None until an order ends all."""
    mails: int = 0
    """How many mails, for the others."""
    at: str = "rcpt"
    """Where 451 is said: `mail`, `rcpt` or `dot`."""


def tell(orders: Path, order: Order) -> None:
    """Give the relay another order, by its file."""
    with orders.open("a") as file:
        file.write(order.model_dump_json() + "\n")


class Accepted(Value):
    """A mail the relay has taken: the truth about what was delivered."""

    kind: str = "accepted"
    wire_id: str
    """Its Message-ID, without brackets."""
    recipient: str
    step: str
    """What its Feedback-ID says: step and journey."""
    sha256: str
    """Of all its bytes."""
    at: float
    """Wall time, seconds of the epoch."""


class Hit(Value):
    """A mail or connection that met a fault."""

    kind: str = "fault"
    fault: Fault
    at: float


class RelayLog:
    """The relay's file: each line is on disk before its reply leaves, so it tells the truth after a SIGKILL, too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab", buffering=0)

    def write(self, entry: Accepted | Hit) -> None:
        """Append one line; returns when the disk has it."""
        self._file.write(entry.model_dump_json().encode() + b"\n")
        os.fsync(self._file.fileno())


class Watched:
    """The relay's file as the harness reads it, while it grows."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset, self._rest = path, 0, b""
        self.accepted: list[Accepted] = []
        self.hits: list[Hit] = []

    def look(self) -> int:
        """Read what is new; how many mails were accepted in all."""
        for line in self._lines():
            entry = json.loads(line)
            if entry["kind"] == "accepted":
                self.accepted.append(Accepted(**entry))
            else:
                self.hits.append(Hit(**entry))
        return len(self.accepted)

    def _lines(self) -> Iterator[bytes]:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            fresh = file.read()
        self._offset += len(fresh)
        *whole, self._rest = (self._rest + fresh).split(b"\n")
        # A relay killed within a line began its next line behind the torn one; what is torn was never confirmed.
        yield from (line[line.rfind(b'{"kind"') :] for line in whole if line.endswith(b"}"))

    def lost_replies(self) -> int:
        """How many mails a sender may be left uncertain of."""
        return sum(hit.fault in LOSES_REPLIES for hit in self.hits)
