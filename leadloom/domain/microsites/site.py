"""What is a microsite? Signed pieces, tracks that put them in an order, and something offered to who reads on."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from leadloom.domain.microsites.slot import Slot
from leadloom.domain.model import Value

INDEX = "index"
"""The piece that stands on the site's first page."""


class Author(Value):
    """Who signs a piece."""

    name: str
    does: str
    """In a few words, behind the name."""


class SiteTrack(Value):
    """Pieces in an order, for one kind of reader, under one link."""

    title: str
    says: str
    pieces: tuple[str, ...] = Field(min_length=2)


class Offer(Value):
    """What is offered to somebody who read on."""

    form: str
    asset: str
    """The piece that the form opens."""
    after: int = Field(default=2, ge=1)
    """Pieces somebody has read before it is offered."""
    title: str
    says: str


class Site(Value):
    """A microsite: the file site.yaml of a folder of templates/microsites/."""

    title: str
    stand: str
    """What the site says in one sentence."""
    says: str
    language: str = "en"
    authors: dict[str, Author]
    order: tuple[str, ...] = Field(min_length=1)
    """Its pieces as the first page shows them."""
    tracks: dict[str, SiteTrack] = Field(default_factory=dict)
    offer: Offer | None = None
    slots: dict[str, Slot] = Field(default_factory=dict)
    """Places that say to a known reader what suits where they stand."""


Kind = Literal["article", "asset", "page"]


class Front(Value):
    """What a piece says of itself before its text."""

    title: str
    summary: str
    kind: Kind = "article"
    """article: open to all, and read counts · asset: opened by a signed link · page: neither."""
    author: str | None = None
    """A key of the site's authors; articles are signed."""
    date: date
    minutes: int | None = Field(default=None, ge=1, le=60)
    """Of reading; None: by the number of words."""
    picture: str | None = None
    """The figure shown on the first page and in tracks: a file of figures/."""
    calculator: str | None = None
    """The calculator it holds: a file of the folder, without `.yaml`."""
    form: str | None = None
    """The form at its end; of an asset the one that asks for it."""
    data: str = ""
    """What is said below about where its figures come from."""


class Piece(Value):
    """A page of a site, with its text as the page shows it."""

    name: str
    front: Front
    html: str
    """Built from Markdown, in which no HTML counts, and from checked figures."""
    headings: tuple[tuple[str, str], ...] = ()
    """Anchor and words of its second-level headings."""
    words: int
    picture: str = ""
    """Its `front.picture`, as SVG."""

    @property
    def minutes(self) -> int:
        """Of reading."""
        return self.front.minutes or max(1, round(self.words / WORDS_A_MINUTE))


WORDS_A_MINUTE = 230
"""Silent reading of prose by adults: 238 a minute over 190 studies (Brysbaert 2019), a little less with figures."""


def before_and_after(track: SiteTrack, name: str) -> tuple[str | None, str | None]:
    """The pieces on both sides of one in a track."""
    place = track.pieces.index(name)
    after = track.pieces[place + 1] if place + 1 < len(track.pieces) else None
    return (track.pieces[place - 1] if place else None), after
