"""Which letters does a lead get on which day, if this and that happens? Plays a journey through `next_move`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from leadloom.domain.facts import Facts, MessageStatus, Progress, Score, SentMail
from leadloom.domain.journeys.entry import ends
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import Call, Do, Finish, PlanMail, RaiseHandOff, RecordEvent, Wait
from leadloom.domain.journeys.progress import begin, next_move
from leadloom.domain.lead import Event, Lead
from leadloom.domain.model import Json, LeadId, MessageId, Value

ENTRY = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
"""A Tuesday."""
_MOST_MOVES = 200


class Played(Value):
    """What a run did."""

    letters: tuple[tuple[int, str], ...] = ()
    """(day, step) of each mail, in order."""
    hand_offs: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    outcome: str = ""
    ended_on_day: int = 0

    def steps(self) -> list[str]:
        """The mails alone."""
        return [step for _, step in self.letters]


def play(
    journey: Journey,
    happenings: Sequence[tuple[float, str]] = (),
    *,
    may_market: bool = True,
    reason: str | None = None,
    attributes: Mapping[str, Json] | None = None,
    before: Sequence[tuple[float, str]] = (),
) -> Played:
    """Let one lead through a journey; each mail goes out at once.

    Args:
        journey: As read from its file.
        happenings: (day of the journey, event kind), in order.
        may_market: Whether a basis suffices for marketing mail.
        reason: The reject reason of the lead's last hand-off.
        attributes: What the lead told us, such as `audit_date`.
        before: Events from before entry, with negative days.
    """
    lead = Lead(lead_id=LeadId(UUID(int=1)), created_at=ENTRY, attributes=dict(attributes or {}))
    first_no = len(before) + 1
    past = [_event(lead, no, day, kind) for no, (day, kind) in enumerate(before, start=1)]
    past.append(_event(lead, first_no, 0, journey.enter.events[0]))
    ahead = [_event(lead, no, day, kind) for no, (day, kind) in enumerate(happenings, start=first_no + 1)]
    facts = Facts(
        lead=lead,
        entered_at=ENTRY,
        stage="inquiry",
        score=Score(fit=60, letter="B", engagement=20.0, digit=3),
        events=tuple(past),
        may_market=may_market,
        last_reason=reason,
    )
    return _Story(journey, facts, ahead).tell()


def _event(lead: Lead, no: int, day: float, kind: str) -> Event:
    return Event(lead_id=lead.lead_id, no=no, kind=kind, at=ENTRY + timedelta(days=day))


class _Story:
    def __init__(self, journey: Journey, facts: Facts, ahead: list[Event]) -> None:
        self.journey, self.facts, self.ahead = journey, facts, ahead
        self.run: Progress = begin(journey, ENTRY, facts.events[-1].no)
        self.at = ENTRY
        self.played = Played()

    def tell(self) -> Played:
        for _ in range(_MOST_MOVES):
            match next_move(self.journey, self.run, self.facts, self.at):
                case Do(effect=effect, then=then):
                    self.do(effect)
                    self.run = then
                case Call(then=then):
                    self.run = then
                case Wait(until=until, progress=progress):
                    self.run = progress
                    if (outcome := self.sleep(until)) is not None:
                        return self.over(outcome)
                case Finish(outcome=outcome):
                    return self.over(outcome)
        raise AssertionError("the run never ends")

    def do(self, effect: object) -> None:
        match effect:
            case PlanMail(step=step, visit=visit):
                mail = SentMail(
                    message_id=MessageId(UUID(int=len(self.facts.mails) + 100)),
                    step=step,
                    visit=visit,
                    status=MessageStatus.SENT,
                    slot_at=self.at,
                    sent_at=self.at,
                )
                self.facts = self.facts.model_copy(update={"mails": (*self.facts.mails, mail)})
                letters = (*self.played.letters, ((self.at - ENTRY).days, step))
                self.played = self.played.model_copy(update={"letters": letters})
            case RaiseHandOff(kind=kind):
                self.played = self.played.model_copy(update={"hand_offs": (*self.played.hand_offs, kind)})
            case RecordEvent(kind=kind):
                self.played = self.played.model_copy(update={"recorded": (*self.played.recorded, kind)})
            case _:
                pass

    def sleep(self, until: datetime) -> str | None:
        """Let time pass until the wait ends or the next thing happens; the outcome when that ends the run."""
        if not self.ahead or self.ahead[0].at > until:
            self.at = until
            return None
        event = self.ahead.pop(0)
        self.at = max(self.at, event.at)
        # Numbers follow the order of recording: what the journey itself recorded has none here.
        self.facts = self.facts.model_copy(update={"events": (*self.facts.events, event)})
        return ends(self.journey, event)

    def over(self, outcome: str) -> Played:
        return self.played.model_copy(update={"outcome": outcome, "ended_on_day": (self.at - ENTRY).days})
