"""Was this call made before, and what was it answered? The row is part of the deed: there is none without the other."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadloom.domain.model import Json, Value
from leadloom.store.tx import Tx

KEPT_FOR = timedelta(days=1)


class CallBefore(Value):
    """The first call with this key."""

    digest: str
    """Of what it said."""
    status: int | None
    answer: Json


async def begin(tx: Tx, caller: str, key: str, digest: str, *, at: datetime) -> CallBefore | None:
    """Begin a call; the one before when there was one. Waits for one that is under way in another process."""
    if await tx.maybe("begin_api_call", caller=caller, key=key, digest=digest, at=at) is not None:
        return None
    return CallBefore.model_validate(dict(await tx.one("api_call_before", caller=caller, key=key)))


async def end(tx: Tx, caller: str, key: str, *, status: int, answer: Json) -> None:
    """Keep what it is answered."""
    await tx.run("end_api_call", caller=caller, key=key, status=status, answer=answer)


async def forget(tx: Tx, *, at: datetime) -> int:
    """Forget the calls of the day before."""
    return await tx.run("forget_api_calls", before=at - KEPT_FOR)
