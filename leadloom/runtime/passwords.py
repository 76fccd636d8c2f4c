"""Is this the password? Argon2id in a thread, a few at a time, and as long for a user who isn't there."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = 2
"""Each takes 64 MiB and a core: a crowd at the door waits in line and doesn't bring the house down."""


class Passwords:
    """The hasher of one process, with the parameters of RFC 9106 for little memory (as argon2-cffi has them)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobodys: str | None = None

    async def hashed(self, password: str) -> str:
        """What is kept of a password."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def is_right(self, kept: str | None, password: str) -> bool:
        """Whether it is the one that was kept; takes as long when none was, so that nobody learns who is a user."""
        if self._nobodys is None:
            self._nobodys = await self.hashed(secrets.token_urlsafe())
        async with self._turn:
            found = await asyncio.to_thread(self._verified, kept or self._nobodys, password)
        return found and kept is not None

    def is_weak(self, kept: str) -> bool:
        """Whether it was hashed with less than we ask for now: then it is hashed anew when it was just right."""
        return self._hasher.check_needs_rehash(kept)

    def _verified(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
