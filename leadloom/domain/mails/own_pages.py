"""How does a link of a mail lead to a page of ours that asks who comes? With who reads, or with what it opens."""

from __future__ import annotations

from collections.abc import Callable

_SITES, _FORMS = "/m/", "/f/"


def opened(place: str, asset: Callable[[str], str]) -> str:
    """The address of a place of ours for somebody who isn't to be counted: of a microsite's page with what opens it.

    `asset` makes the token that opens an asset, `four-degrees/guide`, and names nobody.
    """
    if not place.startswith(_SITES):
        return place
    return _with(place, "key", asset(place.removeprefix(_SITES).partition("?")[0].partition("#")[0]))


def for_reader(place: str, token: str) -> str:
    """The same for a reader of ours: pages of microsites and forms learn who they are by this token."""
    if place.startswith(_SITES):
        return _with(place, "r", token)
    return _with(place, "reader", token) if place.startswith(_FORMS) else place


def _with(place: str, name: str, value: str) -> str:
    address, mark, anchor = place.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{name}={value}{mark}{anchor}"
