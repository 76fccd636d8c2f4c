"""How is a provider's event read? What is foreign is left out, what is missing is named, SMTP's words are split."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from leadloom.domain.errors import BadInput
from leadloom.domain.model import Json

_CODE = re.compile(r"\s*(?:smtp;\s*)?([245][0-9]{2})(?:[ -]|$)", re.IGNORECASE)
_STATUS = re.compile(r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
_NO_SMTP = frozenset({498, 499})
"""Mailgun's own: it never reached a server."""
LONGEST_DIAGNOSTIC = 1000
"""Characters we keep of what a server said."""

EventKind: TypeAlias = Literal["bounce", "delayed", "delivered", "complaint", "unsubscribe"]
"""As `ProviderEvent.kind` knows them."""
Says: TypeAlias = Literal["unknown_user", "suppressed", "mailbox_full", "spam", "content", "too_big", "undetermined"]
"""A provider's own class of a bounce, as `ProviderEvent.says` knows them."""


class Told(BaseModel):
    """A part of a provider's JSON: providers add fields whenever they like, so what we don't know is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


T = TypeVar("T", bound=Told)


def read_as(kind: type[T], raw: Json, *, provider: str) -> T:
    """The JSON as that kind. Raises BadInput that names the fields, never their values: they are somebody's address."""
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        places = {".".join(str(part) for part in each["loc"]) or "event" for each in error.errors()}
        remedy = f"These fields are missing or can't be read: {', '.join(sorted(places))}."
        raise BadInput(f"{provider} event", "…", remedy) from None


def code_in(text: str | None) -> int | None:
    """The reply code a server's words begin with, such as 550; `smtp;` may stand before it (RFC 3464 §2.3.6)."""
    found = _CODE.match(text or "")
    code = int(found[1]) if found else None
    return None if code in _NO_SMTP else code


def status_in(*texts: str | None) -> str | None:
    """The first enhanced status code (RFC 3463) in any of the texts."""
    return next((found[1] for text in texts if text and (found := _STATUS.search(text))), None)


def words_of(*texts: str | None) -> str | None:
    """What was said, on one line, the first text that says anything; at most 1,000 characters."""
    said = next((text for text in texts if text and text.strip()), None)
    return None if said is None else " ".join(said.split())[:LONGEST_DIAGNOSTIC]


def bare_id(message_id: str | None) -> str | None:
    """A Message-ID without its brackets."""
    return (message_id or "").strip().removeprefix("<").removesuffix(">") or None


def as_object(raw: Json) -> dict[str, Json]:
    """The event as it came, for whoever looks later. What was read from is always an object."""
    return raw if isinstance(raw, dict) else {}
