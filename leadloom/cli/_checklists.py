"""What do we know of a lead by having asked? The call script at the command line: show, answer, take back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.cli._data import AsJson, By, ask, table, write
from leadloom.domain.errors import BadInput
from leadloom.domain.stages.checklist import STATES, Answered
from leadloom.runtime.wiring import House
from leadloom.store import checklists, leads, published
from leadloom.store.checklists import Qualification

Who = Annotated[str, typer.Argument(metavar="LEAD", help="Lead id, mail address or external id.")]


def checklist(
    lead: Who,
    only: Annotated[str | None, typer.Option("--list", help="Only this list, such as bant.")] = None,
    as_json: AsJson = False,
) -> None:
    """The questions of qualification with their answers, and what the SQL gate makes of them."""

    async def read(house: House) -> Qualification:
        async with house.db.read() as tx:
            return await checklists.of_lead(tx, await leads.find(tx, lead), book=await published.book(tx))

    told = ask(read)
    write(told, *_draw(told, only), as_json=as_json)


def answer(
    lead: Who,
    item: Annotated[str, typer.Argument(metavar="LIST/ITEM", help="Such as bant/need.")],
    state: Annotated[str, typer.Argument(metavar="STATE", help="yes, no or unknown.")],
    by: By,
    evidence: Annotated[str, typer.Option("--evidence", help="How we know: who said so, and what.")] = "",
    as_json: AsJson = False,
) -> None:
    """Keep what was said to a question. Nothing is overwritten: the last answer counts."""
    name, slash, what = item.partition("/")
    if not slash:
        raise BadInput("item", item, "Write the list and the question, such as bant/need.")
    if state not in STATES:
        raise BadInput("state", state, f"Use one of: {', '.join(STATES)}.")
    said = Answered(checklist=name, item=what, state=state, evidence=evidence, by=by, via="cli")

    async def work(house: House) -> Qualification:
        async with house.db.transaction() as tx:
            lead_id, book = await leads.find(tx, lead), await published.book(tx)
            return await checklists.answer(tx, lead_id, said, book=book, at=house.now())

    told = ask(work)
    write(told, *_draw(told, name), as_json=as_json)


def take_back_answer(
    lead: Who,
    no: Annotated[int, typer.Argument(metavar="NO", help="Number of the answer, as `leads checklist` prints it.")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Undo an answer: what held before holds again. Exit 4 when it doesn't count any more."""

    async def work(house: House) -> Qualification:
        async with house.db.transaction() as tx:
            lead_id, book = await leads.find(tx, lead), await published.book(tx)
            return await checklists.take_back(tx, lead_id, no, by=by, via="cli", book=book, at=house.now())

    told = ask(work)
    write(told, *_draw(told, None), as_json=as_json)


def _draw(told: Qualification, only: str | None) -> Iterator[RenderableType]:
    yield table(
        "question", "answer", "evidence", "by", "at", "no", "proves",
        rows=(
            (f"{one.checklist}/{one.item}", one.state, one.evidence or one.asks, one.by, one.at, one.no, one.proves)
            for one in told.items
            if only in (None, one.checklist)
        ),
        empty="No such questions: see `checklists` in the definition.",
    )  # fmt: skip
    yield f"SQL gate: {'passed' if told.gate.passed else 'not yet'}. {'. '.join(told.gate.why)}."
