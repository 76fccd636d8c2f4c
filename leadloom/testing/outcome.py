"""What came of a story? The answers a test asks for, and the whole run in words when it wonders."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from leadloom.domain.journeys import moves
from leadloom.domain.model import Json, Value
from leadloom.domain.rehearsal.player import Played
from leadloom.domain.rehearsal.said import said

Effect = TypeVar("Effect", bound=Value)


class _Done(NamedTuple, Generic[Effect]):
    at: datetime
    step: str
    effect: Effect


class Outcome:
    """A played story. Days are whole days since entry. `print(outcome)` tells the run step by step."""

    def __init__(self, entered_at: datetime, played: Played) -> None:
        self._entered_at, self.played = entered_at, played

    @property
    def letters(self) -> tuple[tuple[int, str], ...]:
        """(day, step) of each mail that went, in order."""
        return tuple((day, step) for day, step, _ in self._went())

    @property
    def mails(self) -> tuple[tuple[int, str], ...]:
        """(day, mail) of each mail that went, in order: the folder of its template instead of its step."""
        return tuple((day, mail) for day, _, mail in self._went())

    @property
    def unsent(self) -> dict[str, str]:
        """Step → why, of each mail that was asked for and never went."""
        lost = [letter for letter in self.played.letters if letter.cancelled or letter.slot_at is None]
        return {each.mail.step: "the run was over" if each.cancelled else each.why for each in lost}

    @property
    def hand_offs(self) -> tuple[tuple[int, str], ...]:
        """(day, kind) of each hand-off raised."""
        return tuple((self._day(did.at), did.effect.kind) for did in self._all(moves.RaiseHandOff))

    @property
    def tasks(self) -> tuple[tuple[int, str], ...]:
        """(day, step) of each task an owner got."""
        return tuple((self._day(did.at), did.step) for did in self._all(moves.OpenTask))

    @property
    def recorded(self) -> tuple[str, ...]:
        """Kinds of event the run recorded."""
        return tuple(did.effect.kind for did in self._all(moves.RecordEvent))

    @property
    def called(self) -> tuple[tuple[int, str], ...]:
        """(day, activity) of each outside effect."""
        return tuple((self._day(did.at), did.effect.activity) for did in self._all(moves.Call))

    @property
    def started(self) -> tuple[tuple[int, str], ...]:
        """(day, journey) of each other journey it let the lead into."""
        return tuple((self._day(did.at), did.effect.journey) for did in self._all(moves.StartRun))

    @property
    def stopped(self) -> tuple[tuple[int, str], ...]:
        """(day, journey) of each other journey it ended."""
        return tuple((self._day(did.at), did.effect.journey) for did in self._all(moves.StopRun))

    @property
    def attributes(self) -> dict[str, Json]:
        """What is known of the lead at the end, by its own name."""
        return dict(self.played.facts.lead.attributes)

    @property
    def tags(self) -> tuple[str, ...]:
        """The lead's tags at the end."""
        return self.played.facts.tags

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages it moved the lead to, in order."""
        return tuple(did.effect.to for did in self._all(moves.MoveStage))

    @property
    def stage(self) -> str:
        """The lead's stage at the end."""
        return self.played.facts.stage

    @property
    def outcome(self) -> str | None:
        """How the run ended; None when it is still open."""
        return self.played.outcome

    @property
    def ended_on_day(self) -> int:
        """The day it ended, or the last that was played."""
        return self._day(self.played.at)

    @property
    def waiting_for(self) -> str | None:
        """What it waits for when it was left open, or the error that holds it."""
        return self.played.blocked or (self.played.waits.waiting_for if self.played.waits else None)

    def steps(self) -> list[str]:
        """The steps of the mails that went."""
        return [step for _, step in self.letters]

    def __str__(self) -> str:
        """The run as its page tells it: a line for each decision, with its day."""
        lines = [f"day {self._day(did.at):>3}  {did.step:<24} {said(did.effect)}" for did in self.played.did]
        return "\n".join([*lines, f"day {self.ended_on_day:>3}  {self.outcome or f'waits for {self.waiting_for}'}"])

    __repr__ = __str__

    def _all(self, kind: type[Effect]) -> list[_Done[Effect]]:
        return [_Done(did.at, did.step, did.effect) for did in self.played.did if isinstance(did.effect, kind)]

    def _went(self) -> list[tuple[int, str, str]]:
        """Of a run that is over also what goes afterwards: its last mail."""
        over = self.played.outcome is not None
        gone = [
            (letter.slot_at, letter.mail)
            for letter in self.played.letters
            if letter.slot_at is not None and (letter.went_by(self.played.at) or (over and not letter.cancelled))
        ]
        return [(self._day(at), mail.step, mail.mail) for at, mail in sorted(gone, key=lambda pair: pair[0])]

    def _day(self, at: datetime) -> int:
        return (at - self._entered_at) // timedelta(days=1)
