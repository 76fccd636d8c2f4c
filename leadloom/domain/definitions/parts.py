"""Which part does a stage play in the process? The process knows parts; what a stage is called is the business's own.

So a company may call its stages what it likes: nothing outside the definition names one (features A1).
"""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """What the process moves leads to, and why it needs to tell them apart."""

    ANSWERED = "answered"
    """The person has answered us: the first response leads here, and back here from silence and from a recycle date."""
    READY = "ready"
    """Marketing says: worth a call. The gate `mql` opens it."""
    ACCEPTED = "accepted"
    """A rep has taken the lead."""
    DEAL = "deal"
    """A deal is open."""
    CUSTOMER = "customer"
    """The deal is won."""
    LIVE = "live"
    """The customer uses what they bought. The gate `adopted` opens it."""
    VOUCHES = "vouches"
    """The customer speaks for us. The gate `advocate` opens it."""
    RETURNED = "returned"
    """Back with marketing, with a date and a reason."""
    CLOSED = "closed"
    """No lead for us, with a reason."""
    QUIET = "quiet"
    """Silent for long."""


CUSTOMERS = (Part.CUSTOMER, Part.LIVE, Part.VOUCHES)
"""Parts of whoever has bought."""

BEFORE_PARTS = {
    "inquiry": Part.ANSWERED, "mql": Part.READY, "sal": Part.ACCEPTED, "sql": Part.DEAL, "won": Part.CUSTOMER,
    "adopted": Part.LIVE, "advocate": Part.VOUCHES, "recycled": Part.RETURNED, "disqualified": Part.CLOSED,
    "inactive": Part.QUIET,
}  # fmt: skip
"""What a stage of a definition plays that was published when the process still knew stages by their names."""
