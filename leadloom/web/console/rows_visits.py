"""What became of each visit to a step? The rows behind the figures by step, with how late each was and why."""

from __future__ import annotations

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import NotFound
from leadloom.store import campaigns, steps
from leadloom.store.published import Book
from leadloom.store.steps import ALSO, FATES, LATE_WORDS, VisitFilter, VisitRow, Whose
from leadloom.web.console._by_step import seconds_words
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, routes


def _filters(book: Book) -> tuple[Filter, ...]:
    names = [one.journey.name for one in book.journeys] + [one.name for one in book.code]
    return (
        Filter(name="campaign", label="Campaign"),
        Filter(name="journey", label="Journey", choices=choices(names)),
        Filter(name="version", label="Version"),
        Filter(name="step", label="Step"),
        Filter(name="fate", label="What became of it", choices=choices({**FATES, **ALSO})),
    )


async def _read(asking: Asking) -> Listed:
    whose = await _whose(asking)
    if whose is None:
        return Listed(rows=(), total=0)
    which = VisitFilter(step=asking.get("step"), fate=asking.get("fate"))
    page = await steps.visits(asking.tx, whose, which, asking.order)
    return Listed(rows=tuple(_cells(row) for row in page.rows), total=page.total, next=page.next)


async def _whose(asking: Asking) -> Whose | None:
    """None for a campaign or a version nobody knows: an old bookmark shows an empty list."""
    version = asking.get("version") or ""
    try:
        if (name := asking.get("campaign")) is not None:
            found = await campaigns.find(asking.tx, name)
            return steps.of_campaign(found.campaign_id, found.name, found.journey, book=asking.book)
        if (journey := asking.get("journey")) is not None:
            number = int(version) if version.isdecimal() else None
            return await steps.of_journey(asking.tx, journey, number, book=asking.book)
    except NotFound:
        return None
    return None


def _cells(row: VisitRow) -> tuple[Cell, ...]:
    late = "" if row.late_s is None else seconds_words(row.late_s)
    why = LATE_WORDS.get(row.late_why or "", "")
    mail = f"/mails/{row.message_id}" if row.message_id else ""
    return (
        Cell(text=row.person, href=f"/leads/{row.lead_id}", note=row.company or ""),
        Cell(text=row.step, note=f"visit {row.visit}" if row.visit > 1 else "", href=mail),
        Cell(text=FATES[row.fate], note=row.did or "", mark="bad" if row.fate in ("blocked", "failed") else ""),
        Cell(at=row.planned_at),
        Cell(at=row.actual_at),
        Cell(text=late, note=why, mark="bad" if why else ""),
    )


router = routes(
    List(
        path="/rows/visits",
        title="Visits to steps",
        hint="One row for each time a run came to a step of a campaign, or of a version of a journey.",
        columns=(
            Column(label="Lead", sort="name"),
            Column(label="Step"),
            Column(label="What became of it", sort="at"),
            Column(label="Planned"),
            Column(label="Was"),
            Column(label="Late", sort="late"),
        ),
        first_sort="at",
        first_descending=True,
        empty="No visit is here. Name a campaign or a journey: its figures by step lead here.",
        filters=_filters,
        right=Right.SEE_MAILS,
        read=_read,
    )
)
