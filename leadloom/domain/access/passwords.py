"""Is this a password? Long, not known to everybody, not one's own name; no rules about digits or signs.

NIST SP 800-63B (5.1.1.2): length is what counts, rules of composition make passwords worse.
"""

from __future__ import annotations

import unicodedata

from leadloom.domain.errors import BadInput

SHORTEST, LONGEST = 12, 200
_FEWEST_SIGNS = 5
_WORN = (
    "password", "passwort", "qwertyuiop", "qwertzuiop", "letmein", "iloveyou", "welcome", "1234567890", "abcdefghijkl",
    "leadloom", "changeme", "administrator", "correcthorsebatterystaple",
)  # fmt: skip
"""What guessers try first; as a password's beginning, repeated or turned, they say nothing."""


def checked(password: str, *, names: tuple[str, ...]) -> str:
    """The password as it is kept: NFC, so that every keyboard writes it alike. Raises BadInput, never repeating it.

    Args:
        password: As it was typed.
        names: What belongs to the account: handle, mail address, name.
    """
    kept = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(kept) <= LONGEST:
        raise BadInput("password", "…", f"Take one of {SHORTEST} to {LONGEST} characters; a sentence is easy to keep.")
    low = kept.casefold()
    if len(set(low)) < _FEWEST_SIGNS or _is_worn(low):
        raise BadInput("password", "…", "That one is guessed first. Take a few words that only you put together.")
    parts = {part for name in names for part in (name.casefold(), name.casefold().partition("@")[0]) if len(part) > 3}
    if any(part in low and len(low) - len(part) < SHORTEST - 4 for part in parts):
        raise BadInput("password", "…", "It is mostly your own name. Take a few words that nobody connects with you.")
    return kept


def _is_worn(low: str) -> bool:
    rest = low
    for word in _WORN:
        rest = rest.replace(word, "")
    return len(rest) < _FEWEST_SIGNS
