"""Which leads would a draft of the definition move, or nearly? The list behind each number of its preview."""

from __future__ import annotations

from itertools import islice

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.preview import Affected
from leadloom.domain.errors import BadInput
from leadloom.domain.model import LeadId
from leadloom.domain.stages.reevaluation import CASE_WORDS
from leadloom.store import definition_drafts
from leadloom.store.published import Book
from leadloom.store.rows import PersonRow, Place
from leadloom.store.tx import Tx
from leadloom.web.console._listing import (
    Asking,
    Cell,
    Column,
    Filter,
    List,
    Listed,
    choices,
    name_of,
    owner_choices,
    person_of,
    routes,
)


def _filters(book: Book) -> tuple[Filter, ...]:
    return (
        Filter(name="draft", label="Draft (its number)"),
        Filter(name="case", label="Case", choices=choices({str(case): words for case, words in CASE_WORDS.items()})),
        Filter(name="owner", label="To whom", choices=owner_choices(book)),
    )


async def _read(asking: Asking) -> Listed:
    told = asking.get("draft") or ""
    if not told.isdigit():
        raise BadInput("draft", told, "Name the draft by its number, as its page says it.")
    found = await definition_drafts.kept_preview(asking.tx, int(told))
    rows = [one for one in found.affected if _is_asked(one, asking)] if found else []
    begins = int(asking.order.after.key) if asking.order.after else 0
    shown = list(islice(rows, begins, begins + asking.order.limit))
    people = await people_of(asking.tx, [one.lead_id for one in shown])
    more = begins + len(shown) < len(rows)
    return Listed(
        rows=tuple(_cells(one, people[one.lead_id], asking.book) for one in shown if one.lead_id in people),
        total=len(rows),
        next=Place(key=str(begins + len(shown)), row_id="") if more else None,
    )


def _is_asked(one: Affected, asking: Asking) -> bool:
    case, owner = asking.get("case"), asking.get("owner")
    return (case is None or one.case == case) and (owner is None or one.owner == owner)


async def people_of(tx: Tx, lead_ids: list[LeadId]) -> dict[LeadId, PersonRow]:
    """Who they are, as a row says it; whoever was erased since is missing."""
    rows = await tx.all("leads_named", lead_ids=lead_ids)
    return {
        row["lead_id"]: PersonRow.model_validate({name: row[name] for name in PersonRow.model_fields}) for row in rows
    }


def _cells(one: Affected, person: PersonRow, book: Book) -> tuple[Cell, ...]:
    return (
        person_of(person),
        Cell(text=CASE_WORDS[one.case]),
        Cell(text=one.from_stage, note=one.track),
        Cell(text=one.to_stage or "stays"),
        Cell(text=name_of(book, one.owner) if one.owner else "nobody"),
        Cell(text=" ".join(one.why) or "passes under the draft"),
    )


router = routes(
    List(
        path="/rows/preview",
        title="Leads a draft means something for",
        hint="As its preview found them when it was worked out last.",
        columns=(
            Column(label="Lead"),
            Column(label="What would be"),
            Column(label="From"),
            Column(label="To"),
            Column(label="Offered to"),
            Column(label="Why"),
        ),
        first_sort="lead",
        first_descending=False,
        empty="No lead is of this case. Or the preview was never worked out: the draft's page has a button for it.",
        filters=_filters,
        right=Right.SEE_DEFINITION,
        read=_read,
    )
)
