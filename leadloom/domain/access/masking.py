"""What does somebody read who may not see mail addresses and phone numbers? The page with both made unreadable.

It is done to the finished page, so that none can forget it: what a page is made of changes, its exit doesn't.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_ADDRESS = re.compile(r"([A-Za-z0-9._%+'-])[A-Za-z0-9._%+'-]*@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_ADDRESS_IN_LINK = re.compile(r"([A-Za-z0-9._+-])[A-Za-z0-9._+-]*%40([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_PHONE = re.compile(r"(?<![\w.])(\+[0-9]{1,3})((?:[ ().\u00a0-]{0,2}[0-9]){5,14})(?![\w])")
"""As E.164 writes them, with what people put between the digits."""
_KEPT_DIGITS = 2


def masked(text: str, *, domains: Collection[str] = (), phones: Collection[str] = ()) -> str:
    """The text with each mail address as `a…@host` and each phone number as `+49 …12`.

    Args:
        text: A page, a file's line, a mail.
        domains: Our own; addresses there are no lead's.
        phones: Numbers of our own people, as the definition writes them.
    """
    ours = {each.lower() for each in domains}
    known = {_digits(each) for each in phones}

    def address(match: re.Match[str]) -> str:
        return match[0] if match[2].lower() in ours else f"{match[1]}…@{match[2]}"

    def phone(match: re.Match[str]) -> str:
        digits = _digits(match[0])
        return match[0] if digits in known else f"{match[1]} …{digits[-_KEPT_DIGITS:]}"

    return _PHONE.sub(phone, _ADDRESS_IN_LINK.sub(address, _ADDRESS.sub(address, text)))


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
