"""What does one look of a run decide? Move after move in memory, written together with the looks of other runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from leadloom.domain.facts import Facts, MessageStatus, Progress, SentMail
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import FINISHED, Call, Do, Finish, PlanMail, Skip, StepEnd, Wait, how_ended
from leadloom.domain.journeys.progress import next_move, when_failed
from leadloom.domain.model import Json, MessageId
from leadloom.store import ends
from leadloom.store.advanced import Advanced
from leadloom.store.run_facts import RunStanding
from leadloom.store.tx import Tx

_ON = "its next step"
_MOMENTS = timedelta(minutes=1)
"""How late a look counts as on time. Below what a mail may be late, so that no window is missed by it."""


class Course:
    """A run from where it stands to its next wait. `answer` says how far it came; `write_all` writes it."""

    def __init__(self, run: RunStanding, journey: Journey, facts: Facts, at: datetime) -> None:
        """`at` is the look's. What is committed has happened: a workflow's clock stands still while its task runs, and
        nobody would nudge a run for an event it takes for one of the future.
        """
        self.run, self.journey, self.facts = run, journey, facts
        at = _on_time(at, run.waits_until)
        heard = [events[-1].at for events in (facts.events, facts.company_events) if events]
        self.at = max(at, *heard) if heard else at
        self.answer: Advanced | None = None
        self._log: list[dict[str, Json]] = []
        self._wait: dict[str, Json] | None = None
        self._outcome: str | None = None

    def go_on(self) -> Do | None:
        """Decide until somebody else must do something (that), or until nothing is left to decide (None)."""
        while self.answer is None and self.run.status == "active":
            match move := next_move(self.journey, self.run.progress, self.facts, self.at):
                case Do(effect=Skip(why=why)):
                    self.did(move, why)
                case Do():
                    return move
                case Wait():
                    self._waits(move)
                case Call():
                    words = f"the outside effect {move.activity}"
                    self._stands(self.run.progress, words, self.at)
                    self.answer = Advanced(
                        kind="call", waiting_for=words, activity=move.activity, step=move.step, visit=move.visit
                    )
                case Finish():
                    self._note(f"finished: {move.outcome}", move.why)
                    self._outcome = move.outcome
                    self.answer = Advanced(kind="done", waiting_for=move.outcome)
                case _:
                    assert_never(move)
        if self.answer is None:
            self.answer = Advanced(kind="done", waiting_for=self.run.outcome or self.run.status)
        return None

    def has_called(self, step: str, visit: int) -> bool:
        """The outside effect of a step has happened: the run stands behind it. False when it doesn't wait for that."""
        move = next_move(self.journey, self.run.progress, self.facts, self.at)
        if not isinstance(move, Call) or (move.step, move.visit) != (step, visit):
            return False
        self._note(f"called {move.activity}", {}, ended="passed")
        self._stands(move.then, _ON, self.at)
        return True

    def has_failed(self, step: str, visit: int, error: str) -> bool:
        """The outside effect of a step failed for good: the run goes where the step says. False when it must wait for
        a person, or doesn't wait for that effect.
        """
        move = next_move(self.journey, self.run.progress, self.facts, self.at)
        if not isinstance(move, Call) or (move.step, move.visit) != (step, visit):
            return False
        match when_failed(self.journey, self.run.progress, self.facts, self.at, error=error):
            case Do(effect=Skip(why=words)) as rescue:
                self.did(rescue, words)
                self._stands(rescue.then, _ON, self.at)
            case Finish() as end:
                self._note(f"finished: {end.outcome}", end.why)
                self._outcome = end.outcome
            case _:
                return False
        return True

    @property
    def has_moved(self) -> bool:
        """Whether anything was done that must be written."""
        return bool(self._log)

    def did(self, move: Do, words: str) -> None:
        """An effect has happened: the run stands behind it."""
        self._note(words, move.why, ended=how_ended(move.effect) if self._leaves(move.then) else None)
        self.run = self.run.model_copy(update={"progress": move.then})

    def let_on(self, move: Do) -> None:
        """A person ended its wait: it stands behind it, and its workflow takes it on from there."""
        assert isinstance(move.effect, Skip)  # whoever ends a wait does nothing else
        self.did(move, move.effect.why)
        self._stands(move.then, _ON, self.at)

    def asked(self, move: Do, asked: MessageId, planned: Mapping[MessageId, SentMail]) -> None:
        """A mail was asked for, and `planned` anew with others of its lead: what follows counts from these."""
        assert isinstance(move.effect, PlanMail)  # whoever asks for a mail was told to
        known = [planned.get(mail.message_id, mail) for mail in self.facts.mails]
        if asked in planned and all(mail.message_id != asked for mail in known):
            known.append(planned[asked])
        # What never goes was never seen: the next cast of a stream may still send it.
        never = asked in planned and planned[asked].status is MessageStatus.EXPIRED
        seen = self.facts.seen_mails if never else (*self.facts.seen_mails, move.effect.mail)
        self.facts = self.facts.model_copy(update={"mails": tuple(known), "seen_mails": seen})
        self.did(move, f"asked for the mail {move.effect.mail}")

    def stops_here(self) -> None:
        """Keep how far it came; somebody else takes it on from there."""
        self._stands(self.run.progress, _ON, self.at)

    def _waits(self, move: Wait) -> None:
        # Only a new wait is logged: a run that looks again because its deadline moved has decided nothing.
        if self.run.waiting_for != move.waiting_for:
            why: dict[str, Json] = {"until": move.until.isoformat(), "listens": list(move.listens)}
            self._note(f"waits for {move.waiting_for}", why)
        self._stands(move.progress, move.waiting_for, move.until, move.listens)
        self.answer = Advanced(kind="wait", until=move.until, waiting_for=move.waiting_for)

    def _leaves(self, then: Progress) -> bool:
        """Whether the run goes on from its step, if only to come to it again."""
        here = self.run.progress
        return (then.step, then.visits.get(then.step)) != (here.step, here.visits.get(here.step))

    def _note(self, did: str, why: dict[str, Json], *, ended: StepEnd | None = None) -> None:
        here = self.run.progress
        row: dict[str, Json] = {
            "enrolment_id": str(self.run.enrolment_id), "step": here.step, "visit": here.visits.get(here.step, 1),
            "at": self.at.isoformat(), "did": did, "why": why, "place": len(self._log) + 1, "ended": ended,
        }  # fmt: skip
        if ended is not None:
            row |= {"arrived_at": here.arrived_at.isoformat(), "due_at": here.due.isoformat()}
        self._log.append(row)

    def _stands(self, progress: Progress, waiting_for: str, until: datetime, listens: Sequence[str] = ()) -> None:
        self._wait = {
            "enrolment_id": str(self.run.enrolment_id),
            "progress": progress.model_dump(mode="json"),
            "waiting_for": waiting_for,
            "waits_until": until.isoformat(),
            "listens": list(listens),
        }

    def _end(self) -> dict[str, Json] | None:
        if self._outcome is None:
            return None
        return {
            "enrolment_id": str(self.run.enrolment_id),
            "outcome": self._outcome,
            "progress": self.run.progress.model_dump(mode="json"),
            "at": self.at.isoformat(),
        }

    @staticmethod
    async def write_all(tx: Tx, courses: Sequence[Course]) -> None:
        """Write what was decided, a statement for each kind of row."""
        if log := [row for course in courses for row in course._log]:
            await tx.run("log_steps", rows=log)
        if waits := [course._wait for course in courses if course._wait is not None]:
            await tx.run("save_waits", rows=waits)
        if finished := [end for course in courses if (end := course._end()) is not None]:
            await tx.run("finish_runs", rows=finished, finished=FINISHED)
            done = [course for course in courses if course._outcome is not None]
            at = max(course.at for course in done)
            if left := [course.run.enrolment_id for course in done if course._outcome != FINISHED]:
                await tx.run("cancel_mail_of_runs", enrolment_ids=left, at=at)
            await ends.tell(tx, [course.run.enrolment_id for course in done], at=at)


def _on_time(at: datetime, waits_until: datetime | None) -> datetime:
    """The instant a run waited for, when its look comes moments later: timers fire late and transactions take a while.

    Else each step would come a little later than the last, and a wait of a day from half past eight until half past
    eight would take two.
    """
    return waits_until if waits_until is not None and timedelta() <= at - waits_until <= _MOMENTS else at
