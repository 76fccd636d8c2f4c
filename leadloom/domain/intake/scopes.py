"""What may the key of another program do here?"""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """One right of a key. The values stand in rows: only ever add to them."""

    TRACK = "track"
    """Send tracking calls; the only right a public key may have."""
    LEADS_READ = "leads:read"
    LEADS_WRITE = "leads:write"
    """Tell of leads, change them, and tell what happened to them."""
    JOURNEYS = "journeys"
    """Let leads into journeys, and take them out."""
    MERGE = "leads:merge"
    """Say that two leads are one person, or that they are two."""
    HAND_OFFS = "hand-offs"
    """See open hand-offs, and answer them in the name of whoever has them."""
