"""What did people find out about a lead by asking? A log of answers with evidence, author and time; nothing is lost."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.lead import EventDraft
from leadloom.domain.model import LeadId, Value
from leadloom.domain.stages.checklist import (
    ANSWERED,
    Answer,
    Answered,
    ItemNow,
    SqlDecision,
    checked,
    items_now,
    sql_gate,
    taken_back,
)
from leadloom.store import events, standing
from leadloom.store.published import Book
from leadloom.store.tx import Tx


class Qualification(Value):
    """What we know of a lead by asking, and what the SQL gate makes of it."""

    lead_id: LeadId
    items: tuple[ItemNow, ...]
    """In the definition's order."""
    answers: tuple[Answer, ...]
    """The whole log, oldest first."""
    gate: SqlDecision


async def of_lead(tx: Tx, lead_id: LeadId, *, book: Book) -> Qualification:
    """How the questions stand."""
    answers = await _answers(tx, lead_id)
    kinds = {row["kind"] for row in await tx.all("kinds_of_lead", lead_id=lead_id)}
    return _told(lead_id, answers, kinds, book)


async def answer(tx: Tx, lead_id: LeadId, said: Answered, *, book: Book, at: datetime) -> Qualification:
    """Keep an answer. The very same again is kept once. Raises BadInput, NotFound."""
    said = checked(book.definition, said)
    await standing.lock(tx, [lead_id])
    answers = await _answers(tx, lead_id)
    last = next((one for one in reversed(answers) if (one.checklist, one.item) == (said.checklist, said.item)), None)
    if last is None or (last.state, last.evidence) != (said.state, said.evidence):
        await _keep(tx, lead_id, Answer(**said.model_dump(), no=len(answers) + 1, at=at), book)
    return await of_lead(tx, lead_id, book=book)


async def take_back(tx: Tx, lead_id: LeadId, no: int, *, by: str, via: str, book: Book, at: datetime) -> Qualification:
    """Undo an answer: what held before holds again, as a row of its own. Raises Conflict, NotFound."""
    await standing.lock(tx, [lead_id])
    answers = await _answers(tx, lead_id)
    state, evidence = taken_back(answers, no)
    undone = next(one for one in answers if one.no == no)
    told = {"state": state, "evidence": evidence, "by": by, "via": via, "no": len(answers) + 1, "at": at, "undoes": no}
    await _keep(tx, lead_id, Answer.model_validate({**undone.model_dump(), **told}), book)
    return await of_lead(tx, lead_id, book=book)


async def _keep(tx: Tx, lead_id: LeadId, answer: Answer, book: Book) -> None:
    await tx.run("keep_answer", lead_id=lead_id, **answer.model_dump())
    data = {"checklist": answer.checklist, "item": answer.item, "state": answer.state, "answer": answer.no}
    if answer.undoes is not None:
        data["undoes"] = answer.undoes
    key = f"answer/{answer.no}"
    draft = EventDraft.model_validate({"kind": ANSWERED, "at": answer.at, "key": key, "actor": answer.by, "data": data})
    await events.record(tx, lead_id, [draft], book=book, at=answer.at)


async def _answers(tx: Tx, lead_id: LeadId) -> tuple[Answer, ...]:
    return tuple(Answer(**row) for row in await tx.all("answers_of_lead", lead_id=lead_id))


def _told(lead_id: LeadId, answers: tuple[Answer, ...], kinds: set[str], book: Book) -> Qualification:
    items = items_now(book.definition, answers)
    yes = {f"{one.checklist}/{one.item}" for one in items if one.state == "yes"}
    gate = sql_gate(book.definition, yes, kinds=kinds)
    return Qualification(lead_id=lead_id, items=items, answers=answers, gate=gate)
