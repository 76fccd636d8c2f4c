"""What does the rehearsal of an audience say of a case? The whole write path in memory: scores, stages, several runs.

It tells sends, not steps: they are compared with the ledger, with how the lead's runs ended beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.lead import Basis
from leadloom.domain.rehearsal.audience import play
from leadloom.domain.rehearsal.cast import Cue, LeadAtStart, LetsIn, Setting
from leadloom.domain.rehearsal.happenings import Answers, Happens, Tells
from leadloom.domain.rehearsal.tally import Tally
from leadloom.domain.standing import PublishedJourney, Standing
from tests.rehearsed.cases import PROOF, Case
from tests.rehearsed.live import Batch
from tests.rehearsed.told import is_near


class Send(NamedTuple):
    """A mail that went."""

    journey: str
    step: str
    visit: int
    mail: str
    at: datetime
    """Its slot."""


@dataclass(frozen=True)
class Lived:
    """What came of a case, over all journeys of its lead."""

    sends: tuple[Send, ...]
    ended: Mapping[tuple[str, str], int]
    """(journey, outcome) → runs."""
    open_in: Mapping[str, int]
    """Journey → runs that haven't ended."""


def predict(case: Case, definition: Definition, *, until: datetime) -> Lived:
    """The case in memory, to `until`."""
    journeys = tuple(PublishedJourney(hash=one.name, journey=one) for one in (case.journey, case.sub, case.holder))
    setting = Setting(definition=definition, journeys=journeys, begins_at=case.begins_at, ends_at=until)
    bases = (Basis(lead_id=case.lead.lead_id, **PROOF.model_dump()),) if case.may_market else ()
    start = LeadAtStart(standing=Standing(lead=case.lead, bases=bases))
    return _lived(play(setting, [start], list(_cues(case))))


def _cues(case: Case) -> Iterator[Cue]:
    lead_id = case.lead.lead_id
    if case.held:
        yield Cue(lead_id=lead_id, what=LetsIn(at=case.held_from, journey=case.holder.name, occasion="the case"))
    if case.by_event:
        form = {"form": case.journey.name}
        yield Cue(lead_id=lead_id, what=Happens(at=case.enters_at, kind="guide_requested", data={**form}))
    else:
        yield Cue(lead_id=lead_id, what=LetsIn(at=case.enters_at, journey=case.journey.name, occasion="the case"))
    for one in case.script:
        assert isinstance(one, Happens | Tells | Answers), one
        yield Cue(lead_id=lead_id, what=one)


def _lived(tally: Tally) -> Lived:
    waiting: Counter[str] = Counter()
    for (journey, _, _), count in tally.waiting.items():
        waiting[journey] += count
    sends = (Send(one.journey, one.step, one.visit, one.mail, one.at) for one in tally.sends)
    return Lived(tuple(sorted(sends)), dict(tally.outcomes), dict(waiting))


_SENDS = """
SELECT m.lead_id, e.journey, m.step, m.visit, m.mail, m.slot_at
  FROM message m JOIN enrolment e USING (enrolment_id)
 WHERE m.owner_id IS NULL AND m.status = 'sent'
"""
_RUNS = "SELECT lead_id, journey, status, outcome, count(*) AS runs FROM enrolment GROUP BY 1, 2, 3, 4"


async def read(batch: Batch, cases: Sequence[Case]) -> dict[int, Lived]:
    """Case → what came of it in Temporal."""
    sends: dict[UUID, list[Send]] = {case.lead.lead_id: [] for case in cases}
    ended: dict[UUID, Counter[tuple[str, str]]] = {case.lead.lead_id: Counter() for case in cases}
    open_in: dict[UUID, Counter[str]] = {case.lead.lead_id: Counter() for case in cases}
    for row in await batch.rows(_SENDS):
        one = Send(row["journey"], row["step"], row["visit"], row["mail"], row["slot_at"])
        sends[row["lead_id"]].append(one)
    for row in await batch.rows(_RUNS):
        if row["status"] == "active":
            open_in[row["lead_id"]][row["journey"]] += row["runs"]
        else:
            ended[row["lead_id"]][row["journey"], row["outcome"]] += row["runs"]
    ids = {case.no: case.lead.lead_id for case in cases}
    return {no: Lived(tuple(sorted(sends[one])), ended[one], open_in[one]) for no, one in ids.items()}


def first_difference(predicted: Lived, lived: Lived) -> str | None:
    """The first send or end that is told otherwise, in words."""
    for one, other in _pairs(predicted.sends, lived.sends):
        if one is None or other is None or one[:4] != other[:4] or not is_near(one.at, other.at):
            return f"rehearsed {_words(one)}, played {_words(other)}"
    if dict(predicted.ended) != dict(lived.ended):
        return f"ends: rehearsed {dict(predicted.ended)}, played {dict(lived.ended)}"
    if dict(predicted.open_in) != dict(lived.open_in):
        return f"still open: rehearsed {dict(predicted.open_in)}, played {dict(lived.open_in)}"
    return None


def _pairs(mine: Sequence[Send], theirs: Sequence[Send]) -> Iterable[tuple[Send | None, Send | None]]:
    for no in range(max(len(mine), len(theirs))):
        yield mine[no] if no < len(mine) else None, theirs[no] if no < len(theirs) else None


def _words(send: Send | None) -> str:
    return "no more" if send is None else f"{send.journey}/{send.step}/{send.visit} at {send.at:%m-%d %H:%M:%S}"
