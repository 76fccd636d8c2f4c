"""On which made-up leads does a new rep practise? Written by who governs the hand-off, with the answers that fit.

They are never leads: nobody is captured, offered or mailed, and no report can count them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from leadloom.domain.definitions.draft_faults import Fault, unknown
from leadloom.domain.model import Value

ACCEPT = "accept"
"""The one answer that is no reject reason."""


class PracticeLead(Value):
    """Somebody invented, with what a rep would find out and which answers fit."""

    who: str
    """Name and role."""
    company: str
    country: str
    """ISO 3166-1 alpha-2."""
    kind: str
    """A key of `hand_offs`: whose clocks run."""
    why: tuple[str, ...]
    """Why this lead now, as a notice would say it."""
    finds: str
    """What a look or a first call brings out."""
    fits: tuple[str, ...]
    """`accept`, or keys of the reject reasons."""
    because: str
    """Why that fits, in the words of the definition's owner."""


def check(leads: Mapping[str, PracticeLead], *, kinds: Collection[str], reasons: Collection[str]) -> Iterator[Fault]:
    """The faults of the practice leads."""
    for name, lead in leads.items():
        path = ("practice", name)
        yield from unknown((*path, "kind"), lead.kind, kinds, "kind of hand-off")
        if not lead.fits:
            yield Fault(path=(*path, "fits"), words="Name at least one answer that fits, or nobody can get it right.")
        for index, answer in enumerate(lead.fits):
            yield from unknown((*path, "fits", index), answer, [ACCEPT, *reasons], "answer")
