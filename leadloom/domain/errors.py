"""Which facts a caller can act on: one root, two branches (never again / try later), a class per fact."""

from __future__ import annotations


class LeadloomError(Exception):
    """The root: whatever this raises says what was wrong and what to do."""


class Permanent(LeadloomError):
    """Trying again changes nothing; somebody must act."""


class Transient(LeadloomError):
    """Trying again later may work; nothing was lost."""


class NotFound(Permanent):
    """There is no such thing."""

    def __init__(self, noun: str, key: object) -> None:
        super().__init__(f"There is no {noun} {key}.")
        self.noun, self.key = noun, key


class Conflict(Permanent):
    """Somebody else decided first, or the state doesn't allow it."""


class BadInput(Permanent):
    """A value we can't take: names the field, the value and the remedy."""

    def __init__(self, field: str, value: object, remedy: str) -> None:
        super().__init__(f"{field}: {value!r} can't be used. {remedy}")
        self.field, self.value, self.remedy = field, value, remedy


class Faulty(Permanent):
    """A definition, journey or template that must not be published: every fault with its place."""

    def __init__(self, what: str, faults: list[str]) -> None:
        super().__init__(f"{what} has {len(faults)} fault(s):\n" + "\n".join(f"- {fault}" for fault in faults))
        self.what, self.faults = what, faults


class Full(Transient):
    """More stands at a door than can be let in soon."""


class Unreachable(Transient):
    """A service we depend on doesn't answer."""

    def __init__(self, service: str, where: str, why: str) -> None:
        super().__init__(f"{service} at {where} can't be reached: {why}")
        self.service, self.where, self.why = service, where, why
