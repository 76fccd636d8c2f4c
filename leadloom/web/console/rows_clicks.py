"""Who clicked, and was it a person? The list behind each figure about clicks and opens, raw as they came."""

from __future__ import annotations

from leadloom.domain.access.rights import Right
from leadloom.store import clicks
from leadloom.store.clicks import ClickFilter, ClickRow
from leadloom.store.published import Book
from leadloom.web.console._listing import (
    Asking,
    Cell,
    Column,
    Filter,
    List,
    Listed,
    choices,
    listed,
    person_of,
    routes,
)

VERDICTS = {
    "human": "a person",
    "proxy": "a mail program for its reader",
    "machine": "a machine",
    "unsure": "can't be told",
    "waiting": "not judged yet",
}
_KINDS = {"click": "clicks", "open": "opens"}


def _filters(_book: Book) -> tuple[Filter, ...]:
    return (
        Filter(name="campaign", label="Campaign"),
        Filter(name="mail", label="Mail"),
        Filter(name="kind", label="What", choices=choices(_KINDS)),
        Filter(name="verdict", label="By", choices=choices(VERDICTS)),
    )


async def _read(asking: Asking) -> Listed:
    which = ClickFilter(
        campaign=asking.get("campaign"), mail=asking.get("mail"), kind=asking.get("kind"), verdict=asking.get("verdict")
    )
    return listed(await clicks.clicks(asking.tx, which, asking.order), _cells)


def _cells(row: ClickRow) -> tuple[Cell, ...]:
    return (
        person_of(row),
        Cell(text=row.mail, href=f"/mails/{row.message_id}", note=row.journey),
        Cell(text=f"link {row.link}" if row.kind == "click" else "opened"),
        Cell(at=row.at),
        Cell(text=VERDICTS[row.verdict or "waiting"], note=row.why or ""),
        Cell(text=row.agent, note="" if row.method == "GET" else row.method),
    )


router = routes(
    List(
        path="/rows/clicks",
        title="Clicks and opens",
        hint="One row per visit of a tracked address, as it came, with what it was taken for and by which rule.",
        columns=(
            Column(label="Lead", sort="name"),
            Column(label="Mail", sort="mail"),
            Column(label="What"),
            Column(label="When", sort="when"),
            Column(label="By", sort="verdict"),
            Column(label="Program"),
        ),
        first_sort="when",
        first_descending=True,
        empty="Nobody has followed a link yet. Each click stands here as it comes, and is judged a minute later; opens "
        "are counted only where the definition turns them on.",
        filters=_filters,
        right=Right.SEE_MAILS,
        read=_read,
    )
)
