"""What is a lead, as everybody here agreed? The glossary made from the definition in force, and what is proposed."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.drafting import Draft, Said
from leadloom.domain.definitions.parts import Part
from leadloom.domain.journeys.spans import write_span
from leadloom.domain.model import Value
from leadloom.store import definition_drafts, published
from leadloom.store.definition_drafts import StoodAt
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_DEFINITION)])
PLACE = Place(
    href="/definition", words="Definition", means="What a lead is, who governs it, and what is proposed", order=50,
    also=("/rows/preview", "/rows/look-back"),
)  # fmt: skip

KINDS = {
    "inventory": "no limit on how long",
    "gate": "decided at once, when something happens",
    "sla": "a clock runs",
}


class StageHere(Value):
    """A stage as the glossary tells it."""

    name: str
    kind: str
    means: str
    then: tuple[str, ...]
    needs: tuple[str, ...]
    clock: str
    detour: bool
    leads: int


@router.get("/definition")
async def glossary(visit: Visit) -> HTMLResponse:
    """Stages, gates, reasons, promises, who governs; and the drafts."""
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        stood = await definition_drafts.stood(tx)
        drafts = await definition_drafts.listed(tx)
        said = await definition_drafts.said(tx)
        versions = await definition_drafts.versions(tx, book.definition.name)
    definition = book.definition
    return visit.page(
        "console/definition.html", book, stages=tuple(stages_here(definition, stood)), kinds=KINDS,
        gates=tuple(gates_in_words(definition)), drafts=drafts, open=[one for one in drafts if _is_open(one)],
        said=_newest(said), versions=versions, names={one.handle: one.name for one in definition.owners},
        asks=sum(event.asks for event in definition.events.values()),
    )  # fmt: skip


def stages_here(definition: Definition, stood: tuple[StoodAt, ...]) -> Iterator[StageHere]:
    """Each stage with what it means, what it takes and how many leads stand there, in every track together."""
    for stage in definition.stages:
        promise = definition.promises[stage.promise] if stage.promise else None
        needs = [*(f"{one.replace('_', ' ')} (or it stays)" for one in stage.needs.block)]
        needs += [f"{one.replace('_', ' ')} (or it is told)" for one in stage.needs.flag]
        yield StageHere(
            name=stage.name,
            kind=stage.kind,
            means=stage.means,
            then=stage.next,
            needs=tuple(needs),
            clock=f"{promise.working_days} working days" if promise else "",
            detour=stage.detour,
            leads=sum(one.leads for one in stood if one.stage == stage.name),
        )


def gates_in_words(definition: Definition) -> Iterator[tuple[str, str]]:
    """What each gate takes: its stage, and the rule in a sentence."""
    gate = definition.mql
    ready, _, _ = _names(definition)
    yield ready, f"They ask to talk ({definition.hand_offs[gate.asks].means.lower()}): at once, whatever the score."
    known = ", ".join(need.replace("_", " ") for need in gate.needs)
    for band in gate.bands():
        kinds = f"{band.kinds_of_response} kinds of response in {write_span(band.within)}"
        opens = definition.hand_offs[band.hand_off].means[:1].lower() + definition.hand_offs[band.hand_off].means[1:]
        yield ready, f"Or {band.words()}, and {kinds}; known: {known}. Handed over as: {opens}."
    sql = definition.sql
    known = f"{sql.at_least} of {', '.join(sql.of)} known with evidence"
    yield _names(definition)[1], f"{known}, and: {definition.events[sql.and_].means.lower()}."
    for name, evidence in zip(definition.customers()[1:], (definition.adopted, definition.advocate), strict=True):
        every = [definition.events[kind].means for kind in evidence.all_of]
        some = [definition.events[kind].means for kind in evidence.any_of]
        yield name, " ".join(part for part in (_listed("All of", every), _listed("One of", some)) if part)


def _names(definition: Definition) -> tuple[str, str, str]:
    return definition.named(Part.READY), definition.named(Part.DEAL), definition.named(Part.CUSTOMER)


def _listed(head: str, means: list[str]) -> str:
    return f"{head}: {'; '.join(means)}." if means else ""


def _is_open(draft: Draft) -> bool:
    return draft.waiting_for is not None


def _newest(said: tuple[Said, ...]) -> tuple[Said, ...]:
    return tuple(reversed(said))[:30]
