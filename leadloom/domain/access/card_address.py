"""Who may see the card of a lead inside a CRM? Whoever shows an address the CRM signed for an owner, for some time.

The CRM and we share a key. It signs what it asks for, `lead`, `owner` and `until` (Unix seconds), each on a line, with
HMAC-SHA256, and writes the tag in hexadecimal into the address it frames. So it needs no login in a frame, where
browsers send no cookies of ours.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from leadloom.domain.errors import Permanent

LONGEST = timedelta(days=1)
"""An address is made when somebody opens the record: one that lives longer was made to be kept."""


class BadCardAddress(Permanent):
    """The address isn't signed by a key of ours, or its time is over; its words are fit to be shown."""


def card_address(lead_id: UUID, owner: str, until: datetime, *, key: str) -> str:
    """Path and query of the card, signed: `/leads/…/card?as=…&until=…&sig=…`."""
    seconds = int(until.timestamp())
    told = {"as": owner, "until": str(seconds), "sig": _tag(key, lead_id, owner, seconds)}
    return f"/leads/{lead_id}/card?{urlencode(told)}"


def check_card_address(
    lead_id: UUID, owner: str, until: str, sig: str, *, keys: Sequence[str], wall_at: datetime
) -> None:
    """Raise BadCardAddress unless one of the keys signed it and its time lies ahead, by at most a day."""
    if not until.isdecimal() or len(until) > len("99999999999"):
        raise BadCardAddress("This card's address isn't complete: `until` is no Unix time.")
    seconds = int(until)
    tags = [_tag(key, lead_id, owner, seconds) for key in keys]
    if not any(hmac.compare_digest(tag.encode(), sig.encode()) for tag in tags):
        raise BadCardAddress("This card's address isn't signed by a key of ours. Ask whoever set up the CRM.")
    ends_at = datetime.fromtimestamp(seconds, tz=UTC)
    if not wall_at < ends_at <= wall_at + LONGEST:
        raise BadCardAddress("This card's time is over. Open the record in the CRM again.")


def _tag(key: str, lead_id: UUID, owner: str, seconds: int) -> str:
    return hmac.new(key.encode(), f"{lead_id}\n{owner}\n{seconds}".encode(), hashlib.sha256).hexdigest()
