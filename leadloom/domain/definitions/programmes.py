"""What does the definition say about webinars, fairs and courses: which statuses are there, which one is success?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from leadloom.domain.definitions.draft_faults import Fault, unknown
from leadloom.domain.model import Value

TOLD_AS = "programme"
"""In the data of an event: the programme it belongs to."""


class Status(Value):
    """How far somebody came in a programme."""

    event: str
    """The kind of event that brings somebody here: it earns points and credit like any other."""
    success: bool = False
    """Whether it is what the programme is for."""
    unnamed: bool = False
    """Events of this kind that name no programme are of this one: for the first webinar of a house. One programme may
    say so of a kind; a second webinar leaves what was counted for the first where it is."""


class Programme(Value):
    """A webinar, a fair, a course: something people come to, by forms, lists and calls alike."""

    means: str
    statuses: dict[str, Status]
    """In order: of those that happened to somebody the last in this list is where they stand, whatever came when."""

    def status_of(self, kind: str) -> str | None:
        """The status an event of that kind brings; None for what is none of this programme's."""
        return next((name for name, status in self.statuses.items() if status.event == kind), None)


def unnamed_kinds(programme: Programme) -> tuple[str, ...]:
    """Kinds whose events needn't name the programme."""
    return tuple(status.event for status in programme.statuses.values() if status.unnamed)


def check(programmes: Mapping[str, Programme], kinds: Collection[str]) -> Iterator[Fault]:
    """What keeps programmes from counting. `kinds` are the definition's events."""
    taken: dict[str, str] = {}
    for name, programme in programmes.items():
        path = ("programmes", name, "statuses")
        seen: dict[str, str] = {}
        for status, rule in programme.statuses.items():
            yield from unknown((*path, status, "event"), rule.event, kinds, "kind of event")
            if (before := seen.setdefault(rule.event, status)) != status:
                words = f"`{rule.event}` brings `{before}` already: one event brings one status."
                yield Fault(path=(*path, status, "event"), words=words)
            if rule.unnamed and (other := taken.setdefault(rule.event, name)) != name:
                words = (
                    f"Events of `{rule.event}` that name no programme are of {other} already: take this `unnamed` out."
                )
                yield Fault(path=(*path, status, "unnamed"), words=words)
        if not any(rule.success for rule in programme.statuses.values()):
            yield Fault(path=path, words="None of them is success: mark the one the programme is for, success: true.")
