"""Which hand-offs stand behind a number of the team's page? Breaches by clock, what came back by origin and reason."""

from __future__ import annotations

from leadloom.domain.access.rights import Right
from leadloom.domain.model import HandOffId
from leadloom.runtime import team_figures
from leadloom.runtime.team_figures import TeamFigures
from leadloom.store import rows, team
from leadloom.store.published import Book
from leadloom.store.rows import HandOffFilter
from leadloom.web.console._listing import Asking, Filter, List, Listed, choices, listed, routes
from leadloom.web.console._period import SPANS, period_of
from leadloom.web.console.rows_hand_offs import COLUMNS, cells_of

WHAT = {
    "system": "waited too long with us, before anybody was told",
    "people": "waited too long after the notice",
    "back": "given back",
    "away": "with somebody who is away or has left",
}
NONE = "-"
"""Of an origin nobody knows."""


def _filters(book: Book) -> tuple[Filter, ...]:
    spans = {key: words for key, (words, _) in SPANS.items()}
    reasons = {key: chip.label for key, chip in book.definition.reject_reasons.items()}
    return (
        Filter(name="what", label="Which", choices=choices(WHAT)),
        Filter(name="reason", label="Reason", choices=choices(reasons)),
        Filter(name="campaign", label="Campaign"),
        Filter(name="source", label="Source"),
        Filter(name="period", label="Within", choices=choices(spans)),
    )


async def _read(asking: Asking) -> Listed:
    what = asking.get("what") or "back"
    if what == "away":
        held, _ = await team.held_by_absent(asking.tx, asking.book.definition, at=asking.at)
        ids = tuple(one.hand_off_id for one in held)
    else:
        since = period_of(asking.get("period")).since(asking.at)
        ids = _behind(await team_figures.figures(asking.tx, as_of=asking.at, since=since), what, asking)
    page = await rows.hand_offs(asking.tx, HandOffFilter(ids=ids), asking.order, sight=asking.sight, at=asking.at)
    return listed(page, lambda row: cells_of(row, asking))


def _behind(figures: TeamFigures, what: str, asking: Asking) -> tuple[HandOffId, ...]:
    if what in ("system", "people"):
        return figures.clocks.system if what == "system" else figures.clocks.people
    campaign, source, reason = asking.get("campaign"), asking.get("source"), asking.get("reason")
    origins = [
        one
        for one in figures.origins
        if (campaign is None or one.campaign == campaign)
        and (source is None or (one.campaign is None and (one.source or NONE) == source))
    ]
    return tuple(
        each for one in origins for line in one.reasons if reason is None or line.reason == reason for each in line.ids
    )


router = routes(
    List(
        path="/rows/team",
        title="Hand-offs behind the team’s page",
        hint="One row per hand-off that a number counted.",
        columns=COLUMNS,
        first_sort="opened",
        first_descending=True,
        empty="No hand-off of this period is in this list.",
        filters=_filters,
        right=Right.STEER_TEAM,
        read=_read,
        also=(("/team", "Back to the team"),),
    )
)
