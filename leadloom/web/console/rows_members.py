"""Which members of a campaign? One lead of a frozen audience each: the list behind each figure about enrolment."""

from __future__ import annotations

from leadloom.domain.access.rights import Right
from leadloom.domain.campaigns.membership import WORDS, LeftOut
from leadloom.store import rows
from leadloom.store.published import Book
from leadloom.store.rows import MemberFilter, MemberRow
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, listed, person_of, routes
from leadloom.web.console.rows_runs import STATES

_TURNS = {"undecided": "not decided yet", "enrolled": "enrolled", "held_out": "held out, to compare with"}
FATES: dict[str, str] = {
    **_TURNS,
    "left_out": "left out, for whatever reason",
    **{code.value: f"left out: {words}" for code, words in WORDS.items()},
}
"""What became of a member, in words."""


def _filters(_: Book) -> tuple[Filter, ...]:
    return (
        Filter(name="campaign", label="Campaign"),
        Filter(name="fate", label="What became of them", choices=choices(FATES)),
        Filter(name="arm", label="Arm"),
        Filter(name="stage", label="Stage of the launch"),
    )


async def _read(asking: Asking) -> Listed:
    which = MemberFilter(
        campaign=asking.get("campaign"),
        fate=asking.get("fate"),
        arm=asking.get("arm"),
        stage=_stage(asking.get("stage")),
    )
    page = await rows.members(asking.tx, which, asking.order)
    return listed(page, _cells)


def _stage(said: str | None) -> int | None:
    """The number of a stage; no stage has 0, so that what is no number finds nobody."""
    if said is None:
        return None
    return int(said) if said.isdecimal() and len(said) < 4 else 0


def _cells(row: MemberRow) -> tuple[Cell, ...]:
    run = "" if row.status is None else row.outcome or row.waiting_for or STATES[row.status]
    return (
        person_of(row),
        Cell(text=_TURNS.get(row.fate) or WORDS[LeftOut(row.fate)], note="" if row.fate in _TURNS else "left out"),
        Cell(at=row.decided_at),
        Cell(text=run, note=STATES[row.status] if row.status and run != STATES[row.status] else ""),
        Cell(text=row.campaign, note=row.journey),
        Cell(text=str(row.no)),
    )


router = routes(
    List(
        path="/rows/members",
        title="Members",
        hint="One row per lead in the frozen audience of a campaign.",
        columns=(
            Column(label="Lead", sort="name"),
            Column(label="What became of them", sort="fate"),
            Column(label="Decided"),
            Column(label="Their run"),
            Column(label="Campaign"),
            Column(label="No", sort="no", numeric=True),
        ),
        first_sort="no",
        first_descending=False,
        empty="No member is here. A campaign's audience is frozen when somebody plans it.",
        filters=_filters,
        right=Right.SEE_CAMPAIGNS,
        read=_read,
    )
)
