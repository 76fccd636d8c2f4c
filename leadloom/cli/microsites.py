"""Which microsites are there, and are they sound?"""

from __future__ import annotations

import typer

from leadloom.cli._data import AsJson, table, write
from leadloom.domain.errors import Faulty
from leadloom.domain.model import Value
from leadloom.runtime.microsites import Microsite, SiteFolder, lint

app = typer.Typer(no_args_is_help=True, help="Microsites: list and lint.")


class Listed(Value):
    """A page of a site."""

    site: str
    address: str
    kind: str
    title: str
    author: str
    words: int
    minutes: int
    tracks: tuple[str, ...]


class Linted(Value):
    """How many sites and pages are sound."""

    sites: int
    pages: int
    faults: tuple[str, ...]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every page of every site: where it is, who signed it, how long it takes, in which tracks."""
    rows = tuple(page for site in SiteFolder().sites().by_name.values() for page in _pages(site))
    drawn = table(
        "address", "kind", "title", "by", "words", "minutes", "tracks",
        rows=(
            (row.address, row.kind, row.title, row.author, row.words, row.minutes, " ".join(row.tracks)) for row in rows
        ),
        empty="There is no microsite yet: docs/how-to/make-a-microsite.md.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@app.command("lint")
def lint_(as_json: AsJson = False) -> None:
    """Look through all sites; exit 6 with every fault, its file, line and remedy."""
    faults = lint()
    if faults and not as_json:
        raise Faulty("The microsites", list(faults))
    sites = SiteFolder().sites().by_name.values()
    linted = Linted(sites=len(sites), pages=sum(len(site.pieces) for site in sites), faults=faults)
    write(linted, f"{linted.pages} pages of {linted.sites} site(s), nothing is wrong with them.", as_json=as_json)
    if faults:
        raise typer.Exit(6)


def _pages(site: Microsite) -> list[Listed]:
    authors = site.site.authors
    return [
        Listed(
            site=site.name,
            address=f"{site.home}/{piece.name}",
            kind=piece.front.kind,
            title=piece.front.title,
            author=authors[piece.front.author].name if piece.front.author else "",
            words=piece.words,
            minutes=piece.minutes,
            tracks=tuple(name for name, one in site.site.tracks.items() if piece.name in one.pieces),
        )
        for piece in site.pieces.values()
    ]
