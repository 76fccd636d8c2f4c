"""Is anybody forgotten? What is stuck, and whom nobody owns: two lists that are empty on a healthy day."""

from __future__ import annotations

from leadloom.domain.access.rights import Right
from leadloom.store import lead_story, stuck
from leadloom.store.published import Book
from leadloom.store.stuck import Stuck, Unowned
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, held_whole, routes

_PAGES = {"hand-off": "/inbox/{}", "mail": "/mails/{}", "campaign": "/campaigns/{}"}


def _by_campaign(_: Book) -> tuple[Filter, ...]:
    return (Filter(name="campaign", label="Campaign"),)


def _no_filters(_: Book) -> tuple[Filter, ...]:
    return ()


async def _stuck(asking: Asking) -> Listed:
    found = await stuck.stuck(asking.tx, asking.at, book=asking.book, campaign=asking.get("campaign"))
    return held_whole([_stuck_cells(one) for one in found], asking)


def _stuck_cells(one: Stuck) -> tuple[Cell, ...]:
    page = f"/journeys/{one.what}" if one.noun == "pause" else _PAGES.get(one.noun, "").format(one.id)
    place = page or f"/leads/{one.lead_id}"
    return (
        Cell(text=f"{one.noun} {one.what}", href=place),
        Cell(text=one.why, mark="bad"),
        Cell(text=one.waiting_for or "nothing"),
        Cell(due=one.waits_until),
        Cell(text="the lead's story", href=f"/leads/{one.lead_id}") if one.lead_id else Cell(),
    )


async def _unowned(asking: Asking) -> Listed:
    found = await stuck.unowned(asking.tx, book=asking.book)
    people = await lead_story.people(asking.tx, [one.lead_id for one in found])
    names = {
        key: " ".join(part for part in (lead.first_name, lead.last_name) if part) or lead.email or "no name yet"
        for key, (lead, _) in people.items()
    }
    return held_whole([_unowned_cells(one, names[one.lead_id]) for one in found], asking)


def _unowned_cells(one: Unowned, name: str) -> tuple[Cell, ...]:
    return (
        Cell(text=name, href=f"/leads/{one.lead_id}"),
        Cell(text=one.stage, note=one.track),
        Cell(at=one.since),
        Cell(text="no owner and no open hand-off", mark="bad"),
    )


_STUCK = List(
    path="/rows/stuck",
    title="Stuck",
    hint=stuck.DECLARED,
    columns=(
        Column(label="What"),
        Column(label="Why"),
        Column(label="Waits for"),
        Column(label="Deadline"),
        Column(label="Lead"),
    ),
    first_sort="",
    first_descending=False,
    empty="Nothing is stuck. Every run, hand-off, promise and mail waits for something with a name and a deadline.",
    filters=_by_campaign,
    right=Right.SEE_OPERATION,
    read=_stuck,
)
_UNOWNED = List(
    path="/rows/unowned",
    title="Unowned",
    hint="Leads that sales should have, and nobody has.",
    columns=(Column(label="Lead"), Column(label="Stage"), Column(label="Since"), Column(label="Why it is here")),
    first_sort="",
    first_descending=False,
    empty="Nobody is unowned. Every lead past the gate has an owner, or is on offer to one.",
    filters=_no_filters,
    read=_unowned,
)

router = routes(_UNOWNED)
router.include_router(routes(_STUCK))
