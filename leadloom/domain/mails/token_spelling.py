"""How are the bytes of a token written in an address of the web, or before the @ of a mail address, and read again?

Only the very spelling we give out is read: base64 has spare bits and skips foreign characters.
"""

from __future__ import annotations

import base64
import binascii


def to_web(raw: bytes) -> str:
    """In letters that stand in a URL as they are."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_web(token: str) -> bytes | None:
    """What `to_web` wrote; None for any other spelling."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (binascii.Error, UnicodeEncodeError):
        return None
    return raw if to_web(raw) == token else None


def to_mailbox(raw: bytes) -> str:
    """In lower case, because relays fold it."""
    return base64.b32encode(raw).decode().rstrip("=").lower()


def from_mailbox(token: str) -> bytes | None:
    """What `to_mailbox` wrote, whatever its case; None for any other spelling."""
    text = token.upper()
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return None
    return raw if to_mailbox(raw) == text.lower() else None
