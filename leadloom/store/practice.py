"""How far has somebody come with their practice leads? Rows of their own, which no report, mail or count reads."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.errors import Conflict
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.model import Instant, Value
from leadloom.store.tx import Tx


class Round(Value):
    """One time through the practice leads."""

    round: int
    began_at: Instant
    answers: dict[str, Decision]
    """By the name of the practice lead."""


async def now(tx: Tx, handle: str) -> Round | None:
    """Their last round; None before the first."""
    row = await tx.maybe("practice_now", handle=handle)
    return None if row is None else Round.model_validate(dict(row))


async def begin(tx: Tx, handle: str, *, at: datetime) -> None:
    """A new round."""
    await tx.run("begin_practice", handle=handle, at=at)


async def answer(tx: Tx, handle: str, number: int, lead: str, decision: Decision) -> None:
    """Keep an answer. Raises Conflict when there is one already, or no such round."""
    told = decision.model_dump(mode="json", exclude={"text"})
    if await tx.maybe("answer_practice", handle=handle, round=number, lead=lead, answer=told) is None:
        raise Conflict("You have answered that one already; begin again to try another answer.")
