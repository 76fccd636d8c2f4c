"""Whom would a draft have handed over otherwise in a past span? The list behind each number of its look back."""

from __future__ import annotations

from itertools import islice

from leadloom.domain.definitions.look_back import KEPT_OF_A_CASE, Told
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Instant
from leadloom.domain.stages.hindsight import CASES
from leadloom.store import looking_back
from leadloom.store.published import Book
from leadloom.store.rows import PersonRow, Place
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
from leadloom.web.console.rows_preview import people_of


def _filters(book: Book) -> tuple[Filter, ...]:
    return (
        Filter(name="draft", label="Draft (its number)"),
        Filter(name="case", label="Case", choices=choices({str(case): words for case, words in CASES.items()})),
        Filter(name="owner", label="To whom", choices=owner_choices(book)),
    )


async def _read(asking: Asking) -> Listed:
    number = asking.get("draft") or ""
    if not number.isdigit():
        raise BadInput("draft", number, "Name the draft by its number, as its page says it.")
    found = await looking_back.kept(asking.tx, int(number))
    case, owner = asking.get("case"), asking.get("owner")
    rows = [
        one
        for one in (found.told if found else ())
        if (case is None or one.case == case) and (owner is None or one.owner == owner)
    ]
    begins = int(asking.order.after.key) if asking.order.after else 0
    shown = list(islice(rows, begins, begins + asking.order.limit))
    people = await people_of(asking.tx, [one.lead_id for one in shown])
    more = begins + len(shown) < len(rows)
    return Listed(
        rows=tuple(_cells(one, people[one.lead_id], asking.book) for one in shown if one.lead_id in people),
        total=len(rows),
        next=Place(key=str(begins + len(shown)), row_id="") if more else None,
    )


def _cells(one: Told, person: PersonRow, book: Book) -> tuple[Cell, ...]:
    said = {None: "nothing", True: "accepted", False: "gave back"}[one.is_accepted]
    return (
        person_of(person),
        Cell(text=CASES[one.case]),
        _when(one.before_at),
        _when(one.after_at),
        Cell(text=name_of(book, one.owner) if one.owner else "nobody"),
        Cell(text=said, note="a deal was won" if one.has_won else ""),
    )


def _when(at: Instant | None) -> Cell:
    return Cell(text="not at all") if at is None else Cell(at=at)


router = routes(
    List(
        path="/rows/look-back",
        title="Leads a draft would have handed over otherwise",
        hint=f"As the look back found them when it was worked out last; at most {KEPT_OF_A_CASE} of each case.",
        columns=(
            Column(label="Lead"),
            Column(label="What would have been"),
            Column(label="In force"),
            Column(label="By the draft"),
            Column(label="Offered to"),
            Column(label="Sales said"),
        ),
        first_sort="lead",
        first_descending=False,
        empty="No lead is of this case. Or nobody looked back yet: the draft's page has a button for it.",
        filters=_filters,
        read=_read,
    )
)
