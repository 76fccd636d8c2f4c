"""What did a provider say that couldn't be taken yet, and which of its proofs were used before?"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Literal
from uuid import UUID

from leadloom.domain.errors import NotFound
from leadloom.domain.model import Instant, Json, Value
from leadloom.store.tx import Tx, new_id


class KeptPost(Value):
    """An event that waits for a person, or a subscription that does."""

    post_id: UUID
    provider: str
    kind: Literal["event", "subscription"]
    raw: Json
    why: str
    """What was wrong with it, or what is to be decided. Names nobody."""
    tries: int
    at: Instant


async def keep(tx: Tx, provider: str, raw: Json, *, kind: str, why: str, at: datetime) -> UUID:
    """Keep it for a person. The same again is the same row."""
    digest = digest_of(json.dumps(raw, sort_keys=True).encode())
    values = {"provider": provider, "kind": kind, "digest": digest, "raw": raw, "why": why, "at": at}
    return await tx.value("keep_provider_post", post_id=new_id(), **values)


async def every(tx: Tx) -> tuple[KeptPost, ...]:
    """What waits, oldest first."""
    return tuple(KeptPost.model_validate(dict(row)) for row in await tx.all("provider_posts"))


async def get(tx: Tx, post_id: UUID) -> KeptPost:
    """One of them. Raises NotFound."""
    row = await tx.maybe("provider_post", post_id=post_id)
    if row is None:
        raise NotFound("provider post", post_id)
    return KeptPost.model_validate(dict(row))


async def failed_again(tx: Tx, post_id: UUID, why: str) -> None:
    """It was tried once more, in vain."""
    await tx.run("provider_post_failed", post_id=post_id, why=why)


async def drop(tx: Tx, post_id: UUID) -> None:
    """It is done with. Raises NotFound."""
    if await tx.maybe("drop_provider_post", post_id=post_id) is None:
        raise NotFound("provider post", post_id)


async def token_stands(
    tx: Tx, provider: str, token: str, body: bytes, *, wall_at: datetime, wall_before: datetime
) -> bool:
    """Whether this token may stand for this body: it came with no other. What is older than `wall_before` is forgotten.

    Two requests at once: the second waits for the first's row.
    """
    await tx.run("forget_provider_tokens", wall_before=wall_before)
    digest = digest_of(body)
    return digest == await tx.value(
        "use_provider_token", provider=provider, token=token, digest=digest, wall_at=wall_at
    )


def digest_of(body: bytes) -> str:
    """What two bodies are compared by."""
    return hashlib.sha256(body).hexdigest()
