"""Which permission does a row of a list tell? Its kind, day, place and words, each by a cell, else by the operator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import Field

from leadloom.domain.errors import BadInput
from leadloom.domain.intake import told
from leadloom.domain.intake.cells import Unreadable, one_line
from leadloom.domain.intake.columns import ColumnMap
from leadloom.domain.intake.told_row import Dates, ToldRow
from leadloom.domain.lead import BasisDraft, BasisKind
from leadloom.domain.model import Instant, Value

USABLE = tuple(kind for kind in BasisKind if kind not in (BasisKind.NONE, BasisKind.SERVICE))
"""Kinds a list can declare."""

_NOTHING = frozenset(("no", "none", "false", "0", "n", "unknown"))
_USUAL_IMPLIED = "enquiry"


class Usual(Value):
    """What the operator says of rows that don't say it themselves."""

    kind: str | None = None
    """`express`, `implied:purchase` …; None where a column says it of each row."""
    collected_at: Instant | None = None
    source: str | None = None
    implied: dict[str, timedelta] = Field(default_factory=dict[str, timedelta])
    """How long each kind of implied permission holds, as the definition says."""


def tells_basis(columns: ColumnMap) -> bool:
    """Whether the permission, or a part of it, stands in the rows."""
    return any(columns.has(field) for field in ("basis", "collected_on", "collected_where", "wording"))


def basis_of(row: ToldRow, usual: Usual, *, dates: Dates, at: datetime) -> BasisDraft | None:
    """The permission of a row; None when it tells none. What it says and can't be read is a fault of the row."""
    told_kind = usual.kind or row.must("basis", lambda text: _kind(text, usual.implied))
    day = row.must("collected_on", lambda text: dates.past(text, at))
    where = row.must("collected_where", _short)
    wording = row.must("wording", _short) or ""
    if not told_kind:
        return None  # a blank cell states nothing, whatever the other rows say
    given, source = (day.at if day else usual.collected_at), where or usual.source
    if given is None and "collected_on" not in row.texts:
        row.fault("collected_on", "A permission has a day, and this row tells none. Write it, or give --collected-on.")
    if source is None and "collected_where" not in row.texts:
        row.fault("collected_where", "A permission has a place, and this row doesn't tell. Write it, or give --source.")
    if given is None or source is None:
        return None
    kind, _, which = told_kind.partition(":")
    until = given + usual.implied[which] if kind == BasisKind.IMPLIED else None
    return BasisDraft(kind=BasisKind(kind), source=source, wording=wording, at=given, until=until)


def kind_of(text: str, implied: Mapping[str, timedelta]) -> str:
    """The kind a word means, an implied one with what implies it: `implied:enquiry`. Raises BadInput."""
    kind, _, which = text.strip().casefold().replace(" ", "-").replace("_", "-").partition(":")
    if kind not in [one.value for one in USABLE]:
        raise BadInput("basis", text[:40], f"Use one of: {', '.join(USABLE)}.")
    if kind != BasisKind.IMPLIED:
        return kind
    if (which := which or _USUAL_IMPLIED) not in implied:
        raise BadInput("basis", text[:40], f"Use one of: {', '.join(f'implied:{one}' for one in implied)}.")
    return f"{kind}:{which}"


def _kind(text: str, implied: Mapping[str, timedelta]) -> str:
    if text.casefold() in _NOTHING:
        return ""
    try:
        return kind_of(text, implied)
    except BadInput as error:
        raise Unreadable(
            f"{text[:40]!r} is no permission. {error.remedy} none for nobody's; --value basis:THEIRS=OURS translates."
        ) from error


def _short(text: str) -> str:
    bare = one_line(text)
    if len(bare) > told.LONGEST_ATTRIBUTE:
        raise Unreadable(f"has {len(bare)} characters; the most is {told.LONGEST_ATTRIBUTE}.")
    return bare
