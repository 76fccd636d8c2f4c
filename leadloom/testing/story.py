"""Given a lead, when days pass and things happen: then which mails, hand-offs and tasks on which day?

    def test_asking_to_talk_ends_it_before_the_letter():
        then = given("win-back", lead={"role": "quality"}).when(1, "call_requested").then
        assert (then.letters, then.outcome) == ((), "asked to talk")

Time is virtual: a story of months plays in milliseconds, on the interpreter that production runs. Days count from the
entry, on Tuesday 3 March 2026, 09:00 UTC, unless `at` says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.definitions.parts import Part
from leadloom.domain.errors import NotFound
from leadloom.domain.facts import Facts, Score
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import read_journey
from leadloom.domain.lead import Account, Event, Lead
from leadloom.domain.model import Json, LeadId
from leadloom.domain.rehearsal.happenings import Answers, Ends, Happening, Happens, Moves, Permits, Tells
from leadloom.domain.rehearsal.player import Played, Player
from leadloom.domain.rehearsal.postings import ByPolicy
from leadloom.runtime import catalog
from leadloom.testing.outcome import Outcome

ENTRY = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
"""When a lead enters: a Tuesday."""
LEAD = LeadId(UUID(int=1))


def given(
    journey: str | Journey,
    *,
    lead: Mapping[str, Any] | None = None,
    account: Mapping[str, Any] | None = None,
    before: Sequence[tuple[float, str]] = (),
    entered_by: str | None = None,
    at: datetime = ENTRY,
    **facts: Any,
) -> Story:
    """A lead who enters a journey.

    Args:
        journey: Its name, or the journey itself.
        lead: Fields of the lead, such as `{"country": "DE", "attributes": {"audit_date": "2026-06-01"}}`.
        account: Fields of their company, such as `{"name": "Alder", "sites": 6}`.
        before: (day, kind) of events from before entry; days are negative.
        entered_by: The event that lets them in; left out, the first the journey names; empty: no event did.
        at: When they enter.
        facts: What else is known: fields of `Facts`, such as `stage="mql"`, `may_market=False`, `tags=("vip",)`,
            `last_reason="not-yet"`.

    Raises NotFound for a journey without a file, Faulty for one that doesn't read.
    """
    found = journey if isinstance(journey, Journey) else journey_of(journey)
    company = None
    if account is not None:
        company = Account.model_validate({"account_id": UUID(int=2), "name": "A company", **account})
    whom = Lead.model_validate({"lead_id": LEAD, "created_at": at, **(lead or {})})
    kinds = [(day, kind) for day, kind in before]
    by = next(iter(found.enter.events), "") if entered_by is None else entered_by
    if by:
        kinds.append((0, by))
    events = tuple(
        Event(lead_id=LEAD, no=no, kind=kind, at=at + timedelta(days=day)) for no, (day, kind) in enumerate(kinds, 1)
    )
    known: dict[str, Any] = {
        "lead": whom, "account": company, "entered_at": at, "stage": _stage_of_answer(), "events": events,
        "may_market": True,
        "score": Score(fit=60, letter="B", engagement=20.0, digit=3), "in_journeys": (found.name,),
    }  # fmt: skip
    return Story(found, Facts.model_validate({**known, **facts}))


def journey_of(name: str) -> Journey:
    """The draft of that name. Raises NotFound, Faulty."""
    path = catalog.JOURNEYS / f"{name}.yaml"
    if not path.exists():
        raise NotFound("draft of a journey as data", name)
    return read_journey(DraftText(path.name, path.read_text(encoding="utf-8")))


@cache
def _stage_of_answer() -> str:
    """Where a lead stands who has answered us, as the draft of the definition calls it."""
    text = catalog.DEFINITION.read_text(encoding="utf-8")
    return Definition.model_validate(DraftText(catalog.DEFINITION.name, text).data).named(Part.ANSWERED)


@dataclass(frozen=True)
class Story:
    """A lead in a journey, and what happens to them. Each verb answers a new story; `then` plays it."""

    journey: Journey
    facts: Facts
    happenings: tuple[Happening, ...] = ()
    failing: Mapping[str, str] = field(default_factory=dict[str, str])
    definition: Definition | None = None
    last_day: float | None = None

    def when(self, day: float, kind: str, **data: Json) -> Story:
        """On that day of the journey the lead does this."""
        return self._and(Happens(at=self._at(day), kind=kind, data=data))

    def tells(self, day: float, field: str, value: Json) -> Story:
        """A field of the lead gets a value on that day, such as a date that moves."""
        return self._and(Tells(at=self._at(day), field=field, value=value))

    def answers(self, day: float, step: str, outcome: str = "done") -> Story:
        """An owner answers the task of a step."""
        return self._and(Answers(at=self._at(day), step=step, outcome=outcome))

    def ends(self, day: float, journey: str, outcome: str = "finished") -> Story:
        """A run of another journey ends: one this run began, or the one whose turn it was."""
        return self._and(Ends(at=self._at(day), journey=journey, outcome=outcome))

    def comes_to(self, day: float, stage: str) -> Story:
        """The lead comes to another stage."""
        return self._and(Moves(at=self._at(day), stage=stage))

    def permits(self, day: float, *, mail: bool) -> Story:
        """From that day on the lead may, or may no more, get marketing mail."""
        return self._and(Permits(at=self._at(day), may_market=mail))

    def fails(self, step: str, error: str = "it does not answer") -> Story:
        """The outside effect of a step fails for good."""
        return replace(self, failing={**self.failing, step: error})

    def under(self, definition: Definition) -> Story:
        """Mails go in the windows and under the caps of this definition; left out, each goes at once."""
        return replace(self, definition=definition)

    def until(self, day: float) -> Story:
        """Look on that day, whatever is still to come."""
        return replace(self, last_day=day)

    @property
    def then(self) -> Outcome:
        """What comes of it."""
        return Outcome(self.facts.entered_at, self._play())

    def _play(self) -> Played:
        journey = self.journey
        postings = None
        if self.definition is not None:
            postings = ByPolicy(self.definition, topic=journey.topic, priority=journey.priority)
        player = Player(journey, self.facts, self.happenings, postings=postings, failing=self.failing)
        return player.play(None if self.last_day is None else self._at(self.last_day))

    def _and(self, happening: Happening) -> Story:
        return replace(self, happenings=(*self.happenings, happening))

    def _at(self, day: float) -> datetime:
        return self.facts.entered_at + timedelta(days=day)
