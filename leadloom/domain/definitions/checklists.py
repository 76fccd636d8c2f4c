"""What does the definition ask a rep to find out about a lead: BANT, CHAMP, MEDDIC, or a list of one's own?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from leadloom.domain.definitions.draft_faults import Fault, unknown
from leadloom.domain.model import Value


class ChecklistItem(Value):
    """One thing to find out."""

    asks: str
    """The question, as it is asked on the phone."""
    proves: str | None = None
    """The thing of the SQL gate (`sql.of`) that a yes is evidence of; None: good to know."""


class Checklist(Value):
    """Questions in the order they are asked."""

    means: str
    items: dict[str, ChecklistItem]


def check(checklists: Mapping[str, Checklist], proofs: Collection[str]) -> Iterator[Fault]:
    """What keeps the lists from being asked. `proofs` are the things of the SQL gate."""
    for name, checklist in checklists.items():
        if not checklist.items:
            yield Fault(path=("checklists", name, "items"), words="A list without questions asks nothing: write one.")
        for item, question in checklist.items.items():
            path = ("checklists", name, "items", item)
            if "/" in name or "/" in item:
                yield Fault(path=path, words="A slash can't stand in the name: take it out.")
            if question.proves is not None:
                yield from unknown((*path, "proves"), question.proves, proofs, "thing of the SQL gate")
