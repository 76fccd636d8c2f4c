"""Which code says why a lead goes back, and what does it say? No lead leaves the way or steps back without one.

A rep's chip is such a code (`reject_reasons`); `move_reasons` holds those of everything else. What the process itself
does has codes of its own, which a definition may word as it likes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from leadloom.domain.definitions.draft_faults import Fault

if TYPE_CHECKING:  # a definition holds these reasons, so the two need each other's names
    from leadloom.domain.definitions.definition import Definition

NO_RESPONSE = "no-response"
DEFINITION_CHANGED = "definition-changed"
DEAL_LOST = "deal-lost"
GIVEN_BACK = "given-back"
BY_JOURNEY = "by-journey"
IMPORTED = "imported"

OWN: dict[str, str] = {
    NO_RESPONSE: "No response for long",
    DEFINITION_CHANGED: "Another definition of a lead came into force",
    DEAL_LOST: "The deal was lost",
    GIVEN_BACK: "Sales gave the lead back",
    BY_JOURNEY: "A journey that gives no code of its own moved them",
    IMPORTED: "Another system says that they stand there",
}
"""Codes of the process itself. `by-journey` is for journeys published before a move back had to name one."""


def with_own_reasons(reasons: object) -> object:
    """The codes of a draft, and those of ours it doesn't word; also in versions published before they were known."""
    if not isinstance(reasons, Mapping):
        return reasons
    return {**OWN, **cast("Mapping[str, Any]", reasons)}


def reason_codes(definition: Definition) -> tuple[str, ...]:
    """Every code that may stand as the reason of a move back, those of reps first."""
    return (*definition.reject_reasons, *definition.move_reasons)


def reason_words(definition: Definition, code: str) -> str:
    """What a code says; the code itself when the definition knows it no more, or when it was words already."""
    chip = definition.reject_reasons.get(code)
    return chip.label if chip else definition.move_reasons.get(code, code)


def leads_back(definition: Definition, from_stage: str, to_stage: str) -> bool:
    """Whether that move leads off the way (to a detour) or to an earlier stage of it.

    Coming back from a detour is no move back, wherever it leads.
    """
    names = [stage.name for stage in definition.stages]
    was, becomes = definition.stage(from_stage), definition.stage(to_stage)
    return becomes.detour or (not was.detour and names.index(to_stage) < names.index(from_stage))


def may_lead_back(definition: Definition, to_stage: str) -> bool:
    """Whether some stage lets leads go back to that one, so that whoever moves them there needs a code."""
    return any(to_stage in stage.next and leads_back(definition, stage.name, to_stage) for stage in definition.stages)


def check(definition: Definition) -> Iterator[Fault]:
    """A code means one thing: none is both a rep's chip and a reason of something else."""
    for code, words in definition.move_reasons.items():
        if code in definition.reject_reasons:
            said = f"`{code}` is a reject reason already, and can be named as it is: take it out here."
            yield Fault(path=("move_reasons", code), words=said)
        elif not words.strip():
            yield Fault(path=("move_reasons", code), words="It says nothing: write what the lead's page shall say.")
