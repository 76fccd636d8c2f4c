"""What does an owner do through the signed link of a task's notice? See the task, answer it; no login needed."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.handoffs.hand_off import name_of
from leadloom.domain.mails.links import TaskLink
from leadloom.domain.model import Value
from leadloom.runtime.responses import Reach
from leadloom.store import owners, published, tasks
from leadloom.store.owners import Owner
from leadloom.store.tasks import Answer, Task

VIA_LINK = "link"


class Asked(Value):
    """All that the page of a task's link shows. Instants are UTC."""

    link: TaskLink
    reader: Owner
    task: Task
    definition: Definition

    @property
    def answered_by(self) -> str:
        """Who answered, by name."""
        return name_of(self.definition, self.task.ended_by) if self.task.ended_by else "somebody"


async def read_by_link(reach: Reach, token: str, *, at: datetime) -> Asked:
    """The task behind a link, whatever became of it. Raises BadLink, NotFound."""
    link = reach.signer.read_task(token, at=at)
    async with reach.db.read() as tx:
        return Asked(
            link=link,
            reader=await owners.get(tx, link.owner_id),
            task=await tasks.get(tx, link.task_id),
            definition=(await published.book(tx)).definition,
        )


async def answer_by_link(reach: Reach, token: str, outcome: str, *, at: datetime) -> Task:
    """Answer as the link's owner. Raises BadLink, NotFound, BadInput, Conflict that says who was faster."""
    link = reach.signer.read_task(token, at=at)
    async with reach.db.transaction() as tx:
        by = (await owners.get(tx, link.owner_id)).handle
        said = Answer(outcome=outcome, by=by, via=VIA_LINK)
        return await tasks.answer(tx, link.task_id, said, book=await published.book(tx), at=at)
