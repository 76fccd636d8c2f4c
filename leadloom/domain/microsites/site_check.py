"""Does a microsite hang together: do its order, tracks, authors and offer name what there is?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from leadloom.domain.definitions.draft_faults import Fault, repeated, unknown
from leadloom.domain.microsites.site import INDEX, Piece, Site
from leadloom.domain.microsites.slot import faults_of_slots

_TAKEN = frozenset({"t", "seen", "feed.xml", "preview.png"})
_HOME = re.compile(r'href="/m/[^"/]+/([^"#?]+)')


def faults_of_site(site: Site, pieces: Mapping[str, Piece], calculators: Collection[str]) -> Iterator[Fault]:
    """Each thing that names nothing, or stands nowhere."""
    for place, name in enumerate(site.order):
        yield from unknown(("order", place), name, pieces, "piece")
    yield from repeated(("order",), site.order, "piece")
    for track, one in site.tracks.items():
        for place, name in enumerate(one.pieces):
            yield from unknown(("tracks", track, "pieces", place), name, pieces, "piece")
        yield from repeated(("tracks", track, "pieces"), one.pieces, "piece")
    if site.offer is not None:
        yield from unknown(("offer", "asset"), site.offer.asset, pieces, "piece")
    yield from faults_of_slots(site.slots)
    for name, piece in pieces.items():
        yield from _faults_of(name, piece, site, pieces, calculators)


def _faults_of(
    name: str, piece: Piece, site: Site, pieces: Mapping[str, Piece], calculators: Collection[str]
) -> Iterator[Fault]:
    front, here = piece.front, f"{name}.md"
    if name in _TAKEN or name == INDEX:
        yield Fault(path=(), words=f"{here}: the site itself uses that name: give the piece another.")
    if front.kind == "article" and front.author is None:
        yield Fault(path=(), words=f"{here}: an article is signed: name its author.")
    if front.author is not None and front.author not in site.authors:
        yield Fault(path=("authors",), words=f"{here} is by {front.author}, whom site.yaml doesn't know: add them.")
    if front.calculator is not None and front.calculator not in calculators:
        yield Fault(path=(), words=f"{here}: there is no calculator {front.calculator}.yaml beside it.")
    if front.kind == "article" and name not in site.order:
        yield Fault(path=("order",), words=f"{here} stands nowhere: add it to the order, or make it a page.")
    for link in _HOME.findall(piece.html):
        if link not in pieces and not link.startswith("t/"):
            yield Fault(path=(), words=f"{here} leads to {link}, and there is no such piece.")
