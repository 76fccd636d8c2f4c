"""What does a script say will happen? One JSON object a line: who, when, what. Every fault is told with its line.

{"lead": "ana.torres@meridian-pharma.example", "day": 3.5, "event": "link_clicked", "data": {"link": 1}}
{"lead": "*", "at": "2026-03-10T09:00Z", "tells": {"audit_date": "2026-06-01"}}
{"lead": 7, "day": 12, "answers": {"step": "call", "outcome": "done"}}
{"lead": 7, "day": 2, "decides": "recycle", "reason": "not-yet"}
{"pause": "welcome-four-degrees", "day": 20, "until_day": 24, "clock": "active only"}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, Field, ValidationError, model_validator

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import Faulty
from leadloom.domain.facts import PauseClock
from leadloom.domain.lead import Verdict
from leadloom.domain.model import Instant, Json, LeadId, Value
from leadloom.domain.rehearsal.cast import Cue, Decides, Stands
from leadloom.domain.rehearsal.happenings import Answers, Happens, Tells

EVERYBODY = "*"


class _Answer(Value):
    step: str
    outcome: str = "done"


class Line(Value):
    """One line of a script."""

    lead: str | int | None = None
    """Mail address, lead id or external id; the number of a stranger; `*` for everybody."""
    day: float | None = None
    """Days since the rehearsal begins …"""
    at: AwareDatetime | None = None
    """… or the instant."""
    event: str | None = None
    data: dict[str, Json] = Field(default_factory=dict)
    verdict: Verdict = Verdict.HUMAN
    tells: dict[str, Json] | None = None
    """Fields of the lead and what they become."""
    answers: _Answer | None = None
    decides: Literal["accept", "reject", "recycle"] | None = None
    reason: str | None = None
    until: AwareDatetime | None = None
    """Of a recycle: the date to come back; of a pause: when it ends …"""
    pause: str | None = None
    """A journey that stands still."""
    until_day: float | None = None
    """… or its day."""
    clock: PauseClock | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Line:
        said = [self.event, self.tells, self.answers, self.decides, self.pause]
        if sum(one is not None for one in said) != 1:
            raise ValueError("say one of event, tells, answers, decides or pause")
        if (self.day is None) == (self.at is None):
            raise ValueError("say when: either day or at")
        if (self.pause is None) == (self.lead is None):
            raise ValueError("say who: lead; a pause is of a journey and names none")
        if self.pause is not None and (self.until is None) == (self.until_day is None):
            raise ValueError("say until when it stands still: either until or until_day")
        return self

    def when(self, begins_at: datetime) -> datetime:
        """The instant it says."""
        return self.at if self.at is not None else begins_at + timedelta(days=self.day or 0.0)


class Script(Value):
    """A script that reads."""

    lines: tuple[Line, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Whom it names, each once, as written."""
        named = (str(line.lead) for line in self.lines if line.lead is not None)
        return tuple(dict.fromkeys(name for name in named if name != EVERYBODY))

    def cues(self, who: Mapping[str, LeadId], everybody: Sequence[LeadId], *, begins_at: datetime) -> list[Cue]:
        """What happens to whom, in the order it is written. `who` knows every name of `names`."""
        found: list[Cue] = []
        for line in self.lines:
            if line.lead is None:
                continue
            whom = everybody if line.lead == EVERYBODY else [who[str(line.lead)]]
            at = line.when(begins_at)
            found += [Cue(lead_id=lead_id, what=what) for lead_id in whom for what in _whats(line, at)]
        return found

    def pauses(self, begins_at: datetime) -> tuple[Stands, ...]:
        """The times in which a journey stands still."""
        return tuple(
            Stands(
                journey=line.pause,
                since=line.when(begins_at),
                until=line.until or begins_at + timedelta(days=line.until_day or 0.0),
                clock=line.clock,
            )
            for line in self.lines
            if line.pause is not None
        )


def read_script(name: str, text: str, definition: Definition, journeys: Iterable[str]) -> Script:
    """Raises Faulty with every fault and its line: what doesn't read, and events and journeys nobody defined."""
    known, faults, lines = frozenset(journeys), list[str](), list[Line]()
    for no, row in enumerate(text.splitlines(), start=1):
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        try:
            line = Line.model_validate(json.loads(row))
        except json.JSONDecodeError as error:
            faults.append(f"line {no}: this is no JSON object ({error.msg}). Write one object a line.")
            continue
        except ValidationError as error:
            faults += [f"line {no}: {_words(one['loc'], one['msg'])}." for one in error.errors(include_url=False)]
            continue
        faults += [f"line {no}: {fault}" for fault in _unknown(line, definition, known)]
        lines.append(line)
    if faults:
        raise Faulty(name, faults)
    return Script(lines=tuple(lines))


def _whats(line: Line, at: Instant) -> Iterator[Happens | Tells | Answers | Decides]:
    if line.event is not None:
        yield Happens(at=at, kind=line.event, data=line.data, verdict=line.verdict)
    for field, value in (line.tells or {}).items():
        yield Tells(at=at, field=field, value=value)
    if line.answers is not None:
        yield Answers(at=at, step=line.answers.step, outcome=line.answers.outcome)
    if line.decides is not None:
        yield Decides(at=at, kind=line.decides, reason=line.reason, until=line.until)


def _unknown(line: Line, definition: Definition, journeys: frozenset[str]) -> Iterator[str]:
    if line.event is not None and line.event not in definition.events:
        yield f"the definition has no event {line.event}. See `events` in it."
    if line.pause is not None and line.pause not in journeys:
        yield f"no journey {line.pause} is played. Name one of {', '.join(sorted(journeys))}."
    if line.reason is not None and line.reason not in definition.reject_reasons:
        yield f"{line.reason} is no reject reason. Name one of {', '.join(definition.reject_reasons)}."


def _words(loc: Iterable[int | str], said: str) -> str:
    place, message = ".".join(str(part) for part in loc), said.removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
