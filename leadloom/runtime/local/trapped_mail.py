"""What did a lead get? A mail the trap accepted, as any mail program would read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property

_LINK = re.compile(r"https?://[^\s<>\"')]+")


@dataclass(frozen=True)
class TrappedMail:
    """A mail the trap accepted."""

    no: int
    """Counts from 1 in order of acceptance."""
    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    """As it came, with CRLF and without dot-stuffing."""

    @cached_property
    def message(self) -> EmailMessage:
        """Parsed by the standard library, not by anything of ours."""
        return message_from_bytes(self.raw, policy=default)

    def header(self, name: str) -> str:
        """A header's decoded value, unfolded; empty when there is none."""
        value = self.message.get(name)
        return "" if value is None else str(value)

    @property
    def message_id(self) -> str:
        """With its angle brackets."""
        return self.header("Message-ID").strip()

    @property
    def subject(self) -> str:
        """Decoded."""
        return self.header("Subject")

    @cached_property
    def text(self) -> str:
        """The plain part; empty when there is none."""
        return self._part("plain")

    @cached_property
    def html(self) -> str:
        """The HTML part; empty when there is none."""
        return self._part("html")

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Addresses in the plain part, in order, each once: what a reader can follow."""
        found: list[str] = _LINK.findall(self.text)
        return tuple(dict.fromkeys(link.rstrip(".,;:!?") for link in found))

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content())
