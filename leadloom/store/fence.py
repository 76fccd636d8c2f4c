"""May mail leave from this database? Not from a restored one, until an operator says so and saw what is in doubt."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from leadloom.domain.errors import Permanent
from leadloom.domain.model import MessageId, Value
from leadloom.store import lanes, uncertain
from leadloom.store.tx import Tx


class Fenced(Permanent):
    """The database was restored since this worker started, or since mail last left from it."""


class Advanced(NamedTuple):
    """What an operator gets who lets a restored database send."""

    epoch: int
    in_doubt: int
    """Mails that may have gone since the backup; listed as uncertain."""


class Reconciled(Value):
    """What a relay's log settled."""

    sent: int
    """Uncertain mails the log has."""
    due_again: int
    """Uncertain mails the log doesn't have, and that are sent now."""
    left: int
    """Uncertain mails the log doesn't have, still uncertain."""


_CURE = "Advance the epoch (mail fence advance), then restart the workers with it."


async def check(tx: Tx, *, epoch: int) -> None:
    """Let a worker of that epoch claim. Raises Fenced where the database was restored."""
    row = await tx.one("fence_here")
    if row["house"] is not None and row["house"] != row["here"]:
        raise Fenced(f"The database was restored: nothing leaves from here before somebody says so. {_CURE}")
    if row["epoch"] != epoch:
        raise Fenced(f"The database was restored. Restart the workers with epoch {row['epoch']}, not {epoch}.")
    if row["house"] is None:
        await tx.run("bind_fence")


async def is_restored(tx: Tx) -> bool:
    """Whether the database lies elsewhere than when mail last left from it."""
    row = await tx.one("fence_here")
    return row["house"] is not None and row["house"] != row["here"]


async def advance(tx: Tx, *, at: datetime) -> Advanced:
    """Let mail leave from here, by workers of the new epoch alone. What may have gone since the backup is uncertain."""
    epoch: int = await tx.value("advance_fence")
    return Advanced(epoch, len(await tx.all("doubt_after_restore", at=at)))


async def accepted(tx: Tx, keys: Mapping[MessageId, str], *, at: datetime) -> set[MessageId]:
    """Of these claimed mails, by the key of their Message-ID, those a relay's log has; they are settled as sent."""
    rows = await tx.all("accepted_of", wire_keys=list(keys.values()))
    known = {row["wire_key"] for row in rows}
    found = {message_id for message_id, key in keys.items() if key in known}
    if found:
        await tx.run("settle_accepted", message_ids=list(found), at=at)
    return found


async def reconcile(
    tx: Tx, log: Collection[str], *, keys: Mapping[MessageId, str], send_absent: bool, at: datetime
) -> Reconciled:
    """Settle uncertain mails by a relay's log: Message-IDs before the @, as it took them.

    `keys` are those of every uncertain mail. With `send_absent` what the log doesn't have is due: say so only of a log
    that covers all the time since the backup. Twice is fine.
    """
    await tx.run("keep_accepted", wire_keys=list(log), at=at)
    taken, sent = frozenset(log), 0
    for message_id, key in keys.items():
        if key in taken:
            sent += await uncertain.settle_by_evidence(tx, message_id, by="relay log", why="the relay took it", at=at)
    absent = [message_id for message_id, key in keys.items() if key not in taken]
    if not send_absent or not absent:
        return Reconciled(sent=sent, due_again=0, left=len(absent))
    await lanes.hold(tx, [row["lane"] for row in await tx.all("lanes_of_mails", message_ids=absent)])
    again = await tx.all("release_unaccepted", message_ids=absent, at=at)
    await lanes.nudge(tx, {row["lane"]: at for row in again})
    return Reconciled(sent=sent, due_again=len(again), left=len(absent) - len(again))
