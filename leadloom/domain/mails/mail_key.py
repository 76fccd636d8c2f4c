"""What is a mail called? Its id is made of its key, so that asking twice can only mean the same row."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

from leadloom.domain.model import MessageId


def mail_id(of: UUID | None, step: str, visit: int) -> MessageId:
    """The id of the mail that a run (or a hand-off) asks for at that visit of a step."""
    return MessageId(uuid5(NAMESPACE_URL, f"leadloom:mail/{of}/{step}/{visit}"))
