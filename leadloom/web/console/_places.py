"""Where can one go in the console? Every module here that declares a `PLACE` is in the row above each page."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, params

from leadloom.domain.access.rights import Right
from leadloom.domain.model import Value

HERE = Path(__file__).parent


class Place(Value):
    """A page worth a way of its own."""

    href: str
    words: str
    means: str
    """What one sees there, in half a sentence; shown where there is room."""
    row: Literal["daily", "more"] = "more"
    """Daily places stand in the row; the others open under *More*."""
    order: int = 100
    """Smaller comes first; among equals the words decide."""
    needs: frozenset[Right] = frozenset()
    """The rights its page takes; read from the router beside it."""
    also: tuple[str, ...] = ()
    """Beginnings of further addresses that belong here."""

    def is_at(self, path: str) -> bool:
        """Whether a page of this address belongs here."""
        return any(path == own or path.startswith(own.rstrip("/") + "/") for own in (self.href, *self.also))


@cache
def places() -> tuple[Place, ...]:
    """All of them, in the order they are shown in."""
    return tuple(sorted(_declared(), key=lambda place: (place.row != "daily", place.order, place.words)))


def _declared() -> Iterator[Place]:
    for found in pkgutil.iter_modules([str(HERE)]):
        if not found.name.startswith("_"):
            module = importlib.import_module(f"{__package__}.{found.name}")
            place, router = getattr(module, "PLACE", None), getattr(module, "router", None)
            if isinstance(place, Place) and isinstance(router, APIRouter):
                yield place.but(needs=_needed(router, place.href))


def _needed(router: APIRouter, href: str) -> frozenset[Right]:
    """What the page at this address takes: its router's guards and its own."""
    own = [each for route in router.routes if getattr(route, "path", "") == href for each in _guards(route)]
    found = [getattr(each.dependency, "needed", None) for each in (*router.dependencies, *own)]
    return frozenset[Right]().union(*(each.rights for each in found if each is not None))


def _guards(route: object) -> list[params.Depends]:
    return getattr(route, "dependencies", [])
