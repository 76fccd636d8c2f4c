"""What do the calls of tracking clients mean here? Which name is which kind of event, and who may claim it."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import Value


class PageRule(Value):
    """A view of a page that is an event: all that is said must hold."""

    kind: str
    """A key of `events`."""
    paths: tuple[str, ...] = ()
    """Paths of addresses, such as `/price`; one that ends in `*` means all that begin so. None: any page."""
    mediums: tuple[str, ...] = ()
    """What `utm_medium` must be one of, such as `cpc`. None: any, and none at all."""


class Mailbox(Value):
    """An address of ours whose mail makes leads."""

    source: str
    """A key of the definition's sources."""
    team: str | None = None
    """Who it is for; kept as the lead's attribute `team`, which routing and audiences may ask for."""


class TrackingPolicy(Value):
    """How what clients send becomes events."""

    names: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Kind → names that clients have for it; a kind's own name needs no line. Case, `_`, `-` and spaces don't count."""
    pages: tuple[PageRule, ...] = ()
    """In order, the first that holds. A view without one is kept as a view of a page: no event, no points."""
    public: tuple[str, ...] = ()
    """Kinds that a public key, which everybody can read in a page's source, may claim."""
    mailboxes: dict[str, Mailbox] = Field(default_factory=dict)
    """Name before the @, at one of our domains → what a mail of somebody unknown there makes."""
    keep_anonymous: Span = timedelta(days=90)
    """So long what nobody has been identified for is kept."""
    keep_dropped: Span = timedelta(days=30)
    """So long an event that couldn't be taken waits for a person."""
