"""What do we know of a lead by having asked, and is that enough for a deal? Answers are a log; the last one counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.model import Instant, Json, Value

ANSWERED = "qualification_answered"
State = Literal["yes", "no", "unknown"]
STATES: tuple[State, ...] = ("yes", "no", "unknown")
LONGEST_EVIDENCE = 2000


class Answered(Value):
    """What somebody says to one question."""

    checklist: str
    item: str
    state: State
    evidence: str = ""
    """In whose words, where it stands: a yes has some."""
    by: str
    """Handle of who asked."""
    via: Literal["page", "cli", "api"]


class Answer(Answered):
    """A row of the log."""

    no: int
    """From 1 per lead, without gaps."""
    at: Instant
    undoes: int | None = None
    """The number of the answer this one takes back; its own state and evidence are those before that."""


class ItemNow(Value):
    """Where one question stands."""

    checklist: str
    item: str
    asks: str
    proves: str | None
    state: State
    """`unknown` also where nobody asked yet."""
    evidence: str = ""
    by: str | None = None
    at: Instant | None = None
    no: int | None = None
    """Of the answer that counts; None where nobody asked yet."""
    undoable: bool = False


class SqlDecision(Value):
    """What the SQL gate says, with what made it (law 8)."""

    passed: bool
    proven: dict[str, str]
    """Thing of the gate → the question whose yes proves it, `bant/need`."""
    missing: tuple[str, ...]
    """Things nothing proves yet, in the definition's order."""
    met: bool
    """Whether the event the gate asks for besides has happened."""
    why: tuple[str, ...]

    def as_evidence(self, version: int) -> dict[str, Json]:
        """For the stage log."""
        return {
            "passed": self.passed,
            "proven": dict(self.proven),
            "missing": list(self.missing),
            "met": self.met,
            "definition_version": version,
        }


def checked(definition: Definition, said: Answered) -> Answered:
    """The answer, if the definition asks that question and a yes says how we know. Raises BadInput."""
    checklist = definition.checklists.get(said.checklist)
    if checklist is None:
        lists = ", ".join(definition.checklists) or "none: write `checklists` in the definition"
        raise BadInput("checklist", said.checklist, f"There are: {lists}.")
    if said.item not in checklist.items:
        raise BadInput("item", said.item, f"{said.checklist} asks: {', '.join(checklist.items)}.")
    evidence = said.evidence.strip()
    if said.state == "yes" and not evidence:
        raise BadInput("evidence", said.evidence, "Write how we know: who said so, and what.")
    if len(evidence) > LONGEST_EVIDENCE:
        raise BadInput("evidence", evidence[:40], f"Use at most {LONGEST_EVIDENCE} characters.")
    return said.but(evidence=evidence)


def taken_back(answers: Sequence[Answer], no: int) -> tuple[State, str]:
    """What holds again when the answer of that number is taken back. Raises Conflict unless it is what counts."""
    undone = next((one for one in answers if one.no == no), None)
    if undone is None:
        raise Conflict(f"There is no answer {no} of this lead.")
    same = [one for one in answers if (one.checklist, one.item) == (undone.checklist, undone.item)]
    if same[-1].no != no or undone.undoes is not None:
        raise Conflict(f"Answer {no} doesn't count any more: somebody said something else since, or took it back.")
    before = [one for one in same if one.no < no]
    return (before[-1].state, before[-1].evidence) if before else ("unknown", "")


def items_now(definition: Definition, answers: Iterable[Answer]) -> tuple[ItemNow, ...]:
    """Each question of each list, in the definition's order, as the last answer leaves it."""
    last = {(one.checklist, one.item): one for one in answers}
    found: list[ItemNow] = []
    for name, checklist in definition.checklists.items():
        for item, question in checklist.items.items():
            plain = ItemNow(checklist=name, item=item, asks=question.asks, proves=question.proves, state="unknown")
            if (answer := last.get((name, item))) is not None:
                told = {field: getattr(answer, field) for field in ("state", "evidence", "by", "at", "no")}
                plain = plain.but(**told, undoable=answer.undoes is None)
            found.append(plain)
    return tuple(found)


def sql_gate(definition: Definition, yes: Collection[str], *, kinds: Collection[str]) -> SqlDecision:
    """Whether enough is known for a deal. `yes` are the questions answered so (`bant/need`), `kinds` what happened."""
    gate = definition.sql
    proven: dict[str, str] = {}
    for thing in gate.of:
        for name, checklist in definition.checklists.items():
            for item, question in checklist.items.items():
                if question.proves == thing and f"{name}/{item}" in yes:
                    proven.setdefault(thing, f"{name}/{item}")
    met = gate.and_ in kinds
    missing = tuple(thing for thing in gate.of if thing not in proven)
    why = [f"{len(proven)} of {gate.at_least} known: {', '.join(proven) or 'nothing yet'}"]
    if missing:
        why.append(f"Nothing proves yet: {', '.join(missing)}")
    if not met:
        why.append(f"Not yet: {definition.events[gate.and_].means.lower()}")
    passed = met and len(proven) >= gate.at_least
    return SqlDecision(passed=passed, proven=proven, missing=missing, met=met, why=tuple(why))
