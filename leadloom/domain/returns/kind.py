"""What is it that came back? One closed list of kinds, one of reasons, and the value every reader of mail answers."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from leadloom.domain.model import Instant, Json, Value


class Kind(StrEnum):
    """What a mail that came back, or a provider's event, is."""

    BOUNCE = "bounce"
    """The mail was not delivered, and nobody tries any more (RFC 3464 `failed`)."""
    DELAYED = "delayed"
    """Not delivered yet; they go on trying."""
    DELIVERED = "delivered"
    """A proof that it arrived (a success notice, a provider's event)."""
    COMPLAINT = "complaint"
    """The person called it spam (RFC 5965 `abuse`, `opt-out`)."""
    AUTO_REPLY = "auto_reply"
    """A machine answered for the person: away, left, a ticket number, a receipt, a challenge."""
    REPLY = "reply"
    """A person wrote."""
    UNSUBSCRIBE = "unsubscribe"
    """A mail to the address of List-Unsubscribe."""
    UNKNOWN = "unknown"
    """A machine wrote, and no rule says what. Kept for a person to look at; nothing follows."""


class Reason(StrEnum):
    """Why a mail bounced. Whose fault it is decides what follows (`policy`)."""

    UNKNOWN_USER = "unknown_user"
    UNKNOWN_DOMAIN = "unknown_domain"
    """No such domain, or it takes no mail at all (null MX)."""
    MOVED = "moved"
    DISABLED = "disabled"
    """Suspended, inactive, disabled: it may come back."""
    FILTERED = "filtered"
    """Called unknown, but only after the content was seen: filters say so of people who are there."""
    MAILBOX_FULL = "mailbox_full"
    REPUTATION = "reputation"
    """Our address, network or domain is on somebody's list."""
    POLICY = "policy"
    """Their rules, or the person's, refuse this sender or any stranger."""
    SPAM = "spam"
    """The content was called spam."""
    AUTH = "auth"
    """SPF, DKIM, DMARC, reverse DNS or TLS of ours."""
    RATE = "rate"
    """Too many, too fast."""
    TOO_BIG = "too_big"
    CONTENT = "content"
    """An attachment, a virus, a form of the body that is not allowed."""
    SYNTAX = "syntax"
    """The mail, or the SMTP dialogue, is malformed."""
    TIMEOUT = "timeout"
    """They gave up trying."""
    NETWORK = "network"
    """Their host or their DNS was out of reach."""
    RELAY = "relay"
    """Trouble inside the systems on the way: loops, full disks, relaying denied, configuration."""
    UNKNOWN = "unknown"


class Returned(Value):
    """What `leadloom.mail.inbound.read_return` reads from a mail. Whose it is, the address it came to says."""

    kind: Kind
    reason: Reason | None = None
    """Of bounces and delays."""
    status: str | None = None
    """The enhanced status (RFC 3463), such as `5.1.1`."""
    code: int | None = None
    """The reply code of SMTP, such as 550."""
    why: str
    """Which rule said so. Names nobody."""
    diagnostic: str | None = None
    """Their words, at most 500 characters. Personal."""
    recipients: tuple[str, ...] = ()
    """Whom the report is about, by address, lower case. A hint: forwarding hides it."""
    addressed: tuple[str, ...] = ()
    """Addresses the mail, or the mail it returns, names as ours: a token may be among them. The envelope's first."""
    authentication: tuple[str, ...] = ()
    """What mail systems on the way say of its sender (Authentication-Results), the topmost first. A person's only."""
    message_ids: tuple[str, ...] = ()
    """Without brackets: Message-ID of the returned mail, then In-Reply-To, then References, the latest first."""
    envelope_id: str | None = None
    """The ENVID (RFC 3461) a report names: what we gave the mail when the relay makes reports."""
    sender: str | None = None
    """The address in From, lower case."""
    subject: str = ""
    returns_on: date | None = None
    """Of an auto-reply: the first day they are back, as far as it says so."""
    left: bool = False
    """Of an auto-reply: the person works there no more."""
    text: str = ""
    """What the person wrote: of a reply without what it quotes, of an auto-reply all; at most 20,000 characters."""


class ProviderEvent(Value):
    """What a provider's webhook says became of a mail."""

    provider: str
    """`ses`, `sendgrid`, `mailgun`, `postmark`."""
    event_id: str
    """Theirs, and unique: the same event told twice is one."""
    kind: Literal["bounce", "delayed", "delivered", "complaint", "unsubscribe"]
    at: Instant
    message_id: str | None = None
    """Message-ID as it stood on our wire, without brackets."""
    envelope_from: str | None = None
    """Whom the envelope was from: our token in it says the mail, whatever Message-ID the provider gave it."""
    address: str | None = None
    """Whom it was to."""
    code: int | None = None
    status: str | None = None
    diagnostic: str | None = None
    """What the receiving side said, or the provider of it."""
    says: Literal["unknown_user", "suppressed", "mailbox_full", "spam", "content", "too_big", "undetermined"] | None = (
        None
    )
    """The provider's own class, where it is finer than `kind`; the receiver's words come first."""
    raw: dict[str, Json] = Field(default_factory=dict)
    """The event as it came."""
