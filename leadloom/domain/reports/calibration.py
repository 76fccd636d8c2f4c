"""Do better bands do better? Acceptance and wins by the band a lead had when it was called ready, per version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.reports.figures import Frame, Proportion, frame

BASIS = (
    "each time a lead was called ready, by its band then; accepted ÷ answered (accepted or given back), "
    "won ÷ ended (accepted, and won or given back since); open ones are in neither; ranges are Wilson's 95 %"
)


class Qualified(Value):
    """One time a lead was called ready for sales, and what came of it before the next."""

    lead_id: LeadId
    definition_version: int
    band: str
    """`A1` to `D4`; empty where no score decided, as for a hand-off that a journey raised."""
    at: Instant
    accepted: bool
    answered: bool
    ended: bool
    won: bool


class BandRow(Value):
    """What became of the leads of one band."""

    band: str
    """Empty: no score decided, or the values were erased with the person."""
    qualified: int
    open: int
    """Nobody has answered yet."""
    accepted: Proportion
    won: Proportion
    out_of_order: bool = False
    """A worse band of the same letter or digit was surely accepted more often: the two ranges don't meet."""


class VersionPart(Value):
    """The bands under one version of the definition; figures across two versions are not joined."""

    definition_version: int
    bands: tuple[BandRow, ...]
    """Best first."""
    all: BandRow


class CalibrationReport(Value):
    """How well the score foretells what sales says and what is won."""

    frame: Frame
    basis: str
    versions: tuple[VersionPart, ...]
    """Newest first."""


def calibration(
    definition: Definition, qualified: Iterable[Qualified], *, as_of: Instant, track: str
) -> CalibrationReport:
    """The report of all that was called ready by `as_of`."""
    ordered = sorted(qualified, key=lambda one: (-one.definition_version, one.band or "~", one.at, one.lead_id))
    versions = [_part(version, list(own)) for version, own in groupby(ordered, key=lambda one: one.definition_version)]
    return CalibrationReport(frame=frame(definition, as_of, track=track), basis=BASIS, versions=tuple(versions))


def _part(version: int, own: Sequence[Qualified]) -> VersionPart:
    bands = [_row(band, list(those)) for band, those in groupby(own, key=lambda one: one.band)]
    judged = tuple(row.but(out_of_order=any(_beaten(row, other) for other in bands)) for row in bands)
    return VersionPart(definition_version=version, bands=judged, all=_row("all", own))


def _row(band: str, own: Sequence[Qualified]) -> BandRow:
    answered, ended = [one for one in own if one.answered], [one for one in own if one.ended]
    return BandRow(
        band=band,
        qualified=len(own),
        open=len(own) - len(answered),
        accepted=Proportion(part=sum(one.accepted for one in answered), whole=len(answered)),
        won=Proportion(part=sum(one.won for one in ended), whole=len(ended)),
    )


def _beaten(row: BandRow, other: BandRow) -> bool:
    if not row.band or not other.band or not _is_worse(other.band, than=row.band):
        return False
    high, low = row.accepted.high, other.accepted.low
    return high is not None and low is not None and low > high


def _is_worse(band: str, *, than: str) -> bool:
    """In one of the two, and not better in the other."""
    return band != than and band[0] >= than[0] and band[1] >= than[1]
