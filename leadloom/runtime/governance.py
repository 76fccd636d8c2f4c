"""Which figures do the governors see? Drawn from rows at one moment: for a baseline, a pack, and a region's go."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Json
from leadloom.domain.reports.promises import sla
from leadloom.store import definition_drafts, governance, quality, reports
from leadloom.store.governance import Adoption
from leadloom.store.tx import Tx


async def figures(tx: Tx, definition: Definition, at: datetime) -> dict[str, Json]:
    """The one page: where leads stand, what was promised and kept, how complete they are; figure in words → value."""
    stood = await definition_drafts.stood(tx)
    found: dict[str, Json] = {}
    for stage in definition.stages:
        if not stage.detour:
            found[f"leads at {stage.name}"] = sum(one.leads for one in stood if one.stage == stage.name)
    kept = sla(definition, await reports.hand_offs(tx, definition=definition, as_of=at), as_of=at)
    for line in kept.charter:
        found[f"{line.promise} (promised {line.promised_percent:.0f} %)"] = _percent(line.today.percent)
    board = await quality.board(tx, definition)
    found["leads complete for the gate"] = _percent(_times_100(quality.summed(board).share_complete()))
    open_decisions = [one for one in await governance.acts(tx) if one.kind == "decision" and one.done_at is None]
    found["decisions open"] = len(open_decisions)
    found["decisions overdue"] = sum(one.is_overdue(at) for one in open_decisions)
    return found


def of_region(adopted: tuple[Adoption, ...], region: str) -> dict[str, Json]:
    """What a sponsor sees of a region when they say go or no-go."""
    seen = next((one for one in adopted if one.region == region), Adoption(region=region))
    return cast("dict[str, Json]", seen.model_dump(mode="json"))


def _times_100(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _percent(value: float | None) -> str:
    return "nothing yet" if value is None else f"{value:.0f} %"
