"""Which letters were sent, and when first? For the archive that anybody may read."""

from __future__ import annotations

from collections.abc import Sequence

from leadloom.domain.model import Instant, Value
from leadloom.store.tx import Tx


class SentLetter(Value):
    """A letter that went to somebody."""

    journey: str
    mail: str
    mail_class: str
    sent_at: Instant
    """To the first who got it."""


async def sent(tx: Tx, names: Sequence[str]) -> tuple[SentLetter, ...]:
    """Those of `names` (journey/mail) that went to anybody. Reads every letter of theirs: ask seldom."""
    rows = await tx.all("letters_sent", names=list(names)) if names else []
    return tuple(SentLetter.model_validate(dict(row)) for row in rows)
