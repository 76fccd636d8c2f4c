"""What became of a stranger's file? What a person reads at the end, and a script as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from leadloom.domain.intake.columns import Suggestion
from leadloom.domain.model import Json, Value
from leadloom.runtime.how_to_read import ReadAsBefore
from leadloom.store.imports import FaultCount, Noun


class ColumnUse(Value):
    """What a column, or a text made of columns, was read as."""

    column: str
    field: str | None
    """None: kept as an attribute under its own name."""


class Alias(Value):
    """A name that was read as another one, because they differ by spaces and case only."""

    told: str
    known: str
    rows: int


class Shown(Value):
    """A row of the file with what is wrong with it."""

    row: int
    field: str
    why: str


class Imported(Value):
    """What became of a file."""

    import_id: UUID | None
    """None of a rehearsal: nothing was written."""
    noun: Noun
    file: str
    sha256: str
    dry_run: bool
    resumed_after: int
    """The row an earlier process came to; 0 when this one read them all."""
    encoding: str
    encoding_found_by: str
    separator: str
    columns: tuple[ColumnUse, ...]
    suggestions: tuple[Suggestion, ...]
    rows: int
    new: int
    changed: int
    unchanged: int
    refused: int
    quarantined: int
    opted_out: int
    mailable: int
    """Leads with an address and a permission that suffices in their country for marketing mail, none opted out."""
    reasons: tuple[FaultCount, ...]
    """What is wrong with the rows, by field, most rows first."""
    changed_fields: dict[str, int]
    """Fields of known leads that the rows of this run changed, by rows."""
    read_as: ReadAsBefore | None = None
    """What was taken over from an earlier file with the same header."""
    placeholders: dict[str, int]
    """Cells that say `Select` and the like, read as blank, by column."""
    blanks: dict[str, int]
    """Empty cells, by column."""
    sources: dict[str, int]
    """Sources the definition doesn't know, and how many rows name them."""
    aliases: tuple[Alias, ...]
    notes: tuple[str, ...]
    """What a person should know, in sentences."""
    refusals: tuple[Shown, ...]
    quarantine: tuple[Shown, ...]
    examples: tuple[dict[str, Json], ...]
    """Of a rehearsal: the first rows as they would be kept."""
    faults_file: str | None
    seconds: float


@dataclass
class Tally:
    """What the rows of a file say altogether; counted again by whoever resumes, so that it is whole."""

    rows: int = 0
    placeholders: Counter[str] = field(default_factory=Counter[str])
    blanks: Counter[str] = field(default_factory=Counter[str])
    sources: Counter[str] = field(default_factory=Counter[str])
    changed_fields: Counter[str] = field(default_factory=Counter[str])
    aliases: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    notes: Counter[str] = field(default_factory=Counter[str])
    """Sentence with `{n}` → how many rows it is true of."""
    mailable: int = 0
