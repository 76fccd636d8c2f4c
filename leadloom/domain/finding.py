"""What was found when somebody looked whether all is well? How one thing stands, and its cure."""

from __future__ import annotations

from typing import Literal

from leadloom.domain.model import Value


class Finding(Value):
    """How one thing stands."""

    what: str
    verdict: Literal["ok", "warn", "fail"]
    says: str
    fix: str = ""
    """What to do; empty when nothing is to be done."""


def is_well(findings: tuple[Finding, ...]) -> bool:
    """Whether nothing fails. What only warns waits for a person and stops nobody."""
    return all(finding.verdict != "fail" for finding in findings)
