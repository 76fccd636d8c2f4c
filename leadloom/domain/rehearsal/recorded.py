"""How did one run go in production, and would today's code decide the same? Its looks, each with the facts it saw.

What a run decided is kept in its log, and what it looked at can be read again from append-only rows. So a run can be
lived through once more without its database, its lead or its clock, and the first decision that differs is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from leadloom.domain.facts import Facts, Progress, SentMail
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.progress import next_move, when_failed
from leadloom.domain.model import Instant, Json, Value
from leadloom.domain.rehearsal.player import learnt
from leadloom.domain.rehearsal.said import said

_SAID_ALIKE = (
    moves.Skip, moves.PlanMail, moves.RaiseHandOff, moves.RecordEvent, moves.Call, moves.Wait, moves.Finish,
)  # fmt: skip
"""Moves whose words say nothing but the decision; of others the log tells what came of it, so the place must do."""


class Decided(Value):
    """One line of a run's log."""

    no: int
    step: str
    visit: int
    did: str
    why: dict[str, Json]


class Look(Value):
    """One look of a run: what it saw, and what it decided."""

    at: Instant
    facts: Facts
    """As they were just before."""
    decided: tuple[Decided, ...]
    error: str | None = None
    """The step failed three times here: the run was blocked."""


class RecordedRun(Value):
    """A run as it went."""

    format: Literal[1] = 1
    journey: Journey
    """The version it ran by."""
    begins: Progress
    """Where it stood before the first look."""
    looks: tuple[Look, ...]
    mails: tuple[SentMail, ...] = ()
    """All it planned."""
    ended: str | None = None
    """How it ended, if it has."""


class Difference(Value):
    """The first decision that is another one today."""

    no: int
    """Of the log; one more than the last for the step that was blocked."""
    at: Instant
    step: str
    was: str
    now: str
    why: dict[str, Json]
    """The values that made the decision in production."""

    @property
    def words(self) -> str:
        """All of it, for whoever reads a failed test."""
        return (
            f"decision {self.no}, at step {self.step} on {self.at:%Y-%m-%d %H:%M} UTC\n"
            f"  in production: {self.was}\n  today:         {self.now}\n  made by:       {self.why}"
        )


class Lived(NamedTuple):
    """One decision of the record beside today's."""

    decided: Decided
    at: Instant
    now: str
    is_same: bool


def first_difference(recorded: RecordedRun, journey: Journey | None = None) -> Difference | None:
    """The first decision that today's interpreter makes otherwise by `journey` (left out: the version it ran by)."""
    for lived in lives_again(recorded, journey or recorded.journey):
        if not lived.is_same:
            one = lived.decided
            return Difference(no=one.no, at=lived.at, step=one.step, was=one.did, now=lived.now, why=one.why)
    return None


def lives_again(recorded: RecordedRun, journey: Journey) -> Iterator[Lived]:
    """Each decision again, until the first that differs: what came after it belongs to another run."""
    run = recorded.begins
    for look in recorded.looks:
        facts = look.facts
        for decided in look.decided:
            try:
                move = _move(journey, run, facts, look, decided)
            except Exception as error:  # whatever today's code fails with is what the reader must see
                yield Lived(decided, look.at, _fails(error), is_same=False)
                return
            done = move.effect if isinstance(move, moves.Do) else move
            same = _is_same(decided, run, done)
            yield Lived(decided, look.at, f"{said(done)} (step {run.step}, visit {_visit(run)})", same)
            if not same or isinstance(move, moves.Finish):
                return
            facts = _after(done, facts, recorded, look)
            run = move.progress if isinstance(move, moves.Wait) else move.then
        if look.error is not None:
            yield _blocked(recorded, look, look.error, journey, run)


def _blocked(recorded: RecordedRun, look: Look, error: str, journey: Journey, run: Progress) -> Lived:
    """The step that held the run, as one more decision: the same while it fails."""
    last = max((one.no for each in recorded.looks for one in each.decided), default=0)
    decided = Decided(no=last + 1, step=run.step, visit=_visit(run), did=f"was blocked: {error}", why={})
    try:
        move = next_move(journey, run, look.facts, look.at)
    except Exception as failed:  # as above
        return Lived(decided, look.at, _fails(failed), is_same=True)
    # What an outside effect would do can't be known here: that it failed is all there is.
    return Lived(
        decided, look.at, said(move.effect if isinstance(move, moves.Do) else move), isinstance(move, moves.Call)
    )


def _fails(error: Exception) -> str:
    return f"fails: {type(error).__name__}: {error}"


def _move(journey: Journey, run: Progress, facts: Facts, look: Look, decided: Decided) -> moves.Move:
    move = next_move(journey, run, facts, look.at)
    if isinstance(move, moves.Call) and "error" in decided.why:
        # The effect failed for good in production: what the journey says of that was the decision.
        return when_failed(journey, run, facts, look.at, error=str(decided.why["error"])) or move
    return move


def _is_same(decided: Decided, run: Progress, done: moves.Effect | moves.Call | moves.Wait | moves.Finish) -> bool:
    if (decided.step, decided.visit) != (run.step, _visit(run)):
        return False
    return decided.did == said(done) or not isinstance(done, _SAID_ALIKE)


def _visit(run: Progress) -> int:
    return run.visits.get(run.step, 1)


def _after(
    done: moves.Effect | moves.Call | moves.Wait | moves.Finish, facts: Facts, recorded: RecordedRun, look: Look
) -> Facts:
    """What the run saw after its own effect, in the same look."""
    if isinstance(done, moves.PlanMail):
        key = (done.step, done.visit)
        asked = [mail for mail in recorded.mails if (mail.step, mail.visit) == key]
        return facts.but(mails=(*facts.mails, *asked), seen_mails=(*facts.seen_mails, done.mail))
    if isinstance(done, moves.Call | moves.Wait | moves.Finish):
        return facts
    return facts.but(**learnt(done, facts, look.at))
