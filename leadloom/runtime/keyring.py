"""Which key is this, and what may it do? Read now and then, so that a call costs no question to Postgres."""

from __future__ import annotations

import time
from datetime import datetime
from uuid import UUID

from leadloom.store import intake_keys
from leadloom.store.db import Db
from leadloom.store.intake_keys import IntakeKey, hash_of
from leadloom.store.tx import Tx

STALE_S = 5.0
"""Wall seconds after which keys are read again: so long a revoked key may still open."""
_UNKNOWN_S = 0.5
"""An unknown key may be a new one; asked for more often, it is somebody who guesses."""
_USED_S = 60.0
"""How exactly the last use is known."""


class Keyring:
    """The keys of one process."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._keys: dict[str, IntakeKey] = {}
        self._wall_read = 0.0
        self._wall_noted: dict[UUID, float] = {}

    async def key(self, words: str) -> IntakeKey | None:
        """The key of these words, unless it is unknown or revoked. Raises Transient while keys can't be read."""
        hashed, wall = hash_of(words), time.monotonic()
        age = wall - self._wall_read
        if not self._wall_read or age > STALE_S or (hashed not in self._keys and age > _UNKNOWN_S):
            async with self._db.read() as tx:
                keys = await intake_keys.every(tx)
            self._keys = {key.hash: key for key in keys if key.revoked_at is None}
            self._wall_read = wall
        return self._keys.get(hashed)

    async def note_use(self, tx: Tx, key_ids: set[UUID], *, at: datetime) -> None:
        """Remember that they were used, once a minute each."""
        wall = time.monotonic()
        due = {key_id for key_id in key_ids if wall - self._wall_noted.get(key_id, -_USED_S) >= _USED_S}
        if due:
            await intake_keys.used(tx, due, at=at)
            self._wall_noted.update(dict.fromkeys(due, wall))
