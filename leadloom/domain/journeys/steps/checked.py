"""What may a step look at when it is checked, and how is a name said that nobody knows?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.journeys.conditions import either

if TYPE_CHECKING:  # a journey is made of steps
    from leadloom.domain.journeys.journey import Journey

Schemas = Mapping[str, type[BaseModel]]
"""Custom step → the schema of what a journey tells it in `with`."""

THE_LEADS_OWNER = "owner"
"""Stands for the lead's own owner where a step names a person."""


@dataclass(frozen=True)
class Checked:
    """One step's place in a journey under check. Paths are within the step; the checker adds where it stands."""

    journey: Journey
    definition: Definition
    custom_steps: Schemas = field(default_factory=dict[str, type[BaseModel]])
    """What `do: call` may name."""

    def person(self, path: Path, handle: str | None) -> Iterator[Fault]:
        """A fault when nobody of that handle is an owner."""
        people = [entry.handle for entry in self.definition.owners]
        yield from unknown(path, [handle] if handle else [], [*people, THE_LEADS_OWNER], "owner")

    def mail_class(self, path: Path, name: str | None) -> Iterator[Fault]:
        """A fault when the definition has no such message class."""
        yield from unknown(path, [name] if name else [], self.definition.mail.classes, "message class")

    def endpoint(self, path: Path, name: str, kind: str) -> Iterator[Fault]:
        """A fault when the definition has no such endpoint of that kind."""
        fitting = [key for key, endpoint in self.definition.endpoints.items() if endpoint.kind == kind]
        yield from unknown(path, [name], fitting, f"endpoint of the kind {kind}")


def unknown(path: Path, named: Iterable[str], known: Collection[str], noun: str) -> Iterator[Fault]:
    """A fault for each name that is none of the known ones."""
    known = list(known)
    for name in named:
        if name not in known:
            offer = f"Known: {either(known)}." if 0 < len(known) <= 12 else "The definition lists them."
            offer = offer if known else "There is none yet: add it."
            yield Fault(path=path, words=f"There is no {noun} {name}. {offer}")
