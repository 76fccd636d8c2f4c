"""What kinds of message are there? Their names; the definition's mail policy says what each may do."""

from __future__ import annotations


class MailClass:
    """Names of the message classes; the definition's mail policy says what each may do."""

    SERVICE = "service"
    MARKETING = "marketing"
    ONE_TO_ONE = "one-to-one"
    OWNER_NOTICE = "owner-notice"


MARKETING = "marketing"
"""The purpose that marketing mail needs a basis for."""
