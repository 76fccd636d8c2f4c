"""Which campaigns bring leads that sales gives back, and why? Reasons by campaign, else by the lead's source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import HandOffId, Instant, Value
from leadloom.domain.reports.figures import Share


class DecidedLead(Value):
    """A hand-off somebody decided."""

    hand_off_id: HandOffId
    decided_at: Instant
    reason: str | None
    """Why it was given back, at once or after it had been accepted; None: it wasn't."""
    campaign: str | None
    """The last one that had let the lead in before it was handed over."""
    source: str | None


class ReasonLine(Value):
    """One reason from one origin."""

    reason: str
    label: str
    ids: tuple[HandOffId, ...]


class Origin(Value):
    """What the leads of one campaign, or of one source without a campaign, came to at the desks."""

    campaign: str | None
    source: str | None
    """Set when no campaign brought them; both None: nobody knows."""
    words: str
    given_back: Share
    is_enough: bool
    """Whether there are enough to tell a share by (the charter's `judged_from`)."""
    reasons: tuple[ReasonLine, ...]
    """Most given first, then by the chip's key."""

    @property
    def ids(self) -> tuple[HandOffId, ...]:
        """All that were given back."""
        return tuple(each for line in self.reasons for each in line.ids)


def given_back(definition: Definition, decided: Iterable[DecidedLead]) -> tuple[Origin, ...]:
    """By origin, most given back first. Origins of which nothing came back are left out."""
    found: defaultdict[tuple[str | None, str | None], list[DecidedLead]] = defaultdict(list)
    for one in decided:
        found[one.campaign, None if one.campaign else one.source].append(one)
    origins = [_origin(definition, campaign, source, rows) for (campaign, source), rows in found.items()]
    return tuple(sorted((one for one in origins if one.reasons), key=lambda one: (-len(one.ids), one.words)))


def _origin(definition: Definition, campaign: str | None, source: str | None, rows: list[DecidedLead]) -> Origin:
    by_reason: defaultdict[str, list[HandOffId]] = defaultdict(list)
    for one in rows:
        if one.reason is not None:
            by_reason[one.reason].append(one.hand_off_id)
    chips = definition.reject_reasons
    lines = [
        ReasonLine(reason=reason, label=chips[reason].label if reason in chips else reason, ids=tuple(ids))
        for reason, ids in by_reason.items()
    ]
    known = definition.sources.get(source or "")
    return Origin(
        campaign=campaign,
        source=source,
        words=campaign or (known.label if known else source or "no campaign and no source we know"),
        given_back=Share(part=sum(len(line.ids) for line in lines), whole=len(rows)),
        is_enough=len(rows) >= definition.charter.judged_from,
        reasons=tuple(sorted(lines, key=lambda line: (-len(line.ids), line.label))),
    )
