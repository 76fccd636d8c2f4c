"""How is a mail's envelope said to a relay: from whom, to whom, and what is to be reported back?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from leadloom.mail.headers import wire_address
from leadloom.mail.phases import Refused, Reply


class Envelope(NamedTuple):
    """From whom, to whom, and by which name reports tell of it."""

    sender: str
    recipient: str
    envelope_id: str = ""
    """Comes back in each report: hexadecimal digits and hyphens, which need no xtext. Empty asks for none."""


def envelope_commands(
    sender: str, recipient: str, *, offers: Callable[[str], bool], envelope_id: str = ""
) -> tuple[bytes, bytes]:
    """MAIL and RCPT with what the relay offers of SMTPUTF8 (RFC 6531) and of reports (RFC 3461).

    `offers` answers for an extension's name in lower case. Reports are asked for failure and delay, with the headers
    only: the body of a bounce is the lead's mail. Raises Refused for an address the relay can't be told of, BadInput
    for one nobody can.
    """
    wire_sender, wire_recipient = wire_address(sender), wire_address(recipient)
    of_mail, of_rcpt = "", ""
    if wire_sender.needs_utf8 or wire_recipient.needs_utf8:
        if not offers("smtputf8"):
            # RFC 6531 §3.5: known before a word is said, and no retry will change it.
            raise Refused("rcpt", Reply(553, "5.6.7", "unsupported: the relay takes ASCII addresses only"))
        of_mail += " SMTPUTF8"
    if envelope_id and offers("dsn"):
        of_mail += f" RET=HDRS ENVID={envelope_id}"
        of_rcpt += " NOTIFY=FAILURE,DELAY"
    return f"MAIL FROM:<{wire_sender}>{of_mail}".encode(), f"RCPT TO:<{wire_recipient}>{of_rcpt}".encode()
