"""Which of our tokens stands in an address, whatever wrappers and letter case the relays on the way gave it?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from leadloom.domain.mails.links import BadLink, Purpose, Signer
from leadloom.domain.model import MessageId, Value

OURS = (Purpose.BOUNCE, Purpose.REPLY, Purpose.UNSUBSCRIBE)
"""Purposes that have a mailbox (`MailUrls.mailbox`)."""
_BATV = re.compile(r"^(?:prvs|btv1|msprvs1)=[^=]{1,40}=+", re.IGNORECASE)
"""Bounce address tag validation: `prvs=0123456789=local`, and the spellings of Barracuda and Microsoft."""
_BATV_BEHIND = re.compile(r"^(?:prvs|btv1)=(.+?)/[0-9a-f]{6,16}$", re.IGNORECASE)
"""The older form, tag behind."""
_SRS0 = re.compile(r"^srs0[=+-][^=]+=[^=]+=[^=]+=(.+)$", re.IGNORECASE)
_SRS1 = re.compile(r"^srs1[=+-][^=]+=[^=]+=[=+-](.+)$", re.IGNORECASE)
_TOKEN = re.compile(r"(?:^|[^a-z2-7])([a-z])-([a-z2-7]{40,60})(?:$|[^a-z2-7])")
_MOST_WRAPPERS = 4


class Addressed(Value):
    """A mailbox of ours: what it is for, and of which mail."""

    purpose: Purpose
    message_id: MessageId


def local_parts(address: str) -> Iterator[str]:
    """The local part as it stands, then as it is inside each wrapper, outermost first. Lower case."""
    local = address.strip().strip("<>").lower().rpartition("@")[0] or address.strip().lower()
    for _ in range(_MOST_WRAPPERS):
        yield local
        if (found := _SRS1.match(local)) is not None:
            local = f"srs0={found.group(1)}"
        elif (found := _SRS0.match(local) or _BATV_BEHIND.match(local)) is not None:
            local = found.group(1)
        elif _BATV.match(local):
            local = _BATV.sub("", local, count=1)
        else:
            return


def purpose_in(address: str) -> Purpose | None:
    """What the address looks like being for; nothing is proven by it."""
    for local in local_parts(address):
        found = _TOKEN.search(local)
        if found is not None and any(found.group(1) == purpose for purpose in OURS):
            return Purpose(found.group(1))
    return None


def read(address: str, signer: Signer) -> Addressed | None:
    """The mailbox an address is, when its token is one of ours; None for any other address."""
    for local in local_parts(address):
        for found in _TOKEN.finditer(local):
            for purpose in OURS:
                if found.group(1) == purpose:
                    try:
                        return Addressed(purpose=purpose, message_id=signer.read_address(purpose, found.group(2)))
                    except (BadLink, ValueError):
                        continue
    return None


def first(addresses: Iterable[str], signer: Signer) -> Addressed | None:
    """The first of the addresses that is a mailbox of ours."""
    return next((found for each in addresses if (found := read(each, signer)) is not None), None)
