"""What activities work with: opened once per process and handed in, so that nothing is global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadloom.domain.links import Signer
from leadloom.mail.smtp import SmtpPool
from leadloom.store.db import Db


@dataclass(frozen=True)
class Tools:
    """The opened pools and the few settings that effects need."""

    db: Db
    smtp: SmtpPool
    signer: Signer
    public_url: str
    wire_secret: str
    """Makes Message-IDs; must never rotate, or a copy sent again would get a second id."""
    epoch: int
    wall_now: Callable[[], datetime]
    """Wall time: for leases of claims only, never compared with business time (law 11)."""
    new_claim: Callable[[], UUID]
    """A random id for a page of claims."""
