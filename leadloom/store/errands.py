"""What does an owner have to do about mail that came back? A task with its notice, keyed by the run the mail was of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from leadloom.domain.journeys.moves import OpenTask
from leadloom.domain.model import EnrolmentId, LeadId, Value
from leadloom.store import calendars, enrolments, tasks
from leadloom.store.owners import Owner
from leadloom.store.published import Book
from leadloom.store.returns import ReturnedMail
from leadloom.store.tasks import Whose
from leadloom.store.tx import Tx


class Errand(Value):
    """A kind of task that mail which came back gives."""

    step: str
    """Under which name it stands at the run: no step of a journey can have it. `came-back/`: outlasts the run."""
    words: str
    outcomes: tuple[str, ...]
    due: timedelta


REPLY = Errand(
    step="came-back/reply",
    words="They replied to our mail: read it and answer",
    outcomes=("answered", "no answer needed"),
    due=timedelta(days=1),
)
LEFT = Errand(
    step="came-back/left",
    words="Their mailbox says they left the company: find out who looks after this now, and repair the lead",
    outcomes=("repaired", "nobody there any more"),
    due=timedelta(days=3),
)
"""Nobody the automatic answer names is ever written to by us: a successor has allowed nothing."""


class Given(NamedTuple):
    """To whom, and in words; nobody when the lead was in no journey that could carry it."""

    owner: Owner | None
    words: list[str]


async def give(
    tx: Tx, lead_id: LeadId, mail: ReturnedMail | None, errand: Errand, *, book: Book, at: datetime
) -> Given:
    """Give the lead's owner, else the manager, the task, and plan its notice. The lead is locked; each call is one."""
    enrolment_id = mail.enrolment_id if mail else None
    enrolment_id = enrolment_id or await _run_of(tx, lead_id)
    if enrolment_id is None:
        return Given(None, ["no run to hang a task on: it waits in the list of returns"])
    visit: int = 1 + await tx.value("errands_given", enrolment_id=enrolment_id, step=errand.step)
    whose = Whose(lead_id, enrolment_id, await calendars.locked(tx, lead_id))
    task = OpenTask(
        step=errand.step, visit=visit, to="owner", words=errand.words, outcomes=errand.outcomes, due=errand.due
    )
    owner = await tasks.give_of(tx, whose, task, book=book, at=at)
    return Given(owner, [f"{owner.handle} has a task"])


async def _run_of(tx: Tx, lead_id: LeadId) -> EnrolmentId | None:
    """The lead's latest run."""
    runs = await enrolments.of_lead(tx, lead_id)
    return runs[0].enrolment_id if runs else None
