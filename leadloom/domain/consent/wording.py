"""Which version of a consent text is this? One sentence, one hash: whoever changes a word has written another text."""

from __future__ import annotations

import hashlib
import json

from leadloom.domain.model import Value


class ConsentText(Value):
    """A sentence beside a box, in one language, as it is published: never edited, found by its hash for ever."""

    says: str


def hash_of(says: str) -> str:
    """The hash such a text is published by."""
    return hashlib.sha256(json.dumps({"says": says}, separators=(",", ":")).encode()).hexdigest()
