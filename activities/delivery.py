"""How a claimed page reaches the relay: body, durable mark, dot. What is not marked never gets its dot."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from activities.letters import Ready
from activities.tools import Tools
from leadloom.domain.errors import Transient, Unreachable
from leadloom.domain.model import MessageId
from leadloom.domain.outcome import Deferred, Refused, Released, SendOutcome, Sent, Uncertain
from leadloom.domain.retries import next_try
from leadloom.mail import phases
from leadloom.store import messages

_TOGETHER = 0.002
"""Seconds a mark waits for others of the pool: one commit for all that stand at their dot (group commit)."""


class Marks:
    """The durable marks of one page, committed in groups. A mark is conditional: vetoed or lost claims get none."""

    def __init__(self, tools: Tools, at: datetime) -> None:
        self._tools, self._at = tools, at
        self._waiting: list[tuple[MessageId, UUID, asyncio.Future[bool]]] = []

    async def mark(self, ready: Ready) -> bool:
        """True when this mail may end with its dot. Raises Transient when Postgres doesn't say so."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((ready.message_id, ready.claim, answer))
        if len(self._waiting) == 1:
            await asyncio.sleep(_TOGETHER)
            await self._commit()
        return await answer

    async def _commit(self) -> None:
        group, self._waiting = self._waiting, []
        try:
            async with self._tools.db.transaction() as tx:
                pairs = [(message_id, claim) for message_id, claim, _ in group]
                marked = await messages.mark_at_dot(tx, pairs, at=self._at)
        except BaseException as error:
            # Nobody of the group may send: an unknown mark is no mark. The sweep settles what was committed after all.
            for _, _, answer in group:
                if not answer.done():
                    answer.set_exception(error if isinstance(error, Transient) else _MarkLost())
            if not isinstance(error, Transient):
                raise
            return
        for message_id, _, answer in group:
            answer.set_result(message_id in marked)


class _MarkLost(Transient):
    """The group's mark was interrupted."""


async def deliver(tools: Tools, page: Sequence[Ready], *, at: datetime) -> list[SendOutcome]:
    """Send a page over the pool; one outcome for each mail. Safe to repeat: the mark belongs to the claim."""
    marks = Marks(tools, at)
    return list(await asyncio.gather(*(_deliver_one(tools, ready, marks, at) for ready in page)))


async def _deliver_one(tools: Tools, ready: Ready, marks: Marks, at: datetime) -> SendOutcome:
    """One mail, phase by phase: the phase of a failure says whether the mail may be tried again."""
    message_id, claim = ready.message_id, ready.claim
    try:
        async with tools.smtp.connection() as connection:
            await connection.envelope(ready.envelope_from, ready.recipient)
            await connection.body(ready.wire)
            if not await marks.mark(ready):
                connection.abort()
                return Released(message_id=message_id, claim=claim)
            reply = await connection.dot()
            return Sent(message_id=message_id, claim=claim, reply=f"{reply.code} {reply.text}")
    except phases.Refused as refusal:
        return Refused(
            message_id=message_id, claim=claim, code=refusal.code, reply=_words(refusal.enhanced, refusal.reply)
        )
    except phases.LostAfterDot as lost:
        return Uncertain(message_id=message_id, claim=claim, reply=lost.why)
    except phases.Deferred as deferral:
        reply = f"{deferral.code} {deferral.reply}"
        return Deferred(message_id=message_id, claim=claim, until=_again(tools, ready, at), reply=reply)
    except (phases.LostBeforeDot, Unreachable, Transient) as failure:
        return Deferred(message_id=message_id, claim=claim, until=_again(tools, ready, at), reply=str(failure)[:300])


def _words(enhanced: str | None, reply: str) -> str:
    return reply if enhanced is None or enhanced in reply else f"{enhanced} {reply}"


def _again(tools: Tools, ready: Ready, at: datetime) -> datetime:
    first = tools.patience.first_retry
    return at + next_try(ready.tries, ready.message_id, owner=ready.for_owner, first=first)
