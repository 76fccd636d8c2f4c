"""May a value that somebody told us be kept, and in which spelling? Every refusal names field, value and remedy."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from leadloom.domain.errors import BadInput
from leadloom.domain.model import Json

LONGEST = {
    "external_id": 255,
    "email": 254,
    "first_name": 80,
    "last_name": 80,
    "company": 255,
    "country": 80,
    "role": 128,
    "title": 128,
    "phone": 40,
    "time_zone": 64,
    "language": 16,
    "source": 64,
    "industry": 80,
    "asked": 64,
}
"""Characters a field may have. Names follow what other CRMs take (leads.md §2.6), mail RFC 5321."""

MOST_ATTRIBUTES = 40
LONGEST_ATTRIBUTE_NAME = 64
LONGEST_ATTRIBUTE = 2000
_SHOWN = 60
"""How much of a refused value an answer repeats."""

_BREAKS = {"Cc", "Zl", "Zp", "Cs"}
"""Control characters and line breaks (a header could be injected with them), and halves of characters."""


def one_line(field: str, text: str) -> str | None:
    """The text with its outer spaces gone and the inner ones single; None when nothing is left.

    Raises:
        BadInput: It holds a control character or a line break, or is too long.
    """
    if not text:
        return None
    bare = unicodedata.normalize("NFC", text.strip(" \t\r\n"))
    # What can be printed has none of them; only what can't is looked at sign by sign.
    if not bare.isprintable() and any(unicodedata.category(character) in _BREAKS for character in bare):
        raise BadInput(field, text[:_SHOWN], "Write it on one line, without control characters.")
    bare = " ".join(bare.split())
    longest = LONGEST.get(field, LONGEST_ATTRIBUTE)
    if len(bare) > longest:
        raise BadInput(field, f"{bare[:_SHOWN]}…", f"Use at most {longest} characters; this has {len(bare)}.")
    return bare or None


def some_lines(field: str, text: str) -> str | None:
    """Like `one_line`, for what people write in a box: line breaks and tabs stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    flat = lines.replace("\n", " ").replace("\t", " ")
    return None if one_line(field, flat) is None else unicodedata.normalize("NFC", lines)


def attributes(others: Mapping[str, Json]) -> dict[str, Json]:
    """What no field of ours is, kept by its own name; blanks are left out.

    Raises:
        BadInput: There are too many, or a name or value is too long or holds control characters.
    """
    if len(others) > MOST_ATTRIBUTES:
        raise BadInput("attributes", len(others), f"Send at most {MOST_ATTRIBUTES} further fields.")
    kept: dict[str, Json] = {}
    for name, value in others.items():
        if len(name) > LONGEST_ATTRIBUTE_NAME or not one_line("attributes", name):
            raise BadInput("attributes", name[:_SHOWN], f"Name a field with 1 to {LONGEST_ATTRIBUTE_NAME} characters.")
        clean = _attribute(name, value)
        if clean is not None:
            kept[name] = clean
    return kept


def _attribute(name: str, value: Json) -> Json:
    match value:
        case str():
            return some_lines(name, value)
        case None | bool() | int() | float():
            return value
        case _:
            raise BadInput(
                name, str(value)[:_SHOWN], "Send a text, a number or true/false; lists and objects aren't kept."
            )
