"""Which keys do programs have that tell us of leads? Only hashes: who loses a key gets a new one."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.model import Instant, Value
from leadloom.store.tx import Tx, new_id


class IntakeKey(Value):
    """One key, without its words."""

    key_id: UUID
    name: str
    hash: str
    hint: str
    """Its last characters, to know it by."""
    public: bool
    scopes: tuple[Scope, ...]
    source: str | None = None
    kinds: tuple[str, ...] | None = None
    created_at: Instant
    created_by: str
    revoked_at: Instant | None = None
    revoked_by: str | None = None
    last_used_at: Instant | None = None


class KeyOrder(Value):
    """What a new key is to be."""

    name: str
    public: bool
    scopes: tuple[Scope, ...]
    source: str | None = None
    kinds: tuple[str, ...] | None = None
    by: str


def hash_of(words: str) -> str:
    """What is kept of a key. Its words are 32 random bytes, which no slower hash would make harder to guess."""
    return hashlib.sha256(words.encode()).hexdigest()


async def keep(tx: Tx, words: str, order: KeyOrder, *, at: datetime) -> UUID:
    """Keep a new key. Raises Conflict when the name is taken."""
    told = {name: value for name, value in vars(order).items() if name != "by"}
    row = await tx.maybe(
        "keep_intake_key", key_id=new_id(), hash=hash_of(words), hint=words[-4:], at=at, by=order.by, **told
    )
    if row is None:
        raise Conflict(f"There is a key called {order.name} already: take another name, also after it was revoked.")
    return row["key_id"]


async def every(tx: Tx) -> tuple[IntakeKey, ...]:
    """All keys, those that open something first."""
    return tuple(IntakeKey.model_validate(dict(row)) for row in await tx.all("intake_keys"))


async def revoke(tx: Tx, name: str, *, by: str, at: datetime) -> None:
    """Let the key open nothing from now on. Raises NotFound, also when it was revoked before."""
    if await tx.maybe("revoke_intake_key", name=name, by=by, at=at) is None:
        raise NotFound("key in use called", name)


async def used(tx: Tx, key_ids: Collection[UUID], *, at: datetime) -> None:
    """Remember when they were used."""
    await tx.run("use_intake_keys", key_ids=sorted(key_ids), at=at)
