"""A number of a page, and the address of the rows it counted."""

from __future__ import annotations

from leadloom.domain.model import Value


class Figure(Value):
    """A number, and the rows it counted."""

    number: int
    href: str
