"""What does a benchmark say? Rows of a floor and us, figures by name, targets that look at figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Cpu: TypeAlias = dict[str, float]
"""CPU by process: server, worker, postgres, sink, client."""


@dataclass(frozen=True)
class Size:
    """How large a run is."""

    quick: bool
    """Figures for trying: small, noisy, never to be quoted."""

    def pick(self, *, quick: int, full: int) -> int:
        """The number for this size."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Target:
    """A promise about a figure of the same module."""

    figure: str
    at_least: float | None = None
    at_most: float | None = None

    def met_by(self, value: float) -> bool:
        """Whether the figure keeps it."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    @property
    def words(self) -> str:
        """As it stands in the table."""
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"


@dataclass(frozen=True)
class Row:
    """One thing done by us and by its floor in the same run; a row without a floor stands for itself."""

    what: str
    unit: str
    """What a rate counts and CPU is divided by: mail, lead, row."""
    ours_per_s: float | None = None
    floor: str = ""
    """What the floor is, in words."""
    floor_per_s: float | None = None
    ours_cpu_ms: Mapping[str, float] = field(default_factory=dict[str, float])
    """CPU milliseconds a unit, by process."""
    floor_cpu_ms: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True)
class Measured:
    """What one module found."""

    rows: tuple[Row, ...]
    figures: Mapping[str, float]
    """Every other number by its name in words, unit included; targets name these."""
    notes: tuple[str, ...] = ()


def a_unit(cpu_s: Mapping[str, float], units: float) -> Cpu:
    """CPU seconds as milliseconds a unit, the processes that used none left out."""
    return {name: 1000 * used / units for name, used in cpu_s.items() if used > 0}
