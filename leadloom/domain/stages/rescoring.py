"""What would a lead's score be under other rules? Their whole life is told again, to those of a draft or a version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import Score
from leadloom.domain.lead import Account, Event, Lead
from leadloom.domain.model import Instant, LeadId, Value
from leadloom.domain.stages.ledger import entries_under
from leadloom.domain.stages.scoring import score
from leadloom.domain.standing import ScoreEntry


class Life(Value):
    """All that scores hang on."""

    lead: Lead
    account: Account | None
    entries: tuple[ScoreEntry, ...]
    """The ledger, in the order of its events."""
    events: tuple[Event, ...]
    """In order of their number, from the first."""


class Rescore(Value):
    """A lead's score as it is and as it would be."""

    lead_id: LeadId
    before: Score
    after: Score

    @property
    def moves(self) -> bool:
        """Whether letter or digit change: what people see and gates ask."""
        return (self.before.letter, self.before.digit) != (self.after.letter, self.after.digit)


class BandMove(Value):
    """So many leads would go from one band to another."""

    before: str
    """`A1` to `D4`."""
    after: str
    leads: int


class RescoreCounts(Value):
    """What other rules would do to many leads."""

    leads: int = 0
    """All that were looked at."""
    changed: int = 0
    """Those whose points change at all, by more than a hundredth."""
    moved: tuple[BandMove, ...] = ()
    """Leads whose band changes; most first, then by band."""

    def and_also(self, rescores: Iterable[Rescore]) -> RescoreCounts:
        """The same with some leads more."""
        moved = Counter({(move.before, move.after): move.leads for move in self.moved})
        leads, changed = self.leads, self.changed
        for one in rescores:
            leads += 1
            changed += abs(one.before.engagement - one.after.engagement) > 0.01 or one.before.fit != one.after.fit
            if one.moves:
                moved[band(one.before), band(one.after)] += 1
        most_first = sorted(moved.items(), key=lambda each: (-each[1], each[0]))
        moves = tuple(BandMove(before=a, after=b, leads=count) for (a, b), count in most_first)
        return RescoreCounts(leads=leads, changed=changed, moved=moves)


def band(figures: Score) -> str:
    """Letter and digit together, as people say it: `A1`."""
    return f"{figures.letter}{figures.digit}"


def what_if(now: Definition, draft: Definition, life: Life, *, at: Instant) -> Rescore:
    """The score at `at` by the ledger and the definition in force, and by all events under the draft's rules.

    Nothing is written. After the draft is published and the ledger re-scored, the first is what the second was.
    """
    return Rescore(
        lead_id=life.lead.lead_id,
        before=score(now, life.lead, account=life.account, entries=life.entries, at=at),
        after=score(draft, life.lead, account=life.account, entries=entries_under(draft, life.events), at=at),
    )
