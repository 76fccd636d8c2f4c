"""Which addresses can mail be sent to? The one rule, for the door where leads come in and for the wire.

Strict: what RFC 5321 and 5322 allow but no mailbox of a lead uses (quotes, comments, addresses of machines) is refused
with what is wrong, rather than found out by a bounce. No DNS: that would make a form wait for a stranger's server.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from leadloom.domain.errors import BadInput

LONGEST = 254
"""Characters (RFC 5321 §4.5.3.1.3, less its angle brackets)."""
LONGEST_LOCAL = 64
"""Bytes before the @ (§4.5.3.1.1)."""
REMEDY = "Give an address such as ana@company.example."

_PLAIN = re.compile(
    r"([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@((?=.{1,63}\Z)(?:[a-z0-9](?:-?[a-z0-9])*\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,})",
    re.IGNORECASE | re.ASCII,  # without ASCII the Kelvin sign would be a k
)
"""Nearly every address there is. What it matches the validator takes as it stands (a test holds them together), in a
hundredth of the time; everything else is the validator's to judge."""


class Address(NamedTuple):
    """A mail address in its two parts."""

    local: str
    """In NFC; may have letters outside of ASCII, which only relays with SMTPUTF8 take (RFC 6531)."""
    domain: str
    """In lower case, as A-labels (IDNA)."""


def is_plain(text: str) -> bool:
    """Whether it is an address for certain, and of ASCII alone; another may still be one."""
    return text.find("@") <= LONGEST_LOCAL and _PLAIN.fullmatch(text) is not None


def read_address(text: str, *, field: str) -> Address:
    """The address, its domain in ASCII. Raises BadInput about `field` when no mail can be sent to it."""
    if (plain := _PLAIN.fullmatch(text)) and len(plain[1]) <= LONGEST_LOCAL:
        return Address(plain[1], plain[2].lower())
    if len(text) > LONGEST:
        # Before anything looks at each character: a stranger may send a million of them.
        raise BadInput(field, f"{text[:LONGEST]}…", f"An address has at most {LONGEST} characters. {REMEDY}")
    if "=?" in text:
        raise BadInput(field, text, f"A mail reader would take it for an encoded word (RFC 2047). {REMEDY}")
    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise BadInput(field, text, f"{error} {REMEDY}") from error
    return Address(found.local_part, found.ascii_domain.lower())
